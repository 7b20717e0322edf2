import { App } from 'cdk8s';
import {
  BenchmarkChart, BenchmarkScenario, Diffusers, type EngineMetrics, GuideLlm, InferencePerf, Model, ServingPod, SgLang, TextEmbeddings, Versions,
} from '../../lib';
import { combinations, ENGINE_NAMES, presetsElsewhere, type Served, TOPOLOGY_NAMES } from './cases';
import type { EnvironmentName } from './environments/environment';
import { judge, refusals } from './support/checker';
import { containersOf, type StartedContainer } from './support/containers';
import { modelLike, tinyGguf, wideModel, workspace } from './support/fixtures';
import { startLlama } from './support/llama';
import { EngineProcess } from './support/process';
import { judgeByRecord, recordedFlags } from './support/recorded-flags';
import { modelNamedIn, type Synthesized, synthesizedApps } from './synthesized';

/**
 * Everything that the charts emit, for every combination of engine, topology, accelerator and weights, and every container
 * that an example or a config file puts on a cluster, judged by the code of the engine that will read it.
 */
const files = workspace();
afterAll(async () => {
  await EngineProcess.stopAll();
  files.remove();
});

let served: Served[];
let apps: Synthesized[];
let wide: string;
beforeAll(() => {
  wide = wideModel(files.folder);
  served = [...combinations(), ...presetsElsewhere()];
  apps = synthesizedApps();
}, 1_200_000);

/** The vLLM in each image. */
const VLLM_IN: { readonly [image: string]: EnvironmentName } = {
  [Versions.VLLM_IMAGE]: 'vllm',
  [Versions.VLLM_CPU_IMAGE]: 'vllm-0.28',
  [Versions.VLLM_EFA_IMAGE]: 'vllm-0.27',
  [Versions.VLLM_NEURON_IMAGE]: 'vllm-0.24',
  [Versions.VLLM_NEURON_LEGACY_IMAGE]: 'vllm-0.16',
};

/** Other images with an engine, or what their names begin with, and what judges them. */
const JUDGED_BY: { readonly [image: string]: string } = {
  [Versions.SGLANG_IMAGE]: 'its parser',
  [Versions.TRITON_VLLM_IMAGE]: 'the record of its flags, its protobuf, and the vLLM in it',
  [Versions.TRITON_TRTLLM_IMAGE]: 'the record of its flags',
  [Versions.TEI_IMAGE]: 'the record of its flags',
  [Versions.VLLM_OMNI_IMAGE]: 'its parser',
  [Versions.LLAMA_CPP_IMAGE]: 'starting it',
  [Versions.LLAMA_CPP_CUDA_IMAGE]: 'starting it',
  [Versions.RAY_LLM_IMAGE]: "Ray's schema of the RayService beside it, which starts the engine",
  'nvcr.io/nim/': 'nobody: a NIM is closed, and takes nothing but environment variables',
};

/** Images without an engine, and what tries their containers. */
const NO_ENGINE: { readonly [image: string]: string } = {
  [Versions.MODEL_COPY_IMAGE]: 'test/lib/charts/model-copy-chart.test.ts',
  [Versions.AWS_CLI_IMAGE]: 'one command of two addresses',
  [Versions.LLM_D_SIDECAR_IMAGE]: 'run-disaggregated.test.ts',
  [Versions.ENVOY_IMAGE]: 'run-disaggregated.test.ts',
  [Versions.HELM_IMAGE]: 'test/constructs/addons.test.ts',
  [Versions.GUIDELLM_IMAGE]: 'its command, below',
  [Versions.INFERENCE_PERF_IMAGE]: 'its command, below',
};

interface Started extends StartedContainer {
  readonly name: string;
  readonly model: string;
}

function started(): Started[] {
  return [
    ...served.flatMap(({ name, model, containers, serveConfig }) =>
      serveConfig ? [] : containers.map((container) => ({ ...container, name: `${name}: ${container.origin}`, model: modelLike(model, wide) }))),
    ...apps.flatMap(({ name, containers }) => containers.map((container) => {
      const model = modelNamedIn(JSON.stringify([container.args, container.files]));
      return { ...container, name: `${name}: ${container.origin}/${container.spec.name}`, model: model ? modelLike(model, wide) : wide };
    })),
  ];
}

