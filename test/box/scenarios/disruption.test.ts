import { AMD64, nodePool, ON_DEMAND, oneOf } from '../fixtures/karpenter';
import { server } from '../fixtures/workloads';
import { interruptSpotInstance } from '../harness/aws-client';
import { Box } from '../harness/box';
import { ApiError } from '../harness/cluster';
import { Nodes, Pods, type KubeObject, type Pod } from '../harness/kinds';
import { eventually, sleep, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const GPU = 'nvidia.com/gpu';
const POOL = 'interrupted';
const GRACE_SECONDS = 20;

function budget(name: string, maxUnavailable: number): KubeObject {
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec: { maxUnavailable, selector: { matchLabels: { app: name } } } };
}

describe('given two replicas on two nodes of a pool, with a budget of one', () => {
  let place: Workspace;
  let before: Pod[];

  const ready = async (): Promise<Pod[]> => (await place.pods({ app: 'served' }))
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running');

  beforeAll(async () => {
    place = await Workspace.create(box, 'disruption');
    const requirements = [oneOf('karpenter.k8s.aws/instance-family', 'g6'), ON_DEMAND, AMD64];
    await place.apply(
      ...nodePool({ name: POOL, clusterName: box.clusterName, requirements, taints: [{ key: GPU, effect: 'NoSchedule' }] }),
      server({
        name: 'served', replicas: 2, devices: { [GPU]: 1 }, cpu: '3', memory: '10Gi', tolerates: [GPU], nodeSelector: { pool: POOL }, overZones: true,
        graceSeconds: GRACE_SECONDS, annotations: { 'box/uses-its-grace-period': 'true' },
      }),
      budget('served', 1),
    );
    before = await place.running(2, { app: 'served' }, 180);
  }, 300_000);

  afterAll(() => place.dispose(), 300_000);

  test('when EC2 takes one instance back, then its node is drained and replaced, one replica serves all the time, and the other has its whole grace period', async () => {
    const [victim, survivor] = before;
    const node = await box.cluster.get(Nodes, victim?.spec.nodeName ?? '');
    await interruptSpotInstance(box, node.spec.providerID?.split('/').pop() ?? '');

    const noticed = await eventually('the victim is told to end', async () => {
      const pod = await box.cluster.get(Pods, victim?.metadata.name ?? '', place.namespace);
      if (pod.metadata.deletionTimestamp === undefined) throw new Error('not yet');
      return Date.now();
    }, { seconds: 60 });
    const watched = throughout('one replica serves', 30, async () => {
      if ((await ready()).length < 1) throw new Error('none does');
    });
    const gone = await eventually('the victim is gone', async () => {
      if ((await box.cluster.find(Pods, victim?.metadata.name ?? '', place.namespace)) !== undefined) throw new Error('it is still there');
      return Date.now();
    }, { seconds: 90 });
    await watched;
    expect((gone - noticed) / 1000).toBeGreaterThan(GRACE_SECONDS - 3);

    await eventually('there are two replicas again', async () => {
      if ((await ready()).length !== 2) throw new Error(`${(await ready()).length}`);
    }, { seconds: 120 });
    expect((await ready()).map(({ metadata }) => metadata.uid)).toContain(survivor?.metadata.uid);
    expect((await ready()).map(({ spec }) => spec.nodeName)).not.toContain(node.metadata.name);
  }, 400_000);

  test('when both are drained at once, then the budget lets one go and refuses the other', async () => {
    const [one, two] = await ready();
    await box.cluster.evict(one?.metadata.name ?? '', place.namespace);
    await sleep(1);
    const refused = box.cluster.evict(two?.metadata.name ?? '', place.namespace);
    await expect(refused).rejects.toThrow(/disruption budget/);
    await expect(refused).rejects.toBeInstanceOf(ApiError);
  });
});
