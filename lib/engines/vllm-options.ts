import type { SecretKey } from '../models/weights';
import type { LoraOptions } from './lora';

/** How vLLM guesses tokens ahead (speculative decoding). */
export interface SpeculativeDecoding {
  /** `ngram`, `suffix`, `eagle`, `eagle3`, `mtp`, `medusa`, `mlp_speculator`, `dflash` or `draft_model`. */
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
   * Parser of tool calls, for instance `hermes`; turns automatic tool choice on. `none` turns it off.
   * @default - the model's, where the catalogue knows it
   */
  readonly toolCallParser?: string;
  /**
   * Parser of reasoning, for instance `qwen3` or `deepseek_r1`. `none` leaves reasoning in the answer.
   * @default - the model's, where the catalogue knows it
   */
  readonly reasoningParser?: string;
  /**
   * The chat template, as Jinja text.
   * @default - the model's own
   */
  readonly chatTemplate?: string;
  /**
   * Backend of structured output: `xgrammar`, `guidance`, `outlines`, `lm-format-enforcer`.
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
   * The key that clients must send to `/v1`, in a Secret under `api-key`. It does not protect `/metrics` and `/health`.
   * @default - none: the network policy alone decides who may send requests
   */
  readonly apiKey?: SecretKey;
  /**
   * Where Inferentia and Trainium keep compiled models: a folder, or an `s3://` address that the pods may write to. A
   * shared one saves every new node the compilation, which takes tens of minutes for a large model.
   * @default - the node's disk: each new node compiles
   */
  readonly neuronCompileCache?: string;
  /**
   * Scheduler that gives a pod neighbouring Neuron devices, for pods with several but not all devices of a node. It is
   * the scheduler extension of the Neuron Helm chart.
   * @default 'my-scheduler' - as that chart names it
   */
  readonly neuronScheduler?: string;
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