/** Containers of an image, or of all images with a beginning. */
function of(image: string): Started[] {
  return started().filter((container) => container.image.startsWith(image));
}

/** Their command lines, one of each. */
function commandLines(image: string, expected: readonly string[]): { name: string; args: readonly string[]; env: { readonly [name: string]: string } }[] {
  return distinct(of(image).map(({ name, command, args, env }) => {
    expect({ name, command }).toEqual({ name, command: expected });
    return { name, args, env };
  }));
}

/** The names in an engine's metrics. */
function namesOf({ modelLabel: _label, ...metrics }: EngineMetrics): string[] {
  return Object.values(metrics);
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
});

test('every example and every config has an engine', () => {
  expect(apps.filter(({ containers }) => !containers.some(({ spec }) => spec.name === ServingPod.CONTAINER)).map(({ name }) => name)).toEqual([]);
  expect(apps.length).toBeGreaterThan(Model.catalogue().length);
});

test('every container of every pod is judged, or is known to hold no engine', () => {
  const known = [...Object.keys(VLLM_IN), ...Object.keys(JUDGED_BY), ...Object.keys(NO_ENGINE)];
  const unknown = started().filter(({ image }) => !known.some((beginning) => image.startsWith(beginning)));
  expect(unknown.map(({ name, image }) => `${name} ${image}`)).toEqual([]);
});

test.concurrent.each(Object.entries(VLLM_IN))('%s: its vLLM (%s) takes the command line and the environment', async (image, engine) => {
  const cases = distinct(of(image).map(({ name, command, args, files: texts, env, model }) => {
    expect({ name, command }).toEqual({ name, command: ['vllm', 'serve'] });
    return { name, args, files: texts, env, model };
  }));
  expect(cases.length).toBeGreaterThan(0);
  expect(refusals(await judge(engine, 'vllm_arguments', cases))).toEqual({});
}, 900_000);

test.concurrent('sglang takes the command line, and exports the metrics that are named', async () => {
  const cases = [
    ...commandLines(Versions.SGLANG_IMAGE, ['python3', '-m', 'sglang.launch_server']),
    { name: 'metrics', args: ['--model-path', 'org/model'], metrics: namesOf(SgLang.METRICS) },
  ];
  expect(cases.length).toBeGreaterThan(1);
  expect(refusals(await judge('sglang', 'sglang_arguments', cases))).toEqual({});
}, 900_000);

test.concurrent('vllm-omni takes the command line and the environment, and exports the metrics that are named', async () => {
  const cases = [
    ...commandLines(Versions.VLLM_OMNI_IMAGE, ['vllm', 'serve']),
    { name: 'metrics', args: ['org/model', '--omni'], metrics: namesOf(Diffusers.METRICS), label: Diffusers.METRICS.modelLabel },
  ];
  expect(cases.length).toBeGreaterThan(1);
  expect(refusals(await judge('vllm-omni', 'vllm_omni_arguments', cases))).toEqual({});
}, 900_000);

/** It has no other way to judge its arguments than to start with them; with a tiny model that takes half a second. */
test('llama.cpp starts with the command line', async () => {
  const containers = [...of(Versions.LLAMA_CPP_IMAGE), ...of(Versions.LLAMA_CPP_CUDA_IMAGE)];
  const commands = new Map(containers.map((container) => [JSON.stringify(container.args), container]));
  expect(commands.size).toBeGreaterThan(0);
  const model = tinyGguf(files.folder);
  for (const container of commands.values()) {
    const { base, engine } = await startLlama(container, model, files.folder);
    await engine.ready(`${base}/health`, 60).catch((error: unknown) => {
      throw new Error(`${container.name}: ${String(error)}`, { cause: error });
    });
    await engine.kill();
  }
}, 1_500_000);

