import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { App } from 'cdk8s';
import { Accelerator, Disaggregated, Model, ModelServerChart, Versions, Vllm } from '../../lib';
import { environment } from './environments/environment';
import { containersOf, SECRET, type StartedContainer } from './support/containers';
import { tinyModel, workspace } from './support/fixtures';
import { flagOf, vllmHere } from './support/here';
import { OpenAi } from './support/openai';
import { EngineProcess, freePort, statusOf } from './support/process';
import { scrape } from './support/prometheus';

/**
 * The way of a request through a server whose prefill and decode are apart: the Envoy and the sidecar that the chart puts
 * in front of decode, as they are, with servers of this file in place of the engines on both sides; then with vLLM on both.
 */
const SERVED = 'chat-model';
const HEADER = 'x-prefiller-host-port';
const files = workspace();

/** A request that reached an engine. */
interface Received {
  readonly at: 'prefill' | 'decode' | 'elsewhere';
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly [field: string]: unknown };
}

const received: Received[] = [];
const servers: Server[] = [];
/** What prefill answers, if not its part of an answer. */
let prefillStatus = 200;

/** An engine that notes what reaches it. Prefill says where the KV cache is; decode streams when it is asked to. */
async function engine(at: Received['at']): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') return response.writeHead(200).end('{}');
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Received['body']; // what the sidecar passes on
      received.push({ at, path: request.url ?? '', headers: request.headers, body });
      if (at !== 'decode' && prefillStatus !== 200) return response.writeHead(prefillStatus, { 'content-type': 'application/json' }).end('{"error":"no"}');
      const answer = { model: SERVED, choices: [{ text: at, finish_reason: 'length' }], ...(at === 'decode' ? {} : { kv_transfer_params: CACHE }) };
      if (!body.stream) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const line of [JSON.stringify(answer), JSON.stringify(answer), '[DONE]']) response.write(`data: ${line}\n\n`);
      return response.end();
    });
  });
  servers.push(server);
  const port = await freePort();
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(port)));
}

/** Where prefill says that the cache is. */
const CACHE = { do_remote_prefill: true, do_remote_decode: false, remote_engine_id: 'engine-1', remote_block_ids: [1, 2], remote_host: '10.0.0.7', remote_port: 5600 };

function chartWith(options: { readonly acceptPrefillHeader?: boolean } = {}): ModelServerChart {
  return new ModelServerChart(new App(), 'chat', {
    name: 'chat', namespace: 'inference', model: Model.QWEN3_1_7B, servedName: SERVED, engine: new Vllm({ apiKey: { secretName: 'keys' } }),
    topology: new Disaggregated(options), accelerator: Accelerator.G6_XLARGE, contextLength: 512, concurrency: 4,
  });
}

/** Router and sidecar of a chart as processes; ports and the address of prefill are this machine's. */
async function start(chart: ModelServerChart, ports: { readonly prefill: number; readonly decode: number }): Promise<string> {
  const containers = containersOf(chart);
  const named = (name: string): StartedContainer => {
    const found = containers.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`the chart has no container ${name}`);
    return found;
  };
  const [sidecar, router] = [named('prefill-sidecar'), named('router')];
  expect([sidecar.image, router.image, router.command]).toEqual([Versions.LLM_D_SIDECAR_IMAGE, Versions.ENVOY_IMAGE, ['envoy']]);
  const [routerPort, sidecarPort] = [await freePort(), await freePort()];
  const here = (args: readonly string[]) => args.map((argument) => argument
    .replaceAll('chat-prefill.inference:80', `127.0.0.1:${ports.prefill}`)
    .replaceAll('0.0.0.0', '127.0.0.1')
    .replace(/\b8080\b/g, String(routerPort))
    .replace(/\b8081\b/g, String(sidecarPort))
    .replace(/\b8000\b/g, String(ports.decode)));
  const { command } = environment('disaggregation');
  EngineProcess.start(command('pd-sidecar'), here(sidecar.args), {}, files.folder);
  // hot restart shares memory by a number that another Envoy of this machine may have
  const envoy = EngineProcess.start(command('envoy'), [...here(router.args), '--disable-hot-restart'], {}, files.folder);
  const base = `http://127.0.0.1:${routerPort}`;
  await envoy.ready(base + (router.spec.readinessProbe?.httpGet.path ?? ''), 30);
  return base;
}

afterEach(() => {
  received.length = 0;
  prefillStatus = 200;
});
afterAll(async () => {
  await EngineProcess.stopAll();
  servers.forEach((server) => server.close());
  files.remove();
});

