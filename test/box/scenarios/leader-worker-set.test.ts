import { fakeNode, podTemplate } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { Nodes, type KubeObject, type Pod } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const GPU = 'nvidia.com/gpu';
const ZONE = 'topology.kubernetes.io/zone';
const GROUP = 'leaderworkerset.sigs.k8s.io/group-index';

function group(pod: Pod): string {
  return pod.metadata.labels?.[GROUP] ?? '';
}

function leaderWorkerSet(name: string, replicas: number, size: number): KubeObject {
  const template = podTemplate({ name, devices: { [GPU]: 8 }, nodeSelector: { 'scenario': 'lws' } });
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet',
    metadata: { name, annotations: { 'leaderworkerset.sigs.k8s.io/exclusive-topology': ZONE } },
    spec: { replicas, leaderWorkerTemplate: { size, restartPolicy: 'RecreateGroupOnPodRestart', leaderTemplate: template, workerTemplate: template } },
  };
}

describe('given two zones with two nodes each and two groups of two pods that fill them', () => {
  let place: Workspace;

  beforeAll(async () => {
    place = await Workspace.create(box, 'leader-worker-set');
    await place.apply(...['a', 'b'].flatMap((zone) => [1, 2].map((number) =>
      fakeNode({ name: `lws-${zone}-${number}`, zone: `us-west-2${zone}`, labels: { scenario: 'lws' }, devices: { [GPU]: 8 } }))));
    await place.apply(leaderWorkerSet('groups', 2, 2));
    await place.running(4);
  });

  afterAll(() => place.dispose());

  test('then each group is whole in one zone, and knows its leader', async () => {
    const zones = new Map((await box.cluster.list(Nodes, { labels: { scenario: 'lws' } })).map(({ metadata }) => [metadata.name, metadata.labels?.[ZONE] ?? '']));
    const pods = await place.running(4);
    const zonesOfGroups = ['0', '1'].map((index) => new Set(pods.filter((pod) => group(pod) === index).map(({ spec }) => zones.get(spec.nodeName ?? ''))));
    expect(zonesOfGroups.map((set) => set.size)).toEqual([1, 1]);
    expect(new Set(zonesOfGroups.flatMap((set) => [...set])).size).toBe(2);
    const worker = pods.find(({ metadata }) => metadata.name === 'groups-0-1');
    expect(worker?.spec.containers[0]?.env).toContainEqual({ name: 'LWS_LEADER_ADDRESS', value: `groups-0.groups.${place.namespace}` });
  });

  test('when a worker is lost, then its whole group is made again and the other one is not touched', async () => {
    const before = await place.running(4);
    await box.cluster.kubectl(['delete', 'pod', 'groups-0-1', '--namespace', place.namespace, '--wait=false']);

    await eventually('the group is made again', async () => {
      const now = await place.running(4);
      const survivors = now.filter((pod) => before.some(({ metadata }) => metadata.uid === pod.metadata.uid));
      if (survivors.some((pod) => group(pod) === '0')) throw new Error('a pod of the broken group is left');
    }, { seconds: 120 });
    await throughout('the other group stays', 5, async () => {
      const uids = new Set((await place.pods()).map(({ metadata }) => metadata.uid));
      for (const pod of before.filter((candidate) => group(candidate) === '1')) {
        if (!uids.has(pod.metadata.uid)) throw new Error(`${pod.metadata.name} is gone`);
      }
    });
  });
});
