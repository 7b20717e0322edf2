/**
 * Brings the box up, applies an app to it, shows what becomes of it, and stays until Ctrl-C.
 *
 *   npm run box -- cdk.out                  the app that npm run synth has written; also a folder or a file of manifests
 *   npm run box                             a box without an app
 *   npm run box -- cdk.out --port 6443      the API server on this port, for a KUBECONFIG that stays the same
 *
 * BOX_COMPONENTS=karpenter,lws starts only these and what they need. While it runs,
 * CDK_EKS_INFERENCE_BOX=<folder>/state.json npm run test:cluster uses it instead of a box of its own.
 */
import { parseArgs } from 'node:util';
import { Box } from './harness/box';
import type { KubeObject } from './harness/kinds';
import { summarize, SummaryView } from './harness/summary';
import { applyUserApp, readUserApp } from './harness/user-app';
import { sleep } from './harness/wait';

const log = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const { path, port } = commandLine();
  const app = path === undefined ? undefined : readUserApp(path);
  const interrupted = onSignal();
  const box = await Box.start({ components: process.env.BOX_COMPONENTS?.split(','), clusterName: app?.clusterName, region: app?.region, port, log });
  try {
    const ended = new Promise<never>((_, reject) => { interrupted.addEventListener('abort', () => reject(new Interrupted()), { once: true }); });
    if (interrupted.aborted) throw new Interrupted();
    await Promise.race([ended, run(box, app?.objects, interrupted)]);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    log('stopping …');
    await box.stop();
    log('everything is stopped, nothing is left');
  }
}

/** Applies the app and shows it for as long as nobody interrupts. */
async function run(box: Box, objects: readonly KubeObject[] | undefined, interrupted: AbortSignal): Promise<void> {
  const kubectl = box.tools.binary('kubectl');
  log(`\nThe box is up. In another shell:\n\n  export KUBECONFIG=${box.kubeconfig}\n  ${kubectl} get pods -A\n\nLogs of its components: ${box.logs}\nCtrl-C stops everything.\n`);
  const view = new SummaryView(process.stdout);
  let [shown, settled]: [readonly KubeObject[], boolean] = [[], false];
  if (objects !== undefined) {
    try {
      const { objects: applied, unknown } = await applyUserApp(box.cluster, objects);
      log(`applied ${applied.length} objects`);
      for (const kind of unknown) log(`left out: ${kind}: nothing in the box serves it`);
      shown = applied;
    } catch (error) {
      if (interrupted.aborted) return;
      log(`the API server refuses objects:\n${messageOf(error)}\n`);
      shown = objects;
    }
  }
  const begin = Date.now();
  for (;;) {
    const summary = await summarize(box, shown).catch((error: unknown) => {
      if (interrupted.aborted) return undefined;
      throw error;
    });
    if (interrupted.aborted || summary === undefined) return;
    const casualty = box.casualties[0];
    if (casualty !== undefined) throw new Error(`${casualty} (logs: ${box.logs})`);
    view.show(summary);
    if (summary.settled && !settled && shown.length > 0) {
      view.release();
      log(`all pods run after ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    }
    ({ settled } = summary);
    await sleep(1);
  }
}

/** Thrown inside, to leave. */
class Interrupted extends Error {}

/** Aborts when the user wants to leave; for the impatient, a second time leaves at once, and the box's reaper ends what still runs. */
function onSignal(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // npm passes on the Ctrl-C that the terminal has sent already
      if (Date.now() - first < 1000) return;
      if (controller.signal.aborted) process.exit(130);
      first = Date.now();
      log('\nstopping as soon as everything that has begun to start is up; once more to leave at once');
      controller.abort();
    });
  }
  return controller.signal;
}

function commandLine(): { path?: string; port?: number } {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: 'string' } } });
  if (positionals.length > 1) throw new Error(`one app at a time, got ${positionals.join(', ')}: put their manifests into one folder`);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) throw new Error(`'port' (${values.port}) must be between 1 and 65535: write --port 6443`);
  return { path: positionals[0], port };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main().then(() => process.exit(0), (error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