describe('router and sidecar of a chart', () => {
  let base: string;
  let elsewhere: number;

  beforeAll(async () => {
    const [prefill, decode] = [await engine('prefill'), await engine('decode')];
    elsewhere = await engine('elsewhere');
    base = await start(chartWith(), { prefill, decode });
  }, 20 * 60_000);

  test('have the prompt read by prefill, and the answer written by decode with its cache', async () => {
    const { status, text } = await new OpenAi(base, 'sk-1').chat(SERVED, 40);
    expect({ status, model: (JSON.parse(text) as { model: string }).model }).toEqual({ status: 200, model: SERVED });
    expect(received.map(({ at, path }) => [at, path])).toEqual([['prefill', '/v1/chat/completions'], ['decode', '/v1/chat/completions']]);
    const [first, second] = received;
    expect(first.body).toMatchObject({ max_tokens: 1, stream: false, kv_transfer_params: { do_remote_decode: true } });
    expect(second.body).toMatchObject({ max_tokens: 40, messages: [{ role: 'user' }], kv_transfer_params: CACHE });
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-1', 'Bearer sk-1']); // both engines ask for the key
  });

  test('pass a stream on', async () => {
    const { status, events, done } = await new OpenAi(base).completion(SERVED, 40, { stream: true });
    expect({ status, events: events.length, done }).toEqual({ status: 200, events: 2, done: true });
    expect(received.map(({ at, body }) => [at, body.stream])).toEqual([['prefill', false], ['decode', true]]);
  });

  test('take no host from a client', async () => {
    const response = await post(base, { [HEADER]: `127.0.0.1:${elsewhere}` });
    expect(response.status).toBe(200);
    expect(received.map(({ at }) => at)).toEqual(['prefill', 'decode']);
  });

  test.each([
    ['a refusal is the answer', 401, 401, ['prefill']],
    ['a failure leaves the prompt to decode', 500, 200, ['prefill', 'decode']],
  ])('of prefill, %s', async (_what, answered, status, way) => {
    prefillStatus = answered;
    expect((await new OpenAi(base).completion(SERVED)).status).toBe(status);
    expect(received.map(({ at }) => at)).toEqual(way);
  });

  test('pass everything else to decode', async () => {
    expect(await statusOf(`${base}/v1/models`)).toBe(200);
    expect(received).toEqual([]);
  });
});

test('with acceptPrefillHeader, a gateway chooses the prefill pod', async () => {
  const [prefill, decode, chosen] = [await engine('prefill'), await engine('decode'), await engine('elsewhere')];
  const base = await start(chartWith({ acceptPrefillHeader: true }), { prefill, decode });
  await post(base, { [HEADER]: `127.0.0.1:${chosen}` });
  await post(base);
  expect(received.map(({ at }) => at)).toEqual(['elsewhere', 'decode', 'prefill', 'decode']);
}, 60_000);

test('the sidecar answers /health by itself, so readiness is asked of the engine as well', async () => {
  const chart = chartWith();
  const base = await start(chart, { prefill: await freePort(), decode: await freePort() }); // where nobody listens
  expect(await statusOf(`${base}/health`)).toBe(200);
  expect(await statusOf(`${base}/v1/models`)).toBeGreaterThanOrEqual(500);
  const decode = containersOf(chart).find(({ origin, spec }) => origin.includes('Deployment') && spec.name === 'engine');
  expect(decode?.spec.readinessProbe?.httpGet).toEqual({ path: '/health', port: 'metrics' });
  expect(decode?.spec.ports).toContainEqual({ name: 'metrics', containerPort: 8000 });
}, 60_000);

test('vLLM on both sides: the prompt is read by prefill, its KV cache goes to decode by NIXL, and decode answers', async () => {
  const chart = chartWith();
  const model = tinyModel(files.folder);
  const startEngine = async (role: string) => {
    const container = containersOf(chart).find(({ spec, args }) => spec.name === 'engine' && flagOf(args, '--kv-transfer-config')?.includes(role));
    if (!container) throw new Error(`the chart has no ${role}`);
    const [port, sideChannel] = [await freePort(), await freePort()];
    const { args, env } = vllmHere(container, { model, port, folder: files.folder });
    const [program, ...rest] = container.command;
    const process = EngineProcess.start(environment('vllm').command(program), [...rest, ...args, '--enforce-eager'], { // run-vllm.test.ts compiles
      ...env,
      VLLM_NIXL_SIDE_CHANNEL_PORT: String(sideChannel), // two pods have an address each
      UCX_TLS: 'tcp,self,sm', // what a machine without RDMA has
      VLLM_CPU_OMP_THREADS_BIND: 'nobind', // or both would wait for the same cores
    }, files.folder);
    return { process, port, ready: `http://127.0.0.1:${port}${container.spec.readinessProbe?.httpGet.path ?? ''}` };
  };
  const started = Date.now();
  const [prefill, decode] = [await startEngine('kv_producer'), await startEngine('kv_consumer')];
  await Promise.all([prefill, decode].map(({ process, ready }) => process.ready(ready, 600)));
  process.stderr.write(`[engines] prefill and decode are ready after ${Math.round((Date.now() - started) / 1000)} s\n`);
  const base = await start(chart, { prefill: prefill.port, decode: decode.port });
  const client = new OpenAi(base, SECRET);

  expect(await client.models()).toEqual([SERVED]);
  const [completion, chat, stream] = [await client.completion(SERVED), await client.chat(SERVED), await client.chat(SERVED, 8, { stream: true })];
  expect([completion, chat, stream].filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
  expect(stream.done).toBe(true);
  expect(JSON.parse(chat.text)).toMatchObject({ model: SERVED, usage: { completion_tokens: 4 } });
  expect((await new OpenAi(base, 'wrong').chat(SERVED)).status).toBe(401);
  expect((await client.chat('other')).status).toBe(404);

  const total = async ({ port }: { port: number }, metric: string) =>
    (await scrape(`http://127.0.0.1:${port}/metrics`)).filter(({ name }) => name === metric).reduce((sum, { value }) => sum + value, 0);
  expect(await total(decode, 'vllm:nixl_xfer_time_seconds_count')).toBe(3); // one cache a request
  expect(await total(prefill, 'vllm:generation_tokens_total')).toBe(3); // prefill writes one token of each
  expect(await total(decode, 'vllm:generation_tokens_total')).toBe(4 + 4 + 8);
}, 1_200_000);

async function post(base: string, headers: { readonly [name: string]: string } = {}): Promise<Response> {
  return fetch(`${base}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: SERVED, prompt: 'Hello', max_tokens: 4 }),
  });
}
