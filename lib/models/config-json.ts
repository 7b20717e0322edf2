import { AttentionKind, type ModelArchitecture } from './model-architecture';
import type { ModelOptions } from './model-options';
import { WeightsFormat } from './weights-format';

/** A JSON object whose fields are not known to exist or to have the right type. */
type Json = { readonly [field: string]: unknown };

/**
 * What a config.json of transformers says about memory.
 *
 * Models that see or hear keep the language model under `text_config`, which wins. Names differ between families; the
 * first that is there counts. Repositories in Mistral's own format have a params.json instead, which is not read.
 *
 * @throws when the text is not JSON, or lacks what every transformer has
 */
export function architectureOf(id: string, text: string): ModelOptions {
  const config = new Config(id, text);
  const architecture = shape(config);
  return {
    architecture,
    format: format(config),
  };
}

function shape(config: Config): ModelArchitecture {
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
    maxPositions: config.count('max_position_embeddings', 'n_ctx', 'n_positions', 'seq_length', 'max_sequence_length'),
    vocabularySize: config.count('vocab_size'),
    tiedEmbeddings: config.flag('tie_word_embeddings'),
    intermediateSize: config.count('intermediate_size', 'n_inner', 'ffn_hidden_size'),
    moeIntermediateSize: experts ? config.count('moe_intermediate_size', 'intermediate_size') : undefined,
    experts,
    expertsPerToken: experts ? config.count('num_experts_per_tok', 'num_experts_per_token', 'top_k_experts', 'experts_per_token') : undefined,
    sharedExperts: config.count('n_shared_experts', 'num_shared_experts'),
    moeLayers: experts ? moeLayers(config, layers) : undefined,
  };
}

function attentionKind(kvLoraRank: number | undefined, attentionHeads: number, kvHeads: number): AttentionKind {
  if (kvLoraRank !== undefined) return AttentionKind.MLA;
  if (kvHeads === attentionHeads) return AttentionKind.MHA;
  return kvHeads === 1 ? AttentionKind.MQA : AttentionKind.GQA;
}

type LayerKinds = Pick<
  ModelArchitecture,
  'slidingWindow' | 'slidingWindowLayers' | 'fullAttentionLayers' | 'globalKvHeads' | 'globalHeadDim' | 'stateMiBPerSequence'
>;

/** Which layers keep a cache of the whole context, of a window, or a state of constant size. */
function layerKinds(config: Config, layers: number): LayerKinds {
  const slidingWindow = config.flag('use_sliding_window') === false ? undefined : config.count('sliding_window', 'attention_chunk_size');
  const kinds = config.strings('layer_types');
  const interval = config.count('full_attention_interval');
  const pattern = config.count('sliding_window_pattern');
  const linear = config.object('linear_attn_config');

  let full = layers;
  let windowed = 0;
  if (kinds) {
    full = kinds.filter(kind => kind === 'full_attention' || kind === 'attention').length;
    windowed = kinds.filter(kind => kind === 'sliding_attention' || kind === 'chunked_attention').length;
  } else if (linear && Array.isArray(linear.full_attn_layers)) {
    full = linear.full_attn_layers.length;
  } else if (interval) {
    full = Math.floor(layers / interval);
  } else if (pattern && slidingWindow) {
    full = Math.floor(layers / pattern);
    windowed = layers - full;
  } else if (config.count('attention_chunk_size')) {
    // Llama 4: every fourth layer attends globally (no_rope_layers, 'nope' every fourth).
    full = Math.floor(layers / 4);
    windowed = layers - full;
  } else if (slidingWindow) {
    full = 0;
    windowed = layers;
  }
  return {
    slidingWindow: windowed > 0 ? slidingWindow : undefined,
    slidingWindowLayers: windowed > 0 ? windowed : undefined,
    fullAttentionLayers: full,
    globalKvHeads: config.count('num_global_key_value_heads'),
    globalHeadDim: config.count('global_head_dim'),
    stateMiBPerSequence: linearStateMiB(config, layers - full - windowed),
  };
}

const BYTES_PER_MIB = 1024 * 1024;

/**
 * State of gated linear attention (Qwen3-Next, Qwen3.5): a matrix per value head and the tail of a convolution, in
 * 16 bits. Source: vLLM `MambaStateShapeCalculator.gated_delta_net_state_shape`.
 */
