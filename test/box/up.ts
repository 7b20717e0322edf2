/**
 * Brings the box up, applies manifests to it and leaves it running until Ctrl-C.
 *
 *   node -r ./test/box/register.js test/box/up.ts [folder or file of manifests …]
 *
 * BOX_COMPONENTS=karpenter,lws starts only these and what they need. While it runs,
 * CDK_EKS_INFERENCE_BOX=<folder>/state.json npm run test:cluster uses it instead of a box of its own.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Box } from './harness/box';

function manifests(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path).sort().flatMap((name) => manifests(join(path, name))).filter((file) => /\.ya?ml$/.test(file));
}

async function main(): Promise<void> {
  const files = process.argv.slice(2).flatMap(manifests);
  const box = await Box.start({ components: process.env.BOX_COMPONENTS?.split(','), log: (line) => console.log(line) });
  const end = (code: number): void => {
    console.log('stopping …');
    void box.stop().then(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(0));
  try {
    for (const file of files) process.stdout.write(await box.cluster.apply(readFileSync(file, 'utf8')));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  const kubectl = box.tools.binary('kubectl');
  console.log(`\nThe box is up. In another shell:\n\n  export KUBECONFIG=${box.kubeconfig}\n  ${kubectl} get pods -A\n\nLogs of its components: ${box.logs}\nCtrl-C stops everything.`);
  setInterval(() => undefined, 1 << 30);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
