import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Accelerator } from '../../lib/accelerators';
import { countParameters } from '../../lib/memory/weights';
import { AttentionKind, Model, type ModelArchitecture, ModelTask, WeightsFormat } from '../../lib/models';
import { Parallelism } from '../../lib/parallelism';
import { Placement } from '../../lib/placement';

const ALL = Model.catalogue().map((id) => Model.huggingFace(id));
const DNS_LABEL = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Rows of a table: the id for its name, and the model. */
function rows(models: Model[]): [string, Model][] {
  return models.map((model) => [model.id, model]);
}

/** The shape of a model that must have one. */
function shape(model: Model): ModelArchitecture {
  if (!model.architecture) throw new Error(`${model.id} has no shape`);
  return model.architecture;
}

/** A config.json with one override. */
function config(overrides: object = {}): string {
  return JSON.stringify({
    num_hidden_layers: 32,
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14_336,
    vocab_size: 128_256,
    max_position_embeddings: 131_072,
    torch_dtype: 'bfloat16',
    ...overrides,
  });
}

/** The shape that is read from a config.json with one override. */
function shapeOf(overrides: object): ModelArchitecture {
  return shape(Model.fromConfig('acme/model', config(overrides)));
}

describe('the catalogue', () => {
  test.each(rows(ALL))('%s is complete, and its recommendation fits', (_id, model) => {
    expect(model.slug).toMatch(DNS_LABEL);
    expect(model.servedName).toBe(model.id);
    expect(model.parametersBillions ?? model.weightsGiB).toBeGreaterThan(0);
    const { instanceType = '', nodes, tensor, pipeline, data, expert } = model.recommendation ?? {};
    const placement = Placement.require({
      model,
      nodes,
      accelerator: Accelerator.fromInstanceType(instanceType),
      parallelism: Parallelism.of({ tensor, pipeline, data, expert }),
    });
    if (model.task !== ModelTask.TEXT_GENERATION) return;
    expect(placement.maxContextLength).toBeGreaterThanOrEqual(Math.min(8192, shape(model).maxPositions ?? 0));
  });

  // A shape that is copied wrong does not add up to the parameters that the publisher names.
  const counted = ALL.filter((model) => model.parametersBillions && countParameters(model.architecture));
  test.each(rows(counted))('%s: its shape adds up to its parameters', (_id, model) => {
    const billions = (countParameters(model.architecture) ?? NaN) / 1e9;
    // vision towers, linear attention and multi-token prediction are not in the count
    expect(Math.abs(billions / (model.parametersBillions ?? NaN) - 1)).toBeLessThan(0.16);
  });

  // Files hold what the parameters weigh.
  const weighed = ALL.filter((model) => model.weightsGiB && model.parametersBillions);
  test.each(rows(weighed))('%s: its files weigh what its format says', (id, { parametersBillions, format, architecture, weightsGiB }) => {
    const stated = Model.huggingFace(`any/${id.split('/')[1]}`, { parametersBillions, format, architecture });
    const whole = { model: stated, accelerator: Accelerator.P5_4XLARGE, parallelism: Parallelism.of({ tensor: 1 }) };
    expect(Math.abs(Placement.plan(whole).weightsGiB / (weightsGiB ?? NaN) - 1)).toBeLessThan(0.3);
  });

  test('has every member of Model', () => {
    const members = Object.values(Model).filter((member) => member instanceof Model);
    expect(members.length).toBeGreaterThan(20);
    for (const member of members) expect(Model.catalogue()).toContain(member.id);
  });

  test('tells repository and weights apart where a repository has every format twice', () => {
    expect(Model.GPT_OSS_120B.weightsGiB).toBeCloseTo(60.77);
    expect(Model.GPT_OSS_120B.repositoryGiB).toBeCloseTo(121.54);
  });

  test('names the nearest ids', () => {
    expect(Model.nearest('Qwen/Qwen3-8b')[0]).toBe('Qwen/Qwen3-8B');
  });
});

