import { Accelerator } from '../../../lib/accelerators/accelerator';
import { Triton, TritonBackend, type TritonOptions } from '../../../lib/engines/triton';
import { Model } from '../../../lib/models/model';
import { ModelTask } from '../../../lib/models/model-task';
import { Weights } from '../../../lib/models/weights';
import { Versions } from '../../../lib/versions';
import { type ContextOverrides, engineContext, env, flag } from './engine-context';

function bind(overrides: ContextOverrides = {}, options: TritonOptions = {}) {
  return new Triton(options).bind(engineContext({ servedName: 'qwen3-8b', ...overrides }));
}

describe('triton', () => {
  test('serves the OpenAI paths under the served name, by its own front end', () => {
    const config = bind();
    expect(config.command).toEqual(['python3', '/opt/tritonserver/python/openai/openai_frontend/main.py']);
    expect(flag(config, 'model-repository')).toBe('/etc/triton/models');
    expect(flag(config, 'tokenizer')).toBe('Qwen/Qwen3-8B');
    expect(config.files?.['/etc/triton/models/qwen3-8b/config.pbtxt']).toContain('name: "qwen3-8b"');
    expect(config.paths).toContain('/v1/chat/completions');
  });

  test("its model has vLLM's arguments as keywords", () => {
    const config = bind({ accelerator: Accelerator.G6E_12XLARGE, contextLength: 8192 }, { extraArgs: { 'max-num-seqs': 64 } });
    expect(JSON.parse(config.files?.['/etc/triton/models/qwen3-8b/1/model.json'] ?? '')).toEqual({
      model: 'Qwen/Qwen3-8B',
      tensor_parallel_size: 4,
      max_model_len: 8192,
      max_num_seqs: 64,
    });
  });

  test('its parameters are on: only the word true is', () => {
    const config = bind().files?.['/etc/triton/models/qwen3-8b/config.pbtxt'] ?? '';
    expect(config).toContain('key: "REPORT_CUSTOM_METRICS", value { string_value: "true" }');
    expect(config).toContain('key: "ENABLE_VLLM_HEALTH_CHECK", value { string_value: "true" }');
  });

  test('an answer is not cut after 16 tokens', () => {
    expect(flag(bind({ contextLength: 8192 }), 'default-max-tokens')).toBe('8192');
    expect(flag(bind({}, { defaultMaxTokens: 512 }), 'default-max-tokens')).toBe('512');
  });

  test('weights in a bucket are copied, for the tokenizer', () => {
    const config = bind({ weights: Weights.s3('s3://models/q/') });
    expect(flag(config, 'tokenizer')).toBe('/cache/weights');
    const model = JSON.parse(config.files?.['/etc/triton/models/qwen3-8b/1/model.json'] ?? '');
    expect(model.model).toBe('/cache/weights');
    expect(model).not.toHaveProperty('load_format');
    expect(config.initContainers?.[0].args[2]).toBe('s3://models/q/');
  });

  test('the repository does not hide the volume of weights', () => {
    const config = bind({ weights: Weights.volume({ claimName: 'models', path: 'q' }) });
    expect(flag(config, 'tokenizer')).toBe('/models/q');
    expect(Object.keys(config.files ?? {}).filter((path) => path.startsWith('/models'))).toEqual([]);
  });

  test('says that it has no queue to scale on', () => {
    expect(bind().metrics).toEqual({ timeToFirstToken: 'vllm:time_to_first_token_seconds', modelLabel: 'model' });
  });

  test('tools are parsed for the models whose parser it has', () => {
    expect(flag(bind({ model: Model.huggingFace('a/b', { toolCallParser: 'llama3_json' }) }), 'tool-call-parser')).toBe('llama3');
    expect(flag(bind({ model: Model.huggingFace('a/b', { toolCallParser: 'hermes' }) }), 'tool-call-parser')).toBeUndefined();
  });

  test('runs as its own user, with every cache on the disk', () => {
    expect(bind().user).toEqual({ uid: 1000, gid: 1000, fsGroup: 1000 });
    expect(env(bind(), 'HOME')).toBe('/cache');
  });

  describe('with TensorRT-LLM', () => {
    const options = { backend: TritonBackend.TENSORRT_LLM };
    const named = { servedName: 'Qwen/Qwen3-8B' };

    test('uses the server in the image, which needs no installation', () => {
      const config = bind({ ...named, accelerator: Accelerator.P5_48XLARGE, contextLength: 8192 }, options);
      expect(config.image).toBe(Versions.TRITON_TRTLLM_IMAGE);
      expect(config.command).toEqual(['trtllm-serve', 'serve']);
      expect(config.args[0]).toBe('Qwen/Qwen3-8B');
      expect([flag(config, 'tp_size'), flag(config, 'max_seq_len')]).toEqual(['8', '8192']);
      expect(config.files?.[flag(config, 'extra_llm_api_options') ?? '']).toBe('return_perf_metrics: true\n');
    });

    test('fails for another name than the repository', () => {
      expect(() => bind({}, options)).toThrow(/'servedName' \(qwen3-8b\) must be 'Qwen\/Qwen3-8B'/);
    });

    test('fails for options of the other backend', () => {
      expect(() => new Triton({ ...options, kvCacheDtype: 'fp8', chatTemplate: 'x' })).toThrow(
        /'kvCacheDtype' and 'chatTemplate' cannot be used with the TensorRT-LLM backend.*TritonBackend.VLLM/,
      );
    });
  });

  test.each<[string, ContextOverrides, RegExp]>([
    ['a slash in the name', { servedName: 'Qwen/Qwen3-8B' }, /'servedName' \(Qwen\/Qwen3-8B\) must not have a slash.*servedName: 'qwen3-8b'/],
    ['Trainium', { accelerator: Accelerator.TRN2_48XLARGE }, /has no build of triton: choose an NVIDIA type, or engine: new Vllm\(\)/],
    ['vectors', { model: Model.huggingFace('BAAI/bge-m3', { task: ModelTask.EMBEDDING }) }, /is for embedding.*new Vllm\(\)/],
  ])('fails for %s', (_name, overrides, message) => {
    expect(() => bind(overrides)).toThrow(message);
  });

  test('fails for a tool parser that it has not', () => {
    expect(() => new Triton({ toolCallParser: 'hermes' })).toThrow(/'toolCallParser' \(hermes\) is not known/);
  });
});
