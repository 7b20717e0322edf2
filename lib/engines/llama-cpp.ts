import type { k8s } from 'cdk8s-plus-34';
import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import { ModelTask } from '../models/model-task';
import { WeightsFormat } from '../models/weights-format';
import { type SecretKey, WeightsSource } from '../models/weights';
import { Versions } from '../versions';
import type { ContainerUser, EngineConfig, EngineContext, EngineInitContainer, EngineMemory, EngineMetrics, IEngine } from './engine';
import { type ArgumentValue, EngineArguments } from './engine-arguments';
import { fromSecret, literals } from './engine-environment';
import { copyFile } from './local-weights';
import { unsupportedAccelerator } from './unsupported';

/** Options of llama.cpp. */
export interface LlamaCppOptions {
  /**
   * The GGUF file in the weights' bucket prefix or folder: `model-Q4_K_M.gguf`. Of a split model, the first part, and
   * only on a volume.
   * @default - from the hub, the file of the model's format; required with weights on a volume or in a bucket
   */
  readonly file?: string;
  /**
   * Hub repository with GGUF files, where the model's own has none: `Qwen/Qwen3-8B-GGUF`.
   * @default - the model's repository
   */
  readonly repository?: string;
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library for the accelerator
   */
  readonly image?: string;
  /**
   * Threads that compute.
   * @default - the physical cores of the node, where nothing is computed on a GPU
   */
  readonly threads?: number;
  /**
   * Format of the KV cache: `f16`, `bf16`, `q8_0`, `q4_0`.
   * @default 'f16'
   */
  readonly kvCacheDtype?: string;
  /**
   * The key that clients must send, in a Secret under `api-key`. It protects `/metrics` as well: the PodMonitor of the model
   * server brings it. `/health` stays open.
   * @default - none: the network policy alone decides who may send requests
   */
  readonly apiKey?: SecretKey;
  /**
   * Any other flag, without dashes: `{ 'flash-attn': 'on' }`. `true` is a bare flag.
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
 * llama.cpp's server: GGUF models on Graviton and x86 processors, and on NVIDIA GPUs.
 *
 * It reads files: from the hub at each start, from a volume, or from a bucket by way of the node's disk. After SIGTERM
 * it stops taking requests and cuts those in flight, so the pause before it is all they get.
 */
export class LlamaCpp implements IEngine {
  public readonly name = 'llama-cpp';

  /** The metrics of `--metrics`. They carry no model name. */
  public static readonly METRICS: EngineMetrics = {
    queued: 'llamacpp:requests_deferred',
    running: 'llamacpp:requests_processing',
  };

  private static readonly PORT = 8080;
  private static readonly FOLDER = '/cache/weights';
  /** The image has root only; the server needs nothing but its binary and the cache folder. */
  private static readonly USER: ContainerUser = { uid: 2000, gid: 2000, fsGroup: 2000 };
  private static readonly QUANTIZATIONS: { readonly [format: string]: string } = {
    [WeightsFormat.GGUF_Q4_K_M]: 'Q4_K_M',
    [WeightsFormat.GGUF_Q5_K_M]: 'Q5_K_M',
    [WeightsFormat.GGUF_Q8_0]: 'Q8_0',
  };

  constructor(private readonly options: LlamaCppOptions = {}) {
    if (options.threads !== undefined && !(Number.isInteger(options.threads) && options.threads > 0)) {
      throw new Error(`'threads' (${options.threads}) must be a positive integer: leave it out for the physical cores`);
    }
    if (options.file !== undefined && !options.file.endsWith('.gguf')) {
      throw new Error(`'file' (${options.file}) must be a GGUF file, such as model-Q4_K_M.gguf`);
    }
  }

  /** It maps files. */
  public streams(_accelerator: Accelerator): boolean {
    return false;
  }

  public get memory(): EngineMemory {
    return { kvCacheDtype: this.options.kvCacheDtype };
  }