describe('a model', () => {
  test('takes the catalogue’s facts, with options on top', () => {
    const model = Model.huggingFace('meta-llama/Llama-3.1-8B-Instruct', { servedName: 'chat', revision: 'abc123', gated: undefined });
    expect(model).toMatchObject({ servedName: 'chat', revision: 'abc123', gated: true, weightsGiB: 14.96 });
    expect(Model.huggingFace(model.id, { gated: false }).gated).toBe(false);
  });

  test('that is not known has defaults and no facts', () => {
    const model = Model.huggingFace('acme/Assistant_v1.5');
    expect(model).toMatchObject({
      servedName: 'acme/Assistant_v1.5',
      slug: 'assistant-v1-5',
      gated: false,
      format: 'bf16',
      task: 'text-generation',
    });
    expect([model.architecture, model.weightsGiB, model.recommendation]).toEqual([undefined, undefined, undefined]);
  });

  test.each([
    ['acme/1b', 'm-1b'],
    ['acme/---', 'm'],
    [`acme/${'very-long-name-'.repeat(5)}`, 'very-long-name-very-long-name-very-long'],
  ])('%p has the short name %p', (id, slug) => {
    expect(Model.huggingFace(id).slug).toBe(slug);
    expect(slug).toMatch(DNS_LABEL);
  });

  test.each(['Qwen3-8B', 'a/b/c', '/b', 'a/', 'a b/c', '../x', 'https://huggingface.co/a/b'])('fails for %p', (id) => {
    expect(() => Model.huggingFace(id)).toThrow(`'id' (${id}) must be a repository id of the form owner/name, such as Qwen/Qwen3-8B`);
  });

  test.each([
    ['weightsGiB', 0],
    ['parametersBillions', -1],
    ['activeParametersBillions', Infinity],
    ['repositoryGiB', NaN],
  ])('fails when %p is %p', (prop, value) => {
    expect(() => Model.huggingFace('acme/model', { [prop]: value })).toThrow(`'${prop}' (${value}) must be greater than 0`);
  });

  test('fails with an empty name', () => {
    expect(() => Model.huggingFace('acme/model', { servedName: '' })).toThrow("'servedName' of acme/model must not be empty");
  });
});

