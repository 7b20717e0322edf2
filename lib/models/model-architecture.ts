/** How attention shares its keys and values between heads: it decides the size of the KV cache. */
export enum AttentionKind {
  /** Multi-head: keys and values of their own for every head. */
  MHA = 'mha',
  /** Grouped-query: several heads share keys and values. */
  GQA = 'gqa',
  /** Multi-query: all heads share one set of keys and values. */
  MQA = 'mqa',
  /** Multi-head latent: one compressed latent for all heads, replicated on every tensor-parallel rank. */
  MLA = 'mla',
}

/**
 * The shape of a transformer: what a model's config.json says that memory depends on.
 */
export interface ModelArchitecture {
  /** Transformer layers (`num_hidden_layers`). */
  readonly layers: number;

  /** Width of the residual stream (`hidden_size`). */
  readonly hiddenSize: number;

  /** Query heads (`num_attention_heads`). */
  readonly attentionHeads: number;

  /**
   * Heads of keys and values (`num_key_value_heads`).
   * @default - as many as there are query heads
   */
  readonly kvHeads?: number;

  /**
   * Width of a head (`head_dim`). It is often not `hiddenSize / attentionHeads`: Qwen3-32B has 128, not 80.
   * @default - hiddenSize / attentionHeads
   */
  readonly headDim?: number;

  /**
   * How keys and values are shared.
   * @default - MLA with a 'kvLoraRank', else by the number of 'kvHeads'
   */
  readonly attention?: AttentionKind;

  /**
   * Width of the compressed latent of MLA (`kv_lora_rank`).
   * @default - no latent
   */
  readonly kvLoraRank?: number;

  /**
   * Width of the rotary part of the keys that MLA keeps beside the latent (`qk_rope_head_dim`).
   * @default 0
   */
  readonly qkRopeHeadDim?: number;

  /**
   * Tokens that a sliding-window or chunked layer looks back (`sliding_window`, `attention_chunk_size`).
   * @default - every layer sees the whole context
   */
  readonly slidingWindow?: number;

  /**
   * Layers with a sliding window.
   * @default - all that keep a cache when 'slidingWindow' is set, else 0
   */
  readonly slidingWindowLayers?: number;

  /**
   * Layers with full attention, in hybrid models whose other layers (linear attention, Mamba) keep a state of constant
   * size instead of a cache that grows with the context.
   * @default - all layers that have no sliding window
   */
  readonly fullAttentionLayers?: number;

  /**
   * Heads of keys and values in the full-attention layers, where they differ (Gemma 4: `num_global_key_value_heads`).
   * @default - kvHeads
   */
  readonly globalKvHeads?: number;

  /**
   * Width of a head in the full-attention layers, where it differs (Gemma 4: `global_head_dim`).
   * @default - headDim
   */
  readonly globalHeadDim?: number;

  /**
   * State of the linear-attention or Mamba layers in MiB a sequence, all layers together.
   * @default 0
   */
  readonly stateMiBPerSequence?: number;

  /**
   * Longest context (`max_position_embeddings`).
   * @default - not known
   */
  readonly maxPositions?: number;

  /**
   * Tokens of the vocabulary (`vocab_size`).
   * @default - not known
   */
  readonly vocabularySize?: number;

  /**
   * Whether input and output embeddings are one matrix (`tie_word_embeddings`).
   * @default false
   */
  readonly tiedEmbeddings?: boolean;

  /**
   * Width inside the feed-forward layers (`intermediate_size`).
   * @default - not known
   */
  readonly intermediateSize?: number;

  /**
   * Width inside one expert (`moe_intermediate_size`).
   * @default - not a mixture of experts, or not known
   */
  readonly moeIntermediateSize?: number;

  /**
   * Width at which experts read and write, where they work in a narrower space than the residual stream (Kimi K3:
   * `routed_expert_hidden_size`).
   * @default - hiddenSize
   */
  readonly expertHiddenSize?: number;

  /**
   * Feed-forward layers have two matrices instead of three: no gate (Nemotron-H).
   * @default false
   */
  readonly ungatedFeedForward?: boolean;

  /**
   * Routed experts of a mixture-of-experts layer.
   * @default 0 - dense
   */
  readonly experts?: number;

  /**
   * Experts that each token uses.
   * @default - not known
   */
  readonly expertsPerToken?: number;

  /**
   * Experts that every token uses.
   * @default 0
   */
  readonly sharedExperts?: number;

  /**
   * Layers that are mixtures of experts.
   * @default - all layers when there are experts
   */
  readonly moeLayers?: number;
}
