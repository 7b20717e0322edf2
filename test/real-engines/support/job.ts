import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Environment } from '../environments/environment';
import type { StartedContainer } from './containers';
import { EngineProcess } from './process';

/** How a container of a Job ended. */
export interface Step {
  readonly name: string;
  readonly code: number | null;
  readonly log: string;
}

/**
 * Runs the containers of a Job's pod one after the other, as the kubelet does: the first that fails ends the Job.
 *
 * @param replacements texts of the cluster, such as folders and addresses, with what stands for them here
 */
export async function runJob(
  containers: readonly StartedContainer[],
  tools: Environment,
  folder: string,
  replacements: { readonly [text: string]: string },
): Promise<Step[]> {
  const here = (text: string) => Object.entries(replacements).reduce((result, [from, to]) => result.replaceAll(from, to), text);
  const steps: Step[] = [];
  for (const { spec, command, args, env, files } of containers) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(here(path)), { recursive: true });
      writeFileSync(here(path), here(text));
    }
    const [program, ...rest] = command;
    const engine = EngineProcess.start(
      tools.command(basename(program)),
      [...rest, ...args].map(here),
      { ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)])), HOME: folder, HF_HUB_OFFLINE: '1' },
      folder,
    );
    const timer = setTimeout(() => void engine.kill(), 180_000);
    const { code } = await engine.ended;
    clearTimeout(timer);
    await engine.kill(); // what it may have left behind
    steps.push({ name: spec.name, code, log: engine.log });
    if (code !== 0) break;
  }
  return steps;
}

/** Where the folders of a benchmark are here. */
export function benchmarkFolders(folder: string): { [path: string]: string } {
  return Object.fromEntries(['/etc/benchmark', '/work', '/tmp/huggingface'].map((path) => [path, join(folder, path)]));
}
