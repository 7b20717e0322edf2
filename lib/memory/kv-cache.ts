import { AttentionKind, type ModelArchitecture } from '../models/model-architecture';
import type { Split } from './weights';

const BYTES_PER_GIB = 1024 ** 3;
const MIB_PER_GIB = 1024;

/** Tokens of one block of the paged cache (vLLM's default). */
const BLOCK_TOKENS = 16;

/** The layers of a model by what they keep of the context. */
export interface CacheLayers {
  /** Layers that keep the whole context. */
  readonly full: number;
  /** Layers that keep a window of it. */
  readonly windowed: number;
  /** Layers that keep a state of constant size. */
  readonly constant: number;
}

/** How attention shares its keys and values. */
export function attentionKind(architecture: ModelArchitecture): AttentionKind {
  if (architecture.attention) return architecture.attention;
  if (architecture.kvLoraRank) return AttentionKind.MLA;
  const kvHeads = architecture.kvHeads ?? architecture.attentionHeads;
  if (kvHeads === architecture.attentionHeads) return AttentionKind.MHA;
  return kvHeads === 1 ? AttentionKind.MQA : AttentionKind.GQA;
}

/** The layers of a model by what they keep of the context. */
export function cacheLayers(architecture: ModelArchitecture): CacheLayers {
  const { layers, slidingWindow, fullAttentionLayers } = architecture;
  const windowed = architecture.slidingWindowLayers ?? (slidingWindow ? layers - (fullAttentionLayers ?? 0) : 0);
  const full = fullAttentionLayers ?? layers - windowed;
  return { full, windowed, constant: Math.max(0, layers - full - windowed) };
}

/**
 * Bytes that one token takes in one layer on one rank.
 *
 * - Latent attention (MLA) keeps one latent for all heads, so every tensor-parallel rank holds all of it.
 * - Otherwise each rank holds its share of the key and value heads, and at least one: with fewer heads than ranks they
 *   are replicated.
 */
export function bytesPerTokenLayer(architecture: ModelArchitecture, cacheBytes: number, tensor: number, global: boolean): number {
  if (attentionKind(architecture) === AttentionKind.MLA) {
    return ((architecture.kvLoraRank ?? 0) + (architecture.qkRopeHeadDim ?? 0)) * cacheBytes;
  }
  const headDim = architecture.headDim ?? Math.floor(architecture.hiddenSize / architecture.attentionHeads);
  const kvHeads = architecture.kvHeads ?? architecture.attentionHeads;
  const heads = global ? (architecture.globalKvHeads ?? kvHeads) : kvHeads;
  const width = global ? (architecture.globalHeadDim ?? headDim) : headDim;
  return 2 * Math.max(1, heads / tensor) * width * cacheBytes;
}

/** Bytes that one more token of context takes over the whole model, before any split. */
export function bytesPerToken(architecture: ModelArchitecture, cacheBytes = 2): number {
  return cacheLayers(architecture).full * bytesPerTokenLayer(architecture, cacheBytes, 1, true);
}

/** The cache of a model on one rank. */
export class KvCache {
  private readonly stage: number;

  constructor(
    private readonly architecture: ModelArchitecture,
    private readonly cacheBytes: number,
    private readonly split: Split,
    private readonly maxBatchedTokens: number,
  ) {
    this.stage = Math.ceil(architecture.layers / split.pipeline) / architecture.layers;
  }

  /**
   * Cache on the fullest rank, in GiB, when some requests of some length are in flight in one replica.
   *
   * Data-parallel copies share the requests. A windowed layer keeps its window for each request and, while a prompt is
   * read, the tokens of one step more.
   */
  public perRankGiB(contextLength: number, concurrency: number): number {
    const requests = Math.ceil(concurrency / this.split.data);
    return (requests * this.requestBytes(contextLength) + this.promptBytes(contextLength)) / BYTES_PER_GIB;
  }

  /** The longest context, in tokens, of requests in flight that a cache of some GiB holds. */
  public maxContext(availableGiB: number, concurrency: number, limit: number): number {
    let low = 0;
    let high = limit;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.perRankGiB(middle, concurrency) <= availableGiB) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How many requests of some length a cache of some GiB on each rank holds, over one replica. */
  public maxConcurrency(availableGiB: number, contextLength: number): number {
    const left = availableGiB * BYTES_PER_GIB - this.promptBytes(contextLength);
    return Math.max(0, Math.floor(left / this.requestBytes(contextLength))) * this.split.data;
  }

  private requestBytes(contextLength: number): number {
    const { full, windowed } = cacheLayers(this.architecture);
    const context = roundUpToBlock(contextLength);
    const window = roundUpToBlock(Math.min(contextLength, this.architecture.slidingWindow ?? contextLength));
    const state = (this.architecture.stateMiBPerSequence ?? 0) / MIB_PER_GIB / this.split.tensor;
    return this.stage * (full * context * this.layerBytes(true) + windowed * window * this.layerBytes(false) + state * BYTES_PER_GIB);
  }

  private promptBytes(contextLength: number): number {
    const beyondWindow = Math.max(0, contextLength - (this.architecture.slidingWindow ?? contextLength));
    const tokens = roundUpToBlock(Math.min(this.maxBatchedTokens, beyondWindow));
    return this.stage * cacheLayers(this.architecture).windowed * tokens * this.layerBytes(false);
  }

  private layerBytes(global: boolean): number {
    return bytesPerTokenLayer(this.architecture, this.cacheBytes, this.split.tensor, global);
  }
}

function roundUpToBlock(tokens: number): number {
  return Math.ceil(tokens / BLOCK_TOKENS) * BLOCK_TOKENS;
}
