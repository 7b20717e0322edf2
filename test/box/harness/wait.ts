/** Pauses without blocking the event loop. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

export interface EventuallyOptions {
  /** How long to try. @default 60 seconds */
  readonly seconds?: number;
  /** Pause between two tries. @default 0.5 seconds */
  readonly everySeconds?: number;
}

/**
 * Repeats `attempt` until it stops throwing, and returns what it returned.
 *
 * A cluster converges: everything that is asserted about one is asserted this way, with an end.
 */
export async function eventually<T>(what: string, attempt: () => Promise<T> | T, options: EventuallyOptions = {}): Promise<T> {
  const seconds = options.seconds ?? 60;
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= end) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${what}: not within ${seconds} s: ${reason}`, { cause: error });
      }
    }
    await sleep(options.everySeconds ?? 0.5);
  }
}

/** Asserts that something stays true for a while: the opposite of `eventually`. */
export async function throughout(what: string, seconds: number, check: () => Promise<void> | void): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    try {
      await check();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${what}: broken after ${(seconds - (end - Date.now()) / 1000).toFixed(1)} of ${seconds} s: ${reason}`, { cause: error });
    }
    await sleep(0.5);
  }
}
