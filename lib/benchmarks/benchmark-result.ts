import type { ThroughputProfile } from '../cost';
import { ResultReader } from './private/result-reader';

/** Requests that were sent at one rate. */
export interface BenchmarkStage {
  /** Requests that were answered a second. */
  readonly requestsPerSecond: number;
  /** Tokens that were generated a second, over all requests that were answered. */
  readonly outputTokensPerSecond: number;
  /** Requests that were answered. */
  readonly answered: number;
  /** Requests that failed. */
  readonly failed: number;
}

/** What the result file does not say. */
export interface BenchmarkedServer {
  /** The instance type that the server ran on. */
  readonly instanceType: string;

  /**
   * Replicas that answered together.
   * @default 1
   */
  readonly replicas?: number;

  /**
   * The stage that is meant, from 1.
   * @default - the one that generated most tokens a second: the server at its limit
   */
  readonly stage?: number;

  /**
   * Name of the result file, for whoever reads the plan.
   * @default - only the tool is named
   */
  readonly source?: string;
}

/**
 * What a benchmark measured, read from the file that its tool writes: `benchmarks.json` of GuideLLM, or
 * `summary_lifecycle_metrics.json` and `stage_N_lifecycle_metrics.json` of inference-perf.
 *
 * Formats: GuideLLM 0.7 and inference-perf 0.6, which the jobs of this library run.
 */
export class BenchmarkResult {
  /**
   * Reads a result.
   *
   * @param text text of the result file
   * @throws when it is not a result of one of the tools, or no request was answered
   */
  public static fromJson(text: string): BenchmarkResult {
    const result = new ResultReader(text);
    const { tool, stages } = result.has('benchmarks') ? guideLlm(result) : inferencePerf(result);
    if (stages.every(({ answered }) => answered === 0)) {
      const failed = stages.reduce((sum, stage) => sum + stage.failed, 0);
      throw new Error(`'result' of ${tool} has no request that was answered, and ${failed} that failed: run the benchmark again`);
    }
    return new BenchmarkResult(tool, stages);
  }

  private constructor(
    /** The tool that measured: `guidellm` or `inference-perf`. */
    public readonly tool: string,
    /** What was measured, in the order of the run. A file of inference-perf has one. */
    public readonly stages: BenchmarkStage[],
  ) {}

  /**
   * The rate of one replica, to know what a million tokens cost.
   *
   * @throws when the stage is not there, or has no request that was answered
   */
  public throughput(server: BenchmarkedServer): ThroughputProfile {
    const { instanceType, replicas = 1, source } = server;
    if (!(Number.isInteger(replicas) && replicas > 0)) throw new Error(`'replicas' (${replicas}) must be a whole number of at least 1`);
    const stage = server.stage ?? this.fastest();
    const measured = this.stages[stage - 1];
    if (!measured) throw new Error(`'stage' (${stage}) must be a whole number between 1 and ${this.stages.length}: the result has ${this.stages.length}`);
    if (measured.answered === 0) throw new Error(`'stage' (${stage}) has no request that was answered: choose another`);
    const which = this.stages.length > 1 ? `stage ${stage} of ${this.stages.length}, ` : '';
    return {
      instanceType,
      outputTokensPerSecond: measured.outputTokensPerSecond / replicas,
      source: `${source ? `${source}, ` : ''}${this.tool}: ${which}${measured.answered} requests at ${measured.requestsPerSecond.toFixed(1)} a second`,
    };
  }

  private fastest(): number {
    const rates = this.stages.map(({ outputTokensPerSecond }) => outputTokensPerSecond);
    return rates.indexOf(Math.max(...rates)) + 1;
  }
}

interface Measured {
  readonly tool: string;
  readonly stages: BenchmarkStage[];
}

function guideLlm(result: ResultReader): Measured {
  const stages = Array.from({ length: result.length('benchmarks') }, (_, i) => {
    const at = `benchmarks.${i}`;
    const answered = result.amount(`${at}.metrics.request_totals.successful`);
    const seconds = result.amount(`${at}.duration`);
    // the tool's own rates are means over the moments at which tokens came, which leaves out the pauses between them
    const tokens = answered === 0 ? 0 : result.amount(`${at}.metrics.output_token_count.successful.total_sum`);
    return {
      answered,
      failed: result.amount(`${at}.metrics.request_totals.errored`),
      requestsPerSecond: seconds > 0 ? answered / seconds : 0,
      outputTokensPerSecond: seconds > 0 ? tokens / seconds : 0,
    };
  });
  return { tool: 'guidellm', stages };
}

function inferencePerf(result: ResultReader): Measured {
  const answered = result.amount('successes.count');
  const rate = (name: string): number => (answered === 0 ? 0 : result.amount(`successes.throughput.${name}`));
  const stage = {
    answered,
    failed: result.amount('failures.count'),
    requestsPerSecond: rate('requests_per_sec'),
    outputTokensPerSecond: rate('output_tokens_per_sec'),
  };
  return { tool: 'inference-perf', stages: [stage] };
}
