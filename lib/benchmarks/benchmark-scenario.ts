/** How requests arrive. */
export enum Arrival {
  /** At equal intervals. */
  CONSTANT = 'constant',
  /** At random, as independent clients do: bursts and pauses around the mean rate. */
  POISSON = 'poisson',
}

/** Lengths of prompts or answers, in tokens. */
export interface TokenLengths {
  /** Mean length. */
  readonly mean: number;
  /**
   * Standard deviation. Lengths stay within four of them.
   * @default 0 - all are as long as the mean
   */
  readonly standardDeviation?: number;
}

/** What a scenario is made of. */
export interface BenchmarkScenarioAttributes {
  /** A short name, which the results are filed under: `peak-hour`. */
  readonly name: string;
  /**
   * Requests a second, one stage after the other.
   * @default - found by a sweep
   */
  readonly requestsPerSecond?: number[];
  /**
   * Stages of a sweep: the rate at which the server saturates is found first, then rates up to it are measured.
   * @default - no sweep
   */
  readonly sweepStages?: number;
  /** Seconds of each stage. */
  readonly stageSeconds: number;
  /**
   * How requests arrive.
   * @default Arrival.CONSTANT
   */
  readonly arrival?: Arrival;
  /** Lengths of prompts. */
  readonly prompt: TokenLengths;
  /** Lengths of answers. */
  readonly output: TokenLengths;
}

/** What is asked of a model server, how fast and how long. */
export class BenchmarkScenario {
  /** One request a second for five minutes: the latency that a user alone sees. */
  public static baseline(): BenchmarkScenario {
    return BenchmarkScenario.of({
      name: 'baseline',
      requestsPerSecond: [1],
      stageSeconds: 300,
      prompt: { mean: 512 },
      output: { mean: 128 },
    });
  }

  /** 5, 10, 20 and 40 requests a second, three minutes each: where latency leaves its level. */
  public static saturation(): BenchmarkScenario {
    return BenchmarkScenario.of({
      name: 'saturation',
      requestsPerSecond: [5, 10, 20, 40],
      stageSeconds: 180,
      prompt: { mean: 512, standardDeviation: 128 },
      output: { mean: 256, standardDeviation: 64 },
    });
  }

  /** Finds the rate that saturates the server, and measures five rates up to it. */
  public static sweep(): BenchmarkScenario {
    return BenchmarkScenario.of({
      name: 'sweep',
      sweepStages: 5,
      stageSeconds: 180,
      prompt: { mean: 512, standardDeviation: 128 },
      output: { mean: 256, standardDeviation: 64 },
    });
  }

  /** Ten minutes of requests that arrive as those of many users do, with long prompts and answers. */
  public static production(): BenchmarkScenario {
    return BenchmarkScenario.of({
      name: 'production',
      requestsPerSecond: [15],
      stageSeconds: 600,
      arrival: Arrival.POISSON,
      prompt: { mean: 1024, standardDeviation: 512 },
      output: { mean: 512, standardDeviation: 256 },
    });
  }

  /**
   * A scenario of one's own.
   *
   * @throws when it has no rates and no sweep, or both, or a number is not possible
   */
  public static of(attributes: BenchmarkScenarioAttributes): BenchmarkScenario {
    return new BenchmarkScenario(attributes);
  }

  /** Name. */
  public readonly name: string;
  /** Requests a second of each stage; empty for a sweep. */
  public readonly requestsPerSecond: number[];
  /** Stages of the sweep. Absent: the rates are given. */
  public readonly sweepStages?: number;
  /** Seconds of each stage. */
  public readonly stageSeconds: number;
  /** How requests arrive. */
  public readonly arrival: Arrival;
  /** Lengths of prompts. */
  public readonly prompt: TokenLengths;
  /** Lengths of answers. */
  public readonly output: TokenLengths;

  private constructor(attributes: BenchmarkScenarioAttributes) {
    const { name, requestsPerSecond = [], sweepStages, stageSeconds, prompt, output } = attributes;
    if (!/^[a-z]([-a-z0-9]{0,29}[a-z0-9])?$/.test(name)) {
      throw new Error(`'name' (${name}) of a scenario must be at most 31 lower-case letters, digits and dashes, such as peak-hour`);
    }
    if ((requestsPerSecond.length > 0) === (sweepStages !== undefined)) {
      throw new Error(`scenario '${name}' needs either 'requestsPerSecond' or 'sweepStages': write requestsPerSecond: [5, 10]`);
    }
    requestsPerSecond.forEach((rate) => requireAbove('requestsPerSecond', rate, 0));
    requireWhole('stageSeconds', stageSeconds, 1);
    if (sweepStages !== undefined) requireWhole('sweepStages', sweepStages, 2);
    for (const [prop, lengths] of [['prompt', prompt], ['output', output]] as const) {
      requireWhole(`${prop}.mean`, lengths.mean, 1);
      if (lengths.standardDeviation !== undefined) requireAbove(`${prop}.standardDeviation`, lengths.standardDeviation, -1e-9);
    }
    this.name = name;
    this.requestsPerSecond = requestsPerSecond;
    this.sweepStages = sweepStages;
    this.stageSeconds = stageSeconds;
    this.arrival = attributes.arrival ?? Arrival.CONSTANT;
    this.prompt = prompt;
    this.output = output;
  }

  /** Seconds that all stages take together; a sweep needs one stage more to find its rates. */
  public get seconds(): number {
    return this.stageSeconds * (this.sweepStages === undefined ? this.requestsPerSecond.length : this.sweepStages + 1);
  }
}

/**
 * Smallest and largest length of a distribution.
 *
 * @internal
 */
export function bounds({ mean, standardDeviation = 0 }: TokenLengths): { readonly min: number; readonly max: number } {
  const spread = Math.ceil(standardDeviation * 4);
  return { min: Math.max(1, mean - spread), max: mean + spread };
}

function requireAbove(prop: string, value: number, limit: number): void {
  if (!(Number.isFinite(value) && value > limit)) throw new Error(`'${prop}' (${value}) must be above ${Math.max(0, limit)}`);
}

function requireWhole(prop: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least)) throw new Error(`'${prop}' (${value}) must be a whole number, ${least} or more`);
}
