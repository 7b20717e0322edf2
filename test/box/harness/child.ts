import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { http } from './http';
import { sleep } from './wait';

export interface ChildProps {
  /** Shown in errors, and the name of the log file. */
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to a minimal environment: nothing of the caller's credentials or proxies reaches a component. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logFolder: string;
  /** Says whether it serves; asked until it does. @default - ready at once */
  readonly ready?: () => Promise<boolean>;
  /** @default 90 */
  readonly readySeconds?: number;
}

const WORDS_OF_FAILURE = /error|fatal|panic|failed|refused|in use/i;

let reaper: ChildProcess | undefined;
function tellReaper(line: string): void {
  if (reaper === undefined) {
    reaper = spawn(process.execPath, [join(__dirname, 'reaper.js')], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    reaper.unref();
    (reaper.stdin as unknown as { unref(): void }).unref(); // the pipe must not keep a finished box alive
    reaper.stdin?.on('error', () => undefined);
  }
  reaper.stdin?.write(`${line}\n`);
}

/** One process of the box, in a process group of its own. */
export class Child {
  public static async start(props: ChildProps): Promise<Child> {
    const child = new Child(props);
    try {
      await child.waitUntilReady();
    } catch (error) {
      await child.stop();
      throw error;
    }
    return child;
  }

  public readonly name: string;
  public readonly logFile: string;
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;
  private exit?: string;

  private constructor(private readonly props: ChildProps) {
    this.name = props.name;
    this.logFile = join(props.logFolder, `${props.name}.log`);
    const log = openSync(this.logFile, 'a');
    this.process = spawn(props.command, props.args ?? [], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: process.env.HOME ?? '/', ...props.env },
    });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      this.process.once('error', (error) => { this.exit = error.message; resolve(); });
      this.process.once('exit', (code, signal) => { this.exit = signal ?? `code ${code}`; resolve(); });
    });
    if (this.process.pid !== undefined) tellReaper(`+${this.process.pid}`);
  }

  public get pid(): number | undefined {
    return this.process.pid;
  }

  public get running(): boolean {
    return this.exit === undefined;
  }

  /** Asks it to end, insists after ten seconds. */
  public async stop(): Promise<void> {
    const { pid } = this.process;
    if (pid === undefined) return;
    if (this.running) {
      signalGroup(pid, 'SIGTERM');
      await atMost(10, this.ended);
    }
    signalGroup(pid, 'SIGKILL');
    await atMost(5, this.ended);
    tellReaper(`-${pid}`);
  }

  /** The last line of its log that tells why it failed. */
  public lastWords(): string {
    const lines = readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-200).reverse();
    return (lines.find((line) => WORDS_OF_FAILURE.test(line)) ?? lines[0] ?? '').slice(0, 400);
  }

  private async waitUntilReady(): Promise<void> {
    const { ready, readySeconds = 90 } = this.props;
    if (ready === undefined) return;
    const end = Date.now() + readySeconds * 1000;
    while (!(await ready().catch(() => false))) {
      if (!this.running) throw new Error(`${this.name} ended (${this.exit}) before it was ready: ${this.lastWords()} (whole log: ${this.logFile})`);
      if (Date.now() > end) throw new Error(`${this.name} was not ready within ${readySeconds} s: ${this.lastWords()} (whole log: ${this.logFile})`);
      await sleep(0.2);
    }
  }
}

/** Waits for it, but no longer than so many seconds; no timer is left behind, which would keep the process of the tests alive. */
async function atMost(seconds: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([done, new Promise((resolve) => { timer = setTimeout(resolve, seconds * 1000); })]);
  clearTimeout(timer);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // already gone
  }
}

/** A ready check: the address answers with a status below 500 (or exactly `status`). */
export function answers(url: string, status?: number): () => Promise<boolean> {
  return async () => {
    const answer = await http(url, { seconds: 2 });
    return status === undefined ? answer.status < 500 : answer.status === status;
  };
}
