import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

test('the account reads templates as CloudFormation does', () => {
  const folders = execFileSync(join(__dirname, 'build-tools.sh'), [], { encoding: 'utf8', timeout: 900_000 });
  const python = join(folders.split('\n')[0]?.split(' ')[1] ?? '', 'bin', 'python');

  // throws with the failures when there are any
  execFileSync(python, ['-B', '-m', 'unittest', '--quiet', 'account.test_template'], { cwd: __dirname, timeout: 60_000, stdio: 'pipe' });
}, 1_000_000); // installs moto, once