describe('config.json', () => {
  test('of Llama', () => {
    expect(Model.fromConfig('acme/model', config())).toMatchObject({
      format: WeightsFormat.BF16,
      architecture: {
        layers: 32,
        hiddenSize: 4096,
        attentionHeads: 32,
        kvHeads: 8,
        headDim: 128,
        attention: AttentionKind.GQA,
        fullAttentionLayers: 32,
        maxPositions: 131_072,
        vocabularySize: 128_256,
        intermediateSize: 14_336,
      },
    });
  });

  test('agrees with the catalogue', () => {
    const text = config({ torch_dtype: undefined, dtype: 'bfloat16' });
    const read = Model.fromConfig('acme/llama', text);
    expect(countParameters(read.architecture)).toBeCloseTo(8.03e9, -7);
  });

  test.each<[string, object, object]>([
    ['head_dim, which is not the quotient', { head_dim: 80 }, { headDim: 80 }],
    ['the quotient without head_dim', {}, { headDim: 128 }],
    ['one head of keys for multi_query', { num_key_value_heads: undefined, multi_query: true }, { kvHeads: 1, attention: 'mqa' }],
    ['as many heads of keys when nothing is said', { num_key_value_heads: undefined }, { kvHeads: 32, attention: 'mha' }],
    ['latent attention', { kv_lora_rank: 512, qk_rope_head_dim: 64 }, { attention: 'mla', kvLoraRank: 512, qkRopeHeadDim: 64 }],
    [
      'the language model of a multimodal one',
      { hidden_size: 1, text_config: { hidden_size: 5120, num_hidden_layers: 62 } },
      { hiddenSize: 5120, layers: 62 },
    ],
    [
      'layers by kind',
      { num_hidden_layers: 4, layer_types: ['linear_attention', 'linear_attention', 'linear_attention', 'full_attention'] },
      { fullAttentionLayers: 1 },
    ],
    [
      'sparse attention as full',
      { num_hidden_layers: 2, layer_types: ['deepseek_sparse_attention', 'deepseek_sparse_attention'] },
      { fullAttentionLayers: 2 },
    ],
    [
      'alternating windows',
      { num_hidden_layers: 2, sliding_window: 128, layer_types: ['sliding_attention', 'full_attention'] },
      { slidingWindow: 128, slidingWindowLayers: 1, fullAttentionLayers: 1 },
    ],
    ['a window on every layer', { sliding_window: 4096 }, { slidingWindowLayers: 32, fullAttentionLayers: 0 }],
    [
      'a window that is switched off',
      { sliding_window: 4096, use_sliding_window: false },
      { slidingWindow: undefined, fullAttentionLayers: 32 },
    ],
    ['five windows to one', { sliding_window: 1024, sliding_window_pattern: 6 }, { slidingWindowLayers: 27, fullAttentionLayers: 5 }],
    ['Llama 4’s chunks', { attention_chunk_size: 8192 }, { slidingWindow: 8192, slidingWindowLayers: 24, fullAttentionLayers: 8 }],
    ['every fourth layer', { full_attention_interval: 4 }, { fullAttentionLayers: 8 }],
    ['Kimi’s list of layers', { linear_attn_config: { full_attn_layers: [4, 8] } }, { fullAttentionLayers: 2 }],
    [
      'DeepSeek V4’s compression',
      { num_hidden_layers: 4, sliding_window: 128, compress_ratios: [0, 4, 4, 128] },
      { fullAttentionLayers: 1, slidingWindowLayers: 4 },
    ],
    [
      'Nemotron’s pattern',
      { num_hidden_layers: 5, hybrid_override_pattern: 'MEM*E', n_routed_experts: 8, moe_intermediate_size: 64 },
      { fullAttentionLayers: 1, moeLayers: 2 },
    ],
    [
      'a mixture of experts',
      { num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 768 },
      { experts: 128, expertsPerToken: 8, moeIntermediateSize: 768, moeLayers: 32 },
    ],
    ['Mixtral’s names', { num_local_experts: 8 }, { experts: 8, moeIntermediateSize: 14_336 }],
    [
      'DeepSeek’s names',
      { n_routed_experts: 256, n_shared_experts: 1, first_k_dense_replace: 3, moe_intermediate_size: 2048 },
      { experts: 256, sharedExperts: 1, moeLayers: 29 },
    ],
    ['narrow experts', { num_experts: 8, routed_expert_hidden_size: 512, moe_intermediate_size: 64 }, { expertHiddenSize: 512 }],
    [
      'different heads for global layers',
      { num_global_key_value_heads: 2, global_head_dim: 512 },
      { globalKvHeads: 2, globalHeadDim: 512 },
    ],
    ['old names of the context', { max_position_embeddings: undefined, n_ctx: 2048 }, { maxPositions: 2048 }],
    ['tied embeddings', { tie_word_embeddings: true }, { tiedEmbeddings: true }],
  ])('says %s', (_name, overrides, expected) => {
    expect(shapeOf(overrides)).toMatchObject(expected);
  });

  test('says what a linear layer keeps of a sequence', () => {
    const linear = {
      full_attention_interval: 4,
      linear_num_value_heads: 48,
      linear_num_key_heads: 16,
      linear_value_head_dim: 128,
      linear_key_head_dim: 128,
      linear_conv_kernel_dim: 4,
    };
    // 24 layers × (48 × 128 × 128 + (2 × 16 × 128 + 48 × 128) × 3) numbers of 2 bytes
    expect(shapeOf(linear).stateMiBPerSequence).toBeCloseTo((24 * (786_432 + 30_720) * 2) / 1024 ** 2);
  });

  test('with numbers that only Python writes', () => {
    const text = config({ time_step_limit: ['0.0', 'INF'], x: 'NAN' })
      .replace('"INF"', 'Infinity')
      .replace('"NAN"', 'NaN');
    expect(() => JSON.parse(text)).toThrow();
    expect(shape(Model.fromConfig('acme/model', text)).layers).toBe(32);
  });

  test.each<[object | undefined, WeightsFormat]>([
    [undefined, WeightsFormat.BF16],
    [{ quant_method: 'fp8', weight_block_size: [128, 128] }, WeightsFormat.FP8_BLOCK128],
    [{ quant_method: 'fp8' }, WeightsFormat.FP8],
    [{ quant_method: 'fbgemm_fp8' }, WeightsFormat.FP8],
    [{ quant_method: 'awq', bits: 4, group_size: 128 }, WeightsFormat.AWQ_INT4],
    [{ quant_method: 'gptq', bits: 4 }, WeightsFormat.GPTQ_INT4],
    [{ quant_method: 'gptq', bits: 8 }, WeightsFormat.INT8],
    [{ quant_method: 'mxfp4' }, WeightsFormat.MXFP4],
    [{ quant_method: 'bitsandbytes', load_in_4bit: true }, WeightsFormat.NF4],
    [{ quant_method: 'bitsandbytes', load_in_8bit: true }, WeightsFormat.INT8],
    [{ quant_method: 'modelopt', quant_algo: 'NVFP4' }, WeightsFormat.NVFP4],
    [{ quant_algo: 'FP8', producer: { name: 'modelopt' } }, WeightsFormat.FP8],
    [{ quant_method: 'compressed-tensors', config_groups: { g: { weights: { num_bits: 4, type: 'int' } } } }, WeightsFormat.INT4],
    [{ quant_method: 'compressed-tensors', config_groups: { g: { weights: { num_bits: 8, type: 'float' } } } }, WeightsFormat.FP8],
    [{ quant_method: 'compressed-tensors', config_groups: { g: { weights: { num_bits: 8, type: 'int' } } } }, WeightsFormat.INT8],
    [{ quant_method: 'compressed-tensors', format: 'nvfp4-pack-quantized' }, WeightsFormat.NVFP4],
    [{ quant_method: 'compressed-tensors', format: 'mxfp4-pack-quantized' }, WeightsFormat.MXFP4],
  ])('with quantization %j is %s', (quantization_config, format) => {
    expect(Model.fromConfig('acme/model', config({ quantization_config })).format).toBe(format);
  });

  test.each([
    ['float32', WeightsFormat.FP32],
    ['float16', WeightsFormat.FP16],
    ['bfloat16', WeightsFormat.BF16],
  ])('with the dtype %s is %s', (dtype, format) => {
    expect(Model.fromConfig('acme/model', config({ dtype, torch_dtype: undefined })).format).toBe(format);
  });

  test('options win over the file', () => {
    expect(Model.fromConfig('acme/model', config(), { format: WeightsFormat.FP8, weightsGiB: 7 })).toMatchObject({
      format: 'fp8',
      weightsGiB: 7,
    });
  });

  test.each([
    ['no JSON', '{', /'config' of acme\/model is not JSON/],
    ['a list', '[]', /'config' of acme\/model must be a JSON object/],
    ['no transformer', '{}', /'config' of acme\/model has no 'num_hidden_layers': pass 'architecture' to Model\.huggingFace\(\) instead/],
    [
      'an unknown quantization',
      config({ quantization_config: { quant_method: 'quip' } }),
      /the quantization method 'quip', which is not known/,
    ],
  ])('fails for %s', (_name, text, message) => {
    expect(() => Model.fromConfig('acme/model', text)).toThrow(message);
  });
});

test('every model of the catalogue names its source', () => {
  const folder = join(__dirname, '../../lib/models/catalogue');
  for (const file of ['deepseek', 'google', 'llama', 'mistral', 'moonshot', 'openai', 'others', 'qwen']) {
    const text = readFileSync(join(folder, `${file}.ts`), 'utf8');
    expect(text.match(/^ {4}source: '.+',$/gm)).toHaveLength(text.match(/^ {4}id: /gm)?.length ?? 0);
  }
});
