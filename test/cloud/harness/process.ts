import { spawn } from 'node:child_process';

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment: nothing of the caller's comes along. */
  readonly env: Readonly<Record<string, string>>;
  /** Seconds after which it is stopped, with all its children. */
  readonly timeoutSeconds: number;
}

export interface ProcessResult {
  readonly code: number;
  /** Standard output alone. */
  readonly stdout: string;
  /** Both streams as they came. */
  readonly output: string;
}

/** Runs a program to its end, in a process group of its own so that nothing of it stays. A time limit is an error, a failure is a result. */
export function run(command: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...options.env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, output, late] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (data: string) => { stdout += data; output += data; });
    child.stderr.setEncoding('utf8').on('data', (data: string) => { output += data; });
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeoutSeconds * 1000);
    child.once('error', (error) => { clearTimeout(timer); reject(error); });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (late) reject(new Error(`${command} ${args.join(' ')}: not done within ${options.timeoutSeconds} s: ${output.slice(-2000)}`));
      else resolve({ code: code ?? 1, stdout, output });
    });
  });
}