function linearStateMiB(config: Config, linearLayers: number): number | undefined {
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

/** Layers whose feed-forward part is a mixture of experts. */
function moeLayers(config: Config, layers: number): number {
  const denseFirst = config.count('first_k_dense_replace') ?? 0;
  const step = config.count('interleave_moe_layer_step', 'decoder_sparse_step', 'moe_layer_freq') ?? 1;
  return Math.floor((layers - denseFirst) / step);
}

function format(config: Config): WeightsFormat {
  const quantization = config.object('quantization_config');
  if (!quantization) return dtype(config);
  const method = String(quantization.quant_method ?? '').toLowerCase();
  const bits = Number(quantization.bits ?? quantization.w_bit ?? 4);
  switch (method) {
    case 'fp8':
      return quantization.weight_block_size ? WeightsFormat.FP8_BLOCK128 : WeightsFormat.FP8;
    case 'fbgemm_fp8':
      return WeightsFormat.FP8;
    case 'mxfp4':
      return WeightsFormat.MXFP4;
    case 'awq':
      return WeightsFormat.AWQ_INT4;
    case 'gptq':
      return bits === 8 ? WeightsFormat.INT8 : WeightsFormat.GPTQ_INT4;
    case 'bitsandbytes':
      return quantization.load_in_8bit ? WeightsFormat.INT8 : WeightsFormat.NF4;
    case 'modelopt':
    case 'modelopt_fp4':
      return /fp4/i.test(`${quantization.quant_algo ?? method}`) ? WeightsFormat.NVFP4 : WeightsFormat.FP8;
    case 'compressed-tensors':
      return compressedTensors(quantization);
    default:
      throw new Error(
        `'config' of ${config.id} has the quantization method '${method}', which is not known: pass 'format' and 'weightsGiB' to Model.huggingFace() instead`,
      );
  }
}

function compressedTensors(quantization: Json): WeightsFormat {
  const text = JSON.stringify(quantization);
  if (/mxfp4/.test(text)) return WeightsFormat.MXFP4;
  if (/nvfp4/.test(text)) return WeightsFormat.NVFP4;
  if (/"num_bits":4/.test(text)) return WeightsFormat.INT4;
  return /"type":"float"/.test(text) ? WeightsFormat.FP8 : WeightsFormat.INT8;
}

function dtype(config: Config): WeightsFormat {
  switch (config.string('dtype', 'torch_dtype')) {
    case 'float32':
      return WeightsFormat.FP32;
    case 'float16':
      return WeightsFormat.FP16;
    default:
      return WeightsFormat.BF16;
  }
}

/** Reads fields of a config.json, the language model's first. */
class Config {
  private readonly scopes: Json[];

  constructor(
    public readonly id: string,
    text: string,
  ) {
    let root: unknown;
    try {
      root = JSON.parse(text);
    } catch (error) {
      throw new Error(`'config' of ${id} is not JSON (${(error as Error).message}): pass the text of its config.json`);
    }
    if (!isObject(root)) throw new Error(`'config' of ${id} must be a JSON object: pass the text of its config.json`);
    const nested = [root.text_config, root.llm_config, root.language_config].filter(isObject);
    this.scopes = [...nested, root];
  }

  public count(...names: string[]): number | undefined {
    return this.find(names, value => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined));
  }

  public requireCount(...names: string[]): number {
    const value = this.count(...names);
    if (value === undefined) {
      throw new Error(`'config' of ${this.id} has no '${names[0]}': pass 'architecture' to Model.huggingFace() instead`);
    }
    return value;
  }

  public flag(name: string): boolean | undefined {
    return this.find([name], value => (typeof value === 'boolean' ? value : undefined));
  }

  public string(...names: string[]): string | undefined {
    return this.find(names, value => (typeof value === 'string' ? value : undefined));
  }

  public strings(name: string): string[] | undefined {
    return this.find([name], value => (Array.isArray(value) ? value.map(String) : undefined));
  }

  public object(name: string): Json | undefined {
    return this.find([name], value => (isObject(value) ? value : undefined));
  }

  private find<T>(names: string[], read: (value: unknown) => T | undefined): T | undefined {
    for (const scope of this.scopes) {
      for (const name of names) {
        const value = read(scope[name]);
        if (value !== undefined) return value;
      }
    }
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
