/**
 * Breaks each property that a scenario claims to hold, one at a time in a copy of the tree, and shows what noticed.
 *
 *   npm run test:mutations [-- SCENARIO …]
 *
 * The lists are in test/box/mutations, one file a scenario. A mutation that no test notices, or that does not even run, is an error.
 * It needs a box for each mutation's scenario and starts one unless CDK_EKS_INFERENCE_BOX names it: a quarter of a minute a mutation
 * where the scenario launches no nodes, minutes where it does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Box, STATE_VARIABLE } from './harness/box';
import type { Mutation } from './mutations/mutation';

const ROOT = join(__dirname, '..', '..');
const COPIED = ['lib', 'constructs', 'bin', 'examples', 'test', 'index.ts', 'inference.yaml', 'inference.schema.json', 'jest.config.js', 'package.json', 'tsconfig.json', 'tsconfig.app.json', 'cdk.json'];

/** What jest's report says, as far as it is read here. */
interface Report {
  readonly numTotalTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[];
}

async function mutations(scenarios: readonly string[]): Promise<Mutation[]> {
  const folder = join(__dirname, 'mutations');
  const files = readdirSync(folder).filter((file) => file !== 'mutation.ts').sort();
  const lists = await Promise.all(files.map((file) => import(join(folder, file)) as Promise<{ readonly MUTATIONS: readonly Mutation[] }>));
  return lists.flatMap(({ MUTATIONS }) => MUTATIONS)
    .filter(({ caughtBy }) => scenarios.length === 0 || scenarios.includes(caughtBy));
}

/** The tests that failed with the mutation in the copy. */
async function failuresWith(mutation: Mutation, copy: string, box: Box): Promise<string[]> {
  const [file, original] = [join(copy, mutation.file), readFileSync(join(ROOT, mutation.file), 'utf8')];
  const places = original.split(mutation.replace).length - 1;
  if (places !== 1) throw new Error(`${mutation.file}: the text to replace is there ${places} times, want once`);
  writeFileSync(file, original.replace(mutation.replace, () => mutation.by));
  try {
    return await failures(mutation, copy, box);
  } finally {
    writeFileSync(file, original);
  }
}

/** The tests of a mutation's scenario that fail in the copy as it is. */
async function failures({ caughtBy, tests }: Mutation, copy: string, box: Box): Promise<string[]> {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const only = tests === undefined ? [] : ['-t', tests];
  await jest(copy, [`scenarios/${caughtBy}.test.ts`, ...only, '--json', `--outputFile=${report}`], box);
  const result = JSON.parse(readFileSync(report, 'utf8')) as Report;
  if (result.numRuntimeErrorTestSuites > 0 || result.numTotalTests === 0) throw new Error(`no test ran: ${result.testResults[0]?.message.slice(0, 500) ?? 'none matched'}`);
  return result.testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
}

/** The tests that run now: they must not outlive this process, and meet the next ones in the same namespaces. */
let tests: ChildProcess | undefined;
process.once('exit', () => tests?.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

function jest(cwd: string, args: readonly string[], box: Box): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = tests = spawn(process.execPath, [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), '-c', 'test/box/jest.config.js', '--runInBand', ...args], {
      cwd, stdio: 'ignore', env: { ...process.env, [STATE_VARIABLE]: box.stateFile },
    });
    child.once('error', reject).once('close', () => resolve()); // its code says that tests failed, which is what we want
  });
}

async function main(): Promise<void> {
  const list = await mutations(process.argv.slice(2));
  if (list.length === 0) throw new Error('no mutation for these scenarios');
  const copy = mkdtempSync(join(tmpdir(), 'mutations-'));
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const running = process.env[STATE_VARIABLE];
  const box = running === undefined ? await Box.start({ log: (line) => console.error(`box: ${line}`) }) : Box.attach();
  let unnoticed = 0;
  const sound = new Set<string>();
  try {
    for (const mutation of list) {
      const begin = Date.now();
      const tests = `${mutation.caughtBy} ${mutation.tests ?? ''}`.trim();
      if (!sound.has(tests)) {
        // what fails anyway catches nothing
        const broken = await failures(mutation, copy, box);
        if (broken.length > 0) throw new Error(`the tests of '${tests}' fail without a mutation: ${broken.join('; ')}`);
        sound.add(tests);
      }
      const caught = await failuresWith(mutation, copy, box).catch((error: unknown) => error instanceof Error ? error : new Error(String(error)));
      const noticed = !(caught instanceof Error) && caught.length > 0;
      if (!noticed) unnoticed += 1;
      console.log(`${noticed ? 'caught ' : 'MISSED '} ${mutation.breaks}\n         ${mutation.file}, by ${mutation.caughtBy}, ${Math.round((Date.now() - begin) / 1000)} s`);
      for (const name of caught instanceof Error ? [caught.message] : caught) console.log(`         - ${name}`);
    }
  } finally {
    if (running === undefined) await box.stop();
  }
  console.log(`\n${list.length - unnoticed} of ${list.length} mutations caught`);
  if (unnoticed > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