  public bind(context: EngineContext): EngineConfig {
    const { accelerator, model } = context;
    if (accelerator.kind !== AcceleratorKind.CPU && accelerator.kind !== AcceleratorKind.NVIDIA) {
      throw unsupportedAccelerator(this.name, accelerator, 'choose a Graviton, x86 or NVIDIA type, or engine: new Vllm()');
    }
    if (model.task === ModelTask.TEXT_TO_IMAGE) {
      throw new Error(`model '${model.id}' makes pictures, which llama.cpp does not: write engine: new Diffusers()`);
    }
    const weights = this.weights(context);
    const onGpu = accelerator.kind === AcceleratorKind.NVIDIA;
    const slots = slotsOf(context);
    const embeds = model.task === ModelTask.EMBEDDING;
    const args = weights.args
      .set('alias', context.servedName)
      .set('host', '0.0.0.0')
      .set('port', LlamaCpp.PORT)
      .set('metrics', true)
      .set('jinja', true)
      .set('parallel', slots)
      .set('ctx-size', context.contextLength === undefined ? undefined : context.contextLength * slots) // shared by all slots
      .set('threads', this.options.threads ?? (onGpu ? undefined : physicalCores(accelerator)))
      .set('n-gpu-layers', onGpu ? 999 : undefined) // all, or fail: a silent rest on the processor is slower by far
      .set('cache-type-k', this.options.kvCacheDtype)
      .set('cache-type-v', this.options.kvCacheDtype)
      .set('embedding', embeds ? true : undefined)
      .set('reranking', model.task === ModelTask.RERANKING ? true : undefined);
    for (const [flag, value] of Object.entries(this.options.extraArgs ?? {})) {
      args.set(flag, value as ArgumentValue); // jsii has no JSON type: what JSON cannot hold fails in JSON.stringify
    }
    return {
      image: this.options.image ?? (onGpu ? Versions.LLAMA_CPP_CUDA_IMAGE : Versions.LLAMA_CPP_IMAGE),
      args: args.toCommandLine(),
      env: this.env(),
      port: LlamaCpp.PORT,
      metricsPath: '/metrics',
      metricsKey: this.options.apiKey && { key: 'api-key', ...this.options.apiKey },
      readinessPath: '/health', // 503 while the model loads
      livenessPath: '/health',
      paths: embeds ? ['/v1/models', '/v1/embeddings'] : ['/v1/models', '/v1/chat/completions', '/v1/completions'],
      metrics: LlamaCpp.METRICS,
      user: LlamaCpp.USER,
      cachePaths: ['/cache'],
      initContainers: weights.initContainers,
    };
  }

  /** Where the GGUF file comes from. */
  private weights(context: EngineContext): { readonly args: EngineArguments; readonly initContainers?: EngineInitContainer[] } {
    const { model, weights } = context;
    if (weights.source === WeightsSource.HUB) {
      const repository = this.options.repository ?? model.id;
      if (this.options.file) return { args: new EngineArguments().set('hf-repo', repository).set('hf-file', this.options.file) };
      const quantization = LlamaCpp.QUANTIZATIONS[model.format] ?? 'Q4_K_M';
      return { args: new EngineArguments().set('hf-repo', `${repository}:${quantization}`) };
    }
    const { file } = this.options;
    if (!file) {
      throw new Error(`'file' of llama-cpp is missing: name the GGUF file in ${weights.modelArgument(model)}, such as model-Q4_K_M.gguf`);
    }
    const source = `${weights.modelArgument(model).replace(/\/+$/, '')}/${file}`;
    if (weights.source === WeightsSource.VOLUME) return { args: new EngineArguments().set('model', source) };
    if (/-\d{5}-of-\d{5}\.gguf$/.test(file)) {
      throw new Error(`'file' (${file}) is one part of several, and only one file is copied from a bucket: use Weights.volume()`);
    }
    const copy = `${LlamaCpp.FOLDER}/${file.slice(file.lastIndexOf('/') + 1)}`;
    return { args: new EngineArguments().set('model', copy), initContainers: [copyFile('copy-weights', source, copy)] };
  }

  private env(): k8s.EnvVar[] {
    const { apiKey, env } = this.options;
    return [
      ...(apiKey ? [fromSecret('LLAMA_API_KEY', apiKey, 'api-key')] : []),
      ...literals({ HOME: '/cache', LLAMA_CACHE: '/cache/llama.cpp', ...env }),
    ];
  }
}

/** Each request in flight has a slot, and each slot the whole context length: as many as the memory was found to hold. */
function slotsOf({ concurrency, placement }: EngineContext): number {
  return concurrency ?? Math.min(4, Math.max(1, placement.maxConcurrency));
}

/** Graviton has one thread a core; x86 types have two, and the second adds nothing to matrix products. */
function physicalCores(accelerator: Accelerator): number {
  return accelerator.architecture === CpuArchitecture.ARM64 ? accelerator.vcpus : Math.max(1, accelerator.vcpus / 2);
}
