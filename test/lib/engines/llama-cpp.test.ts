import { Accelerator } from '../../../lib/accelerators/accelerator';
import { LlamaCpp, type LlamaCppOptions } from '../../../lib/engines/llama-cpp';
import { Model } from '../../../lib/models/model';
import { Weights } from '../../../lib/models/weights';
import { WeightsFormat } from '../../../lib/models/weights-format';
import { Versions } from '../../../lib/versions';
import { modelServer, theOnly } from '../../fixtures/model-server';
import { type ContextOverrides, engineContext, env, flag, X86 } from './engine-context';

function bind(overrides: ContextOverrides = {}, options: LlamaCppOptions = {}) {
  return new LlamaCpp(options).bind(engineContext({ accelerator: Accelerator.M8G_8XLARGE, ...overrides }));
}

describe('llama.cpp', () => {
  test('is found under the served name, with tools and metrics', () => {
    const config = bind();
    expect(flag(config, 'alias')).toBe('Qwen/Qwen3-8B');
    expect(config.args).toEqual(expect.arrayContaining(['--metrics', '--jinja']));
    expect([flag(config, 'host'), flag(config, 'port')]).toEqual(['0.0.0.0', '8080']);
  });

  test('uses the physical cores of the node', () => {
    expect(flag(bind(), 'threads')).toBe('32');
    expect(flag(bind({ accelerator: X86 }), 'threads')).toBe('16');
    expect(flag(bind({}, { threads: 3 }), 'threads')).toBe('3');
  });

  test('every slot has the whole context', () => {
    const config = bind({ contextLength: 4096, concurrency: 3 });
    expect([flag(config, 'parallel'), flag(config, 'ctx-size')]).toEqual(['3', '12288']);
  });

  test('takes no more slots than the memory was found to hold', () => {
    const context = engineContext({ accelerator: Accelerator.M8G_8XLARGE, contextLength: 40960 });
    const slots = Number(flag(new LlamaCpp().bind(context), 'parallel'));
    expect(slots).toBeGreaterThanOrEqual(1);
    expect(slots).toBeLessThanOrEqual(Math.max(1, Math.min(4, context.placement.maxConcurrency)));
  });

  test('puts all layers on a GPU', () => {
    const config = bind({ accelerator: Accelerator.G6E_XLARGE });
    expect(config.image).toBe(Versions.LLAMA_CPP_CUDA_IMAGE);
    expect(flag(config, 'n-gpu-layers')).toBe('999');
    expect(flag(config, 'threads')).toBeUndefined();
  });

  describe('weights', () => {
    test.each<[WeightsFormat, string]>([
      [WeightsFormat.GGUF_Q4_K_M, 'Q4_K_M'],
      [WeightsFormat.GGUF_Q8_0, 'Q8_0'],
      [WeightsFormat.BF16, 'Q4_K_M'],
    ])('of the hub in the format %s are %s', (format, quantization) => {
      const config = bind({ model: Model.huggingFace('Qwen/Qwen3-8B', { format }) }, { repository: 'Qwen/Qwen3-8B-GGUF' });
      expect(flag(config, 'hf-repo')).toBe(`Qwen/Qwen3-8B-GGUF:${quantization}`);
    });

    test('may be one file of a repository', () => {
      const config = bind({}, { repository: 'Qwen/Qwen3-8B-GGUF', file: 'Qwen3-8B-Q5_0.gguf' });
      expect([flag(config, 'hf-repo'), flag(config, 'hf-file')]).toEqual(['Qwen/Qwen3-8B-GGUF', 'Qwen3-8B-Q5_0.gguf']);
    });

    test('are read from a volume', () => {
      const weights = Weights.volume({ claimName: 'models', path: 'gguf' });
      expect(flag(bind({ weights }, { file: 'a-00001-of-00002.gguf' }), 'model')).toBe('/models/gguf/a-00001-of-00002.gguf');
    });

    test('are copied from a bucket', () => {
      const config = bind({ weights: Weights.s3('s3://models/q/') }, { file: 'a.gguf' });
      expect(flag(config, 'model')).toBe('/cache/weights/a.gguf');
      expect(config.initContainers?.[0].args.slice(0, 4)).toEqual(['s3', 'cp', 's3://models/q/a.gguf', '/cache/weights/a.gguf']);
    });
  });

  test('an API key stays in its Secret, and Prometheus is told where it is', () => {
    const config = bind({}, { apiKey: { secretName: 'keys' } });
    expect(env(config, 'LLAMA_API_KEY')).toBe('keys/api-key');
    expect(config.metricsKey).toEqual({ secretName: 'keys', key: 'api-key' });
    expect(JSON.stringify(config.args)).not.toContain('key');
    expect(bind().metricsKey).toBeUndefined();
    const scraped = (options: LlamaCppOptions) => theOnly('PodMonitor', modelServer({
      engine: new LlamaCpp(options), accelerator: Accelerator.M8G_8XLARGE, podMonitor: true,
    })).spec.podMetricsEndpoints[0].authorization;
    expect(scraped({ apiKey: { secretName: 'keys', key: 'llama' } })).toEqual({ credentials: { name: 'keys', key: 'llama' } });
    expect(scraped({})).toBeUndefined();
  });

  test('does not claim to drain', () => {
    expect(bind().shutdownSeconds).toBeUndefined();
  });

  test('runs without root, with its cache on the disk', () => {
    expect(bind().user.uid).not.toBe(0);
    expect(env(bind(), 'LLAMA_CACHE')).toBe('/cache/llama.cpp');
  });

  test.each<[string, ContextOverrides, LlamaCppOptions, RegExp]>([
    ['Trainium', { accelerator: Accelerator.TRN2_48XLARGE }, {}, /has no build of llama-cpp: choose a Graviton, x86 or NVIDIA type/],
    ['a bucket without a file', { weights: Weights.s3('s3://models/q/') }, {}, /'file' of llama-cpp is missing: name the GGUF file in s3:\/\/models\/q\//],
    ['a part from a bucket', { weights: Weights.s3('s3://m/q/') }, { file: 'a-00001-of-00002.gguf' }, /one part of several.*Weights.volume\(\)/],
    ['another format', {}, { file: 'a.safetensors' }, /'file' \(a.safetensors\) must be a GGUF file/],
    ['no threads', {}, { threads: 0 }, /'threads' \(0\) must be a positive integer/],
  ])('fails for %s', (_name, overrides, options, message) => {
    expect(() => bind(overrides, options)).toThrow(message);
  });
});
