import { Box, STATE_VARIABLE } from './harness/box';

/** The box of this run; the teardown runs in the same process. */
declare global {
  var inferenceBox: Box | undefined;
}

/** Starts the box, or uses the running one that the environment names: for work on one scenario. */
export default async function globalSetup(): Promise<void> {
  if (process.env[STATE_VARIABLE] !== undefined) return;
  const components = process.env.BOX_COMPONENTS?.split(',');
  globalThis.inferenceBox = await Box.start({ components, log: (line) => process.stderr.write(`box: ${line}\n`) });
  process.env[STATE_VARIABLE] = globalThis.inferenceBox.stateFile;
}
