import { k8s } from 'cdk8s-plus-34';
import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import { WeightsSource } from '../models/weights';
import { Versions } from '../versions';
import { type ContainerUser, type EngineConfig, type EngineContext, type EngineGroup, type EngineMemory, type EngineMetrics, type IEngine, ServingRole } from './engine';
import { type ArgumentValue, EngineArguments } from './engine-arguments';
import type { LoraOptions } from './lora';

/** How vLLM guesses tokens ahead (speculative decoding). */
export interface SpeculativeDecoding {
  /** `ngram`, `eagle`, `eagle3`, `mtp` or `draft_model`. */
  readonly method: string;
  /**
   * Repository of the draft model.
   * @default - the method needs none
   */
  readonly model?: string;
  /** Tokens guessed at a time. */
  readonly tokens: number;
}

/** Options of vLLM. */
export interface VllmOptions {
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library for the accelerator
   */
  readonly image?: string;
  /**
   * Share of the device memory that vLLM may use, 0 to 1.
   * @default 0.92 - as vLLM since 0.29
   */
  readonly gpuMemoryUtilization?: number;
  /**
   * Tokens in one step, over all requests.
   * @default - vLLM's choice for the device
   */
  readonly maxBatchedTokens?: number;
  /**
   * Format of the KV cache: `auto`, `fp8`, `fp8_e4m3`, `nvfp4`.
   * @default 'auto' - as the model computes
   */
  readonly kvCacheDtype?: string;
  /**
   * Quantization at load, for instance `fp8` for weights that are stored in bf16.
   * @default - as the repository says
   */
  readonly quantization?: string;
  /**
   * Format of computation: `auto`, `bfloat16`, `half`.
   * @default 'auto' - as the model; `half` on devices without bf16
   */
  readonly dtype?: string;
  /**
   * Reuse the KV cache of equal prompt beginnings.
   * @default true
   */
  readonly prefixCaching?: boolean;
  /**
   * Skip the capture of CUDA graphs: a faster start, slower answers.
   * @default false
   */
  readonly enforceEager?: boolean;
  /**
   * Parser of tool calls, for instance `hermes`; turns automatic tool choice on.
   * @default - no tools
   */
  readonly toolCallParser?: string;
  /**
   * Parser of reasoning, for instance `qwen3` or `deepseek_r1`.
   * @default - reasoning stays in the answer
   */
  readonly reasoningParser?: string;
  /**
   * Backend of structured output: `xgrammar`, `guidance`, `outlines`.
   * @default - vLLM's choice for each request
   */
  readonly structuredOutputsBackend?: string;
  /**
   * Guess tokens ahead.
   * @default - off
   */
  readonly speculative?: SpeculativeDecoding;
  /**
   * LoRA adapters.
   * @default - none
   */
  readonly lora?: LoraOptions;
  /**
   * GiB of host memory that hold KV cache evicted from the devices, over all of them.
   * @default 0 - off
   */
  readonly kvOffloadGiB?: number;
  /**
   * Run code of the model's repository. Read it first.
   * @default false
   */
  readonly trustRemoteCode?: boolean;
  /**
   * Any other flag, without dashes: `{ 'max-num-seqs': 64 }`. `true` is a bare flag, an object becomes JSON.
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
 * vLLM: the default engine, with a build for every accelerator.
 *
 * On NVIDIA GPUs it streams weights from S3 into device memory; across nodes it uses its own multiprocessing
 * (`--nnodes`), as the images carry no Ray.
 */
export class Vllm implements IEngine {
  public readonly name = 'vllm';

  /** The metrics vLLM exports on its API port (0.12 and later). */
  public static readonly METRICS: EngineMetrics = {
    queued: 'vllm:num_requests_waiting',
    running: 'vllm:num_requests_running',
    kvCacheUsage: 'vllm:kv_cache_usage_perc',
    timeToFirstToken: 'vllm:time_to_first_token_seconds',
    modelLabel: 'model_name',
  };

