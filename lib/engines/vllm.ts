import type { k8s } from 'cdk8s-plus-34';
import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { ModelTask } from '../models/model-task';
import { WeightsSource } from '../models/weights';
import { type ContainerUser, type EngineConfig, type EngineContext, type EngineGroup, type EngineMemory, type EngineMetrics, type IEngine, ServingRole } from './engine';
import { type ArgumentValue, EngineArguments } from './engine-arguments';
import { fromSecret, literals, podIp } from './engine-environment';
import { type LocalWeights, localWeights } from './local-weights';
import { adapterPath, copyAdapters, maxAdapters, usesHub, validateLora } from './lora';
import { streamsWeights, type VllmBuild, vllmBuild } from './vllm-build';
import type { VllmOptions } from './vllm-options';
import {
  type Parsers,
  requireKnown,
  requireParsers,
  VLLM_QUANTIZATIONS,
  VLLM_REASONING_PARSERS,
  VLLM_SPECULATIVE_METHODS,
  VLLM_STRUCTURED_OUTPUTS_BACKENDS,
  VLLM_TOOL_PARSERS,
} from './vllm-registry';

/**
 * vLLM: the default engine, with a build for every accelerator.
 *
 * On NVIDIA GPUs it streams weights from S3 into device memory; its other builds have no streamer, so there an init
 * container copies them to the node's disk. Across nodes it uses its own multiprocessing (`--nnodes`), as the images
 * carry no Ray.
 *
 * It drains: after SIGTERM it finishes what it accepted, within the drain time (not on Inferentia2 and Trainium1).
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
  private static readonly CHAT_TEMPLATE = '/etc/vllm/chat-template.jinja';
  /** The image's own user; any other works only with group 0. */
  private static readonly USER: ContainerUser = { uid: 2000, gid: 0, fsGroup: 0 };

  constructor(private readonly options: VllmOptions = {}) {
    const { gpuMemoryUtilization, speculative, image } = options;
    if (gpuMemoryUtilization !== undefined && !(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= 1)) {
      throw new Error(`'gpuMemoryUtilization' (${gpuMemoryUtilization}) must be above 0 and at most 1: leave it out for 0.92`);
    }
    if (speculative && !(Number.isInteger(speculative.tokens) && speculative.tokens > 0)) {
      throw new Error(`'speculative.tokens' (${speculative.tokens}) must be a positive integer`);
    }
    validateLora(options.lora);
    requireKnown('toolCallParser', parserOf(options.toolCallParser), VLLM_TOOL_PARSERS, image);
    requireKnown('reasoningParser', parserOf(options.reasoningParser), VLLM_REASONING_PARSERS, image);
    requireKnown('speculative.method', speculative?.method, VLLM_SPECULATIVE_METHODS, image);
    requireKnown('quantization', options.quantization, VLLM_QUANTIZATIONS, image);
    requireKnown('structuredOutputsBackend', options.structuredOutputsBackend, VLLM_STRUCTURED_OUTPUTS_BACKENDS, image);
  }

  /** Only the CUDA images have the streamer. */
  public streams(accelerator: Accelerator): boolean {
    return accelerator.kind === AcceleratorKind.NVIDIA;
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
    refusePictures(context);
    const build = vllmBuild(context, this.options);
    if (!this.options.image) requireParsers(this.parsers(context), build.minor, context.accelerator.instanceType);
    const weights = weightsFor(context, build);
    const args = this.arguments(context, build);
    const { chatTemplate, lora } = this.options;
    const initContainers = [...(weights.initContainers ?? []), ...copyAdapters(lora)];
    return {
      image: this.options.image ?? build.image,
      // the entrypoint of the AWS image is a shell that does not pass SIGTERM on: vLLM itself must be process 1
      command: ['vllm', 'serve'],
      args: [weights.location, ...args.toCommandLine()],
      keywords: { model: weights.location, ...this.engineKeywords(context, build) },
      serverKeywords: this.frontEnd(context).toKeywords(),
      servedNames: [context.servedName, ...(context.aliases ?? [])],
      env: this.env(context, build),
      port: Vllm.PORT,
      metricsPath: '/metrics',
      readinessPath: '/health',
      livenessPath: '/health',
      paths: Vllm.paths(context),
      metrics: Vllm.METRICS,
      user: Vllm.USER,
      files: chatTemplate === undefined ? undefined : { [Vllm.CHAT_TEMPLATE]: chatTemplate },
      shutdownSeconds: build.drains ? context.drainSeconds : undefined,
      cachePaths: ['/cache'],
      hostBuffersGiB: this.options.kvOffloadGiB,
      initContainers: initContainers.length > 0 ? initContainers : undefined,
      group: this.group(context),
      schedulerName: build.schedulerName,
    };
  }

  private static paths({ model }: EngineContext): string[] {
    if (model.task === ModelTask.EMBEDDING) return ['/v1/models', '/v1/embeddings'];
    if (model.task === ModelTask.RERANKING) return ['/v1/models', '/v1/rerank', '/v1/score'];
    return ['/v1/models', '/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/messages'];
  }

  /** The user's parsers, else the model's. */
  private parsers({ model }: EngineContext): Parsers {
    return {
      toolCallParser: parserOf(this.options.toolCallParser ?? model.toolCallParser),
      reasoningParser: parserOf(this.options.reasoningParser ?? model.reasoningParser),
    };
  }

  /** Arguments of the engine itself and of its HTTP server. */
  private arguments(context: EngineContext, build: VllmBuild): EngineArguments {
    const { lora } = this.options;
    const server = new EngineArguments()
      .set('served-model-name', context.aliases?.length ? [context.servedName, ...context.aliases] : context.servedName)
      .set('host', '0.0.0.0')
      .set('port', Vllm.PORT)
      .set('shutdown-timeout', build.drains ? context.drainSeconds : undefined)
      .set('disable-access-log-for-endpoints', '/health,/metrics,/ping')
      .setAll(this.frontEnd(context))
      .set('lora-modules', lora?.adapters?.map((adapter) => ({ name: adapter.name, path: adapterPath(adapter) })));
    return this.withExtra(server.setAll(this.engineArguments(context, build)));
  }

  /** Arguments of the OpenAI API, which Ray Serve LLM takes as well. */
  private frontEnd({ model }: EngineContext): EngineArguments {
    const toolCallParser = parserOf(this.options.toolCallParser ?? model.toolCallParser);
    return new EngineArguments()
      .set('enable-auto-tool-choice', toolCallParser ? true : undefined)
      .set('tool-call-parser', toolCallParser)
      .set('chat-template', this.options.chatTemplate === undefined ? undefined : Vllm.CHAT_TEMPLATE);
  }

  /** Arguments that Ray Serve and Triton take as well. */
  private engineKeywords(context: EngineContext, build: VllmBuild): { [keyword: string]: ArgumentValue } {
    return this.withExtra(this.engineArguments(context, build)).toKeywords();
  }

  private engineArguments(context: EngineContext, build: VllmBuild): EngineArguments {
    const { options } = this;
    const { parallelism } = context.placement;
    const args = new EngineArguments()
      .set('load-format', streamsWeights(context, build) ? 'runai_streamer' : undefined)
      .set('revision', context.weights.source === WeightsSource.HUB ? context.model.revision : undefined)
      .set('tensor-parallel-size', parallelism.tensor)
      .set('pipeline-parallel-size', aboveOne(parallelism.pipeline))
      .set('data-parallel-size', aboveOne(parallelism.data))
      .set('enable-expert-parallel', parallelism.expert ? true : undefined)
      .set('max-model-len', context.contextLength)
      .set('max-num-seqs', context.concurrency)
      .set('max-num-batched-tokens', options.maxBatchedTokens)
      .set('gpu-memory-utilization', options.gpuMemoryUtilization)
      .set('kv-cache-dtype', options.kvCacheDtype)
      .set('quantization', options.quantization)
      .set('reasoning-parser', this.parsers(context).reasoningParser)
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

  private env(context: EngineContext, build: VllmBuild): k8s.EnvVar[] {
    const { lora, speculative, apiKey } = this.options;
    const fromHub = context.weights.source === WeightsSource.HUB;
    const needsHub = fromHub || usesHub(lora) || speculative?.model !== undefined;
    const splitRole = context.role !== undefined && context.role !== ServingRole.BOTH;
    const streams = streamsWeights(context, build);
    return [
      ...(context.nodes > 1 ? [podIp('VLLM_HOST_IP')] : []),
      ...(splitRole ? [podIp('VLLM_NIXL_SIDE_CHANNEL_HOST')] : []),
      ...(apiKey ? [fromSecret('VLLM_API_KEY', apiKey, 'api-key')] : []),
      ...literals({
        // the user may be unknown to the image: give it a home and a name
        HOME: '/cache',
        USER: 'vllm',
        HF_HOME: '/cache/huggingface',
        VLLM_CACHE_ROOT: '/cache/vllm',
        TRITON_CACHE_DIR: '/cache/triton',
        TORCHINDUCTOR_CACHE_DIR: '/cache/inductor',
        VLLM_NO_USAGE_STATS: '1',
        DO_NOT_TRACK: '1',
        HF_XET_HIGH_PERFORMANCE: needsHub ? '1' : undefined,
        HF_HUB_OFFLINE: needsHub ? undefined : '1',
        RUNAI_STREAMER_CONCURRENCY: streams ? '16' : undefined,
        RUNAI_STREAMER_MEMORY_LIMIT: streams ? String(context.placement.streamerBufferGiB * 1024 ** 3) : undefined,
        VLLM_ALLOW_RUNTIME_LORA_UPDATING: lora?.runtimeUpdates ? 'True' : undefined,
        VLLM_NIXL_SIDE_CHANNEL_PORT: splitRole ? String(Vllm.NIXL_PORT) : undefined,
        ...build.env,
        ...this.options.env,
      }),
    ];
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
    // ranks meet over ZeroMQ, whose listening side takes an address and no name: the leader gives its own
    const dataParallelAddress = (context.placement.parallelism.data ?? 1) > 1 ? ['--data-parallel-address', '$(VLLM_HOST_IP)'] : [];
    return {
      leaderArgs: [...common, ...dataParallelAddress, '--node-rank', '0'],
      workerArgs: [...common, '--node-rank', '$(LWS_WORKER_INDEX)', '--headless'],
      env: [{ name: 'NCCL_SOCKET_IFNAME', value: 'eth0' }, { name: 'GLOO_SOCKET_IFNAME', value: 'eth0' }],
    };
  }
}

/** Where this build reads the weights: streamed from the bucket, or from files. */
function weightsFor(context: EngineContext, build: VllmBuild): LocalWeights {
  return streamsWeights(context, build) ? { location: context.weights.modelArgument(context.model) } : localWeights(context);
}

function refusePictures({ model }: EngineContext): void {
  if (model.task !== ModelTask.TEXT_TO_IMAGE) return;
  throw new Error(`model '${model.id}' makes pictures, which vllm does not: write engine: new Diffusers()`);
}

/** `none` is the word for no parser. */
function parserOf(name: string | undefined): string | undefined {
  return name === 'none' ? undefined : name;
}

function aboveOne(size: number | undefined): number | undefined {
  return size !== undefined && size > 1 ? size : undefined;
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
