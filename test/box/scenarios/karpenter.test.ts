import { Duration } from 'cdk8s';
import { Accelerator, CapacityType, Disaggregated, FixedReplicas, GpuPool, Model, MultiNode, Parallelism } from '../../../lib';
import { patchPods } from '../fixtures/catalogue';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { server } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { isTrue, Ec2NodeClasses, type KubeObject, Nodes, type Node, type NodeClaim } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const POOL = 'karpenter-gpus';
const ZONE = 'topology.kubernetes.io/zone';
const TYPE = Accelerator.G6_XLARGE;
/** Not the one that is taken where nothing asks for a zone. */
const SOME_ZONE = `${box.region}b`;
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

describe('given replicas over several nodes', () => {
  let place: Workspace;

  /** Zones of the pods of a server, by what tells its groups apart. */
  async function zonesOf(name: string, pods: number, label: string): Promise<string[][]> {
    const zones = new Map<string, Set<string>>();
    for (const { metadata, spec } of await place.running(pods, { 'app.kubernetes.io/name': name }, 220)) {
      const node = await box.cluster.get(Nodes, spec.nodeName ?? '');
      const group = metadata.labels?.[label] ?? '';
      zones.set(group, (zones.get(group) ?? new Set()).add(node.metadata.labels?.[ZONE] ?? ''));
    }
    return [...zones.values()].map((group) => [...group]);
  }

  beforeAll(async () => {
    place = await Workspace.create(box, 'karpenter-groups');
    const instanceTypes = [Accelerator.G6_12XLARGE, Accelerator.P5_48XLARGE];
    await place.apply(...objectsOf(libraryPool(box, 'karpenter-groups', new GpuPool({ instanceTypes, capacityTypes: [CapacityType.ON_DEMAND], limits: { vcpus: 5000 } }))));
    await place.apply(...objectsOf(modelServer({
      namespace: place.namespace, name: 'spread', accelerator: Accelerator.G6_12XLARGE, topology: new MultiNode({ nodes: 2 }), scaling: new FixedReplicas(4),
    })));
  });

  afterAll(() => place.dispose());

  test('four groups over two nodes each: then each is in one zone, each in another', async () => {
    const zones = await zonesOf('spread', 8, 'leaderworkerset.sigs.k8s.io/group-index');
    expect(zones.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(new Set(zones.flat()).size).toBe(4);
  });

  test('prefill in some zone, and two groups that decode, over several nodes with EFA: then these come into its zone, which EFA does not leave', async () => {
    const objects = objectsOf(modelServer({
      namespace: place.namespace, name: 'near', accelerator: Accelerator.P5_48XLARGE, scaling: new FixedReplicas(2),
      model: Model.huggingFace('Qwen/Qwen3-235B-A22B-Instruct-2507-FP8'), parallelism: Parallelism.of({ tensor: 1, pipeline: 1, data: 16, expert: true }),
      topology: new Disaggregated({ decodeNodes: 2, prefill: { parallelism: Parallelism.of({ tensor: 1, data: 8, expert: true }) } }),
    }));
    const isGroups = ({ kind }: KubeObject): boolean => kind === 'LeaderWorkerSet';
    await place.apply(...patchPods(objects.filter((object) => !isGroups(object)), () => ({ nodeSelector: { [ZONE]: SOME_ZONE } })));
    await zonesOf('near', 1, 'cdk-eks-inference/role');
    await place.apply(...objects.filter(isGroups));
    expect(await zonesOf('near', 5, 'cdk-eks-inference/role')).toEqual([[SOME_ZONE], [SOME_ZONE]]);
  }, 500_000);
});