  private static readonly PORT = 8000;
  private static readonly RENDEZVOUS_PORT = 29501;
  private static readonly NIXL_PORT = 5600;
  private static readonly LORA_RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];
  /** The image's own user; any other works only with group 0. */
  private static readonly USER: ContainerUser = { uid: 2000, gid: 0, fsGroup: 0 };

  constructor(private readonly options: VllmOptions = {}) {
    const { gpuMemoryUtilization, lora } = options;
    if (gpuMemoryUtilization !== undefined && !(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= 1)) {
      throw new Error(`'gpuMemoryUtilization' (${gpuMemoryUtilization}) must be above 0 and at most 1: leave it out for 0.92`);
    }
    if (lora?.maxRank !== undefined && !Vllm.LORA_RANKS.includes(lora.maxRank)) {
      throw new Error(`'lora.maxRank' (${lora.maxRank}) must be one of ${Vllm.LORA_RANKS.join(', ')}`);
    }
  }

  public get memory(): EngineMemory {
    const { gpuMemoryUtilization, kvCacheDtype, quantization, maxBatchedTokens, kvOffloadGiB, lora, speculative } = this.options;
    return {
      gpuMemoryUtilization,
      kvCacheDtype,
      quantization,
      maxBatchedTokens,
      kvOffloadGiB,
      loraAdapters: lora && maxAdapters(lora),
      loraRank: lora?.maxRank,
      draftModel: speculative?.model,
    };
  }

  public bind(context: EngineContext): EngineConfig {
    const build = buildFor(context);
    const args = this.arguments(context, build);
    return {
      image: this.options.image ?? build.image,
      // the entrypoint of the AWS image is a shell that does not pass SIGTERM on: vLLM itself must be process 1
      command: ['vllm', 'serve'],
      args: [context.weights.modelArgument(context.model), ...args.toCommandLine()],
      keywords: { model: context.weights.modelArgument(context.model), ...this.engineKeywords(context, build) },
      env: this.env(context),
      port: Vllm.PORT,
      metricsPath: '/metrics',
      readinessPath: '/health',
      livenessPath: '/health',
      paths: ['/v1/models', '/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/embeddings'],
      metrics: Vllm.METRICS,
      user: Vllm.USER,
      shutdownSeconds: build.drains ? context.drainSeconds : undefined,
      cachePaths: ['/cache'],
      hostBuffersGiB: this.options.kvOffloadGiB,
      group: this.group(context),
    };
  }

  /** Arguments of the engine itself and of its HTTP server. */
  private arguments(context: EngineContext, build: VllmBuild): EngineArguments {
    const args = this.engineArguments(context, build);
    const { toolCallParser, reasoningParser, lora } = this.options;
    const server = new EngineArguments()
      .set('served-model-name', context.servedName)
      .set('host', '0.0.0.0')
      .set('port', Vllm.PORT)
      .set('shutdown-timeout', build.drains ? context.drainSeconds : undefined)
      .set('disable-access-log-for-endpoints', '/health,/metrics,/ping')
      .set('revision', context.weights.source === WeightsSource.HUB ? context.model.revision : undefined)
      .set('enable-auto-tool-choice', toolCallParser ? true : undefined)
      .set('tool-call-parser', toolCallParser)
      .set('reasoning-parser', reasoningParser)
      .set('lora-modules', lora?.adapters?.map(({ name, source }) => ({ name, path: source })));
    return this.withExtra(server.setAll(args));
  }

  /** Arguments that Ray Serve and Triton take as well. */
  private engineKeywords(context: EngineContext, build: VllmBuild): { [keyword: string]: ArgumentValue } {
    return this.withExtra(this.engineArguments(context, build)).toKeywords();
  }

