import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { ModelTask } from '../models/model-task';
import { toDnsLabel } from '../kubernetes-names';
import { Versions } from '../versions';
import type { ContainerUser, EngineConfig, EngineContext, EngineMemory, EngineMetrics, IEngine } from './engine';
import { EngineArguments } from './engine-arguments';
import { literals } from './engine-environment';
import { localWeights } from './local-weights';
import { tensorRtLlm } from './triton-tensorrt-llm';
import { tritonRepository } from './triton-repository';
import { refuseOptions, unsupportedAccelerator } from './unsupported';
import { Vllm } from './vllm';
import type { SpeculativeDecoding } from './vllm-options';
import { requireKnown } from './vllm-registry';

/** What computes behind Triton. */
export enum TritonBackend {
  /** vLLM, from a generated model repository. */
  VLLM = 'vllm',
  /** TensorRT-LLM, from Hugging Face weights (its PyTorch backend): nothing is built ahead. */
  TENSORRT_LLM = 'tensorrt-llm',
}

/** Options of Triton. */
export interface TritonOptions {
  /**
   * What computes.
   * @default TritonBackend.VLLM
   */
  readonly backend?: TritonBackend;
  /**
   * Container image, with a tag or digest.
   * @default - the image tested with this library for the backend
   */
  readonly image?: string;
  /**
   * Tokens of an answer when the request does not say. Triton's own default is 16, which cuts nearly every answer.
   * @default - the context length, where it is known, else 4096: as vLLM's server, an answer ends when the model does
   */
  readonly defaultMaxTokens?: number;
  /**
   * Share of the device memory that the backend may use, 0 to 1.
   * @default 0.92
   */
  readonly gpuMemoryUtilization?: number;
  /**
   * Tokens in one step, over all requests.
   * @default - the backend's choice for the device
   */
  readonly maxBatchedTokens?: number;
  /**
   * Format of the KV cache: `auto`, `fp8`. vLLM backend only.
   * @default 'auto' - as the model computes
   */
  readonly kvCacheDtype?: string;
  /**
   * Quantization at load, for instance `fp8`. vLLM backend only.
   * @default - as the repository says
   */
  readonly quantization?: string;
  /**
   * Guess tokens ahead. vLLM backend only.
   * @default - off
   */
  readonly speculative?: SpeculativeDecoding;
  /**
   * Parser of tool calls: `llama3` or `mistral`, which is all Triton has. vLLM backend only.
   * @default - the model's, where it is one of the two
   */
  readonly toolCallParser?: string;
  /**
   * The chat template, as Jinja text. vLLM backend only.
   * @default - the model's own
   */
  readonly chatTemplate?: string;
  /**
   * Run code of the model's repository. Read it first.
   * @default false
   */
  readonly trustRemoteCode?: boolean;
  /**
   * Any other argument of vLLM's engine, in the words of its command line: `{ 'max-num-seqs': 64 }`. vLLM backend only.
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
 * NVIDIA Triton Inference Server with its OpenAI front end, so that paths and `model` are those of every other engine.
 *
 * Triton names a model after its folder, so the served name must not have a slash: give a `servedName`. Weights in a
 * bucket are copied to the node's disk, since the front end needs the tokenizer as files. It reports no queue length,
 * so it cannot scale on one. It drains: after SIGTERM it ends when the requests in flight have.
 */
export class Triton implements IEngine {
  public readonly name = 'triton';

  /** The metrics Triton forwards from vLLM (`REPORT_CUSTOM_METRICS`): counters and histograms only. */
  public static readonly METRICS: EngineMetrics = {
    timeToFirstToken: 'vllm:time_to_first_token_seconds',
    modelLabel: 'model',
  };

  private static readonly PORT = 9000;
  private static readonly FRONT_END = '/opt/tritonserver/python/openai/openai_frontend/main.py';
  private static readonly CHAT_TEMPLATE = '/etc/triton/chat-template.jinja';
  private static readonly TOOL_PARSERS: { readonly [vllm: string]: string } = { llama3_json: 'llama3', mistral: 'mistral' };
  /** The image's user `triton-server`. */
  private static readonly USER: ContainerUser = { uid: 1000, gid: 1000, fsGroup: 1000 };

  private readonly backend: TritonBackend;
  private readonly vllm: Vllm;

