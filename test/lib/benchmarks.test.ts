import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import {
  Arrival,
  BenchmarkChart,
  type BenchmarkChartProps,
  BenchmarkScenario,
  type BenchmarkScenarioAttributes,
  GuideLlm,
  type IBenchmark,
  InferencePerf,
  Model,
  ModelTask,
  Vllm,
} from '../../lib';
import { manifestsOf, modelServer, theOnly } from '../fixtures/model-server';

const PROGRAMS = join(__dirname, '../../lib/benchmarks');

function benchmark(override: Partial<BenchmarkChartProps> = {}): BenchmarkChart {
  return new BenchmarkChart(new App(), 'bench', { name: 'bench', server: modelServer(), region: 'us-west-2', ...override });
}

interface Step {
  readonly name: string;
  readonly image: string;
  readonly command: string[];
  readonly args: string[];
  readonly env: { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly securityContext: object;
}

function stepsOf(chart: BenchmarkChart): Step[] {
  const { initContainers, containers } = theOnly('Job', chart).spec.template.spec;
  return [...initContainers, ...containers];
}

function configOf(tool: IBenchmark, scenario: BenchmarkScenario, more: Partial<BenchmarkChartProps> = {}) {
  const [text] = Object.entries(theOnly('ConfigMap', benchmark({ tool, scenario, ...more })).data ?? {})
    .filter(([name]) => name.endsWith('.json'))
    .map(([, content]) => content);
  return JSON.parse(text);
}

describe('a benchmark', () => {
  const chart = benchmark({ results: 's3://results/bench/', dataset: 's3://data/own/prompts.jsonl', tool: new GuideLlm(), promptField: 'question' });
  const job = theOnly('Job', chart);

  test('waits, copies prompts, measures and judges, one after the other', () => {
    expect(stepsOf(chart).map(({ name }) => name)).toEqual(['wait-for-server', 'copy-dataset', 'measure', 'verdict']);
    expect(stepsOf(chart)[0].args).toEqual(['http://chat.inference', 'Qwen/Qwen3-1.7B', '3600']);
  });

  test('is not tried again', () => {
    expect(job.spec).toMatchObject({ backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } });
  });

  test('runs without root, and nothing is installed', () => {
    expect(job.spec.template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1001 });
    for (const { command, args, securityContext } of stepsOf(chart)) {
      expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      expect([...command, ...args].filter((word) => /^(\/bin\/)?(ba)?sh$|^-c$|pip|apt-get/.test(word))).toEqual([]);
    }
  });

  test('files each run in a folder of its own', () => {
    const { args, env } = stepsOf(chart)[3];
    expect(args).toEqual(['/work/results', '0', 's3://results/bench/Qwen-Qwen3-1.7B/baseline/$(RUN_ID)/']);
    expect(env.find(({ name }) => name === 'RUN_ID')?.valueFrom).toEqual({
      fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" },
    });
  });

  test('asks for no place that only some clusters have', () => {
    expect(job.spec.template.spec.affinity).toBeUndefined();
  });

  test('reaches the server on the port of its pods', () => {
    const { egress } = theOnly('NetworkPolicy', chart).spec;
    expect(egress).toContainEqual({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'inference' } }, podSelector: { matchLabels: modelServer().endpointSelector } }],
      ports: [{ protocol: 'TCP', port: 8000 }],
    });
  });

  test('has another name when it does something else, and the same when it does not', () => {
    expect(benchmark().name).toBe(benchmark().name);
    const others = [benchmark(), benchmark({ run: '2' }), benchmark({ scenario: BenchmarkScenario.sweep() }), benchmark({ tool: new GuideLlm() })];
    expect(new Set(others.map(({ name }) => name)).size).toBe(others.length);
  });

  test('keeps keys and tokens in their Secrets', () => {
    const secured = benchmark({ apiKey: { secretName: 'keys' }, tokenSecret: { secretName: 'hub' } });
    const measure = stepsOf(secured).find(({ name }) => name === 'measure');
    expect(measure?.args).toEqual(expect.arrayContaining(['--server.api_key', '$(API_KEY)']));
    expect(measure?.env).toEqual(
      expect.arrayContaining([
        { name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'api-key' } } },
        { name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'hub', key: 'token' } } },
      ]),
    );
    expect(JSON.stringify(theOnly('ConfigMap', secured))).not.toContain('API_KEY)');
  });

  test('two of them share no name', () => {
    const names = (one: BenchmarkChart) => manifestsOf(one).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names(benchmark({ name: 'other' })).filter((name) => names(benchmark()).includes(name))).toEqual([]);
  });

  test.each<[string, Partial<BenchmarkChartProps>, RegExp]>([
    ['a name', { name: 'Bench' }, /'name' \(Bench\) must be a DNS label/],
    ['a share', { maxFailedShare: 5 }, /'maxFailedShare' \(5\) must be a share between 0 and 1/],
    ['a place of results', { results: '/tmp' }, /'results' \(\/tmp\) must be a folder in a bucket/],
    ['a data set', { dataset: 's3://data/folder/' }, /'dataset' \(s3:\/\/data\/folder\/\) must be a file/],
    ['a field', { promptField: 'question' }, /'promptField' \(question\) is not used by inference-perf.*new GuideLlm\(\)/],
    ['a gated tokenizer', { server: modelServer({ model: Model.LLAMA_3_2_1B }) }, /tokenizer of 'meta-llama.* is gated: pass tokenSecret/],
    ['a model of vectors', { server: modelServer({ engine: new Vllm(), model: Model.huggingFace('BAAI/bge-m3', { task: ModelTask.EMBEDDING }) }) }, /is for embedding, and benchmarks ask for text/],
  ])('fails for %s that is not possible', (_name, override, message) => {
    expect(() => benchmark(override)).toThrow(message);
  });
});

