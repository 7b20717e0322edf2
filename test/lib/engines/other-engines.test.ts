import { Accelerator } from '../../../lib/accelerators/accelerator';
import { Diffusers, type DiffusersOptions } from '../../../lib/engines/diffusers';
import { Nim, type NimOptions } from '../../../lib/engines/nim';
import { TextEmbeddings, type TextEmbeddingsOptions } from '../../../lib/engines/text-embeddings';
import { Model } from '../../../lib/models/model';
import { ModelTask } from '../../../lib/models/model-task';
import { Weights } from '../../../lib/models/weights';
import { Versions } from '../../../lib/versions';
import { modelServer, theOnly } from '../../fixtures/model-server';
import { type ContextOverrides, engineContext, env, flag, X86 } from './engine-context';

describe('text embeddings', () => {
  const model = Model.huggingFace('BAAI/bge-m3', { task: ModelTask.EMBEDDING });
  const bind = (overrides: ContextOverrides = {}, options: TextEmbeddingsOptions = {}) =>
    new TextEmbeddings(options).bind(engineContext({ model, ...overrides }));

  test.each([
    ['g4dn.xlarge', 'turing-1.9'],
    ['g5.xlarge', '86-1.9'],
    ['g6.xlarge', '89-1.9'],
    ['g6e.xlarge', '89-1.9'],
    ['p5.4xlarge', 'hopper-1.9'],
    ['g7e.2xlarge', '120-1.9'],
    ['m8g.8xlarge', 'cpu-arm64-1.9'],
  ])('on %s has the image %s', (type, tag) => {
    expect(bind({ accelerator: Accelerator.fromInstanceType(type) }).image).toBe(`${Versions.TEI_IMAGE}:${tag}`);
  });

  test('on x86 processors has the image for them', () => {
    expect(bind({ accelerator: X86 }).image).toBe(`${Versions.TEI_IMAGE}:cpu-1.9`);
  });

  test('listens on a port that needs no root', () => {
    const config = bind();
    expect(config.port).toBeGreaterThan(1023);
    expect(flag(config, 'port')).toBe(String(config.port));
    expect(config.user.uid).not.toBe(0);
  });

  test('is found under the served name', () => {
    expect(flag(bind({ servedName: 'vectors' }), 'served-model-name')).toBe('vectors');
  });

  test('weights in a bucket are copied', () => {
    expect(flag(bind({ weights: Weights.s3('s3://m/bge/') }), 'model-id')).toBe('/cache/weights');
  });

  test('says by its variable not to truncate: the flag takes a value since 1.9.2 only', () => {
    const config = bind({}, { autoTruncate: false });
    expect(env(config, 'AUTO_TRUNCATE')).toBe('false');
    expect(config.args).not.toContain('--auto-truncate');
    expect(env(bind(), 'AUTO_TRUNCATE')).toBeUndefined();
  });

  test('an API key stays in its Secret', () => {
    expect(env(bind({}, { apiKey: { secretName: 'keys', key: 'tei' } }), 'API_KEY')).toBe('keys/tei');
  });

  test.each<[string, ContextOverrides, RegExp]>([
    ['chat', { model: Model.QWEN3_8B }, /is for text-generation.*task: ModelTask.EMBEDDING/],
    ['four devices', { accelerator: Accelerator.G6E_12XLARGE }, /4 devices, of which text-embeddings uses one: write accelerator.withDevices\(1\)/],
    ['B300', { accelerator: Accelerator.P6_B300_48XLARGE.withDevices(1) }, /has no build of text-embeddings/],
    ['a Graviton GPU', { accelerator: Accelerator.fromInstanceType('g5g.xlarge') }, /has no build of text-embeddings/],
    ['Inferentia', { accelerator: Accelerator.INF2_XLARGE }, /has no build of text-embeddings/],
  ])('fails for %s', (_name, overrides, message) => {
    expect(() => bind(overrides)).toThrow(message);
  });

  test('fails for a pooling that it has not', () => {
    expect(() => new TextEmbeddings({ pooling: 'meen' })).toThrow(/'pooling' \(meen\).*mean/);
  });
});