describe('by the record of its flags', () => {
  test.each([
    [Versions.TRITON_VLLM_IMAGE, 'triton-openai', ['python3', '/opt/tritonserver/python/openai/openai_frontend/main.py']],
    [Versions.TRITON_TRTLLM_IMAGE, 'trtllm-serve', ['trtllm-serve', 'serve']],
    [Versions.TEI_IMAGE, 'text-embeddings', []],
  ])('%s takes the command line', (image, record, command) => {
    const cases = commandLines(image, command);
    expect(cases.length).toBeGreaterThan(0);
    expect(refusals(judgeByRecord(recordedFlags(record), cases))).toEqual({});
  });

  test('text embeddings has the metrics that are named, and reads the variables that are set', () => {
    const { metrics, flags } = recordedFlags('text-embeddings');
    expect(namesOf(TextEmbeddings.METRICS).filter((metric) => !metrics?.includes(metric))).toEqual([]);
    for (const variable of ['API_KEY', 'AUTO_TRUNCATE', 'HUGGINGFACE_HUB_CACHE']) {
      expect(Object.keys(flags)).toContain(`--${variable.toLowerCase().replaceAll('_', '-')}`);
    }
  });
});

test.concurrent('triton takes the model repository, and its vLLM the engine arguments in it', async () => {
  const repositories = of(Versions.TRITON_VLLM_IMAGE).flatMap(({ name, files: texts, env, model }) =>
    Object.entries(texts).map(([path, text]) => ({ name: `${name} ${path}`, path, text, env, model })));
  const configs = distinct(repositories.filter(({ path }) => path.endsWith('/config.pbtxt')).map(({ name, text }) => ({ name, config: text })));
  const models = distinct(repositories.filter(({ path }) => path.endsWith('/1/model.json')).map(({ name, text, env, model }) =>
    ({ name, keywords: JSON.parse(text), env, model })));
  expect(configs.length).toBeGreaterThan(0);
  expect(models.length).toBeGreaterThan(0);
  expect(refusals(await judge('triton', 'triton_model_config', configs))).toEqual({});
  expect(refusals(await judge('vllm-0.24', 'vllm_arguments', models))).toEqual({});
}, 900_000);

test.concurrent('ray serve takes the applications, and its vLLM the engine arguments in them', async () => {
  const fromApps = apps.flatMap(({ name, serveConfigs }) => Object.entries(serveConfigs).map(([service, config]) => {
    const model = modelNamedIn(config);
    return { name: `${name}: ${service}`, config, model: model ? modelLike(model, wide) : wide };
  }));
  expect(fromApps.length).toBeGreaterThan(0);
  const cases = distinct([
    ...served.flatMap(({ name, serveConfig, model }) => (serveConfig ? [{ name, config: serveConfig, model: modelLike(model, wide) }] : [])),
    ...fromApps,
  ]);
  expect(cases.length).toBeGreaterThan(0);
  expect(refusals(await judge('ray', 'ray_serve', cases))).toEqual({});
}, 900_000);

test.concurrent.each([
  ['guidellm', () => new GuideLlm(), 'guidellm_arguments', Versions.GUIDELLM_IMAGE],
  ['inference-perf', () => new InferencePerf(), 'inference_perf_arguments', Versions.INFERENCE_PERF_IMAGE],
] as const)('a benchmark job: %s takes the command line and the configuration of every scenario', async (_name, tool, checker, image) => {
  const [{ chart: server }] = served;
  const scenarios = [BenchmarkScenario.baseline(), BenchmarkScenario.saturation(), BenchmarkScenario.sweep(), BenchmarkScenario.production()];
  const options = [{}, { apiKey: { secretName: 'keys' } }, { dataset: 's3://bucket/prompts.jsonl' }];
  const configuration = ({ args, files: texts }: StartedContainer) =>
    ({ args, files: Object.fromEntries(Object.entries(texts).filter(([path]) => path.endsWith('.json'))) });
  const cases = scenarios.flatMap((scenario) => options.map((option) => {
    const job = new BenchmarkChart(new App(), 'benchmark', { name: 'benchmark', server, tool: tool(), scenario, ...option });
    const measure = containersOf(job).find(({ spec }) => spec.name === 'measure');
    if (!measure) throw new Error('no container measures');
    expect(measure.image).toBe(image);
    return { name: `${scenario.name} ${Object.keys(option).join()}`, ...configuration(measure) };
  }));
  const inApps = of(image).filter(({ spec }) => spec.name === 'measure').map((container) => ({ name: container.name, ...configuration(container) }));
  expect(refusals(await judge('benchmarks', checker, [...cases, ...inApps]))).toEqual({});
}, 900_000);
