import type { k8s } from 'cdk8s-plus-34';
import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { ModelTask } from '../models/model-task';
import { type SecretKey, WeightsSource } from '../models/weights';
import { Versions } from '../versions';
import { type ContainerUser, type EngineConfig, type EngineContext, type EngineGroup, type EngineMemory, type EngineMetrics, type IEngine, ServingRole } from './engine';
import { type ArgumentValue, EngineArguments } from './engine-arguments';
import { fromSecret, literals, podIp } from './engine-environment';
import { adapterPath, copyAdapters, type LoraOptions, maxAdapters, usesHub, validateLora } from './lora';
import { SGLANG_REASONING_PARSERS, SGLANG_TOOL_PARSERS, sglangReasoningParser, sglangToolParser } from './sglang-parsers';
import { unsupportedAccelerator } from './unsupported';
import { requireKnown } from './vllm-registry';

/** Options of SGLang. */
export interface SgLangOptions {
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library
   */
  readonly image?: string;
  /**
   * Share of the device memory for weights and KV cache together, 0 to 1. CUDA graphs and activations take the rest.
   * @default - SGLang's choice for the device
   */
  readonly staticMemoryFraction?: number;
  /**
   * Tokens of a prompt that are read in one step.
   * @default - SGLang's choice for the device
   */
  readonly chunkedPrefillTokens?: number;
  /**
   * Format of the KV cache: `auto`, `bf16`, `fp8_e4m3`, `fp8_e5m2`.
   * @default 'auto' - as the model computes
   */
  readonly kvCacheDtype?: string;
  /**
   * Quantization at load, for instance `fp8` for weights that are stored in bf16.
   * @default - as the repository says
   */
  readonly quantization?: string;
  /**
   * Parser of tool calls, by SGLang's name (`qwen25`, `deepseekv3`). `none` turns tools off.
   * @default - the model's, where the catalogue knows it
   */
  readonly toolCallParser?: string;
  /**
   * Parser of reasoning, by SGLang's name (`qwen3`, `deepseek-r1`). `none` leaves reasoning in the answer.
   * @default - the model's, where the catalogue knows it
   */
  readonly reasoningParser?: string;
  /**
   * Backend of structured output: `xgrammar`, `outlines`, `llguidance`.
   * @default - xgrammar, as SGLang
   */
  readonly grammarBackend?: string;
  /**
   * The chat template, as Jinja text.
   * @default - the model's own
   */
  readonly chatTemplate?: string;
  /**
   * LoRA adapters.
   * @default - none
   */
  readonly lora?: LoraOptions;
  /**
   * The key that clients must send, in a Secret under `api-key`. It does not protect `/metrics` and `/health`.
   * @default - none: the network policy alone decides who may send requests
   */
  readonly apiKey?: SecretKey;
  /**
   * Run code of the model's repository. Read it first.
   * @default false
   */
  readonly trustRemoteCode?: boolean;
  /**
   * Any other flag, without dashes: `{ 'schedule-policy': 'lpm' }`. `true` is a bare flag, an object becomes JSON.
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
 * SGLang on NVIDIA GPUs. It streams weights from S3, and spans nodes with its own launcher.
 *
 * It drains: after SIGTERM its health turns to 503, and it ends when the last request has. Its `/health` lets the model
 * write one token when nothing else runs, so a probe notices a stuck scheduler; a check may take seconds.
 */
export class SgLang implements IEngine {
  public readonly name = 'sglang';

  /** The metrics SGLang exports with `--enable-metrics`. */
  public static readonly METRICS: EngineMetrics = {
    queued: 'sglang:num_queue_reqs',
    running: 'sglang:num_running_reqs',
    kvCacheUsage: 'sglang:token_usage',
    timeToFirstToken: 'sglang:time_to_first_token_seconds',
    modelLabel: 'model_name',
  };

  private static readonly PORT = 30000;
  private static readonly RENDEZVOUS_PORT = 20000;
  private static readonly BOOTSTRAP_PORT = 8998;
  private static readonly CHAT_TEMPLATE = '/etc/sglang/chat-template.jinja';
  /** The image has root only, but its files are readable by all and every cache is moved to the cache folder. */
  private static readonly USER: ContainerUser = { uid: 2000, gid: 0, fsGroup: 0 };

