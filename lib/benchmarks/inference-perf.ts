import { Versions } from '../versions';
import type { BenchmarkConfig, BenchmarkContext, IBenchmark } from './benchmark';
import { Arrival, type BenchmarkScenario, bounds, type TokenLengths } from './benchmark-scenario';

/** Options of inference-perf. */
export interface InferencePerfOptions {
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library
   */
  readonly image?: string;
  /**
   * Processes that send requests. One sends a few hundred requests a second.
   * @default 4
   */
  readonly workers?: number;
}

/**
 * inference-perf of the Kubernetes project: latency by stage, and sweeps that find saturation.
 *
 * Prompts of one's own are a file of conversations in the ShareGPT format, a JSON list.
 */
export class InferencePerf implements IBenchmark {
  public readonly name = 'inference-perf';

  private static readonly CONFIG = 'inference-perf.json'; // JSON is YAML, which the tool reads

  constructor(private readonly options: InferencePerfOptions = {}) {
    const { workers } = options;
    if (workers !== undefined && !(Number.isInteger(workers) && workers > 0)) {
      throw new Error(`'workers' (${workers}) must be a positive integer`);
    }
  }

  public bind(context: BenchmarkContext): BenchmarkConfig {
    if (context.promptField !== undefined) {
      throw new Error(`'promptField' (${context.promptField}) is not used by inference-perf, which reads ShareGPT conversations: write tool: new GuideLlm()`);
    }
    const config = {
      api: { type: context.datasetPath ? 'chat' : 'completion', streaming: true },
      data: dataOf(context),
      load: this.load(context.scenario),
      server: {
        type: 'vllm', // any server of OpenAI's API
        model_name: context.servedName,
        base_url: context.endpoint,
        ignore_eos: context.datasetPath === undefined, // random prompts end at random; own prompts as they do
      },
      tokenizer: { pretrained_model_name_or_path: context.tokenizer },
      storage: { local_storage: { path: context.resultsFolder } },
      report: { request_lifecycle: { summary: true, per_stage: true, per_request: false } },
    };
    return {
      image: this.options.image ?? Versions.INFERENCE_PERF_IMAGE,
      command: ['inference-perf'],
      args: [
        '--config_file',
        `${context.configFolder}/${InferencePerf.CONFIG}`,
        ...(context.apiKeyVariable ? ['--server.api_key', `$(${context.apiKeyVariable})`] : []),
      ],
      configFile: { name: InferencePerf.CONFIG, text: `${JSON.stringify(config, undefined, 2)}\n` },
    };
  }

  private load(scenario: BenchmarkScenario): object {
    return {
      type: scenario.arrival === Arrival.POISSON ? 'poisson' : 'constant',
      num_workers: this.options.workers ?? 4,
      base_seed: 1, // equal runs send equal requests
      ...(scenario.sweepStages === undefined
        ? { stages: scenario.requestsPerSecond.map((rate) => ({ rate, duration: scenario.stageSeconds })) }
        : {
            sweep: {
              type: 'geometric',
              num_stages: scenario.sweepStages,
              stage_duration: scenario.stageSeconds,
              saturation_percentile: 95,
            },
          }),
    };
  }
}

function dataOf({ scenario, datasetPath }: BenchmarkContext): object {
  if (datasetPath) return { type: 'shareGPT', path: datasetPath };
  return { type: 'random', input_distribution: distribution(scenario.prompt), output_distribution: distribution(scenario.output) };
}

function distribution(lengths: TokenLengths): object {
  return { ...bounds(lengths), mean: lengths.mean, std_dev: lengths.standardDeviation ?? 0 };
}
