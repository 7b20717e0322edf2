import { App, Testing } from 'cdk8s';
import { Accelerator, Model, ModelServerChart, MultiNode, Versions, Vllm } from '../../lib';
import { environment } from './environments/environment';
import { containersOf, type StartedContainer } from './support/containers';
import { tinyModel, workspace } from './support/fixtures';
import { setFlag, vllmHere } from './support/here';
import { OpenAi } from './support/openai';
import { EngineProcess, freePort, sleep, statusOf, within } from './support/process';

/** Two processes as the two pods of a group: vLLM's own multi-node serving, with the arguments of leader and worker. */
const SERVED = 'chat-model';
const files = workspace();
const chart = new ModelServerChart(new App(), 'chat', {
  name: 'chat', namespace: 'inference', model: Model.QWEN3_1_7B, servedName: SERVED, engine: new Vllm(),
  accelerator: Accelerator.G6_XLARGE, topology: new MultiNode({ nodes: 2 }), contextLength: 512, concurrency: 4,
});
const [leaderContainer, workerContainer] = ['leaderTemplate', 'workerTemplate'].map((role) => {
  const found = containersOf(chart).find(({ origin }) => origin.endsWith(role));
  if (!found) throw new Error(`the chart has no ${role}`);
  return found;
});

afterEach(() => EngineProcess.stopAll());
afterAll(files.remove);

test('leader and worker serve together, the worker without HTTP, and its loss is not seen by the health of the leader', async () => {
  const rendezvous = await freePort();
  const model = tinyModel(files.folder);
  const start = async (container: StartedContainer) => {
    expect(container.image).toBe(Versions.VLLM_IMAGE);
    const port = await freePort();
    const { args, env } = vllmHere(container, { model, port, folder: files.folder });
    const [program, ...rest] = container.command;
    const onLoopback = setFlag(setFlag(args, '--master-addr', '127.0.0.1'), '--master-port', String(rendezvous));
    const engine = EngineProcess.start(
      environment('vllm').command(program),
      [...rest, ...onLoopback],
      { ...env, VLLM_HOST_IP: '127.0.0.1', GLOO_SOCKET_IFNAME: 'lo', NCCL_SOCKET_IFNAME: 'lo' },
      files.folder,
    );
    return { engine, base: `http://127.0.0.1:${port}` };
  };
  const started = Date.now();
  const leader = await start(leaderContainer);
  const worker = await start(workerContainer);
  const health = leader.base + (leaderContainer.spec.readinessProbe?.httpGet.path ?? '');
  await leader.engine.ready(health, 420);
  process.stderr.write(`[engines] a group of two is ready after ${Math.round((Date.now() - started) / 1000)} s\n`);

  const client = new OpenAi(leader.base);
  expect(await client.models()).toEqual([SERVED]);
  const { status } = await client.chat(SERVED);
  expect({ status, log: status === 200 ? '' : leader.engine.log.slice(-6000) + worker.engine.log.slice(-3000) }).toEqual({ status: 200, log: '' });

  // a probe by HTTP would restart the worker for ever
  expect(worker.engine.alive).toBe(true);
  expect(await statusOf(worker.base + '/health')).toBeUndefined();
  const { readinessProbe, livenessProbe, startupProbe, ports } = workerContainer.spec;
  expect({ readinessProbe, livenessProbe, startupProbe, ports }).toEqual({});

  await worker.engine.kill();
  await sleep(3000);
  expect(await statusOf(health)).toBe(200);
  // so nothing but the loss of the pod itself can restart the group
  const set = (Testing.synth(chart) as { kind: string; spec: { leaderWorkerTemplate: { restartPolicy: string } } }[]) // cdk8s types them as any
    .find(({ kind }) => kind === 'LeaderWorkerSet');
  expect(set?.spec.leaderWorkerTemplate.restartPolicy).toBe('RecreateGroupOnPodRestart');

  const lost = await within(client.completion(SERVED).then(({ status }) => status, () => undefined), 60);
  expect(lost).not.toBe(200);
}, 600_000);
