import { App } from 'cdk8s';
import { Accelerator, LlamaCpp, Model, ModelServerChart } from '../../lib';
import { combinations } from './cases';
import { environment } from './environments/environment';
import { containersOf, type StartedContainer } from './support/containers';
import { tinyGguf, workspace } from './support/fixtures';
import { llamaHere } from './support/here';
import { OpenAi } from './support/openai';
import { EngineProcess, freePort, statusOf } from './support/process';
import { has, scrape } from './support/prometheus';

/** llama.cpp's server has no other way to judge its arguments than to start with them; with a tiny model that takes half a second. */
const SERVED = 'chat-model';
const files = workspace();
let model: string;

beforeAll(() => {
  model = tinyGguf(files.folder);
}, 1_500_000);

afterEach(() => EngineProcess.stopAll());
afterAll(files.remove);

async function start(container: StartedContainer, more: readonly string[] = []): Promise<{ base: string; engine: EngineProcess }> {
  const port = await freePort();
  const { args, env } = llamaHere(container, { model, port, folder: files.folder });
  const engine = EngineProcess.start(environment('llama-cpp').command('llama-server'), [...args, ...more], env, files.folder);
  return { base: `http://127.0.0.1:${port}`, engine };
}

function graviton(): { chart: ModelServerChart; container: StartedContainer } {
  const chart = new ModelServerChart(new App(), 'chat', {
    name: 'chat', namespace: 'inference', model: Model.QWEN3_1_7B, servedName: SERVED, accelerator: Accelerator.C8G_4XLARGE,
    engine: new LlamaCpp({ file: 'model-Q4_K_M.gguf' }), contextLength: 2048, concurrency: 2,
  });
  const [container] = containersOf(chart).filter(({ spec }) => spec.readinessProbe !== undefined);
  return { chart, container };
}

test('starts with everything that the charts emit', async () => {
  const commands = new Map(combinations()
    .filter(({ engine }) => engine === 'llama-cpp')
    .flatMap(({ name, containers }) => containers.map((container) => [JSON.stringify(container.args), { name, container }] as const)));
  expect(commands.size).toBeGreaterThan(0);
  for (const { name, container } of commands.values()) {
    const { base, engine } = await start(container);
    await engine.ready(`${base}/health`, 60).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    });
    await engine.kill();
  }
}, 600_000);

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

test('with a key, asks for it under /v1 and for the metrics, and not for its health', async () => {
  const { chart, container } = graviton();
  const { base, engine } = await start(container, ['--api-key', 'right']);
  await engine.ready(`${base}/health`, 60);
  expect((await new OpenAi(base, 'wrong').chat(SERVED)).status).toBe(401);
  expect((await new OpenAi(base, 'right').chat(SERVED)).status).toBe(200);
  expect(await statusOf(base + chart.engineConfig.metricsPath)).toBe(401); // so Prometheus would need the key as well
});
