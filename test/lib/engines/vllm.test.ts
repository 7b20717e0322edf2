import { Accelerator } from '../../../lib/accelerators/accelerator';
import { ServingRole } from '../../../lib/engines/engine';
import { Vllm } from '../../../lib/engines/vllm';
import type { VllmOptions } from '../../../lib/engines/vllm-options';
import { Model } from '../../../lib/models/model';
import { ModelTask } from '../../../lib/models/model-task';
import { Weights } from '../../../lib/models/weights';
import { Parallelism } from '../../../lib/parallelism';
import { Versions } from '../../../lib/versions';
import { type ContextOverrides, engineContext, env, flag, X86 } from './engine-context';

const S3 = Weights.s3('s3://models/Qwen/Qwen3-8B/');

function bind(overrides: ContextOverrides = {}, options: VllmOptions = {}) {
  return new Vllm(options).bind(engineContext(overrides));
}

describe('vllm', () => {
  test('is process 1, so that SIGTERM reaches it, and no shell is involved', () => {
    const config = bind();
    expect(config.command).toEqual(['vllm', 'serve']);
    expect(config.args[0]).toBe('Qwen/Qwen3-8B');
    expect(flag(config, 'served-model-name')).toBe('Qwen/Qwen3-8B');
  });

  test('says in its keywords what it says on its command line', () => {
    const config = bind({ contextLength: 8192 }, { kvCacheDtype: 'fp8' });
    expect(config.keywords).toMatchObject({ model: 'Qwen/Qwen3-8B', tensor_parallel_size: 1, max_model_len: 8192, kv_cache_dtype: 'fp8' });
    expect(config.keywords).not.toHaveProperty('port');
  });

  test('never writes a number with an exponent', () => {
    expect(flag(bind({ contextLength: 1048576 }), 'max-model-len')).toBe('1048576');
  });

  test.each([
    ['NVIDIA', Accelerator.G6E_XLARGE, Versions.VLLM_IMAGE],
    ['Graviton', Accelerator.M8G_8XLARGE, Versions.VLLM_CPU_IMAGE],
    ['x86', X86, Versions.VLLM_CPU_IMAGE],
    ['Trainium2', Accelerator.TRN2_48XLARGE, Versions.VLLM_NEURON_IMAGE],
    ['Trainium1', Accelerator.TRN1_32XLARGE, Versions.VLLM_NEURON_LEGACY_IMAGE],
    ['Inferentia2', Accelerator.INF2_48XLARGE, Versions.VLLM_NEURON_LEGACY_IMAGE],
  ])('has the image of %s', (_name, accelerator, image) => {
    expect(bind({ accelerator }).image).toBe(image);
  });

  describe('weights', () => {
    test('stream from a bucket into NVIDIA devices', () => {
      const config = bind({ weights: S3 });
      expect(config.args[0]).toBe('s3://models/Qwen/Qwen3-8B/');
      expect(flag(config, 'load-format')).toBe('runai_streamer');
      expect(config.initContainers).toBeUndefined();
      expect(Number(env(config, 'RUNAI_STREAMER_MEMORY_LIMIT'))).toBeGreaterThan(0);
    });

    test.each([
      ['the CPU build', Accelerator.M8G_8XLARGE],
      ['Neuron', Accelerator.TRN2_48XLARGE],
      ['the last Inferentia build', Accelerator.INF2_48XLARGE],
    ])('are copied to the disk for %s, which has no streamer', (_name, accelerator) => {
      const config = bind({ accelerator, weights: S3 });
      expect(config.args[0]).toBe('/cache/weights');
      expect(flag(config, 'load-format')).toBeUndefined();
      expect(config.keywords).toMatchObject({ model: '/cache/weights' });
      expect(config.initContainers).toEqual([
        expect.objectContaining({ args: ['s3', 'sync', 's3://models/Qwen/Qwen3-8B/', '/cache/weights', '--only-show-errors', '--no-progress'] }),
      ]);
    });

    test('are pinned to the revision on the hub only', () => {
      const model = Model.huggingFace('Qwen/Qwen3-8B', { revision: 'abc' });
      expect(flag(bind({ model }), 'revision')).toBe('abc');
      expect(flag(bind({ model, weights: S3 }), 'revision')).toBeUndefined();
    });
  });

  describe('on Neuron', () => {
    test('tensor parallel is the logical cores that divide the heads', () => {
      expect(flag(bind({ accelerator: Accelerator.TRN2_48XLARGE }), 'tensor-parallel-size')).toBe('32');
      expect(flag(bind({ accelerator: Accelerator.TRN1_32XLARGE }), 'tensor-parallel-size')).toBe('32');
      expect(flag(bind({ accelerator: Accelerator.fromInstanceType('inf2.24xlarge') }), 'tensor-parallel-size')).toBe('8');
    });

    test('shapes are fixed, because each is a compilation', () => {
      const config = bind({ accelerator: Accelerator.TRN2_48XLARGE, contextLength: 4096 });
      expect([flag(config, 'max-model-len'), flag(config, 'max-num-seqs')]).toEqual(['4096', '4']);
    });

    test('compiled models are kept where the user says', () => {
      const accelerator = Accelerator.TRN2_48XLARGE;
      expect(env(bind({ accelerator }), 'NEURON_COMPILE_CACHE_URL')).toBe('/cache/neuron');
      expect(env(bind({ accelerator }, { neuronCompileCache: 's3://cache/neuron/' }), 'NEURON_COMPILE_CACHE_URL')).toBe('s3://cache/neuron/');
    });

    test('its own scheduler only finds neighbours among the devices of a node', () => {
      expect(bind({ accelerator: Accelerator.TRN2_48XLARGE }).schedulerName).toBeUndefined();
      expect(bind({ accelerator: Accelerator.TRN2_48XLARGE.withDevices(1) }).schedulerName).toBeUndefined();
      expect(bind({ accelerator: Accelerator.TRN2_48XLARGE.withDevices(4) }).schedulerName).toBe('my-scheduler');
    });

    test('the last build of Inferentia2 does not drain', () => {
      const config = bind({ accelerator: Accelerator.INF2_48XLARGE });
      expect(config.shutdownSeconds).toBeUndefined();
      expect(flag(config, 'shutdown-timeout')).toBeUndefined();
      expect(env(config, 'VLLM_NEURON_FRAMEWORK')).toBe('neuronx-distributed-inference');
    });
  });

  describe('on a processor', () => {
    test('KV cache has its space, and one core is kept for the server', () => {
      const config = bind({ accelerator: Accelerator.M8G_8XLARGE, contextLength: 8192 });
      expect(Number(env(config, 'VLLM_CPU_KVCACHE_SPACE'))).toBeGreaterThanOrEqual(2);
      expect(env(config, 'VLLM_CPU_NUM_OF_RESERVED_CPU')).toBe('1');
      expect(flag(config, 'dtype')).toBe('bfloat16');
    });
  });

  test('a T4 computes in half precision', () => {
    const accelerator = Accelerator.G4DN_XLARGE;
    expect(flag(bind({ accelerator, model: Model.QWEN3_0_6B }), 'dtype')).toBe('half');
  });

  describe('parsers', () => {
    const model = Model.huggingFace('Qwen/Qwen3-8B', { toolCallParser: 'hermes', reasoningParser: 'qwen3' });

    test('are those of the model', () => {
      const config = bind({ model });
      expect(flag(config, 'tool-call-parser')).toBe('hermes');
      expect(flag(config, 'reasoning-parser')).toBe('qwen3');
      expect(config.args).toContain('--enable-auto-tool-choice');
    });

    test('can be turned off', () => {
      const config = bind({ model }, { toolCallParser: 'none', reasoningParser: 'none' });
      expect(config.args.join(' ')).not.toMatch(/parser|tool-choice/);
    });
  });

  test('a chat template is a file, not an argument', () => {
    const config = bind({}, { chatTemplate: '{{ messages }}' });
    expect(config.files).toEqual({ '/etc/vllm/chat-template.jinja': '{{ messages }}' });
    expect(flag(config, 'chat-template')).toBe('/etc/vllm/chat-template.jinja');
  });

  test('an API key stays in its Secret', () => {
    expect(env(bind({}, { apiKey: { secretName: 'keys' } }), 'VLLM_API_KEY')).toBe('keys/api-key');
    expect(bind({}, { apiKey: { secretName: 'keys' } }).args.join(' ')).not.toContain('api-key');
  });

  describe('adapters', () => {
    const lora = { adapters: [{ name: 'sql', source: 's3://adapters/sql/' }, { name: 'chat', source: 'acme/chat-lora' }] };

    test('come from buckets and from the hub', () => {
      const config = bind({ weights: S3 }, { lora });
      const index = config.args.indexOf('--lora-modules');
      expect(config.args.slice(index + 1, index + 3).map((module) => JSON.parse(module))).toEqual([
        { name: 'sql', path: '/cache/adapters/sql' },
        { name: 'chat', path: 'acme/chat-lora' },
      ]);
      expect(config.initContainers?.map(({ args }) => args[2])).toEqual(['s3://adapters/sql/']);
      expect(flag(config, 'max-loras')).toBe('2');
    });

    test('of the hub keep the hub reachable, though the weights are in a bucket', () => {
      expect(env(bind({ weights: S3 }, { lora }), 'HF_HUB_OFFLINE')).toBeUndefined();
      expect(env(bind({ weights: S3 }), 'HF_HUB_OFFLINE')).toBe('1');
    });

    test('are loaded at run time only when asked for', () => {
      expect(env(bind({}, { lora: { runtimeUpdates: true } }), 'VLLM_ALLOW_RUNTIME_LORA_UPDATING')).toBe('True');
      expect(env(bind({}, { lora }), 'VLLM_ALLOW_RUNTIME_LORA_UPDATING')).toBeUndefined();
    });
  });

  test('developer endpoints are never on', () => {
    expect(env(bind(), 'VLLM_SERVER_DEV_MODE')).toBeUndefined();
  });

  describe('in a group', () => {
    const context = {
      accelerator: Accelerator.P5_48XLARGE,
      nodes: 2,
      model: Model.LLAMA_3_1_405B,
      parallelism: Parallelism.of({ tensor: 8, pipeline: 2 }),
    };

    test('uses the image with EFA where the type has it', () => {
      expect(bind(context).image).toBe(Versions.VLLM_EFA_IMAGE);
    });

    test('the worker is headless and learns its rank from the group', () => {
      const { group } = bind(context);
      expect(group?.workerArgs).toEqual(expect.arrayContaining(['--headless', '--node-rank', '$(LWS_WORKER_INDEX)', '$(LWS_GROUP_SIZE)']));
      expect(group?.leaderArgs).not.toContain('--headless');
    });

    test('has no settings of fabrics that EC2 has not', () => {
      expect(JSON.stringify(bind(context))).not.toMatch(/NCCL_IB_|mlx5/);
    });
  });

  test('halves of prefill and decode move KV cache over libfabric where there is EFA', () => {
    const config = bind({ accelerator: Accelerator.P5_48XLARGE, role: ServingRole.PREFILL });
    expect(JSON.parse(flag(config, 'kv-transfer-config') ?? '')).toMatchObject({
      kv_connector: 'NixlConnector',
      kv_connector_extra_config: { backends: ['LIBFABRIC'] },
    });
    expect(env(config, 'VLLM_NIXL_SIDE_CHANNEL_HOST')).toBe('status.podIP');
  });

  test('what the user says wins', () => {
    const config = bind({}, { extraArgs: { port: 9, 'max-num-seqs': 7 }, env: { HF_HOME: '/elsewhere' } });
    expect([flag(config, 'port'), flag(config, 'max-num-seqs'), env(config, 'HF_HOME')]).toEqual(['9', '7', '/elsewhere']);
  });

  test.each<[string, VllmOptions, RegExp]>([
    ['a tool parser', { toolCallParser: 'hermez' }, /'toolCallParser' \(hermez\) is not known.*hermes/],
    ['a reasoning parser', { reasoningParser: 'openai' }, /'reasoningParser' \(openai\) is not known.*openai_gptoss/],
    ['a method', { speculative: { method: 'eagle4', tokens: 2 } }, /'speculative.method' \(eagle4\).*eagle3/],
    ['tokens', { speculative: { method: 'ngram', tokens: 0 } }, /'speculative.tokens' \(0\)/],
    ['a quantization', { quantization: 'fp9' }, /'quantization' \(fp9\).*fp8/],
    ['a backend', { structuredOutputsBackend: 'xgramar' }, /'structuredOutputsBackend'.*xgrammar/],
    ['a fraction', { gpuMemoryUtilization: 90 }, /'gpuMemoryUtilization' \(90\) must be above 0 and at most 1/],
    ['a rank', { lora: { maxRank: 12 } }, /'lora.maxRank' \(12\) must be one of/],
    ['a name twice', { lora: { adapters: [{ name: 'a', source: 'x/y' }, { name: 'a', source: 'x/z' }] } }, /has the name 'a' twice/],
  ])('fails for %s that the image does not know', (_name, options, message) => {
    expect(() => new Vllm(options)).toThrow(message);
  });

  test('takes any parser with an image of one\'s own', () => {
    expect(() => new Vllm({ toolCallParser: 'newest', image: 'example.com/vllm:1' })).not.toThrow();
  });

  test.each<[string, ContextOverrides, VllmOptions, RegExp]>([
    ['Inferentia1', { accelerator: Accelerator.of({ instanceType: 'inf1.xlarge', kind: Accelerator.INF2_XLARGE.kind, devices: 1, deviceMemoryMiB: 8192, vcpus: 4, memoryMiB: 8192, neuronCoresPerDevice: 4 }) }, {}, /inf1\.xlarge\) has no build of vllm: choose inf2/],
    ['LoRA on Neuron', { accelerator: Accelerator.TRN2_48XLARGE }, { lora: {} }, /'lora' cannot be used with vllm on trn2.48xlarge: choose an NVIDIA type/],
    ['stages on Neuron', { accelerator: Accelerator.TRN2_48XLARGE, parallelism: Parallelism.of({ tensor: 8, pipeline: 2 }) }, {}, /'parallelism.pipeline' cannot be used/],
    ['prefix caching on Inferentia2', { accelerator: Accelerator.INF2_48XLARGE }, { prefixCaching: true }, /'prefixCaching' cannot be used.*choose trn2/],
    ['three devices of sixteen', { accelerator: Accelerator.TRN2_48XLARGE.withDevices(3) }, {}, /'devices' \(3\) of trn2.48xlarge must be 1, 4, 8 or 16/],
    ['a parser that came after the image', { accelerator: Accelerator.TRN2_48XLARGE }, { toolCallParser: 'kimi_k3' }, /'toolCallParser' \(kimi_k3\) is not in vLLM 0.24, which the image for trn2.48xlarge has: write toolCallParser: 'none'/],
    ['pictures', { model: Model.huggingFace('Qwen/Qwen-Image', { task: ModelTask.TEXT_TO_IMAGE }) }, {}, /makes pictures.*new Diffusers\(\)/],
  ])('fails for %s', (_name, overrides, options, message) => {
    expect(() => bind(overrides, options)).toThrow(message);
  });
});
