import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { ModelTask } from '../models/model-task';
import { type SecretKey, WeightsSource } from '../models/weights';
import { Versions } from '../versions';
import type { ContainerUser, EngineConfig, EngineContext, EngineMemory, EngineMetrics, IEngine } from './engine';
import { type ArgumentValue, EngineArguments } from './engine-arguments';
import { fromSecret, literals } from './engine-environment';
import { localWeights } from './local-weights';
import { unsupportedAccelerator } from './unsupported';

/** Options of text to image. */
export interface DiffusersOptions {
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library
   */
  readonly image?: string;
  /**
   * Decode pictures in tiles: less memory at high resolutions.
   * @default false
   */
  readonly vaeTiling?: boolean;
  /**
   * The key that clients must send to `/v1`, in a Secret under `api-key`. It does not protect `/metrics` and `/health`.
   * @default - none: the network policy alone decides who may send requests
   */
  readonly apiKey?: SecretKey;
  /**
   * Run code of the model's repository. Read it first.
   * @default false
   */
  readonly trustRemoteCode?: boolean;
  /**
   * Any other flag, without dashes: `{ 'cache-backend': 'cache_dit' }`. `true` is a bare flag, an object becomes JSON.
   * It wins over what the library sets.
   * @default - none
   */
  readonly extraArgs?: { readonly [flag: string]: unknown };
  /**
   * More environment variables; they win over what the library sets.
   * @default - none
   */
  readonly env?: { readonly [name: string]: string };
}

/**
 * Pictures from text with diffusion pipelines (Qwen-Image, FLUX, Stable Diffusion 3.5, Z-Image), served by vLLM-Omni on
 * NVIDIA GPUs.
 *
 * The endpoint is OpenAI's: `POST /v1/images/generations` with `prompt`, `size`, `n`, and beyond OpenAI
 * `num_inference_steps`, `guidance_scale`, `negative_prompt` and `seed`; pictures come as base64. Nothing is installed
 * when a pod starts. Weights in a bucket are copied to the node's disk, since pipelines are folders of several models.
 * Several devices share one picture (Ulysses sequence parallelism); for more pictures, add replicas.
 */
export class Diffusers implements IEngine {
  public readonly name = 'diffusers';

  /** The metrics of `--log-stats`: those of the whole pipeline. */
  public static readonly METRICS: EngineMetrics = {
    queued: 'vllm_omni:num_requests_waiting',
    running: 'vllm_omni:num_requests_running',
    modelLabel: 'model_name',
  };

  private static readonly PORT = 8091;
  /** The user of the vLLM image that this one is built on. */
  private static readonly USER: ContainerUser = { uid: 2000, gid: 0, fsGroup: 0 };

  constructor(private readonly options: DiffusersOptions = {}) {}

  /** Pipelines are read from files. */
  public streams(_accelerator: Accelerator): boolean {
    return false;
  }

  public get memory(): EngineMemory {
    return {};
  }

  public bind(context: EngineContext): EngineConfig {
    const { accelerator, model } = context;
    if (accelerator.kind !== AcceleratorKind.NVIDIA) {
      throw unsupportedAccelerator(this.name, accelerator, 'choose an NVIDIA type such as g6e.2xlarge');
    }
    if (model.task !== ModelTask.TEXT_TO_IMAGE) {
      throw new Error(
        `model '${model.id}' is for ${model.task}, and diffusers makes pictures: give the model task: ModelTask.TEXT_TO_IMAGE, ` +
          'or write engine: new Vllm()',
      );
    }
    const weights = localWeights(context);
    const args = new EngineArguments()
      .set('omni', true)
      .set('served-model-name', context.servedName)
      .set('host', '0.0.0.0')
      .set('port', Diffusers.PORT)
      .set('log-stats', true) // without it the metrics are there and have no values
      .set('revision', context.weights.source === WeightsSource.HUB ? model.revision : undefined)
      .set('ulysses-degree', accelerator.devices > 1 ? accelerator.devices : undefined)
      .set('max-num-seqs', context.concurrency)
      .set('vae-use-tiling', this.options.vaeTiling ? true : undefined)
      .set('trust-remote-code', this.options.trustRemoteCode ? true : undefined);
    for (const [flag, value] of Object.entries(this.options.extraArgs ?? {})) {
      args.set(flag, value as ArgumentValue); // jsii has no JSON type: what JSON cannot hold fails in JSON.stringify
    }
    return {
      image: this.options.image ?? Versions.VLLM_OMNI_IMAGE,
      command: ['vllm', 'serve'],
      args: [weights.location, ...args.toCommandLine()],
      env: [
        ...(this.options.apiKey ? [fromSecret('VLLM_API_KEY', this.options.apiKey, 'api-key')] : []),
        ...literals({
          HOME: '/cache',
          USER: 'vllm',
          HF_HOME: '/cache/huggingface',
          VLLM_CACHE_ROOT: '/cache/vllm',
          TRITON_CACHE_DIR: '/cache/triton',
          TORCHINDUCTOR_CACHE_DIR: '/cache/inductor',
          VLLM_NO_USAGE_STATS: '1',
          DO_NOT_TRACK: '1',
          HF_HUB_OFFLINE: context.weights.source === WeightsSource.HUB ? undefined : '1',
          ...this.options.env,
        }),
      ],
      port: Diffusers.PORT,
      metricsPath: '/metrics',
      readinessPath: '/health',
      livenessPath: '/health',
      paths: ['/v1/models', '/v1/images/generations', '/v1/images/edits'],
      metrics: Diffusers.METRICS,
      user: Diffusers.USER,
      cachePaths: ['/cache'],
      initContainers: weights.initContainers,
    };
  }
}