  constructor(private readonly options: TritonOptions = {}) {
    this.backend = options.backend ?? TritonBackend.VLLM;
    requireKnown('toolCallParser', options.toolCallParser, ['llama3', 'mistral', 'none'], options.image);
    if (this.backend === TritonBackend.TENSORRT_LLM) {
      const { kvCacheDtype, quantization, speculative, toolCallParser, chatTemplate, extraArgs, defaultMaxTokens } = options;
      refuseOptions(
        'the TensorRT-LLM backend of triton',
        { kvCacheDtype, quantization, speculative, toolCallParser, chatTemplate, extraArgs, defaultMaxTokens },
        'write backend: TritonBackend.VLLM',
      );
    }
    this.vllm = new Vllm({
      gpuMemoryUtilization: options.gpuMemoryUtilization,
      maxBatchedTokens: options.maxBatchedTokens,
      kvCacheDtype: options.kvCacheDtype,
      quantization: options.quantization,
      speculative: options.speculative,
      trustRemoteCode: options.trustRemoteCode,
      extraArgs: options.extraArgs,
      reasoningParser: 'none', // the front end has none, and the engine alone would only change structured output
    });
  }

  /** The front end reads the tokenizer from files. */
  public streams(_accelerator: Accelerator): boolean {
    return false;
  }

  public get memory(): EngineMemory {
    return this.vllm.memory;
  }

  public bind(context: EngineContext): EngineConfig {
    const { accelerator, model } = context;
    if (accelerator.kind !== AcceleratorKind.NVIDIA) {
      throw unsupportedAccelerator(this.name, accelerator, 'choose an NVIDIA type, or engine: new Vllm()');
    }
    if (model.task !== ModelTask.TEXT_GENERATION) {
      throw new Error(`model '${model.id}' is for ${model.task}, which triton does not serve here: write engine: new Vllm()`);
    }
    return this.backend === TritonBackend.VLLM ? this.vllmBackend(context) : this.tensorRtLlmBackend(context);
  }

  private vllmBackend(context: EngineContext): EngineConfig {
    const { servedName } = context;
    if (servedName.includes('/')) {
      throw new Error(
        `'servedName' (${servedName}) must not have a slash: triton names a model after its folder. ` +
          `Write servedName: '${toDnsLabel(context.model.slug)}', for every engine that shall be swapped with it`,
      );
    }
    const weights = localWeights(context);
    const repository = tritonRepository(servedName, { ...withoutStreamer(this.vllm.bind(context).keywords), model: weights.location });
    const { chatTemplate, image } = this.options;
    return {
      image: image ?? Versions.TRITON_VLLM_IMAGE,
      command: ['python3', Triton.FRONT_END],
      args: new EngineArguments()
        .set('model-repository', repository.folder)
        .set('tokenizer', weights.location)
        .set('host', '0.0.0.0')
        .set('openai-port', Triton.PORT)
        .set('default-max-tokens', this.options.defaultMaxTokens ?? context.contextLength ?? 4096)
        .set('tool-call-parser', this.toolCallParser(context))
        .set('chat-template', chatTemplate === undefined ? undefined : Triton.CHAT_TEMPLATE)
        .toCommandLine(),
      env: this.env(),
      port: Triton.PORT,
      metricsPath: '/metrics',
      // not ready when a model is not, and a model is not when its vLLM engine has died (ENABLE_VLLM_HEALTH_CHECK)
      readinessPath: '/health/ready',
      livenessPath: '/health/ready',
      paths: ['/v1/models', '/v1/chat/completions', '/v1/completions'],
      metrics: Triton.METRICS,
      user: Triton.USER,
      files: { ...repository.files, ...(chatTemplate !== undefined && { [Triton.CHAT_TEMPLATE]: chatTemplate }) },
      shutdownSeconds: context.drainSeconds,
      cachePaths: ['/cache'],
      initContainers: weights.initContainers,
    };
  }

  private tensorRtLlmBackend(context: EngineContext): EngineConfig {
    return { ...tensorRtLlm(context, this.options, Triton.PORT), env: this.env(), user: Triton.USER };
  }

  private toolCallParser({ model }: EngineContext): string | undefined {
    const parser = this.options.toolCallParser ?? Triton.TOOL_PARSERS[model.toolCallParser ?? ''];
    return parser === 'none' ? undefined : parser;
  }

  private env() {
    return literals({
      HOME: '/cache',
      HF_HOME: '/cache/huggingface',
      VLLM_CACHE_ROOT: '/cache/vllm',
      TRITON_CACHE_DIR: '/cache/triton',
      TORCHINDUCTOR_CACHE_DIR: '/cache/inductor',
      VLLM_NO_USAGE_STATS: '1',
      DO_NOT_TRACK: '1',
      ...this.options.env,
    });
  }
}

/** The weights are files by then. */
function withoutStreamer(keywords: EngineConfig['keywords'] = {}): { readonly [keyword: string]: unknown } {
  return Object.fromEntries(Object.entries(keywords).filter(([keyword]) => keyword !== 'load_format'));
}
