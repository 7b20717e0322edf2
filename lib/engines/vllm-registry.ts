import { nearestNames } from '../nearest-names';

/**
 * Names that the pinned vLLM knows. Its argument parser takes any text for these and fails later, when the model is
 * loaded; so they are checked here.
 *
 * Source: the registries of vLLM 0.31.0 (`vllm/tool_parsers`, `vllm/reasoning`, `vllm/config/speculative.py`,
 * `vllm/model_executor/layers/quantization`).
 */
export const VLLM_TOOL_PARSERS = [
  'apertus', 'cohere_command3', 'cohere_command4', 'deepseek_v3', 'deepseek_v31', 'deepseek_v32', 'deepseek_v4', 'deepseek_v41', 'dots',
  'ernie45', 'functiongemma', 'gemma4', 'gigachat3', 'glm45', 'glm47', 'granite', 'granite-20b-fc', 'granite4', 'hermes', 'hunyuan_a13b',
  'hy_v3', 'hy_v4', 'inkling', 'internlm', 'jamba', 'k2_horizon', 'kimi_k2', 'kimi_k3', 'lfm2', 'ling3', 'llama3_json', 'llama4_json',
  'llama4_pythonic', 'longcat', 'mimo', 'minicpm5', 'minimax_m2', 'minimax_m3', 'mistral', 'muse_glimmer', 'olmo3', 'openai',
  'phi4_mini_json', 'poolside_v1', 'pythonic', 'qwen3_coder', 'qwen3_xml', 'seed_oss', 'step3', 'step3p5', 'xlam',
];

export const VLLM_REASONING_PARSERS = [
  'cohere_command3', 'cohere_command4', 'deepseek_r1', 'deepseek_v3', 'deepseek_v4', 'deepseek_v41', 'ernie45', 'gemma4', 'glm45', 'glm47',
  'granite', 'granite_thinking_parser', 'holo2', 'hunyuan_a13b', 'hy_v3', 'hy_v4', 'inkling', 'k2_horizon', 'kimi_k2', 'kimi_k3', 'ling3',
  'mimo', 'minimax_m2', 'minimax_m2_append_think', 'minimax_m3', 'mistral', 'muse_glimmer', 'nemotron_v3', 'olmo3', 'openai_gptoss',
  'poolside_v1', 'qwen3', 'seed_oss', 'step3', 'step3p5',
];

export const VLLM_SPECULATIVE_METHODS = [
  'dflash', 'dspark', 'draft_model', 'eagle', 'eagle3', 'medusa', 'mlp_speculator', 'mtp', 'ngram', 'ngram_gpu', 'suffix',
];

export const VLLM_QUANTIZATIONS = [
  'auto_awq', 'auto_gptq', 'awq', 'awq_marlin', 'compressed-tensors', 'experts_int8', 'fp8', 'fp8_per_block', 'fp8_per_channel',
  'fp8_per_tensor', 'gpt_oss_mxfp4', 'gptq', 'gptq_marlin', 'humming', 'inc', 'int8_per_channel_weight_only', 'modelopt', 'modelopt_fp4',
  'modelopt_mixed', 'modelopt_mxfp8', 'moe_wna16', 'mxfp4', 'mxfp8', 'nvfp4_per_token', 'online', 'quark', 'torchao',
];

export const VLLM_STRUCTURED_OUTPUTS_BACKENDS = ['auto', 'guidance', 'lm-format-enforcer', 'outlines', 'xgrammar'];

/**
 * Checks a name against what the pinned image knows. With an image of one's own anything may be right.
 *
 * @param prop the property, in the words of the user
 * @throws when the name is not known, naming the nearest
 */
export function requireKnown(prop: string, value: string | undefined, known: string[], ownImage: string | undefined): void {
  if (value === undefined || ownImage !== undefined || known.includes(value)) return;
  const containing = known.filter((name) => name.includes(value));
  const suggestions = [...new Set([...containing, ...nearestNames(value, known)])].slice(0, 3);
  throw new Error(
    `'${prop}' (${value}) is not known to the image of this library: did you mean ${suggestions.join(', ')}? ` +
      "For a newer engine, set 'image' as well",
  );
}

/** Tool parsers that came after vLLM 0.16, by the oldest image of this library that has them. */
const LATER_TOOL_PARSERS: { readonly [minor: number]: string[] } = {
  24: [
    'apertus', 'cohere_command3', 'cohere_command4', 'deepseek_v4', 'gemma4', 'granite4', 'hy_v3', 'lfm2', 'mimo', 'minicpm5',
    'minimax_m3', 'poolside_v1',
  ],
  27: ['inkling', 'kimi_k3'],
  28: ['dots', 'ling3', 'muse_glimmer'],
  31: ['deepseek_v41', 'hy_v4', 'k2_horizon'],
};

/** Reasoning parsers that came after vLLM 0.16, by the oldest image of this library that has them. */
const LATER_REASONING_PARSERS: { readonly [minor: number]: string[] } = {
  24: [
    'cohere_command3', 'cohere_command4', 'deepseek_v4', 'gemma4', 'glm47', 'hy_v3', 'mimo', 'minimax_m3', 'nemotron_v3',
    'poolside_v1',
  ],
  27: ['inkling', 'kimi_k3'],
  28: ['ling3', 'muse_glimmer'],
  31: ['deepseek_v41', 'granite_thinking_parser', 'hy_v4', 'k2_horizon'],
};

/** The parsers of a container. */
export interface Parsers {
  /** Parser of tool calls. */
  readonly toolCallParser?: string;
  /** Parser of reasoning. */
  readonly reasoningParser?: string;
}

/**
 * Checks parsers against the vLLM of the image for an accelerator, which is older on some.
 *
 * @param minor the vLLM in the image: 24 for 0.24
 * @throws when a parser came later
 */
export function requireParsers(parsers: Parsers, minor: number, where: string): void {
  for (const [prop, name, later] of [
    ['toolCallParser', parsers.toolCallParser, LATER_TOOL_PARSERS],
    ['reasoningParser', parsers.reasoningParser, LATER_REASONING_PARSERS],
  ] as const) {
    const tooLate = Object.entries(later).some(([since, names]) => Number(since) > minor && names.includes(name ?? ''));
    if (tooLate) {
      throw new Error(`'${prop}' (${name}) is not in vLLM 0.${minor}, which the image for ${where} has: write ${prop}: 'none', or set 'image'`);
    }
  }
}
