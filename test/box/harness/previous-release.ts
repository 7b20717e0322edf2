import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './app';

/**
 * Stands for the previous release until there is one: the first commit with all examples, configs and engines.
 *
 * The newest tag wins, so this moves on by itself with the first release.
 */
const BEFORE_ANY_TAG = 'b005c1ef3483982f3e9c48affaaebee6b4284dd3';

/** What the harness needs in a checkout of another time, as it is today. */
const OF_TODAY = ['test/box/register.js', 'test/box/harness/synthesize-apps.ts'];

export interface PreviousRelease {
  /** Tag or commit. */
  readonly revision: string;
  /** Why it cannot be looked at: a shallow clone has no past. @default - it can */
  readonly missing?: string;
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** The newest tag before this commit, else the recorded commit. */
export function previousRelease(): PreviousRelease {
  let revision = BEFORE_ANY_TAG;
  try {
    revision = git('describe', '--tags', '--abbrev=0', 'HEAD^');
  } catch {
    // no tag yet
  }
  try {
    git('cat-file', '-e', `${revision}^{commit}`);
    return { revision };
  } catch (error) {
    if (git('rev-parse', '--is-shallow-repository') === 'true') return { revision, missing: 'this clone is shallow: git fetch --unshallow' };
    throw new Error(`the previous release, ${revision}, is no commit of this repository`, { cause: error });
  }
}

/** A checkout of a revision in a new folder, with the dependencies of today. */
export function checkOut(revision: string, parent: string): string {
  const root = mkdtempSync(join(parent, 'previous-'));
  const archive = execFileSync('git', ['archive', '--format=tar', revision], { cwd: ROOT, maxBuffer: 1 << 30 });
  execFileSync('tar', ['-x', '-C', root], { input: archive });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'test', 'box', 'harness'), { recursive: true });
  for (const file of OF_TODAY) copyFileSync(join(ROOT, file), join(root, file));
  return root;
}
