import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutation } from '../mutations/mutation';
import { STATE_VARIABLE } from './box';

const ROOT = join(__dirname, '..', '..', '..');
const COPIED = [
  'lib', 'constructs', 'bin', 'examples', 'scripts', 'test', 'index.ts', 'inference.yaml', 'inference.schema.json', 'jest.config.js', 'package.json', 'tsconfig.json',
  'tsconfig.app.json', 'cdk.json',
];
/** Read only: packages, and the previous release. */
const LINKED = ['node_modules', '.git'];

/** What jest's report says, as far as it is read here. */
interface Report {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[];
}

/** Some tests of a scenario. */
export interface Tests {
  /** Scenario file without `.test.ts`. */
  readonly scenario: string;
  /** Part of the names of the tests. @default - all of the scenario */
  readonly named?: string;
}

/** Makes sure that each mutation can be made: its text is in its file once. */
export function requireApplicable(mutations: readonly Mutation[]): void {
  const wrong = mutations.flatMap(({ file, replace, by, breaks }) => {
    const places = readFileSync(join(ROOT, file), 'utf8').split(replace).length - 1;
    if (places !== 1) return [`'${breaks}': ${file} has the text to replace ${places} times, want once: ${replace}`];
    return replace === by ? [`'${breaks}': nothing is changed in ${file}`] : [];
  });
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/** A copy of the tree, in which one property is broken at a time. */
export class MutatedTree {
  private readonly folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  /** The tests that run now: they must not outlive this process, and meet the next ones in the same namespaces. */
  private running?: ChildProcess;

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.folder, name), { recursive: true });
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(this.folder, name));
  }

  /** The tests that fail in a box while the mutation is in the tree. */
  public async failuresWith(mutation: Mutation, box: string): Promise<string[]> {
    const file = join(this.folder, mutation.file);
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, original.replace(mutation.replace, () => mutation.by));
    try {
      return await this.failures({ scenario: mutation.caughtBy, named: mutation.tests }, box);
    } finally {
      writeFileSync(file, original);
    }
  }

  /**
   * The tests that fail in a box with the tree as it is now.
   *
   * @throws when no test ran
   */
  public async failures({ scenario, named }: Tests, box: string): Promise<string[]> {
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const only = named === undefined ? [] : ['-t', named];
    await this.jest([`scenarios/${scenario}.test.ts`, ...only, '--json', `--outputFile=${report}`], box);
    const result = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const tests = result.testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status !== 'pending'); // not matched
    if (tests.length === 0) throw new Error(`no test ran: ${result.testResults[0]?.message.slice(0, 500) ?? 'none matched'}`);
    return tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  }

  public dispose(): void {
    this.running?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private jest(args: readonly string[], box: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.running = spawn(process.execPath, [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), '-c', 'test/box/jest.config.js', '--runInBand', ...args], {
        cwd: this.folder, stdio: 'ignore', env: { ...process.env, [STATE_VARIABLE]: box },
      });
      child.once('error', reject).once('close', () => resolve()); // its code says that tests failed, which is what is wanted
    });
  }
}
