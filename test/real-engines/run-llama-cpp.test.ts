import { App } from 'cdk8s';
import { Accelerator, LlamaCpp, type LlamaCppOptions, Model, ModelServerChart } from '../../lib';
import { containersOf, SECRET, type StartedContainer } from './support/containers';
import { tinyGguf, workspace } from './support/fixtures';
import { startLlama } from './support/llama';
import { OpenAi } from './support/openai';
import { EngineProcess, statusOf } from './support/process';
import { has, scrape } from './support/prometheus';

/** llama.cpp itself, started as the chart says; judged.test.ts starts it with every command line. */
const SERVED = 'chat-model';
const files = workspace();
let model: string;

beforeAll(() => {
  model = tinyGguf(files.folder);
}, 1_500_000);

afterEach(() => EngineProcess.stopAll());
afterAll(files.remove);

const start = (container: StartedContainer, more: readonly string[] = []) => startLlama(container, model, files.folder, more);

function graviton(options: LlamaCppOptions = {}): { chart: ModelServerChart; container: StartedContainer } {
  const chart = new ModelServerChart(new App(), 'chat', {
    name: 'chat', namespace: 'inference', model: Model.QWEN3_1_7B, servedName: SERVED, accelerator: Accelerator.C8G_4XLARGE,
    engine: new LlamaCpp({ file: 'model-Q4_K_M.gguf', ...options }), contextLength: 2048, concurrency: 2,
  });
  const [container] = containersOf(chart).filter(({ spec }) => spec.readinessProbe !== undefined);
  return { chart, container };
}

test.each([
  ['a flag', ['--max-model-len', '4096'], /max-model-len/],
  ['a value', ['--parallel', 'two'], /two|stoi|parallel/],
  ['a cache format', ['--cache-type-k', 'fp8'], /fp8/],
])('refuses %s that it does not know', async (_what, args, reason) => {
  const { engine } = await start(graviton().container, args);
  const { code } = await engine.ended;
  expect(code).not.toBe(0);
  expect(engine.log).toMatch(reason);
});

test('answers under the served name, and exports the metrics that the chart names', async () => {
  const { chart, container } = graviton();
  const { base, engine } = await start(container);
  await engine.ready(base + (container.spec.readinessProbe?.httpGet.path ?? ''), 60);
  const client = new OpenAi(base);
  expect(await client.models()).toEqual([SERVED]);
  const [completion, chat, stream] = [await client.completion(SERVED), await client.chat(SERVED), await client.chat(SERVED, 8, { stream: true })];
  expect([completion.status, chat.status, stream.status]).toEqual([200, 200, 200]);
  expect(JSON.parse(chat.text)).toMatchObject({ model: SERVED });
  expect(stream.done).toBe(true);
  expect((await client.chat('other')).status).toBe(200); // it serves one model, and answers to any name

  const samples = await scrape(base + chart.engineConfig.metricsPath);
  expect(chart.engineConfig.metrics.modelLabel).toBeUndefined();
  expect(Object.values(chart.engineConfig.metrics).filter((metric) => !has(samples, metric))).toEqual([]);
});

test('asks for the key of the secret under /v1 and for the metrics, and not for its health', async () => {
  const { chart, container } = graviton({ apiKey: { secretName: 'keys' } });
  const { base, engine } = await start(container);
  await engine.ready(`${base}/health`, 60); // the kubelet has no key
  expect((await new OpenAi(base).chat(SERVED)).status).toBe(401);
  expect((await new OpenAi(base, 'wrong').chat(SERVED)).status).toBe(401);
  expect((await new OpenAi(base, SECRET).chat(SERVED)).status).toBe(200);
  const { metricsKey, metricsPath, metrics } = chart.engineConfig;
  expect(metricsKey).toEqual({ secretName: 'keys', key: 'api-key' }); // so that Prometheus has it
  expect(await statusOf(base + metricsPath)).toBe(401);
  const samples = await scrape(base + metricsPath, { authorization: `Bearer ${SECRET}` });
  expect(Object.values(metrics).filter((metric) => !has(samples, metric))).toEqual([]);
});
