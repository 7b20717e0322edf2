import { Versions } from '../versions';
import type { BenchmarkConfig, BenchmarkContext, IBenchmark } from './benchmark';
import { Arrival, type BenchmarkScenario, bounds } from './benchmark-scenario';

/** Options of GuideLLM. */
export interface GuideLlmOptions {
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library
   */
  readonly image?: string;
}

/**
 * GuideLLM of the vLLM project: throughput and latency by rate, with a report as JSON and CSV.
 *
 * Prompts of one's own are a file of JSON lines with a field for the prompt.
 */
export class GuideLlm implements IBenchmark {
  public readonly name = 'guidellm';

  private static readonly CONFIG = 'guidellm.json';

  constructor(private readonly options: GuideLlmOptions = {}) {}

  public bind(context: BenchmarkContext): BenchmarkConfig {
    const { scenario } = context;
    const backend = { kind: 'openai_http', target: context.endpoint, model: context.servedName, request_format: '/v1/chat/completions' };
    const config = {
      metadata: { labels: { scenario: scenario.name } },
      spec: {
        backend,
        profile: profileOf(scenario),
        constraints: [{ kind: 'max_duration', seconds: scenario.stageSeconds }], // of each rate
        tokenizer: { kind: 'huggingface_auto', model: context.tokenizer },
        ...dataOf(context),
        // its HTML report fetches a template from the internet when the run is over, and fails the run without it
        outputs: ['json', 'csv'].map((kind) => ({ kind, path: `${context.resultsFolder}/benchmarks.${kind}` })),
        metrics: { kind: 'generative', sample_size: 0 }, // no prompts and answers in the report
      },
    };
    const key = context.apiKeyVariable;
    return {
      image: this.options.image ?? Versions.GUIDELLM_IMAGE,
      command: ['/opt/app-root/bin/guidellm'],
      args: [
        'run',
        '--config',
        `${context.configFolder}/${GuideLlm.CONFIG}`,
        ...(key ? ['--backend', JSON.stringify({ ...backend, api_key: `$(${key})` })] : []),
        '--disable-console-interactive',
      ],
      configFile: { name: GuideLlm.CONFIG, text: `${JSON.stringify(config, undefined, 2)}\n` },
    };
  }
}

function profileOf(scenario: BenchmarkScenario): object {
  if (scenario.sweepStages !== undefined) return { kind: 'sweep', sweep_size: scenario.sweepStages };
  return { kind: scenario.arrival === Arrival.POISSON ? 'poisson' : 'constant', rate: scenario.requestsPerSecond };
}

function dataOf({ scenario, datasetPath, promptField }: BenchmarkContext): object {
  if (datasetPath) {
    return {
      data: [{ kind: 'json_file', path: datasetPath }],
      ...(promptField && { data_column_mapper: { kind: 'generative_column_mapper', column_mappings: { text_column: promptField } } }),
    };
  }
  const [prompt, output] = [bounds(scenario.prompt), bounds(scenario.output)];
  return {
    data: [
      {
        kind: 'synthetic_text',
        prompt_tokens: scenario.prompt.mean,
        output_tokens: scenario.output.mean,
        ...(scenario.prompt.standardDeviation && {
          prompt_tokens_stdev: scenario.prompt.standardDeviation,
          prompt_tokens_min: prompt.min,
          prompt_tokens_max: prompt.max,
        }),
        ...(scenario.output.standardDeviation && {
          output_tokens_stdev: scenario.output.standardDeviation,
          output_tokens_min: output.min,
          output_tokens_max: output.max,
        }),
      },
    ],
  };
}
