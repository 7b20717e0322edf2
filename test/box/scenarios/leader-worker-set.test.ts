import { Accelerator, FixedReplicas, MultiNode } from '../../../lib';
import { modelServer, objectsOf } from '../fixtures/library';
import { fakeNode } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { EndpointSlices, Nodes, Pods, type Pod } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

/** Groups of the library on nodes that are there already: no provisioner, whose own choice of zones would help. */

const box = Box.attach();
const TYPE = Accelerator.G6_12XLARGE;
const ZONE = 'topology.kubernetes.io/zone';
const GROUP = 'leaderworkerset.sigs.k8s.io/group-index';
/** What Karpenter writes on nodes with four of the device: a larger type with as many has the same. */
const L4 = { 'karpenter.k8s.aws/instance-gpu-name': TYPE.deviceName ?? '', 'karpenter.k8s.aws/instance-gpu-count': String(TYPE.nodeDevices) };
/** The zone that pods would go to if nothing spread them. */
const ROOMY = 'us-west-2a';
const MINE = { scenario: 'leader-worker-set' };

/** So many groups of two pods. */
const GROUPS = 4;

function group(pod: Pod): string {
  return pod.metadata.labels?.[GROUP] ?? '';
}

describe('given two zones with six nodes of a type in each, as many of another with the same devices, and four groups of two pods', () => {
  let place: Workspace;

  /** A node that holds one pod of the type: all of its devices, and more room than it asks for; in one zone more than in the other, which draws pods. */
  function node(name: string, zone: string, instanceType: string): ReturnType<typeof fakeNode> {
    const room = zone === ROOMY ? 1.5 : 1;
    const large = { cpu: String(TYPE.vcpus * room), memory: `${TYPE.memoryMiB * room}Mi`, 'nvidia.com/gpu': String(TYPE.nodeDevices), 'vpc.amazonaws.com/efa': String(TYPE.efaInterfaces) };
    const { status, ...rest } = fakeNode({ name, zone, labels: { ...MINE, ...L4, 'node.kubernetes.io/instance-type': instanceType } });
    const { allocatable } = status as { allocatable: object };
    return { ...rest, status: { allocatable: { ...allocatable, ...large }, capacity: { ...allocatable, ...large } } };
  }

  async function zonesOf(pods: readonly Pod[]): Promise<Map<string, Set<string>>> {
    const zones = new Map((await box.cluster.list(Nodes, { labels: MINE })).map(({ metadata }) => [metadata.name, metadata.labels?.[ZONE] ?? '']));
    const byGroup = new Map<string, Set<string>>();
    for (const pod of pods) byGroup.set(group(pod), (byGroup.get(group(pod)) ?? new Set()).add(zones.get(pod.spec.nodeName ?? '') ?? 'none'));
    return byGroup;
  }

  beforeAll(async () => {
    place = await Workspace.create(box, 'leader-worker-set');
    await place.apply(...['a', 'b'].flatMap((letter) => {
      const zone = `us-west-2${letter}`;
      const ours = [1, 2, 3, 4, 5, 6].map((number) => node(`lws-${letter}-${number}`, zone, TYPE.instanceType));
      const others = [1, 2, 3, 4, 5, 6].map((number) => node(`lws-other-${letter}-${number}`, zone, 'g6.24xlarge'));
      return [...ours, ...others];
    }));
    await place.apply(...objectsOf(modelServer({
      namespace: place.namespace, name: 'groups', accelerator: TYPE, topology: new MultiNode({ nodes: 2 }), scaling: new FixedReplicas(GROUPS),
    })));
    await place.running(2 * GROUPS);
  });

  afterAll(() => place.dispose());

  test('then each group is whole in one zone, and each zone has two of them', async () => {
    const zones = [...(await zonesOf(await place.running(2 * GROUPS))).values()];
    expect(zones.map((set) => set.size)).toEqual(Array(GROUPS).fill(1));
    expect(zones.flatMap((set) => [...set]).sort()).toEqual(['us-west-2a', 'us-west-2a', 'us-west-2b', 'us-west-2b']);
  });

  test('then every pod has a node of the type for itself, and none of another', async () => {
    const nodes = (await place.running(2 * GROUPS)).map(({ spec }) => spec.nodeName ?? '');
    expect(nodes.filter((name) => name.startsWith('lws-other'))).toEqual([]);
    expect(new Set(nodes).size).toBe(2 * GROUPS);
  });

  test('then a worker knows its leader', async () => {
    const worker = (await place.pods()).find(({ metadata }) => metadata.name === 'groups-lws-0-1');
    expect(worker?.spec.containers[0]?.env).toContainEqual({ name: 'LWS_LEADER_ADDRESS', value: `groups-lws-0.groups-lws.${place.namespace}` });
  });

  test('then leaders take requests, and workers do not', async () => {
    await eventually('the leaders are endpoints', async () => {
      const slices = await box.cluster.list(EndpointSlices, { namespace: place.namespace, labels: { 'kubernetes.io/service-name': 'groups' } });
      const names = slices.flatMap((slice) => slice.endpoints ?? []).map(({ targetRef }) => targetRef?.name ?? '');
      expect(names.sort()).toEqual(Array.from({ length: GROUPS }, (_, index) => `groups-lws-${index}`));
    });
  });

  const losses: readonly { how: string; index: string; lose: (pod: Pod) => Promise<unknown> }[] = [
    { how: 'a worker is lost', index: '0', lose: (pod) => box.cluster.remove(Pods, pod.metadata.name, place.namespace) },
    // what the kubelet writes when the engine of a worker ends and is started again, which its leader does not notice
    {
      how: 'the engine of a worker ends in place', index: '1',
      lose: (pod) => {
        const [container] = pod.status.containerStatuses ?? [];
        return box.cluster.patch(Pods, pod.metadata.name, place.namespace, { status: { containerStatuses: [{ ...container, restartCount: 1 }] } }, 'status');
      },
    },
  ];

  test.each(losses)('when $how, then its whole group is made again in one zone, and the others are not touched', async ({ index, lose }) => {
    const before = await place.running(2 * GROUPS);
    const worker = before.find(({ metadata }) => metadata.name === `groups-lws-${index}-1`);
    if (worker === undefined) throw new Error(`no worker in group ${index}`);
    await lose(worker);

    const after = await eventually('the group is made again', async () => {
      const now = await place.running(2 * GROUPS, {}, 0);
      const survivors = now.filter((pod) => before.some(({ metadata }) => metadata.uid === pod.metadata.uid));
      expect(survivors.map(group).sort()).toEqual(['0', '1', '2', '3'].filter((other) => other !== index).flatMap((other) => [other, other]));
      return now;
    }, { seconds: 120 });
    expect((await zonesOf(after)).get(index)?.size).toBe(1);
    await throughout('the other groups stay', 3, async () => {
      const uids = new Set((await place.pods()).map(({ metadata }) => metadata.uid));
      for (const pod of after) if (!uids.has(pod.metadata.uid)) throw new Error(`${pod.metadata.name} is gone`);
    });
  });
});
