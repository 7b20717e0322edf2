import { Accelerator } from '../../../lib/accelerators/accelerator';
import { ServingRole } from '../../../lib/engines/engine';
import { SgLang, type SgLangOptions } from '../../../lib/engines/sglang';
import { SGLANG_REASONING_PARSERS, SGLANG_TOOL_PARSERS, sglangReasoningParser, sglangToolParser } from '../../../lib/engines/sglang-parsers';
import { VLLM_REASONING_PARSERS, VLLM_TOOL_PARSERS } from '../../../lib/engines/vllm-registry';
import { Model } from '../../../lib/models/model';
import { ModelTask } from '../../../lib/models/model-task';
import { Weights } from '../../../lib/models/weights';
import { type ContextOverrides, engineContext, env, flag } from './engine-context';

function bind(overrides: ContextOverrides = {}, options: SgLangOptions = {}) {
  return new SgLang(options).bind(engineContext(overrides));
}

describe('sglang', () => {
  test('listens on all addresses, with metrics', () => {
    const config = bind();
    expect(config.command).toEqual(['python3', '-m', 'sglang.launch_server']);
    expect([flag(config, 'host'), flag(config, 'port')]).toEqual(['0.0.0.0', String(config.port)]);
    expect(config.args).toContain('--enable-metrics');
  });

  test('writes --tp-size, not the abbreviation', () => {
    const config = bind({ accelerator: Accelerator.G6E_12XLARGE });
    expect(flag(config, 'tp-size')).toBe('4');
    expect(config.args).not.toContain('--tp');
  });

  test('streams weights from a bucket', () => {
    const config = bind({ weights: Weights.s3('s3://models/q/') });
    expect([flag(config, 'model-path'), flag(config, 'load-format')]).toEqual(['s3://models/q/', 'runai_streamer']);
    expect(env(config, 'HF_HUB_OFFLINE')).toBe('1');
  });

  test('ends by itself when the last request has', () => {
    expect(bind({ drainSeconds: 90 }).shutdownSeconds).toBe(90);
  });

  test('its group has one address for all, and ranks', () => {
    const { group } = bind({ nodes: 2, accelerator: Accelerator.P5_48XLARGE });
    expect(group?.workerArgs).toEqual([
      '--dist-init-addr', '$(LWS_LEADER_ADDRESS):20000', '--nnodes', '$(LWS_GROUP_SIZE)', '--node-rank', '$(LWS_WORKER_INDEX)',
    ]);
    expect(group?.leaderArgs.slice(-1)).toEqual(['0']);
  });

  test('an API key stays in its Secret', () => {
    const config = bind({}, { apiKey: { secretName: 'keys' } });
    expect(env(config, 'SGLANG_API_KEY')).toBe('keys/api-key');
    expect(flag(config, 'api-key')).toBe('$(SGLANG_API_KEY)');
  });

  test('adapters have names', () => {
    const config = bind({}, { lora: { adapters: [{ name: 'sql', source: 's3://adapters/sql/' }] } });
    expect(flag(config, 'lora-paths')).toBe('sql=/cache/adapters/sql');
    expect(config.initContainers).toHaveLength(1);
  });

  test('halves of prefill and decode find each other', () => {
    const config = bind({ role: ServingRole.DECODE });
    expect([flag(config, 'disaggregation-mode'), flag(config, 'disaggregation-transfer-backend')]).toEqual(['decode', 'nixl']);
  });

  test('vectors need their own mode', () => {
    const model = Model.huggingFace('Qwen/Qwen3-Embedding-8B', { task: ModelTask.EMBEDDING });
    expect(bind({ model }).args).toContain('--is-embedding');
  });

  test("the catalogue's parsers become SGLang's", () => {
    const config = bind({ model: Model.huggingFace('openai/gpt-oss-20b', { toolCallParser: 'openai', reasoningParser: 'openai_gptoss' }) });
    expect([flag(config, 'tool-call-parser'), flag(config, 'reasoning-parser')]).toEqual(['gpt-oss', 'gpt-oss']);
  });

  test('none is no parser', () => {
    const model = Model.huggingFace('Qwen/Qwen3-8B', { toolCallParser: 'hermes', reasoningParser: 'qwen3' });
    expect(bind({ model }, { toolCallParser: 'none', reasoningParser: 'none' }).args.join(' ')).not.toContain('parser');
  });

  test('every translation is a parser that SGLang has', () => {
    const tools = VLLM_TOOL_PARSERS.map(sglangToolParser).filter((parser) => parser !== undefined);
    const reasoning = VLLM_REASONING_PARSERS.map(sglangReasoningParser).filter((parser) => parser !== undefined);
    expect(tools.length).toBeGreaterThan(20);
    expect(SGLANG_TOOL_PARSERS).toEqual(expect.arrayContaining(tools));
    expect(SGLANG_REASONING_PARSERS).toEqual(expect.arrayContaining(reasoning));
  });

  test.each<[string, ContextOverrides, SgLangOptions, RegExp]>([
    ['Inferentia', { accelerator: Accelerator.INF2_XLARGE }, {}, /\(inf2.xlarge\) has no build of sglang: choose an NVIDIA type, or engine: new Vllm\(\)/],
    ['Graviton', { accelerator: Accelerator.C8G_4XLARGE }, {}, /has no build of sglang/],
    ['a colon in the name', { servedName: 'a:b' }, {}, /'servedName' \(a:b\) must not have a colon/],
    ['pictures', { model: Model.huggingFace('Qwen/Qwen-Image', { task: ModelTask.TEXT_TO_IMAGE }) }, {}, /new Diffusers\(\)/],
    ["vLLM's name of a parser", {}, { toolCallParser: 'deepseek_v3' }, /'toolCallParser' \(deepseek_v3\) is not known.*deepseekv3/],
    ['a fraction of 1', {}, { staticMemoryFraction: 1 }, /'staticMemoryFraction' \(1\)/],
  ])('fails for %s', (_name, overrides, options, message) => {
    expect(() => bind(overrides, options)).toThrow(message);
  });
});
