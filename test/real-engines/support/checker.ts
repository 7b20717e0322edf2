import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EnvironmentName, environment } from '../environments/environment';

/** What an engine says about a case. */
export interface Verdict {
  readonly name: string;
  readonly ok: boolean;
  readonly errors: string[];
}

/** A case has a name, unique among the cases of one call, and what its checker reads besides. */
export interface Case {
  readonly name: string;
}

const run = promisify(execFile);
const CHECKERS = join(__dirname, '..', 'checkers');

/**
 * Judges all cases in one process: importing an engine takes up to a minute, judging a case milliseconds.
 *
 * @param engine environment whose interpreter runs the checker
 * @param checker file in `checkers/`, without its suffix
 */
export async function judge<C extends Case>(engine: EnvironmentName, checker: string, cases: readonly C[]): Promise<Verdict[]> {
  const { python, root } = environment(engine);
  const folder = mkdtempSync(join(tmpdir(), 'engine-cases-'));
  const file = join(folder, 'cases.json');
  try {
    writeFileSync(file, JSON.stringify(cases));
    const { stdout } = await run('nice', ['-n', '5', python, join(CHECKERS, `${checker}.py`), file], {
      // the names of this machine's services and plug-ins must not change a verdict
      env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, PYTHONPYCACHEPREFIX: join(root, 'bytecode') }, // none beside the checkers
      maxBuffer: 64 * 1024 * 1024,
      timeout: 10 * 60_000,
    });
    const verdicts = JSON.parse(stdout) as Verdict[]; // checkers/verdicts.py
    if (verdicts.length !== cases.length) throw new Error(`${checker} judged ${verdicts.length} of ${cases.length} cases`);
    return verdicts;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }; // what execFile rejects with
    throw new Error(`${checker} failed: ${String(error)}\n${stderr.slice(-3000)}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The refusals among verdicts, in a form that a failing assertion prints well. */
export function refusals(verdicts: readonly Verdict[]): { [name: string]: string[] } {
  return Object.fromEntries(verdicts.filter(({ ok }) => !ok).map(({ name, errors }) => [name, errors]));
}