describe('text to image', () => {
  const model = Model.huggingFace('Qwen/Qwen-Image', { task: ModelTask.TEXT_TO_IMAGE });
  const bind = (overrides: ContextOverrides = {}, options: DiffusersOptions = {}) =>
    new Diffusers(options).bind(engineContext({ model, ...overrides }));

  test('is a server that is in the image: nothing is installed when a pod starts', () => {
    const config = bind();
    expect([...(config.command ?? []), config.args[0], config.args[1]]).toEqual(['vllm', 'serve', 'Qwen/Qwen-Image', '--omni']);
    expect(config.paths).toContain('/v1/images/generations');
    expect(JSON.stringify(config)).not.toMatch(/pip|apt-get|\bsh\b/);
  });

  test('its metrics have values', () => {
    const config = bind();
    expect(config.args).toContain('--log-stats');
    expect(config.metrics.queued).toBe('vllm_omni:num_requests_waiting');
  });

  test('several devices share one picture', () => {
    expect(flag(bind({ accelerator: Accelerator.G6E_12XLARGE }), 'ulysses-degree')).toBe('4');
    expect(flag(bind(), 'ulysses-degree')).toBeUndefined();
  });

  test('weights in a bucket are copied', () => {
    expect(bind({ weights: Weights.s3('s3://m/q/') }).args[0]).toBe('/cache/weights');
  });

  test.each<[string, ContextOverrides, RegExp]>([
    ['chat', { model: Model.QWEN3_8B }, /is for text-generation.*ModelTask.TEXT_TO_IMAGE/],
    ['Graviton', { accelerator: Accelerator.M8G_8XLARGE }, /has no build of diffusers: choose an NVIDIA type/],
  ])('fails for %s', (_name, overrides, message) => {
    expect(() => bind(overrides)).toThrow(message);
  });
});

describe('nim', () => {
  const options: NimOptions = { image: 'nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.12', ngcApiKey: { secretName: 'ngc' } };
  const bind = (overrides: ContextOverrides = {}, more: Partial<NimOptions> = {}) =>
    new Nim({ ...options, ...more }).bind(engineContext({ model: Model.LLAMA_3_1_8B, ...overrides }));

  test('the NGC key stays in its Secret, and the image is pulled with another', () => {
    expect(env(bind(), 'NGC_API_KEY')).toBe('ngc/NGC_API_KEY');
    expect(bind().imagePullSecrets).toEqual(['ngc-registry']);
  });

  test('is started as its image says: the container names neither a command nor arguments', () => {
    const engine = new Nim(options);
    const [container] = theOnly('Deployment', modelServer({ engine, model: Model.LLAMA_3_1_8B, accelerator: Accelerator.G6E_XLARGE })).spec.template.spec.containers;
    expect(container.name).toBe('engine');
    expect(container).not.toHaveProperty('command');
    expect(container).not.toHaveProperty('args');
  });

  test('runs as the user that owns its cache', () => {
    expect(bind().user).toEqual({ uid: 1000, gid: 1000, fsGroup: 1000 });
    expect(bind().cachePaths).toEqual([env(bind(), 'NIM_CACHE_PATH')]);
  });

  test('is found under the served name, with its own paths of health', () => {
    const config = bind({ servedName: 'llama', contextLength: 4096 });
    expect([env(config, 'NIM_SERVED_MODEL_NAME'), env(config, 'NIM_MAX_MODEL_LEN')]).toEqual(['llama', '4096']);
    expect([config.readinessPath, config.livenessPath, config.metricsPath]).toEqual(['/v1/health/ready', '/v1/health/live', '/v1/metrics']);
  });

  test('a profile decides the parallel sizes', () => {
    expect(env(bind(), 'NIM_TENSOR_PARALLEL_SIZE')).toBe('1');
    expect(env(bind({}, { profile: 'abc' }), 'NIM_TENSOR_PARALLEL_SIZE')).toBeUndefined();
  });

  test('the names of metrics depend on the version', () => {
    expect(bind().metrics.queued).toBe('vllm:num_requests_waiting');
    expect(bind({}, { version1Metrics: true }).metrics.queued).toBe('num_requests_waiting');
  });

  test.each<[string, ContextOverrides, RegExp]>([
    ['weights of its own', { weights: Weights.s3('s3://m/l/') }, /'weights' \(s3:\/\/m\/l\/\) cannot be used with nim/],
    ['Inferentia', { accelerator: Accelerator.INF2_XLARGE }, /has no build of nim/],
  ])('fails for %s', (_name, overrides, message) => {
    expect(() => bind(overrides)).toThrow(message);
  });

  test.each(['nvcr.io/nim/meta/llama', 'nvcr.io/nim/meta/llama:latest', 'localhost:5000/llama'])('fails for the floating image %s', (image) => {
    expect(() => new Nim({ ...options, image })).toThrow(/must have a fixed tag or digest/);
  });
});