  constructor(private readonly options: SgLangOptions = {}) {
    const { staticMemoryFraction, image } = options;
    if (staticMemoryFraction !== undefined && !(staticMemoryFraction > 0 && staticMemoryFraction < 1)) {
      throw new Error(`'staticMemoryFraction' (${staticMemoryFraction}) must be between 0 and 1: leave it out for SGLang's choice`);
    }
    validateLora(options.lora);
    requireKnown('toolCallParser', options.toolCallParser, ['none', ...SGLANG_TOOL_PARSERS], image);
    requireKnown('reasoningParser', options.reasoningParser, ['none', ...SGLANG_REASONING_PARSERS], image);
    requireKnown('grammarBackend', options.grammarBackend, ['xgrammar', 'outlines', 'llguidance', 'none'], image);
  }

  /** The image has the streamer. */
  public streams(accelerator: Accelerator): boolean {
    return accelerator.kind === AcceleratorKind.NVIDIA;
  }

  public get memory(): EngineMemory {
    const { kvCacheDtype, quantization, lora } = this.options;
    return { kvCacheDtype, quantization, loraAdapters: lora && maxAdapters(lora), loraRank: lora?.maxRank };
  }

  public bind(context: EngineContext): EngineConfig {
    const { accelerator, model } = context;
    if (accelerator.kind !== AcceleratorKind.NVIDIA) {
      throw unsupportedAccelerator(this.name, accelerator, 'choose an NVIDIA type, or engine: new Vllm()');
    }
    if (model.task === ModelTask.TEXT_TO_IMAGE) {
      throw new Error(`model '${model.id}' makes pictures, which sglang does not: write engine: new Diffusers()`);
    }
    if (context.servedName.includes(':')) {
      throw new Error(`'servedName' (${context.servedName}) must not have a colon, which sglang takes for 'model:adapter': use a dash`);
    }
    const copies = copyAdapters(this.options.lora);
    return {
      image: this.options.image ?? Versions.SGLANG_IMAGE,
      command: ['python3', '-m', 'sglang.launch_server'],
      args: this.arguments(context).toCommandLine(),
      env: this.env(context),
      port: SgLang.PORT,
      metricsPath: '/metrics',
      readinessPath: '/health',
      livenessPath: '/health',
      paths:
        model.task === ModelTask.TEXT_GENERATION
          ? ['/v1/models', '/v1/chat/completions', '/v1/completions', '/v1/responses']
          : ['/v1/models', '/v1/embeddings', '/v1/rerank', '/v1/score'],
      // chat and completions answer to any name, whatever the engine was told (serving_chat.py of 0.5)
      servedNames: [context.servedName, ...(context.aliases ?? [])],
      metrics: SgLang.METRICS,
      user: SgLang.USER,
      files: this.options.chatTemplate === undefined ? undefined : { [SgLang.CHAT_TEMPLATE]: this.options.chatTemplate },
      shutdownSeconds: context.drainSeconds,
      cachePaths: ['/cache'],
      initContainers: copies.length > 0 ? copies : undefined,
      group: this.group(),
    };
  }

  private arguments(context: EngineContext): EngineArguments {
    const { options } = this;
    const { model, weights, placement } = context;
    const { parallelism } = placement;
    const args = new EngineArguments()
      .set('model-path', weights.modelArgument(model))
      .set('revision', weights.source === WeightsSource.HUB ? model.revision : undefined)
      .set('load-format', weights.source === WeightsSource.S3 ? 'runai_streamer' : undefined)
      .set('served-model-name', context.servedName)
      .set('host', '0.0.0.0')
      .set('port', SgLang.PORT)
      .set('enable-metrics', true)
      .set('api-key', options.apiKey && '$(SGLANG_API_KEY)') // Kubernetes puts the Secret's value in
      .set('is-embedding', model.task === ModelTask.EMBEDDING || model.task === ModelTask.RERANKING ? true : undefined)
      .set('tp-size', parallelism.tensor)
      .set('pp-size', aboveOne(parallelism.pipeline))
      .set('dp-size', aboveOne(parallelism.data))
      .set('ep-size', parallelism.expert ? (parallelism.tensor ?? 1) * (parallelism.data ?? 1) : undefined)
      .set('context-length', context.contextLength)
      .set('max-running-requests', context.concurrency)
      .set('mem-fraction-static', options.staticMemoryFraction)
      .set('chunked-prefill-size', options.chunkedPrefillTokens)
      .set('kv-cache-dtype', options.kvCacheDtype)
      .set('quantization', options.quantization)
      .set('tool-call-parser', options.toolCallParser ?? sglangToolParser(model.toolCallParser))
      .set('reasoning-parser', options.reasoningParser ?? sglangReasoningParser(model.reasoningParser))
      .set('grammar-backend', options.grammarBackend)
      .set('chat-template', options.chatTemplate === undefined ? undefined : SgLang.CHAT_TEMPLATE)
      .set('trust-remote-code', options.trustRemoteCode ? true : undefined);
    return withoutNone(this.withExtra(this.withRole(this.withLora(args), context)));
  }

