import { delimiter } from 'node:path';
import { Box, STATE_VARIABLE } from './harness/box';

/** The boxes of this run; the teardown runs in the same process. */
declare global {
  var inferenceBoxes: Box[] | undefined;
}

/** Starts a box for each worker, or uses the running one that the environment names: for work on one scenario. */
export default async function globalSetup({ maxWorkers }: { readonly maxWorkers: number }): Promise<void> {
  if (process.env[STATE_VARIABLE] !== undefined) return;
  const components = process.env.BOX_COMPONENTS?.split(',');
  const boxes: Box[] = (globalThis.inferenceBoxes = []);
  // one after another: two that start at once take as long, and each waits for the other
  for (let number = 1; number <= maxWorkers; number += 1) {
    boxes.push(await Box.start({ components, log: (line) => process.stderr.write(`box ${number}: ${line}\n`) }));
  }
  process.env[STATE_VARIABLE] = boxes.map(({ stateFile }) => stateFile).join(delimiter);
}