  private engineArguments(context: EngineContext, build: VllmBuild): EngineArguments {
    const { options } = this;
    const { parallelism } = context.placement;
    const args = new EngineArguments()
      .set('load-format', context.weights.source === WeightsSource.S3 ? 'runai_streamer' : undefined)
      .set('tensor-parallel-size', parallelism.tensor)
      .set('pipeline-parallel-size', (parallelism.pipeline ?? 1) > 1 ? parallelism.pipeline : undefined)
      .set('data-parallel-size', (parallelism.data ?? 1) > 1 ? parallelism.data : undefined)
      .set('enable-expert-parallel', parallelism.expert ? true : undefined)
      .set('max-model-len', context.contextLength)
      .set('max-num-seqs', context.concurrency)
      .set('max-num-batched-tokens', options.maxBatchedTokens)
      .set('gpu-memory-utilization', options.gpuMemoryUtilization)
      .set('kv-cache-dtype', options.kvCacheDtype)
      .set('quantization', options.quantization)
      .set('dtype', options.dtype ?? build.dtype)
      .set('enable-prefix-caching', options.prefixCaching)
      .set('enforce-eager', options.enforceEager ? true : undefined)
      .set('trust-remote-code', options.trustRemoteCode ? true : undefined)
      .set('structured-outputs-config', options.structuredOutputsBackend && { backend: options.structuredOutputsBackend })
      .set('speculative-config', this.speculativeConfig())
      .set('kv-offloading-size', options.kvOffloadGiB)
      .set('kv-transfer-config', kvTransferConfig(context));
    if (options.lora) {
      args
        .set('enable-lora', true)
        .set('max-loras', maxAdapters(options.lora))
        .set('max-lora-rank', options.lora.maxRank ?? 16);
    }
    return args.setAll(build.arguments);
  }

  private withExtra(args: EngineArguments): EngineArguments {
    for (const [flag, value] of Object.entries(this.options.extraArgs ?? {})) {
      args.set(flag, value as ArgumentValue); // jsii has no JSON type: what JSON cannot hold fails in JSON.stringify
    }
    return args;
  }

  private speculativeConfig(): ArgumentValue | undefined {
    const { speculative } = this.options;
    if (!speculative) return undefined;
    return {
      method: speculative.method,
      num_speculative_tokens: speculative.tokens,
      ...(speculative.model && { model: speculative.model }),
    };
  }

  private env(context: EngineContext): k8s.EnvVar[] {
    const { accelerator, weights } = context;
    const env: { [name: string]: string } = {
      // the user may be unknown to the image: give it a home and a name
      HOME: '/cache',
      USER: 'vllm',
      HF_HOME: '/cache/huggingface',
      VLLM_CACHE_ROOT: '/cache/vllm',
      TRITON_CACHE_DIR: '/cache/triton',
      TORCHINDUCTOR_CACHE_DIR: '/cache/inductor',
      VLLM_NO_USAGE_STATS: '1',
      DO_NOT_TRACK: '1',
    };
    if (weights.source === WeightsSource.HUB) env.HF_XET_HIGH_PERFORMANCE = '1';
    else env.HF_HUB_OFFLINE = '1';
    if (weights.source === WeightsSource.S3) {
      env.RUNAI_STREAMER_CONCURRENCY = '16';
      env.RUNAI_STREAMER_MEMORY_LIMIT = String(context.placement.streamerBufferGiB * 1024 ** 3);
    }
    if (accelerator.kind === AcceleratorKind.CPU) {
      env.VLLM_CPU_KVCACHE_SPACE = String(Math.max(1, Math.floor(context.placement.kvCacheGiB)));
    }
    if (this.options.lora?.runtimeUpdates) env.VLLM_ALLOW_RUNTIME_LORA_UPDATING = 'True';
    if (context.role && context.role !== ServingRole.BOTH) env.VLLM_NIXL_SIDE_CHANNEL_PORT = String(Vllm.NIXL_PORT);

    const fromPod: k8s.EnvVar[] = [];
    if (context.nodes > 1) fromPod.push(podIp('VLLM_HOST_IP'));
    if (context.role && context.role !== ServingRole.BOTH) fromPod.push(podIp('VLLM_NIXL_SIDE_CHANNEL_HOST'));
    return [...fromPod, ...Object.entries({ ...env, ...this.options.env }).map(([name, value]) => ({ name, value }))];
  }

