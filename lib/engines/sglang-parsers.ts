/**
 * Parsers that the pinned SGLang knows.
 *
 * Source: SGLang 0.5.21, `srt/function_call/function_call_parser.py` and `srt/parser/reasoning_parser.py`.
 */
export const SGLANG_TOOL_PARSERS = [
  'apertus2509', 'cohere_command4', 'deepseekv3', 'deepseekv31', 'deepseekv32', 'deepseekv4', 'deepseekv41', 'dots', 'gemma4', 'gigachat3',
  'gigachat35', 'glm', 'glm45', 'glm47', 'gpt-oss', 'hermes', 'hunyuan', 'inkling', 'interns1', 'iquest_q1', 'k2_horizon', 'kimi_k2', 'kimi_k3',
  'lfm2', 'ling3', 'llama3', 'mimo', 'minicpm5', 'minimax-m2', 'minimax-m3', 'mistral', 'muse', 'nanbeige', 'poolside_v1', 'pythonic', 'qwen',
  'qwen25', 'qwen3_coder', 'spark25', 'step3', 'step3p5', 'trinity',
];

export const SGLANG_REASONING_PARSERS = [
  'apertus2509', 'cohere_command4', 'deepseek-r1', 'deepseek-v3', 'deepseek-v4', 'deepseek-v41', 'dots', 'gemma4', 'gigachat35', 'glm45',
  'gpt-oss', 'granite_thinking_parser', 'hunyuan', 'inkling', 'interns1', 'iquest_q1', 'k2_horizon', 'kimi', 'kimi_k2', 'kimi_k3', 'ling3',
  'mimo', 'minimax', 'minimax-append-think', 'minimax-m3', 'mistral', 'muse', 'nanbeige', 'nemotron_3', 'poolside_v1', 'qwen3',
  'qwen3-thinking', 'step3', 'step3p5',
];

/** vLLM's names of tool parsers that SGLang calls otherwise. */
const TOOL_PARSERS: { readonly [vllm: string]: string } = {
  deepseek_v3: 'deepseekv3',
  deepseek_v31: 'deepseekv31',
  deepseek_v32: 'deepseekv32',
  deepseek_v4: 'deepseekv4',
  hermes: 'qwen25', // the same <tool_call> JSON; this one also takes Qwen's parallel calls
  llama3_json: 'llama3',
  llama4_json: 'llama3',
  llama4_pythonic: 'pythonic',
  minimax_m2: 'minimax-m2',
  minimax_m3: 'minimax-m3',
  openai: 'gpt-oss',
  qwen3_xml: 'qwen3_coder',
  hunyuan_a13b: 'hunyuan',
};

/** vLLM's names of reasoning parsers that SGLang calls otherwise. */
const REASONING_PARSERS: { readonly [vllm: string]: string } = {
  deepseek_r1: 'deepseek-r1',
  deepseek_v3: 'deepseek-v3',
  deepseek_v4: 'deepseek-v4',
  glm47: 'glm45',
  minimax_m2: 'minimax',
  minimax_m2_append_think: 'minimax-append-think',
  minimax_m3: 'minimax-m3',
  nemotron_v3: 'nemotron_3',
  openai_gptoss: 'gpt-oss',
  hunyuan_a13b: 'hunyuan',
};

/** SGLang's name of a tool parser that the catalogue names in vLLM's words; none where it has no such parser. */
export function sglangToolParser(vllm: string | undefined): string | undefined {
  return translate(vllm, TOOL_PARSERS, SGLANG_TOOL_PARSERS);
}

/** SGLang's name of a reasoning parser that the catalogue names in vLLM's words; none where it has no such parser. */
export function sglangReasoningParser(vllm: string | undefined): string | undefined {
  return translate(vllm, REASONING_PARSERS, SGLANG_REASONING_PARSERS);
}

function translate(name: string | undefined, names: { readonly [vllm: string]: string }, known: string[]): string | undefined {
  if (name === undefined) return undefined;
  return names[name] ?? (known.includes(name) ? name : undefined);
}