  private withLora(args: EngineArguments): EngineArguments {
    const { lora } = this.options;
    if (!lora) return args;
    return args
      .set('enable-lora', true)
      .set('max-loras-per-batch', maxAdapters(lora))
      .set('max-lora-rank', lora.maxRank ?? 16)
      .set('lora-paths', lora.adapters?.map((adapter) => `${adapter.name}=${adapterPath(adapter)}`));
  }

  /** The halves of prefill and decode find each other by the bootstrap port, and move KV cache by NIXL. */
  private withRole(args: EngineArguments, { role }: EngineContext): EngineArguments {
    if (role === undefined || role === ServingRole.BOTH) return args;
    return args
      .set('disaggregation-mode', role === ServingRole.PREFILL ? 'prefill' : 'decode')
      .set('disaggregation-transfer-backend', 'nixl')
      .set('disaggregation-bootstrap-port', SgLang.BOOTSTRAP_PORT);
  }

  private withExtra(args: EngineArguments): EngineArguments {
    for (const [flag, value] of Object.entries(this.options.extraArgs ?? {})) {
      args.set(flag, value as ArgumentValue); // jsii has no JSON type: what JSON cannot hold fails in JSON.stringify
    }
    return args;
  }

  private env(context: EngineContext): k8s.EnvVar[] {
    const { weights, placement } = context;
    const streams = weights.source === WeightsSource.S3;
    const needsHub = weights.source === WeightsSource.HUB || usesHub(this.options.lora);
    return [
      ...(context.nodes > 1 ? [podIp('SGLANG_HOST_IP')] : []),
      ...(this.options.apiKey ? [fromSecret('SGLANG_API_KEY', this.options.apiKey, 'api-key')] : []),
      ...literals({
        HOME: '/cache', // the image knows root only, and FlashInfer and DeepGEMM compile into the home
        USER: 'sglang',
        HF_HOME: '/cache/huggingface',
        TRITON_CACHE_DIR: '/cache/triton',
        TORCHINDUCTOR_CACHE_DIR: '/cache/inductor',
        FLASHINFER_WORKSPACE_BASE: '/cache',
        SGLANG_DG_CACHE_DIR: '/cache/deep_gemm',
        HF_XET_HIGH_PERFORMANCE: needsHub ? '1' : undefined,
        HF_HUB_OFFLINE: needsHub ? undefined : '1',
        RUNAI_STREAMER_CONCURRENCY: streams ? '16' : undefined,
        RUNAI_STREAMER_MEMORY_LIMIT: streams ? String(placement.streamerBufferGiB * 1024 ** 3) : undefined,
        ...this.options.env,
      }),
    ];
  }

  /** Workers answer `/health` with 200 whatever happens (a dummy server), so their probes would say nothing. */
  private group(): EngineGroup {
    const common = ['--dist-init-addr', `$(LWS_LEADER_ADDRESS):${SgLang.RENDEZVOUS_PORT}`, '--nnodes', '$(LWS_GROUP_SIZE)'];
    return {
      leaderArgs: [...common, '--node-rank', '0'],
      workerArgs: [...common, '--node-rank', '$(LWS_WORKER_INDEX)'],
      env: literals({ NCCL_SOCKET_IFNAME: 'eth0', GLOO_SOCKET_IFNAME: 'eth0' }),
    };
  }
}

/** `none` is the word for no parser; SGLang has no such name. */
function withoutNone(args: EngineArguments): EngineArguments {
  for (const flag of ['tool-call-parser', 'reasoning-parser']) {
    if (args.get(flag) === 'none') args.remove(flag);
  }
  return args;
}

function aboveOne(size: number | undefined): number | undefined {
  return size !== undefined && size > 1 ? size : undefined;
}
