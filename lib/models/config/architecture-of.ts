import { AttentionKind, type ModelArchitecture } from '../model-architecture';
import type { ModelOptions } from '../model-options';
import { ConfigReader } from './config-reader';
import { formatOf } from './format-of';
import { layerKinds, occurrences } from './layer-kinds';

/**
 * What a config.json of transformers says about memory.
 *
 * Models that see or hear keep the language model under `text_config`, which wins. Names differ between families; the
 * first that is there counts. Repositories in Mistral's own format have a params.json instead, which is not read.
 *
 * @throws when the text is not JSON, or lacks what every transformer has
 */
export function architectureOf(id: string, text: string): ModelOptions {
  const config = new ConfigReader(id, text);
  return { architecture: shape(config), format: formatOf(config) };
}

function shape(config: ConfigReader): ModelArchitecture {
  const layers = config.requireCount('num_hidden_layers', 'n_layer', 'num_layers');
  const hiddenSize = config.requireCount('hidden_size', 'n_embd', 'd_model');
  const attentionHeads = config.requireCount('num_attention_heads', 'n_head');
  const kvHeads = config.count('num_key_value_heads', 'num_kv_heads') ?? (config.flag('multi_query') ? 1 : attentionHeads);
  const kvLoraRank = config.count('kv_lora_rank');
  const experts = config.count('num_experts', 'num_local_experts', 'n_routed_experts');
  return {
    layers,
    hiddenSize,
    attentionHeads,
    kvHeads,
    headDim: config.count('head_dim') ?? Math.floor(hiddenSize / attentionHeads),
    attention: attentionKind(kvLoraRank, attentionHeads, kvHeads),
    kvLoraRank,
    qkRopeHeadDim: config.count('qk_rope_head_dim'),
    ...layerKinds(config, layers),
    globalKvHeads: config.count('num_global_key_value_heads'),
    globalHeadDim: config.count('global_head_dim'),
    maxPositions: config.count('max_position_embeddings', 'n_ctx', 'n_positions', 'seq_length', 'max_sequence_length'),
    vocabularySize: config.count('vocab_size'),
    tiedEmbeddings: config.flag('tie_word_embeddings'),
    intermediateSize: config.count('intermediate_size_mlp', 'intermediate_size', 'n_inner', 'ffn_hidden_size'),
    ungatedFeedForward: config.string('mlp_hidden_act') === 'relu2' ? true : undefined,
    ...(experts ? mixture(config, layers, experts) : {}),
  };
}

function attentionKind(kvLoraRank: number | undefined, attentionHeads: number, kvHeads: number): AttentionKind {
  if (kvLoraRank !== undefined) return AttentionKind.MLA;
  if (kvHeads === attentionHeads) return AttentionKind.MHA;
  return kvHeads === 1 ? AttentionKind.MQA : AttentionKind.GQA;
}

type Mixture = Pick<
  ModelArchitecture,
  'experts' | 'expertsPerToken' | 'sharedExperts' | 'moeIntermediateSize' | 'expertHiddenSize' | 'moeLayers'
>;

function mixture(config: ConfigReader, layers: number, experts: number): Mixture {
  const llama4 = config.count('intermediate_size_mlp') !== undefined; // one shared expert, which its config does not count
  return {
    experts,
    expertsPerToken: config.count('num_experts_per_tok', 'num_experts_per_token', 'top_k_experts', 'experts_per_token'),
    sharedExperts: config.count('n_shared_experts', 'num_shared_experts') ?? (llama4 ? 1 : undefined),
    moeIntermediateSize: config.count('moe_intermediate_size', 'intermediate_size'),
    expertHiddenSize: config.count('routed_expert_hidden_size', 'moe_latent_size'),
    moeLayers: moeLayers(config, layers),
  };
}

/** Layers whose feed-forward part is a mixture of experts. */
function moeLayers(config: ConfigReader, layers: number): number {
  const pattern = config.string('hybrid_override_pattern');
  if (pattern) return occurrences(pattern, 'E');
  const denseFirst = config.count('first_k_dense_replace') ?? 0;
  const step = config.count('interleave_moe_layer_step', 'decoder_sparse_step', 'moe_layer_freq') ?? 1;
  return Math.floor((layers - denseFirst) / step);
}
