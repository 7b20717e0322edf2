import { App } from 'cdk8s';
import { BenchmarkChart, BenchmarkScenario, GuideLlm, InferencePerf, Versions } from '../../lib';
import { combinations, ENGINE_NAMES, presets, presetsElsewhere, recipes, type Served, TOPOLOGY_NAMES } from './cases';
import type { EnvironmentName } from './environments/environment';
import { judge, refusals } from './support/checker';
import { containersOf, type StartedContainer } from './support/containers';
import { modelLike, wideModel, workspace } from './support/fixtures';

/**
 * Everything that the charts emit, for every combination of engine, topology, accelerator and weights, and for every
 * model of the catalogue, judged by the code of the engine that will read it.
 */
const files = workspace();
afterAll(files.remove);

let served: Served[];
let wide: string;
beforeAll(() => {
  wide = wideModel(files.folder);
  served = [...combinations(), ...presets(), ...presetsElsewhere(), ...recipes()];
}, 1_200_000);

/** The vLLM in each image. */
const VLLM_IN: { readonly [image: string]: EnvironmentName } = {
  [Versions.VLLM_IMAGE]: 'vllm',
  [Versions.VLLM_CPU_IMAGE]: 'vllm-0.28',
  [Versions.VLLM_EFA_IMAGE]: 'vllm-0.27',
  [Versions.VLLM_NEURON_IMAGE]: 'vllm-0.24',
  [Versions.VLLM_NEURON_LEGACY_IMAGE]: 'vllm-0.16',
};

/** Images, or what their names begin with, that no code here can judge, and why. */
const NOT_JUDGED: { readonly [image: string]: string } = {
  [Versions.TRITON_TRTLLM_IMAGE]: 'TensorRT-LLM imports CUDA before it reads its arguments',
  'nvcr.io/nim/': 'a NIM is not a Python package',
  [Versions.TEI_IMAGE]: 'Text Embeddings Inference is not a Python package',
  [Versions.VLLM_OMNI_IMAGE]: 'vLLM-Omni adds arguments to vLLM and has no build for a CPU',
};

interface Started extends StartedContainer {
  readonly name: string;
  readonly model: string;
}

function started(): Started[] {
  return served.flatMap(({ name, model, containers, serveConfig }) =>
    serveConfig ? [] : containers.map((container) => ({ ...container, name: `${name}: ${container.origin}`, model: modelLike(model, wide) })));
}

/** One of each: most combinations differ in nothing that an engine reads. */
function distinct<T extends { readonly name: string }>(cases: readonly T[]): T[] {
  return [...new Map(cases.map((one) => [JSON.stringify({ ...one, name: '' }), one])).values()];
}

test('the sweep reaches every engine and every topology', () => {
  const names = served.map(({ name }) => name).join('\n');
  expect([...ENGINE_NAMES, ...TOPOLOGY_NAMES].filter((name) => !names.includes(`${name}, `))).toEqual([]);
  expect(names).toContain(' on ray');
  expect(names).toContain(' on two nodes');
  expect(names).toContain('recipe ');
});

test('every container is judged, or is known not to be', () => {
  const unknown = started().filter(({ image }) => !(image in VLLM_IN) && !Object.keys(NOT_JUDGED).some((known) => image.startsWith(known))
    && ![Versions.SGLANG_IMAGE, Versions.TRITON_VLLM_IMAGE, Versions.LLAMA_CPP_IMAGE, Versions.LLAMA_CPP_CUDA_IMAGE].includes(image));
  expect(unknown.map(({ name, image }) => `${name} ${image}`)).toEqual([]);
});

describe.each(Object.entries(VLLM_IN))('%s', (image, engine) => {
  test(`its vLLM (${engine}) takes the command line and the environment`, async () => {
    const cases = distinct(started().filter((container) => container.image === image).map(({ name, command, args, files: texts, env, model }) => {
      expect(command).toEqual(['vllm', 'serve']);
      return { name, args, files: texts, env, model };
    }));
    expect(cases.length).toBeGreaterThan(0);
    expect(refusals(await judge(engine, 'vllm_arguments', cases))).toEqual({});
  }, 600_000);
});

test('sglang takes the command line', async () => {
  const cases = distinct(started().filter(({ image }) => image === Versions.SGLANG_IMAGE).map(({ name, command, args }) => {
    expect(command).toEqual(['python3', '-m', 'sglang.launch_server']);
    return { name, args };
  }));
  expect(cases.length).toBeGreaterThan(0);
  expect(refusals(await judge('sglang', 'sglang_arguments', cases))).toEqual({});
}, 300_000);

test('triton takes the model repository, and its vLLM the engine arguments in it', async () => {
  const containers = started().filter(({ image }) => image === Versions.TRITON_VLLM_IMAGE);
  const repositories = containers.flatMap(({ name, files: texts, env, model }) =>
    Object.entries(texts).map(([path, text]) => ({ name: `${name} ${path}`, path, text, env, model })));
  const configs = distinct(repositories.filter(({ path }) => path.endsWith('/config.pbtxt')).map(({ name, text }) => ({ name, config: text })));
  const models = distinct(repositories.filter(({ path }) => path.endsWith('/1/model.json')).map(({ name, text, env, model }) =>
    ({ name, keywords: JSON.parse(text), env, model })));
  expect(configs.length).toBeGreaterThan(0);
  expect(models.length).toBeGreaterThan(0);
  expect(refusals(await judge('triton', 'triton_model_config', configs))).toEqual({});
  expect(refusals(await judge('vllm-0.24', 'vllm_arguments', models))).toEqual({});
}, 300_000);

test('ray serve takes the applications, and its vLLM the engine arguments in them', async () => {
  const cases = distinct(served.flatMap(({ name, serveConfig, model }) => (serveConfig ? [{ name, config: serveConfig, model: modelLike(model, wide) }] : [])));
  expect(cases.length).toBeGreaterThan(0);
  expect(refusals(await judge('ray', 'ray_serve', cases))).toEqual({});
}, 600_000);

describe.each([
  ['guidellm', () => new GuideLlm(), 'guidellm_arguments'],
  ['inference-perf', () => new InferencePerf(), 'inference_perf_arguments'],
] as const)('a benchmark job', (name, tool, checker) => {
  test(`${name} takes the command line and the configuration of every scenario`, async () => {
    const [{ chart: server }] = served;
    const scenarios = [BenchmarkScenario.baseline(), BenchmarkScenario.saturation(), BenchmarkScenario.sweep(), BenchmarkScenario.production()];
    const options = [{}, { apiKey: { secretName: 'keys' } }, { dataset: 's3://bucket/prompts.jsonl' }];
    const cases = scenarios.flatMap((scenario) => options.map((option) => {
      const job = new BenchmarkChart(new App(), 'benchmark', { name: 'benchmark', server, tool: tool(), scenario, ...option });
      const measure = containersOf(job).find(({ spec }) => spec.name === 'measure');
      if (!measure) throw new Error('no container measures');
      const config = Object.fromEntries(Object.entries(measure.files).filter(([path]) => path.endsWith('.json')));
      return { name: `${scenario.name} ${Object.keys(option).join()}`, args: measure.args, files: config };
    }));
    expect(refusals(await judge('benchmarks', checker, cases))).toEqual({});
  }, 180_000);
});
