import { App, Testing } from 'cdk8s';
import {
  Accelerator, BenchmarkChart, BenchmarkScenario, GuideLlm, type IBenchmark, InferencePerf, Model, ModelServerChart, QueueScaling, Versions, Vllm,
} from '../../lib';
import { environment } from './environments/environment';
import { containersOf, SECRET, type StartedContainer } from './support/containers';
import { tinyModel, workspace } from './support/fixtures';
import { vllmHere } from './support/here';
import { benchmarkFolders, runJob } from './support/job';
import { OpenAi } from './support/openai';
import { EngineProcess, freePort, sleep, statusOf, within } from './support/process';
import { has, scrape } from './support/prometheus';

/**
 * vLLM itself, started as the chart says: only the model, its load format and number format, the port and the folder of
 * the cache are this machine's.
 */
const SERVED = 'chat-model';
const files = workspace();
const chart = new ModelServerChart(new App(), 'chat', {
  name: 'chat',
  namespace: 'inference',
  region: 'us-west-2',
  model: Model.QWEN3_1_7B,
  servedName: SERVED,
  engine: new Vllm({ apiKey: { secretName: 'keys' } }),
  accelerator: Accelerator.G6_XLARGE,
  scaling: new QueueScaling({ maxReplicas: 4 }),
  contextLength: 2048,
  concurrency: 8,
});
let container: StartedContainer;
let vllm: EngineProcess;
let base: string;
let client: OpenAi;

beforeAll(async () => {
  [container] = containersOf(chart);
  expect(container.image).toBe(Versions.VLLM_IMAGE);
  const { command } = environment('vllm');
  const port = await freePort();
  const here = vllmHere(container, { model: tinyModel(files.folder), port, folder: files.folder });
  const [program, ...rest] = container.command;
  const started = Date.now();
  vllm = EngineProcess.start(command(program), [...rest, ...here.args], here.env, files.folder);
  base = `http://127.0.0.1:${port}`;
  client = new OpenAi(base, SECRET);
  await vllm.ready(base + readinessPath(container), 400);
  report(`vLLM is ready after ${seconds(started)} s`);
}, 1_500_000);

afterAll(async () => {
  await EngineProcess.stopAll();
  files.remove();
});

test('answers completions, chats and streams under the served name', async () => {
  expect(await client.models()).toEqual([SERVED]);
  const [completion, chat, stream] = [await client.completion(SERVED), await client.chat(SERVED), await client.chat(SERVED, 8, { stream: true })];
  expect([completion.status, chat.status, stream.status]).toEqual([200, 200, 200]);
  expect(JSON.parse(completion.text)).toMatchObject({ model: SERVED, choices: [{ finish_reason: expect.any(String) }] });
  expect(JSON.parse(chat.text)).toMatchObject({ model: SERVED, choices: [{ message: { role: 'assistant' } }] });
  expect(stream.done).toBe(true);
  expect(new Set(stream.events.map(({ model }) => model))).toEqual(new Set([SERVED]));
});

test('refuses a model that is not there with 404, and too many tokens with 400', async () => {
  expect((await client.completion('other')).status).toBe(404);
  expect((await client.completion(SERVED, 100_000)).status).toBe(400);
});

test('asks for the key of the secret under /v1, and nowhere else', async () => {
  expect((await new OpenAi(base).completion(SERVED)).status).toBe(401);
  expect((await new OpenAi(base, 'wrong').completion(SERVED)).status).toBe(401);
  expect(await statusOf(`${base}/v1/models`)).toBe(401);
  expect(await statusOf(base + readinessPath(container))).toBe(200); // the kubelet has no key
  expect(await statusOf(base + chart.engineConfig.metricsPath)).toBe(200); // nor has Prometheus
});

test('exports every metric that the chart names, and that its autoscaler asks for', async () => {
  const samples = await scrape(base + chart.engineConfig.metricsPath);
  const { modelLabel = '', ...metrics } = chart.engineConfig.metrics;
  const queries = JSON.stringify(Testing.synth(chart).filter(({ kind }) => kind === 'ScaledObject'));
  const asked = [...new Set(queries.match(/\bvllm:\w+/g))];
  expect(asked.length).toBeGreaterThan(0);
  const missing = [...Object.values(metrics), ...asked].filter((metric) => !has(samples, metric, { [modelLabel]: SERVED }));
  expect(missing).toEqual([]);
});

