import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { type SecretKey, WeightsSource } from '../models/weights';
import type { ContainerUser, EngineConfig, EngineContext, EngineMemory, EngineMetrics, IEngine } from './engine';
import { fromSecret, literals } from './engine-environment';
import { unsupportedAccelerator } from './unsupported';
import { Vllm } from './vllm';

/** Options of a NIM. */
export interface NimOptions {
  /** The NIM of the model, with its tag: `nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.12`. */
  readonly image: string;
  /** The NGC API key, with which the container fetches the model; in a Secret, under `NGC_API_KEY`. */
  readonly ngcApiKey: SecretKey;
  /**
   * Secret of type `kubernetes.io/dockerconfigjson` for nvcr.io: user `$oauthtoken`, and the NGC API key as password.
   * @default 'ngc-registry'
   */
  readonly imagePullSecret?: string;
  /**
   * Profile of the NIM: engine, precision and parallel sizes in one. `list-model-profiles` in the container shows them.
   * @default - the NIM's choice for the device
   */
  readonly profile?: string;
  /**
   * The metrics of NIM 1, whose names have no prefix.
   * @default false - NIM 2 and later forward vLLM's
   */
  readonly version1Metrics?: boolean;
  /**
   * More environment variables; they win over what the library sets.
   * @default - none
   */
  readonly env?: { readonly [name: string]: string };
}

/**
 * NVIDIA NIM: a model and its engine in one image, from NGC. In production it needs a licence (NVIDIA AI Enterprise).
 *
 * A NIM brings its own weights: they come from NGC into its cache folder at each start on a new node. What the model
 * server says of the model decides the served name, and whether it fits; the image decides what is served.
 */
export class Nim implements IEngine {
  public readonly name = 'nim';

  /** The metrics of NIM for LLMs 2 and later: it forwards those of vLLM. */
  public static readonly METRICS: EngineMetrics = Vllm.METRICS;

  /** The metrics of NIM for LLMs 1. */
  public static readonly METRICS_1: EngineMetrics = {
    queued: 'num_requests_waiting',
    running: 'num_requests_running',
    kvCacheUsage: 'gpu_cache_usage_perc',
    timeToFirstToken: 'time_to_first_token_seconds',
    modelLabel: 'model_name',
  };

  private static readonly PORT = 8000;
  private static readonly CACHE = '/opt/nim/.cache';
  /** The image's own user, which owns its cache folder. */
  private static readonly USER: ContainerUser = { uid: 1000, gid: 1000, fsGroup: 1000 };

  constructor(private readonly options: NimOptions) {
    if (!/^[^@]+(:[^/:]+|@sha256:[0-9a-f]{64})$/.test(options.image) || options.image.endsWith(':latest')) {
      throw new Error(`'image' (${options.image}) must have a fixed tag or digest, such as nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.12`);
    }
  }

  /** It brings its own weights. */
  public streams(_accelerator: Accelerator): boolean {
    return false;
  }

  public get memory(): EngineMemory {
    return {};
  }

  public bind(context: EngineContext): EngineConfig {
    const { accelerator, weights, placement } = context;
    if (accelerator.kind !== AcceleratorKind.NVIDIA) {
      throw unsupportedAccelerator(this.name, accelerator, 'choose an NVIDIA type, or engine: new Vllm()');
    }
    if (weights.source !== WeightsSource.HUB) {
      throw new Error(
        `'weights' (${weights.location}) cannot be used with nim, which fetches its own from NGC: leave 'weights' and 'modelStore' out, ` +
          'or write engine: new Vllm()',
      );
    }
    return {
      image: this.options.image,
      args: [],
      env: [
        fromSecret('NGC_API_KEY', this.options.ngcApiKey, 'NGC_API_KEY'),
        ...literals({
          NIM_CACHE_PATH: Nim.CACHE,
          NIM_SERVER_PORT: String(Nim.PORT),
          NIM_SERVED_MODEL_NAME: context.servedName,
          NIM_MODEL_PROFILE: this.options.profile,
          NIM_TENSOR_PARALLEL_SIZE: this.options.profile ? undefined : String(placement.parallelism.tensor ?? 1),
          NIM_MAX_MODEL_LEN: context.contextLength === undefined ? undefined : String(context.contextLength),
          NIM_JSONL_LOGGING: 'true',
          ...this.options.env,
        }),
      ],
      port: Nim.PORT,
      metricsPath: '/v1/metrics',
      readinessPath: '/v1/health/ready',
      livenessPath: '/v1/health/live',
      paths: ['/v1/models', '/v1/chat/completions', '/v1/completions'],
      metrics: this.options.version1Metrics ? Nim.METRICS_1 : Nim.METRICS,
      user: Nim.USER,
      cachePaths: [Nim.CACHE],
      imagePullSecrets: [this.options.imagePullSecret ?? 'ngc-registry'],
    };
  }
}
