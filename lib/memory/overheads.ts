import type { ModelArchitecture } from '../models/model-architecture';
import type { Split } from './weights';

const BYTES_PER_GIB = 1024 ** 3;
const ACTIVATION_BYTES = 2;

/** Device memory from which vLLM gives a server larger steps, in GiB. */
const LARGE_DEVICE_GIB = 70;

/** Steps of a server when nothing is asked for (vLLM `EngineArgs.get_batch_defaults`, API server; A100 counts as small). */
export interface StepDefaults {
  /** Tokens in one step, over all requests (`max_num_batched_tokens`). */
  readonly batchedTokens: number;
  /** Requests in one step (`max_num_seqs`). */
  readonly sequences: number;
}

/** vLLM's steps on a device of some memory. */
export function stepDefaults(deviceGiB: number, deviceName: string | undefined): StepDefaults {
  const large = deviceGiB >= LARGE_DEVICE_GIB && deviceName !== 'a100';
  return large ? { batchedTokens: 8192, sequences: 1024 } : { batchedTokens: 2048, sequences: 256 };
}

/**
 * Bytes that the sampler takes for each entry of a logit row at its peak: 32-bit logits, their sorted copy with 64-bit
 * indices, probabilities and cumulative sums.
 *
 * Calibrated on peaks of vLLM's memory profile, which do not depend on the size of the model: with 1024 sequences on
 * H100 4.76 GiB for Llama-3.1-8B and 4.84 for 70B (vocabulary 128256), 5.56 for Qwen3-0.6B and 5.64 for 32B (151936),
 * 7.38 for gpt-oss-20b (201088) (llm-d-incubation/llm-d-planner, `capacity_planner.py`); with 256 sequences 1.26 for
 * Llama-3-8B (vllm-project/vllm#10511).
 */
const SAMPLER_BYTES = 39;

/** Width of the largest activation of a layer in tokens × hidden sizes, beside the feed-forward part. */
const RESIDUAL_COPIES = 4;

/**
 * Peak of activations on one rank, in GiB: the wider of the feed-forward part of one layer over all tokens of a step,
 * and the sampler over all requests of a step. They never live at the same time.
 */
export function activationGiB(architecture: ModelArchitecture, split: Split, batchedTokens: number, sequences: number): number {
  const { hiddenSize, intermediateSize = 4 * hiddenSize, moeIntermediateSize = 0, expertsPerToken = 0 } = architecture;
  const dense = (3 * intermediateSize) / split.tensor;
  const routed = expertsPerToken * (hiddenSize + (3 * moeIntermediateSize) / split.tensor);
  const layer = batchedTokens * (RESIDUAL_COPIES * hiddenSize + Math.max(dense, routed)) * ACTIVATION_BYTES;
  const sampler = sequences * (architecture.vocabularySize ?? DEFAULT_VOCABULARY) * SAMPLER_BYTES;
  return Math.max(layer, sampler) / BYTES_PER_GIB;
}

/** A usual vocabulary, for models that do not say theirs. */
const DEFAULT_VOCABULARY = 151_936;

/**
 * CUDA context, cuBLAS and attention workspaces, in GiB, and with several ranks the buffers of NCCL and of the custom
 * all-reduce: 0.15 with one rank and 0.6 with two (llm-d-planner, as above).
 */
export function runtimeGiB(ranks: number): number {
  if (ranks === 1) return 0.25;
  return 0.6 + 0.1 * Math.log2(ranks);
}

/**
 * Captured CUDA graphs, in GiB. Since 0.21 vLLM counts them inside its share of the memory.
 *
 * Calibrated on "Graph capturing finished … took" and "Estimated CUDA graph memory": 0.1 to 0.9 GiB for 28 to 80
 * layers.
 */
export function graphsGiB(architecture: ModelArchitecture, split: Split): number {
  return 0.2 + (0.008 * architecture.layers) / split.pipeline;
}

/** LoRA adapters in device memory on one rank, in GiB: two slim matrices for each of the seven projections of a layer. */
export function loraGiB(architecture: ModelArchitecture, split: Split, adapters: number, rank: number): number {
  if (adapters === 0) return 0;
  const { layers, hiddenSize, attentionHeads, intermediateSize = 4 * hiddenSize } = architecture;
  const headDim = architecture.headDim ?? Math.floor(hiddenSize / attentionHeads);
  const kvWidth = (architecture.kvHeads ?? attentionHeads) * headDim;
  const queryWidth = attentionHeads * headDim;
  const attention = 2 * (hiddenSize + queryWidth) + 2 * (hiddenSize + kvWidth);
  const feedForward = 3 * (hiddenSize + intermediateSize);
  const bytes = adapters * rank * layers * (attention + feedForward) * ACTIVATION_BYTES;
  return bytes / split.tensor / split.pipeline / BYTES_PER_GIB;
}
