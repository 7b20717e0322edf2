import type { ModelArchitecture } from '../model-architecture';
import type { ConfigReader } from './config-reader';

const BYTES_PER_MIB = 1024 * 1024;

/** What a config.json says of which layers keep a cache of the context. */
export type LayerKinds = Pick<
  ModelArchitecture,
  'slidingWindow' | 'slidingWindowLayers' | 'fullAttentionLayers' | 'stateMiBPerSequence'
>;

/** Kinds of layers that keep a state of constant size (`layer_types`). Kinds that are not known count as full attention. */
const CONSTANT_KINDS: ReadonlySet<string> = new Set(['linear_attention', 'mamba', 'mamba2', 'recurrent', 'conv', 'short_conv']);

/** Kinds of layers that keep a window of the context (`layer_types`). */
const WINDOWED_KINDS: ReadonlySet<string> = new Set(['sliding_attention', 'chunked_attention', 'local_attention']);

/** Which layers keep a cache of the whole context, of a window, or a state of constant size. */
export function layerKinds(config: ConfigReader, layers: number): LayerKinds {
  const window = config.flag('use_sliding_window') === false ? undefined : config.count('sliding_window', 'attention_chunk_size');
  const { full, windowed } = countKinds(config, layers, window);
  return {
    slidingWindow: windowed > 0 ? window : undefined,
    slidingWindowLayers: windowed > 0 ? windowed : undefined,
    fullAttentionLayers: full,
    stateMiBPerSequence: gatedDeltaStateMiB(config, layers - full - windowed) ?? mambaStateMiB(config),
  };
}

interface KindCounts {
  readonly full: number;
  readonly windowed: number;
}

/** The ways families have to say it, the most explicit first. */
function countKinds(config: ConfigReader, layers: number, window: number | undefined): KindCounts {
  const ratios = config.numbers('compress_ratios');
  if (ratios) return compressed(ratios.slice(0, layers), layers, window);

  const kinds = config.strings('layer_types');
  if (kinds) {
    const windowed = kinds.filter((kind) => WINDOWED_KINDS.has(kind)).length;
    const constant = kinds.filter((kind) => CONSTANT_KINDS.has(kind)).length;
    return { full: kinds.length - windowed - constant, windowed };
  }

  const pattern = config.string('hybrid_override_pattern');
  if (pattern) return { full: occurrences(pattern, '*'), windowed: 0 };

  const linear = config.object('linear_attn_config');
  if (linear && Array.isArray(linear.full_attn_layers)) return { full: linear.full_attn_layers.length, windowed: 0 };

  const interval = config.count('full_attention_interval');
  if (interval) return { full: Math.floor(layers / interval), windowed: 0 };

  const everyNth = config.count('sliding_window_pattern');
  if (everyNth && window) return splitEvery(layers, everyNth);

  // Llama 4: three chunked layers, then one without positions that sees everything.
  if (config.count('attention_chunk_size')) return splitEvery(layers, 4);

  return window ? { full: 0, windowed: layers } : { full: layers, windowed: 0 };
}

function splitEvery(layers: number, nth: number): KindCounts {
  const full = Math.floor(layers / nth);
  return { full, windowed: layers - full };
}

/**
 * DeepSeek V4: every layer keeps a window, and most also one entry for every few tokens of the whole context. Those
 * count as the number of full layers that would keep as much.
 */
function compressed(ratios: number[], layers: number, window: number | undefined): KindCounts {
  const full = Math.ceil(ratios.reduce((sum, ratio) => sum + (ratio > 0 ? 1 / ratio : 0), 0));
  return { full, windowed: window ? layers : 0 };
}

/**
 * State of gated linear attention (Qwen3-Next, Qwen3.5): a matrix for each value head and the tail of a convolution, in
 * 16 bits. Source: vLLM `MambaStateShapeCalculator.gated_delta_net_state_shape`.
 */
function gatedDeltaStateMiB(config: ConfigReader, linearLayers: number): number | undefined {
  const valueHeads = config.count('linear_num_value_heads');
  const keyHeads = config.count('linear_num_key_heads');
  const valueDim = config.count('linear_value_head_dim');
  const keyDim = config.count('linear_key_head_dim');
  if (linearLayers <= 0 || !valueHeads || !keyHeads || !valueDim || !keyDim) return undefined;
  const kernel = config.count('linear_conv_kernel_dim') ?? 4;
  const recurrent = valueHeads * valueDim * keyDim;
  const convolution = (2 * keyHeads * keyDim + valueHeads * valueDim) * (kernel - 1);
  return (linearLayers * (recurrent + convolution) * 2) / BYTES_PER_MIB;
}

/** State of the Mamba-2 layers of Nemotron-H: heads × width × state, in 32 bits unless the config says otherwise. */
function mambaStateMiB(config: ConfigReader): number | undefined {
  const pattern = config.string('hybrid_override_pattern');
  const heads = config.count('mamba_num_heads');
  const width = config.count('mamba_head_dim');
  const state = config.count('ssm_state_size');
  if (!pattern || !heads || !width || !state) return undefined;
  const bytes = config.string('mamba_ssm_cache_dtype') === 'bfloat16' ? 2 : 4;
  return (occurrences(pattern, 'M') * heads * width * state * bytes) / BYTES_PER_MIB;
}

/** How often a letter is in the pattern of a hybrid model: `*` attention, `M` Mamba, `E` experts, `-` feed-forward. */
export function occurrences(pattern: string, letter: string): number {
  return pattern.split(letter).length - 1;
}
