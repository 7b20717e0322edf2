import { Duration } from 'cdk8s';
import { Accelerator, CapacityType, FixedReplicas, GpuPool, MultiNode } from '../../../lib';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { server } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { isTrue, Ec2NodeClasses, Nodes, type Node, type NodeClaim } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const POOL = 'karpenter-gpus';
const ZONE = 'topology.kubernetes.io/zone';
const TYPE = Accelerator.G6_XLARGE;
const SERVER = { 'app.kubernetes.io/name': 'four' };

/** Values that a node claim allows for a label. */
function values(claim: NodeClaim, key: string): readonly string[] {
  return claim.spec.requirements.find((requirement) => requirement.key === key)?.values ?? [];
}

function price(type: Accelerator): number {
  return type.onDemandUsdPerHour(box.region) ?? Infinity;
}

async function nodesOfPool(): Promise<Node[]> {
  return box.cluster.list(Nodes, { labels: { 'karpenter.sh/nodepool': POOL } });
}

describe('given a pool of two families with at most four GPUs, and a model server with four replicas', () => {
  let place: Workspace;

  async function serve(replicas: number): Promise<void> {
    await place.apply(...objectsOf(modelServer({ namespace: place.namespace, name: 'four', accelerator: TYPE, scaling: new FixedReplicas(replicas) })));
  }

  beforeAll(async () => {
    place = await Workspace.create(box, 'karpenter');
    const pool = new GpuPool({
      families: ['g6', 'g6e'], capacityTypes: [CapacityType.ON_DEMAND], limits: { devices: 4 }, disruption: { consolidateAfter: Duration.seconds(5) },
      maxPods: 110,
    });
    await place.apply(...objectsOf(libraryPool(box, POOL, pool)));
    await eventually('the node class is ready', async () => {
      const nodeClass = await box.cluster.get(Ec2NodeClasses, POOL);
      if (!isTrue(nodeClass, 'Ready')) throw new Error(JSON.stringify(nodeClass.status?.conditions?.filter(({ status }) => status !== 'True')));
    });
    await serve(4);
    await place.running(4, SERVER);
  });

  afterAll(() => place.dispose());

  test('then each replica has a node of the cheapest type that fits, one in each zone', async () => {
    const pods = await place.running(4, SERVER);
    const nodes = await nodesOfPool();
    expect(nodes.map(({ metadata }) => metadata.labels?.['node.kubernetes.io/instance-type'])).toEqual(Array(4).fill(TYPE.instanceType));
    expect(new Set(nodes.map(({ metadata }) => metadata.labels?.[ZONE])).size).toBe(4);
    expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual(nodes.map(({ metadata }) => metadata.name).sort());
  });

  test('then only types of the pool with the device and as many of it were allowed, bought as the pool says', async () => {
    for (const claim of await place.claims(POOL)) {
      const types = values(claim, 'node.kubernetes.io/instance-type').map((name) => Accelerator.fromInstanceType(name));
      expect(types.map(({ instanceType }) => instanceType)).toContain(TYPE.instanceType);
      for (const { family, deviceName, nodeDevices } of types) expect({ family, deviceName, nodeDevices }).toEqual({ family: 'g6', deviceName: TYPE.deviceName, nodeDevices: 1 });
      expect([...types].sort((a, b) => price(a) - price(b))[0]?.instanceType).toBe(TYPE.instanceType);
      expect(values(claim, 'karpenter.sh/capacity-type')).toEqual(['on-demand']);
    }
  });

  test('then a pod that asks for no GPU waits, rather than use one of these nodes', async () => {
    await place.apply(server({ name: 'plain', cpu: '100m', memory: '100Mi', nodeSelector: { 'karpenter.sh/nodepool': POOL } }));
    await throughout('it waits', 5, async () => {
      expect((await place.pods({ app: 'plain' })).filter(({ spec }) => spec.nodeName !== undefined)).toEqual([]);
    });
  });

  test('when the limit is reached, then the next replica waits', async () => {
    await serve(5);
    await eventually('there is a fifth', async () => expect((await place.pods(SERVER)).length).toBe(5));
    await throughout('no fifth node', 10, async () => {
      if ((await place.claims(POOL)).length > 4) throw new Error('there is one');
    });
    expect((await place.pods(SERVER)).filter(({ status }) => status.phase === 'Pending').length).toBe(1);
  });

  test('when nothing runs any more, then the pool goes back to zero', async () => {
    await box.cluster.delete(['four', 'plain'].map((name) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: place.namespace } })));
    await place.claimed(POOL, 0, 90);
    await eventually('no node is left', async () => expect(await nodesOfPool()).toEqual([]));
  });
});

describe('given two groups over two nodes each', () => {
  const NAME = 'groups';
  let place: Workspace;

  beforeAll(async () => {
    place = await Workspace.create(box, 'karpenter-groups');
    const pool = new GpuPool({ instanceTypes: [Accelerator.G6_12XLARGE], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 1000 } });
    const topology = new MultiNode({ nodes: 2 });
    const groups = modelServer({ namespace: place.namespace, name: NAME, accelerator: Accelerator.G6_12XLARGE, topology, scaling: new FixedReplicas(2) });
    await place.apply(...objectsOf(libraryPool(box, 'karpenter-groups', pool)), ...objectsOf(groups));
  });

  afterAll(() => place.dispose());

  test('then each group is in one zone, and the other in another', async () => {
    const pods = await place.running(4, { 'app.kubernetes.io/name': NAME }, 200);
    const placed = await Promise.all(pods.map(async ({ metadata, spec }) => {
      const node = await box.cluster.get(Nodes, spec.nodeName ?? '');
      return { group: metadata.labels?.['leaderworkerset.sigs.k8s.io/group-index'], zone: node.metadata.labels?.[ZONE] };
    }));
    const zonesOf = (group: string): Set<string | undefined> => new Set(placed.filter((pod) => pod.group === group).map(({ zone }) => zone));
    expect([zonesOf('0').size, zonesOf('1').size]).toEqual([1, 1]);
    expect(zonesOf('0')).not.toEqual(zonesOf('1'));
  });
});
