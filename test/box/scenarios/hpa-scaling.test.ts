import { Accelerator, HpaScaling, type HpaScalingOptions, LlamaCpp, Model } from '../../../lib';
import { modelServer, objectsOf } from '../fixtures/library';
import { machine } from '../fixtures/machines';
import { Box } from '../harness/box';
import { Deployments, HorizontalPodAutoscalers, isTrue, type KubeObject, Pods } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'hpa-scaling';
const WAITING = 'vllm_num_requests_waiting';
const CPU_NODE = Accelerator.fromInstanceType('m8g.4xlarge');

describe("given servers of the library that Kubernetes' own autoscaler scales", () => {
  let place: Workspace;

  /** No patience: what is looked at is the number, and not how long it takes. */
  function scaling(options: Partial<HpaScalingOptions>): HpaScaling {
    return new HpaScaling({ maxReplicas: 4, scaleUpSeconds: 0, scaleDownSeconds: 5, ...options });
  }

  /** So many come within the time, and stay while the autoscaler looks again. */
  async function settlesAt(name: string, count: number, seconds: number = 60): Promise<void> {
    await replicas(name, count, seconds);
    await throughout(`${name} stays`, 8, () => replicas(name, count));
  }

  async function replicas(name: string, count: number, seconds: number = 0): Promise<void> {
    await eventually(`${name} has ${count} replicas`, async () => {
      const { spec } = await box.cluster.get(Deployments, name, NAMESPACE);
      if (spec.replicas !== count) throw new Error(`it has ${spec.replicas}`);
    }, { seconds });
  }

  /** Cores that the engine of a server asks for. */
  async function cores(name: string): Promise<number> {
    const [pod] = await box.cluster.list(Pods, { namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': name } });
    const { cpu = '' } = (pod?.spec.containers[0] as { resources?: { requests?: { cpu?: string } } } | undefined)?.resources?.requests ?? {};
    return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
  }

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    await box.metrics.set({});
    const onCpu = { accelerator: CPU_NODE, engine: new LlamaCpp(), model: Model.QWEN3_1_7B };
    const server = (name: string, props: object): KubeObject[] => objectsOf(modelServer({ namespace: NAMESPACE, name, ...props }));
    await place.apply(...[1, 2, 3, 4].flatMap((number) => [machine(`hpa-cpu-${number}`, CPU_NODE), machine(`hpa-l4-${number}`, Accelerator.G6_XLARGE)]));
    await place.apply(
      ...server('busy', { ...onCpu, scaling: scaling({ cpuPercent: 50 }) }),
      ...server('waited', { accelerator: Accelerator.G6_XLARGE, scaling: scaling({ podMetric: { name: WAITING, averageValue: 10 } }) }),
      ...server('both', { ...onCpu, scaling: scaling({ cpuPercent: 50, podMetric: { name: WAITING, averageValue: 10 } }) }),
    );
    for (const name of ['busy', 'waited', 'both']) await place.running(1, { 'app.kubernetes.io/name': name });
  });

  afterAll(async () => {
    await box.metrics.set({});
    await place.dispose();
  });

  test('when nothing is known of the pods, then there are as few replicas as allowed, and the autoscaler says why', async () => {
    await eventually('the autoscaler has no numbers', async () => {
      for (const name of ['busy', 'waited']) {
        const { status } = await box.cluster.get(HorizontalPodAutoscalers, name, NAMESPACE);
        expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'ScalingActive', status: 'False' }));
      }
    });
    await Promise.all([replicas('busy', 1), replicas('waited', 1)]);
  });

  test('when 90 % of the cores that one pod asks for are in use and 50 % is wanted, then there are 2', async () => {
    await box.metrics.set({ busy: { cpu: 0.9 * await cores('busy') } });
    await settlesAt('busy', 2);
  });

  test('when 30 requests wait and 10 for each pod are wanted, then there are 3', async () => {
    await box.metrics.set({ waited: { [WAITING]: 30 } });
    await settlesAt('waited', 3);
  });

  test('when two numbers are looked at, then the one that wants more replicas decides', async () => {
    await box.metrics.set({ both: { cpu: 0.1 * await cores('both'), [WAITING]: 18 } });
    await settlesAt('both', 2);
    expect(isTrue(await box.cluster.get(HorizontalPodAutoscalers, 'both', NAMESPACE), 'ScalingActive')).toBe(true);
  });

  test('when there is more to do than the bound allows for, then there are as many as it says, and fewer when it is done', async () => {
    await box.metrics.set({ waited: { [WAITING]: 100 } });
    await settlesAt('waited', 4, 120);
    await box.metrics.set({ waited: { [WAITING]: 0 } });
    await replicas('waited', 1, 200); // at once: what came within the last minute is not what a policy slows down
  });
});