describe('scenarios', () => {
  test.each<[BenchmarkScenario, number[], number]>([
    [BenchmarkScenario.baseline(), [1], 300],
    [BenchmarkScenario.saturation(), [5, 10, 20, 40], 720],
    [BenchmarkScenario.production(), [15], 600],
    [BenchmarkScenario.sweep(), [], 1080],
  ])('%#: rates and seconds', (scenario, rates, seconds) => {
    expect([scenario.requestsPerSecond, scenario.seconds]).toEqual([rates, seconds]);
  });

  const OWN: BenchmarkScenarioAttributes = { name: 'peak-hour', requestsPerSecond: [2, 4], stageSeconds: 60, prompt: { mean: 100, standardDeviation: 10 }, output: { mean: 20 } };

  test('become stages of inference-perf', () => {
    expect(configOf(new InferencePerf({ workers: 2 }), BenchmarkScenario.of({ ...OWN, arrival: Arrival.POISSON }))).toMatchObject({
      load: { type: 'poisson', num_workers: 2, stages: [{ rate: 2, duration: 60 }, { rate: 4, duration: 60 }] },
      data: { type: 'random', input_distribution: { min: 60, max: 140, mean: 100, std_dev: 10 }, output_distribution: { min: 20, max: 20, mean: 20, std_dev: 0 } },
      server: { model_name: 'Qwen/Qwen3-1.7B', base_url: 'http://chat.inference', ignore_eos: true },
    });
    expect(configOf(new InferencePerf(), BenchmarkScenario.sweep()).load).toMatchObject({ sweep: { type: 'geometric', num_stages: 5, stage_duration: 180 } });
  });

  test('become a profile of GuideLLM', () => {
    expect(configOf(new GuideLlm(), BenchmarkScenario.of(OWN)).spec).toMatchObject({
      profile: { kind: 'constant', rate: [2, 4] },
      constraints: [{ kind: 'max_duration', seconds: 60 }],
      data: [{ kind: 'synthetic_text', prompt_tokens: 100, prompt_tokens_stdev: 10, prompt_tokens_min: 60, prompt_tokens_max: 140, output_tokens: 20 }],
    });
    expect(configOf(new GuideLlm(), BenchmarkScenario.sweep()).spec.profile).toEqual({ kind: 'sweep', sweep_size: 5 });
  });

  test("prompts of one's own are sent as chats, and end as they end", () => {
    const dataset = 's3://data/prompts.json';
    expect(configOf(new InferencePerf(), BenchmarkScenario.baseline(), { dataset })).toMatchObject({
      api: { type: 'chat' },
      data: { type: 'shareGPT', path: '/work/dataset/prompts.json' },
      server: { ignore_eos: false },
    });
    expect(configOf(new GuideLlm(), BenchmarkScenario.baseline(), { dataset, promptField: 'question' }).spec).toMatchObject({
      data: [{ kind: 'json_file', path: '/work/dataset/prompts.json' }],
      data_column_mapper: { column_mappings: { text_column: 'question' } },
    });
  });

  test.each<[string, () => IBenchmark]>([
    ['inference-perf', () => new InferencePerf()],
    ['guidellm', () => new GuideLlm()],
  ])("prompts of one's own are copied to where %s reads them", (_name, tool) => {
    const dataset = 's3://data/own/prompts.json';
    const copy = stepsOf(benchmark({ dataset, tool: tool() })).find(({ name }) => name === 'copy-dataset');
    const [, , source, target] = copy?.args ?? []; // aws s3 cp
    expect(source).toBe(dataset);
    expect(target).toMatch(/^\/work\/.+\.json$/);
    expect(JSON.stringify(configOf(tool(), BenchmarkScenario.baseline(), { dataset }))).toContain(JSON.stringify(target));
  });

  test.each<[string, Partial<BenchmarkScenarioAttributes>, RegExp]>([
    ['no rate', { requestsPerSecond: [] }, /'peak-hour' needs either 'requestsPerSecond' or 'sweepStages'/],
    ['both', { sweepStages: 3 }, /needs either/],
    ['a rate of 0', { requestsPerSecond: [0] }, /'requestsPerSecond' \(0\) must be above 0/],
    ['half a second', { stageSeconds: 0.5 }, /'stageSeconds' \(0.5\) must be a whole number/],
    ['an empty prompt', { prompt: { mean: 0 } }, /'prompt.mean' \(0\)/],
    ['a negative deviation', { output: { mean: 5, standardDeviation: -1 } }, /'output.standardDeviation' \(-1\)/],
    ['a name with blanks', { name: 'peak hour' }, /'name' \(peak hour\) of a scenario/],
  ])('fail for %s', (_name, override, message) => {
    expect(() => BenchmarkScenario.of({ ...OWN, ...override })).toThrow(message);
  });
});

