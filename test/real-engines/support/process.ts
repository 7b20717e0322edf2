import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** A process of an engine, with everything it starts: it is gone when the test file ends, whatever happens. */
export class EngineProcess {
  private static readonly running = new Set<EngineProcess>();

  static {
    // also when the test runner itself is told to end
    const stop = () => EngineProcess.running.forEach((engine) => engine.signalGroup());
    process.on('exit', stop);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        stop();
        process.exit(1);
      });
    }
  }

  /** Starts a command in a process group of its own. */
  public static start(command: string, args: readonly string[], env: { readonly [name: string]: string }, cwd: string): EngineProcess {
    return new EngineProcess(spawn(command, args, {
      cwd,
      // of this machine only what programs cannot do without: the rest is the container's
      env: { PATH: process.env.PATH, TMPDIR: cwd, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    }));
  }

  /** Ends all processes: for afterAll. */
  public static async stopAll(): Promise<void> {
    await Promise.all([...EngineProcess.running].map((engine) => engine.kill()));
  }

  /** The end of the process: its exit code, or the signal that ended it. */
  public readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly at: number }>;
  public readonly pid: number;
  private text = '';
  private over = false;

  private constructor(child: ChildProcess) {
    if (child.pid === undefined) throw new Error(`could not start ${child.spawnargs.join(' ')}`);
    this.pid = child.pid;
    EngineProcess.running.add(this);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (this.text = (this.text + data.toString()).slice(-200_000)));
    this.ended = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        this.over = true;
        child.stdout?.destroy(); // what it left behind may hold the other end
        child.stderr?.destroy();
        resolve({ code, signal, at: Date.now() });
      });
    });
  }

  /** What it has printed, the last 200,000 characters. */
  public get log(): string {
    return this.text;
  }

  public get alive(): boolean {
    return !this.over;
  }

  /** Waits until an address answers 200. */
  public async ready(url: string, seconds: number): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (Date.now() < deadline) {
      if (this.over) throw new Error(`ended before it was ready:\n${this.log.slice(-4000)}`);
      if ((await statusOf(url)) === 200) return;
      await sleep(500);
    }
    throw new Error(`${url} did not answer 200 within ${seconds} s:\n${this.log.slice(-4000)}`);
  }

  /** Sends SIGTERM to the process that the kubelet would send it to: the container's first. */
  public terminate(): void {
    process.kill(this.pid, 'SIGTERM');
  }

  /** Ends the process and what it started, at once. */
  public async kill(): Promise<void> {
    EngineProcess.running.delete(this);
    this.signalGroup();
    if (!this.over) await this.ended;
  }

  private signalGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // the group is gone
    }
  }
}

/** The status of a GET, or undefined where nobody answers. */
export async function statusOf(url: string, headers: { [name: string]: string } = {}): Promise<number | undefined> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
    await response.text();
    return response.status;
  } catch {
    return undefined;
  }
}

/** What a promise gives within some seconds, or undefined. */
export async function within<T>(promise: Promise<T>, seconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), seconds * 1000)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * A port that nobody listens on. Below those that connections get for themselves (from 32768 on Linux): an engine opens it seconds later,
 * and a busy machine would have given it to a connection by then. And above those that Ray keeps for its workers (10002 to 19999).
 */
export async function freePort(): Promise<number> {
  const port = randomInt(20_000, 30_000);
  const taken = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true)).listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
  return taken ? freePort() : port;
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
