import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import { ModelTask } from '../models/model-task';
import { type SecretKey, WeightsSource } from '../models/weights';
import { Versions } from '../versions';
import type { ContainerUser, EngineConfig, EngineContext, EngineMemory, EngineMetrics, IEngine } from './engine';
import { type ArgumentValue, EngineArguments } from './engine-arguments';
import { fromSecret, literals } from './engine-environment';
import { localWeights } from './local-weights';
import { unsupportedAccelerator } from './unsupported';
import { requireKnown } from './vllm-registry';

/** Options of Text Embeddings Inference. */
export interface TextEmbeddingsOptions {
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library for the accelerator
   */
  readonly image?: string;
  /**
   * Tokens in one batch. The larger, the better the device is used; activations grow with it.
   * @default 16384
   */
  readonly maxBatchTokens?: number;
  /**
   * Texts in one request at most.
   * @default 32
   */
  readonly maxClientBatchSize?: number;
  /**
   * Cut texts that are longer than the model allows, instead of refusing them.
   * @default true
   */
  readonly autoTruncate?: boolean;
  /**
   * How token vectors become one: `cls`, `mean`, `splade`, `last-token`.
   * @default - as the repository says
   */
  readonly pooling?: string;
  /**
   * The key that clients must send, in a Secret under `api-key`. It does not protect `/metrics` and `/health`.
   * @default - none: the network policy alone decides who may send requests
   */
  readonly apiKey?: SecretKey;
  /**
   * Any other flag, without dashes: `{ 'default-prompt': 'query: ' }`. It wins over what the library sets.
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
 * Hugging Face's Text Embeddings Inference: vectors and reranking, on one NVIDIA GPU or on Graviton and x86 processors.
 *
 * There is an image for each generation of GPUs. It reads files: weights in a bucket are copied to the node's disk
 * before a start. It drains: after SIGTERM it ends when the requests in flight have.
 */
export class TextEmbeddings implements IEngine {
  public readonly name = 'text-embeddings';

  /** The metrics of the API port. They carry no model name, and there is no gauge of running requests. */
  public static readonly METRICS: EngineMetrics = { queued: 'te_queue_size' };

  private static readonly PORT = 8080; // the image sets 80, which needs root
  /** The image has root only; the server needs nothing but its binary and the cache folder. */
  private static readonly USER: ContainerUser = { uid: 2000, gid: 2000, fsGroup: 2000 };

  constructor(private readonly options: TextEmbeddingsOptions = {}) {
    requireKnown('pooling', options.pooling, ['cls', 'mean', 'splade', 'last-token'], options.image);
  }

  /** It maps files. */
  public streams(_accelerator: Accelerator): boolean {
    return false;
  }

  /** There is no KV cache: what counts is the batch. */
  public get memory(): EngineMemory {
    return { maxBatchedTokens: this.options.maxBatchTokens ?? 16384 };
  }

  public bind(context: EngineContext): EngineConfig {
    const { accelerator, model } = context;
    if (model.task !== ModelTask.EMBEDDING && model.task !== ModelTask.RERANKING) {
      throw new Error(
        `model '${model.id}' is for ${model.task}, and text-embeddings makes vectors: give the model task: ModelTask.EMBEDDING or ` +
          'RERANKING, or write engine: new Vllm()',
      );
    }
    const image = this.options.image ?? `${Versions.TEI_IMAGE}:${tagFor(accelerator)}`;
    if (accelerator.devices > 1) {
      throw new Error(
        `'accelerator' (${accelerator.instanceType}) gives the pod ${accelerator.devices} devices, of which text-embeddings uses one: ` +
          'write accelerator.withDevices(1) and add replicas',
      );
    }
    const weights = localWeights(context);
    const args = new EngineArguments()
      .set('model-id', weights.location)
      .set('revision', context.weights.source === WeightsSource.HUB ? model.revision : undefined)
      .set('served-model-name', context.servedName)
      .set('hostname', '0.0.0.0')
      .set('port', TextEmbeddings.PORT)
      .set('max-concurrent-requests', context.concurrency)
      .set('max-batch-tokens', this.options.maxBatchTokens)
      .set('max-client-batch-size', this.options.maxClientBatchSize)
      .set('pooling', this.options.pooling)
      .set('json-output', true);
    for (const [flag, value] of Object.entries(this.options.extraArgs ?? {})) {
      args.set(flag, value as ArgumentValue); // jsii has no JSON type: what JSON cannot hold fails in JSON.stringify
    }
    return {
      image,
      args: args.toCommandLine(),
      env: [
        ...(this.options.apiKey ? [fromSecret('API_KEY', this.options.apiKey, 'api-key')] : []),
        ...literals({
          HOME: '/cache',
          HUGGINGFACE_HUB_CACHE: '/cache/huggingface',
          AUTO_TRUNCATE: this.options.autoTruncate === undefined ? undefined : String(this.options.autoTruncate), // its flag takes a value since 1.9.2 only
          RAYON_NUM_THREADS: accelerator.kind === AcceleratorKind.CPU ? String(accelerator.vcpus) : undefined, // the image says 8
          ...this.options.env,
        }),
      ],
      port: TextEmbeddings.PORT,
      metricsPath: '/metrics',
      readinessPath: '/health',
      livenessPath: '/health',
      paths: model.task === ModelTask.EMBEDDING ? ['/v1/embeddings', '/embed'] : ['/rerank'],
      metrics: TextEmbeddings.METRICS,
      user: TextEmbeddings.USER,
      shutdownSeconds: context.drainSeconds,
      cachePaths: ['/cache'],
      initContainers: weights.initContainers,
    };
  }
}

/** Tag of the image by CUDA compute capability. A binary refuses devices of another generation when it starts. */
const TAGS: { readonly [computeCapability: string]: string } = {
  '7.5': `turing-${Versions.TEI}`,
  '8.0': Versions.TEI,
  '8.6': `86-${Versions.TEI}`,
  '8.9': `89-${Versions.TEI}`,
  '9.0': `hopper-${Versions.TEI}`,
  '10.0': `100-${Versions.TEI}`,
  '12.0': `120-${Versions.TEI}`,
};

function tagFor(accelerator: Accelerator): string {
  const { kind, architecture, computeCapability } = accelerator;
  if (kind === AcceleratorKind.CPU) {
    return architecture === CpuArchitecture.ARM64 ? `cpu-arm64-${Versions.TEI}` : `cpu-${Versions.TEI}`;
  }
  const tag = kind === AcceleratorKind.NVIDIA && architecture === CpuArchitecture.AMD64 ? TAGS[computeCapability ?? ''] : undefined;
  if (tag === undefined) {
    throw unsupportedAccelerator(
      'text-embeddings',
      accelerator,
      "choose g4dn, g5, g6, g6e, g7e, p4, p5 or p6-b200, a Graviton or x86 type, engine: new Vllm(), or set 'image'",
    );
  }
  return tag;
}