describe('the verdict', () => {
  const guidellm = (errored: number, successful: number) => ({
    benchmarks: [{ metrics: { request_totals: { errored, successful, incomplete: 9, total: 9 + errored + successful } } }],
  });
  const inferencePerf = (failed: number, succeeded: number) => ({ failures: { count: failed }, successes: { count: succeeded } });

  test.each<[string, string, object, string, number, RegExp]>([
    ['passes when all answered', 'benchmarks.json', guidellm(0, 10), '0', 0, /10 requests, 0 failed/],
    ['passes when all answered', 'summary_lifecycle_metrics.json', inferencePerf(0, 10), '0', 0, /10 requests, 0 failed/],
    ['fails when one failed', 'benchmarks.json', guidellm(1, 9), '0', 1, /1 of 10 requests failed, and at most 0.0% may/],
    ['fails when one failed', 'summary_lifecycle_metrics.json', inferencePerf(1, 9), '0', 1, /1 of 10 requests failed/],
    ['allows a share', 'summary_lifecycle_metrics.json', inferencePerf(1, 9), '0.1', 0, /10 requests, 1 failed/],
    ['fails when all failed', 'benchmarks.json', guidellm(10, 0), '0.5', 1, /10 of 10 requests failed/],
    ['fails when none was sent', 'benchmarks.json', guidellm(0, 0), '1', 1, /no request was sent/],
    ['fails without results', 'other.json', {}, '1', 1, /the tool did not finish/],
  ])('%s (%s)', async (_name, file, result, share, status, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'verdict-'));
    mkdirSync(join(folder, 'reports'));
    writeFileSync(join(folder, 'reports', file), JSON.stringify(result));
    const run = await python('benchmark_verdict.py', [folder, share]);
    expect(run.status).toBe(status);
    expect(run.output).toMatch(message);
  });
});

describe('the wait', () => {
  const listening: Server[] = [];
  afterAll(() => listening.forEach((server) => server.close()));

  async function serving(models: string[], key?: string): Promise<string> {
    const server = createServer((request, response) => {
      const allowed = key === undefined || request.headers.authorization === `Bearer ${key}`;
      response.statusCode = !allowed ? 401 : request.url === '/v1/models' ? 200 : 404;
      response.end(JSON.stringify({ data: models.map((id) => ({ id })) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    listening.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
  }

  test('ends when the server has the model', async () => {
    expect(await python('benchmark_wait.py', [await serving(['qwen3']), 'qwen3', '1'])).toMatchObject({ status: 0 });
  });

  test('shows the key', async () => {
    const endpoint = await serving(['qwen3'], 'secret');
    expect(await python('benchmark_wait.py', [endpoint, 'qwen3', '1'], { API_KEY: 'secret' })).toMatchObject({ status: 0 });
    const refused = await python('benchmark_wait.py', [endpoint, 'qwen3', '1']);
    expect(refused).toMatchObject({ status: 1, output: expect.stringContaining('HTTP 401') });
  });

  test('gives up on another model, and says what there is', async () => {
    const run = await python('benchmark_wait.py', [await serving(['llama']), 'qwen3', '1']);
    expect(run).toMatchObject({ status: 1, output: expect.stringContaining('it serves llama') });
  });

  test('gives up on no server', async () => {
    expect(await python('benchmark_wait.py', ['http://127.0.0.1:9', 'qwen3', '1'])).toMatchObject({ status: 1 });
  });
});

interface Run {
  readonly status: number;
  readonly output: string;
}

function python(program: string, args: string[], env: { readonly [name: string]: string } = {}): Promise<Run> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env } };
    execFile('python3', [join(PROGRAMS, program), ...args], options, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, output: `${stdout}${stderr}` });
    });
  });
}
