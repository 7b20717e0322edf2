import { App, Testing } from 'cdk8s';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { Accelerator, Model, ModelServerChart, QueueScaling, Ray, Vllm } from '../../lib';
import { environment } from './environments/environment';
import { tinyModel, workspace } from './support/fixtures';
import { OpenAi } from './support/openai';
import { EngineProcess, freePort, sleep, statusOf } from './support/process';
import { scrape } from './support/prometheus';

/** Ray Serve LLM with the application that the chart writes, on one Ray node of this machine. */
const SERVED = 'chat-model';
const files = workspace();
const chart = new ModelServerChart(new App(), 'chat', {
  name: 'chat', namespace: 'inference', model: Model.QWEN3_1_7B, servedName: SERVED, engine: new Vllm(), topology: new Ray(),
  accelerator: Accelerator.G6_XLARGE, scaling: new QueueScaling({ maxReplicas: 2 }), contextLength: 512, concurrency: 4,
});

interface ServeConfig {
  readonly http_options: object;
  readonly applications: { readonly args: { readonly llm_configs: { readonly engine_kwargs: object; readonly model_loading_config: object }[] } }[];
}

afterAll(async () => {
  await EngineProcess.stopAll();
  files.remove();
});

/** The document of the chart; the model, its number and load format, the port and the devices are this machine's. */
function here(model: string, port: number): string {
  const service = (Testing.synth(chart) as { kind: string; spec: { serveConfigV2: string } }[]).find(({ kind }) => kind === 'RayService'); // cdk8s types them as any
  const config = parse(service?.spec.serveConfigV2 ?? '') as ServeConfig; // judged by ray's own schema in judged.test.ts
  return stringify({
    ...config,
    http_options: { ...config.http_options, host: '127.0.0.1', port },
    applications: config.applications.map((application) => ({
      ...application,
      args: {
        ...application.args,
        llm_configs: application.args.llm_configs.map((llm) => ({
          ...llm,
          accelerator_type: undefined,
          accelerator_config: { kind: 'cpu' },
          model_loading_config: { ...llm.model_loading_config, model_source: model },
          engine_kwargs: { ...llm.engine_kwargs, load_format: 'dummy', dtype: 'float32', enforce_eager: true },
        })),
      },
    })),
  });
}

test('serves under the served name on the readiness path, refuses others, and exports the metrics that the chart names', async () => {
  const [port, metricsPort, gcsPort] = [await freePort(), await freePort(), await freePort()];
  const config = join(files.folder, 'serve.yaml');
  writeFileSync(config, here(tinyModel(files.folder), port));
  const ray = environment('ray');
  const env = {
    HOME: files.folder, PATH: `${join(ray.root, 'bin')}:${process.env.PATH ?? ''}`, RAY_TMPDIR: '/tmp', RAY_USAGE_STATS_ENABLED: '0',
    HF_HUB_OFFLINE: '1', VLLM_CPU_KVCACHE_SPACE: '1', VLLM_NO_USAGE_STATS: '1',
  };
  const started = Date.now();
  EngineProcess.start(ray.command('ray'), [
    'start', '--head', '--block', `--port=${gcsPort}`, '--num-cpus=8', `--metrics-export-port=${metricsPort}`, '--include-dashboard=false',
    '--node-ip-address=127.0.0.1', '--object-store-memory=268435456', '--disable-usage-stats',
  ], env, files.folder);
  const serve = EngineProcess.start(ray.command('serve'), ['run', '--address', `127.0.0.1:${gcsPort}`, config], env, files.folder);
  const base = `http://127.0.0.1:${port}`;
  const client = new OpenAi(base);
  await serve.ready(`${base}/v1/models`, 420);
  process.stderr.write(`[engines] Ray Serve LLM is ready after ${Math.round((Date.now() - started) / 1000)} s\n`);

  expect(await statusOf(base + chart.engineConfig.readinessPath)).toBe(200);
  expect(await client.models()).toEqual([SERVED]);
  const [completion, chat, stream] = [await client.completion(SERVED), await client.chat(SERVED), await client.chat(SERVED, 8, { stream: true })];
  expect([completion.status, chat.status, stream.status]).toEqual([200, 200, 200]);
  expect(JSON.parse(chat.text)).toMatchObject({ model: SERVED });
  expect(stream.done).toBe(true);
  expect((await client.chat('other')).status).toBe(404);

  const { modelLabel = '', ...metrics } = chart.engineConfig.metrics;
  const deadline = Date.now() + 60_000; // Ray exports every ten seconds
  let missing: string[];
  do {
    const samples = await scrape(`http://127.0.0.1:${metricsPort}${chart.engineConfig.metricsPath}`);
    missing = Object.values(metrics).filter((metric) => !samples.some(({ name, labels }) => name.startsWith(metric) && labels[modelLabel] === SERVED));
    if (missing.length > 0) await sleep(2000);
  } while (missing.length > 0 && Date.now() < deadline);
  expect(missing).toEqual([]);
}, 900_000);