  private group(context: EngineContext): EngineGroup | undefined {
    if (context.accelerator.kind !== AcceleratorKind.NVIDIA) return undefined;
    const common = [
      '--distributed-executor-backend',
      'mp',
      '--nnodes',
      '$(LWS_GROUP_SIZE)',
      '--master-addr',
      '$(LWS_LEADER_ADDRESS)',
      '--master-port',
      String(Vllm.RENDEZVOUS_PORT),
    ];
    return {
      leaderArgs: [...common, '--node-rank', '0'],
      workerArgs: [...common, '--node-rank', '$(LWS_WORKER_INDEX)', '--headless'],
      env: [{ name: 'NCCL_SOCKET_IFNAME', value: 'eth0' }, { name: 'GLOO_SOCKET_IFNAME', value: 'eth0' }],
    };
  }
}

function maxAdapters(lora: LoraOptions): number {
  return lora.maxAdapters ?? Math.max(1, lora.adapters?.length ?? 0);
}

/** What differs between the builds of vLLM. */
interface VllmBuild {
  readonly image: string;
  /** Whether `--shutdown-timeout` exists (0.18 and later). */
  readonly drains: boolean;
  readonly dtype?: string;
  readonly arguments?: EngineArguments;
}

function buildFor(context: EngineContext): VllmBuild {
  const { accelerator } = context;
  switch (accelerator.kind) {
    case AcceleratorKind.NVIDIA:
      return { image: nvidiaImage(context), drains: true, dtype: lacksBf16(accelerator) ? 'half' : undefined };
    case AcceleratorKind.CPU:
      return { image: Versions.VLLM_CPU_IMAGE, drains: true, dtype: 'bfloat16' };
    case AcceleratorKind.TRAINIUM:
      if (accelerator.family !== 'trn1' && accelerator.family !== 'trn1n') return { image: Versions.VLLM_NEURON_IMAGE, drains: true };
      return legacyNeuron();
    case AcceleratorKind.INFERENTIA:
      if (accelerator.family === 'inf1') {
        throw new Error(`'accelerator' (${accelerator.instanceType}) has no build of vLLM: choose inf2, trn1 or trn2`);
      }
      return legacyNeuron();
  }
}

/** Inferentia2 and Trainium1: vLLM 0.16 with NxD Inference, which has neither drain nor prefix caching. */
function legacyNeuron(): VllmBuild {
  return {
    image: Versions.VLLM_NEURON_LEGACY_IMAGE,
    drains: false,
    arguments: new EngineArguments().set('block-size', 32).set('enable-prefix-caching', false),
  };
}

/** The upstream image has no EFA: NCCL would fall back to TCP without a word. */
function nvidiaImage({ accelerator, nodes, role }: EngineContext): string {
  const crossesNodes = nodes > 1 || (role !== undefined && role !== ServingRole.BOTH);
  const needsEfa = crossesNodes && accelerator.efaInterfaces > 0;
  return needsEfa && accelerator.architecture === CpuArchitecture.AMD64 ? Versions.VLLM_EFA_IMAGE : Versions.VLLM_IMAGE;
}

/** Turing (T4) computes in fp16 only. */
function lacksBf16(accelerator: Accelerator): boolean {
  return accelerator.deviceName === 't4' || accelerator.deviceName === 't4g';
}

/** KV caches move between prefill and decode by NIXL: over EFA with libfabric, where UCX falls back to TCP. */
function kvTransferConfig({ role, accelerator }: EngineContext): ArgumentValue | undefined {
  if (role === undefined || role === ServingRole.BOTH) return undefined;
  return {
    kv_connector: 'NixlConnector',
    kv_role: role === ServingRole.PREFILL ? 'kv_producer' : 'kv_consumer',
    kv_load_failure_policy: 'fail',
    kv_connector_extra_config: { backends: [accelerator.efaInterfaces > 0 ? 'LIBFABRIC' : 'UCX'] },
  };
}

function podIp(name: string): k8s.EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
}