describe.each<[string, () => IBenchmark]>([
  ['inference-perf', () => new InferencePerf()],
  ['guidellm', () => new GuideLlm()],
])('a benchmark job with %s', (name, tool) => {
  /** Ten requests at most: what is tried is the job, not the server. */
  const scenario = (prompt: number) => BenchmarkScenario.of({ name: 'short', requestsPerSecond: [1], stageSeconds: 6, prompt: { mean: prompt }, output: { mean: 8 } });

  function benchmark(prompt: number) {
    const job = new BenchmarkChart(new App(), 'benchmark', {
      name: 'benchmark', server: chart, tool: tool(), scenario: scenario(prompt), apiKey: { secretName: 'keys' }, waitSeconds: 60,
    });
    const folder = `${files.folder}/${name}-${prompt}`;
    return runJob(containersOf(job), environment('benchmarks'), folder, {
      ...benchmarkFolders(folder),
      [chart.endpoint]: base,
      [chart.model.id]: tinyModel(files.folder),
    });
  }

  test('waits for the server, measures it and ends well', async () => {
    const steps = await benchmark(64);
    const outcome = steps.map(({ name: step, code }) => [step, code]);
    expect({ outcome, log: steps.at(-1)?.log.slice(-2000) }).toEqual({
      outcome: [['wait-for-server', 0], ['measure', 0], ['verdict', 0]], log: expect.stringMatching(/^[1-9]\d* requests, 0 failed$/m),
    });
    report(`${name}: ${steps.at(-1)?.log.trim()}`);
  }, 400_000);

  test('fails when the requests fail, although the tool ends well', async () => {
    const steps = await benchmark(3000); // longer than the context: every request gets 400
    const outcome = steps.map(({ name: step, code }) => [step, code]);
    expect({ outcome, log: steps.at(-1)?.log.slice(-2000) }).toEqual({
      outcome: [['wait-for-server', 0], ['measure', 0], ['verdict', 1]], log: expect.stringMatching(/requests failed/),
    });
  }, 400_000);
});

describe('at its end', () => {
  /**
   * A pod that goes leaves the endpoints while its preStop pause runs; only then comes SIGTERM. Clients that have not
   * heard of it yet still send requests during the pause.
   */
  test('no request that was accepted is lost: pause, SIGTERM, drain, within the grace period', async () => {
    const pause = container.spec.lifecycle?.preStop?.sleep?.seconds ?? 0;
    const grace = container.pod.terminationGracePeriodSeconds ?? 30;
    const drain = Number(container.args[container.args.indexOf('--shutdown-timeout') + 1]);
    expect(pause).toBeGreaterThan(0);
    expect(grace).toBeGreaterThanOrEqual(pause + drain + 5);

    const long = (stream: boolean) => client.completion(SERVED, 1500, { stream, ignore_eos: true });
    const deleted = Date.now();
    const statuses: Promise<number>[] = [long(true), long(false)].map((answer) => answer.then(({ status, done, text }) => (status === 200 && (done || text.includes('"finish_reason"')) ? 200 : -1)));
    while (Date.now() - deleted < pause * 1000) {
      statuses.push(client.completion(SERVED, 16).then(({ status }) => status)); // sent by clients that still know the address
      await sleep(500);
    }
    const last = [long(true), long(false)]; // accepted at the very end of the pause
    const accepted = statuses.length + last.length;
    let answered = 0;
    for (const answer of [...statuses, ...last]) void answer.then(() => { answered += 1; }, () => { answered += 1; });
    // accepted means that the engine counts it, however long a busy machine takes to get there
    const counted = async () => (await scrape(`${base}/metrics`))
      .filter(({ name }) => name === 'vllm:num_requests_running' || name === 'vllm:num_requests_waiting').reduce((sum, { value }) => sum + value, 0);
    while (await counted() < accepted - answered) await sleep(50);

    const signalled = Date.now();
    vllm.terminate();
    await sleep(1000);
    const late = await client.completion(SERVED, 4).then(({ status }) => status, () => undefined);

    const [streamed, whole] = await Promise.all(last);
    const finished = Date.now();
    expect(await Promise.all(statuses)).toEqual(statuses.map(() => 200));
    expect({ status: streamed.status, done: streamed.done }).toEqual({ status: 200, done: true });
    expect(streamed.events.at(-1)?.choices?.[0]?.finish_reason ?? streamed.events.at(-2)?.choices?.[0]?.finish_reason).toBe('length');
    expect(whole.status).toBe(200);
    expect(finished).toBeGreaterThan(signalled); // the drain was needed

    const end = await within(vllm.ended, grace - pause);
    expect(end).toMatchObject({ code: 0 });
    // without the pause, these would have been clients' requests
    expect(late).not.toBe(200);
    report(`drain: pause ${pause} s, --shutdown-timeout ${drain} s, grace ${grace} s; ${accepted} requests accepted, none lost; ` +
      `work ended ${((finished - signalled) / 1000).toFixed(1)} s after SIGTERM, the process ${(((end?.at ?? 0) - signalled) / 1000).toFixed(1)} s; ` +
      `a request sent 1 s after SIGTERM got ${late ?? 'no answer'}`);
  }, 240_000);
});

function readinessPath({ spec }: StartedContainer): string {
  if (!spec.readinessProbe) throw new Error('no readiness probe');
  return spec.readinessProbe.httpGet.path;
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

/** Figures of this run, for whoever reads the output. */
function report(text: string): void {
  process.stderr.write(`[engines] ${text}\n`);
}
