import {
  Accelerator, CapacityType, FixedReplicas, GpuPool, type ModelServerChartProps, MultiNode, QueueScaling, Ray, X86Pool,
} from '../../../lib';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { systemPods } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { Deployments, EndpointSlices, isTrue, type KubeObject, type Node, Nodes, type Pod, RayClusters, RayServices } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const ZONE = 'topology.kubernetes.io/zone';
const GROUP = 'leaderworkerset.sigs.k8s.io/group-index';
const POOL = 'serving';

describe('given a pool of the library and its model servers on it', () => {
  let place: Workspace;

  /** The objects of a model server in the workspace, but kinds that nobody serves here. */
  function serverOf(name: string, props: Partial<ModelServerChartProps>): KubeObject[] {
    return objectsOf(modelServer({ namespace: place.namespace, name, ...props }));
  }

  const named = (name: string): Record<string, string> => ({ 'app.kubernetes.io/name': name });

  async function nodes(): Promise<ReadonlyMap<string, Node>> {
    return new Map((await box.cluster.list(Nodes)).map((node) => [node.metadata.name, node]));
  }

  /** Pods behind the Service of a model server that are ready. */
  async function endpoints(name: string): Promise<string[]> {
    const slices = await box.cluster.list(EndpointSlices, { namespace: place.namespace, labels: { 'kubernetes.io/service-name': name } });
    return slices.flatMap((slice) => slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready).map(({ targetRef }) => targetRef?.name ?? '');
  }

  beforeAll(async () => {
    place = await Workspace.create(box, 'library-serving');
    const pool = new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 10_000 } });
    // the head of a Ray cluster needs a node without accelerators
    await place.apply(systemPods(), ...objectsOf(libraryPool(box, POOL, pool)), ...objectsOf(libraryPool(box, 'general', new X86Pool())));
    // all at once: the nodes of one come while those of the others do
    await box.network.prometheus({ num_requests_waiting: 0, kv_cache_usage: 0.1 });
    await place.apply(
      ...serverOf('groups', { topology: new MultiNode({ nodes: 2 }), accelerator: Accelerator.G6_12XLARGE, scaling: new FixedReplicas(3) }),
      ...serverOf('queued', { scaling: new QueueScaling({ maxReplicas: 4, queuedPerReplica: 10, scaleUpSeconds: 0, scaleDownSeconds: 5 }) }),
      ...serverOf('ray', { topology: new Ray() }),
    );
  }, 300_000);

  afterAll(async () => {
    await box.network.prometheus({});
    await place.dispose();
  }, 300_000);

  describe('over several nodes', () => {
    test('then each group is whole in one zone on its type, groups may share a zone, and only leaders take requests', async () => {
      const pods = await place.running(6, named('groups'), 200);
      const known = await nodes();
      const zonesOf = (index: string): Set<string | undefined> => new Set(pods.filter((pod) => pod.metadata.labels?.[GROUP] === index)
        .map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.[ZONE]));
      expect(['0', '1', '2'].map((index) => zonesOf(index).size)).toEqual([1, 1, 1]);
      const types = pods.map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.['node.kubernetes.io/instance-type']);
      expect(types).toEqual(Array(6).fill('g6.12xlarge'));
      expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(6);
      await eventually('the leaders are endpoints', async () => {
        expect((await endpoints('groups')).sort()).toEqual(['groups-lws-0', 'groups-lws-1', 'groups-lws-2']);
      });
    });

    test('when a worker is lost, then its group and no other is made again, whole in one zone', async () => {
      const before = await place.running(6, named('groups'));
      await box.cluster.kubectl(['delete', 'pod', 'groups-lws-1-1', '--namespace', place.namespace, '--wait=false']);
      const after = await eventually('the group is made again', async () => {
        const now = await place.running(6, named('groups'), 0);
        const kept = now.filter((pod) => before.some(({ metadata }) => metadata.uid === pod.metadata.uid));
        expect(kept.map(({ metadata }) => metadata.labels?.[GROUP]).sort()).toEqual(['0', '0', '2', '2']);
        return now;
      }, { seconds: 120 });
      const known = await nodes();
      const zones = after.filter((pod: Pod) => pod.metadata.labels?.[GROUP] === '1').map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.[ZONE]);
      expect(new Set(zones).size).toBe(1);
    });
  });

  describe('scaled by its queue', () => {
    const replicas = async (count: number, seconds: number): Promise<void> => eventually(`${count} replicas`, async () => {
      expect((await box.cluster.get(Deployments, 'queued', place.namespace)).spec.replicas).toBe(count);
    }, { seconds });

    test('when 35 requests wait and a replica takes 10, then there are 4 replicas, on nodes of the pool', async () => {
      await place.running(1, named('queued'), 200);
      await box.network.prometheus({ num_requests_waiting: 35, kv_cache_usage: 0.1 });
      await replicas(4, 120);
      const pods = await place.running(4, named('queued'), 120);
      const known = await nodes();
      expect(pods.map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.['karpenter.sh/nodepool'])).toEqual(Array(4).fill(POOL));
    });

    test('when Prometheus is gone under load, then no replica is taken away', async () => {
      await box.network.prometheus({ num_requests_waiting: null, kv_cache_usage: null });
      await throughout('there are 4', 60, () => replicas(4, 0));
    });

    test('when the queue is empty again, then replicas go one by one, down to one', async () => {
      await box.network.prometheus({ num_requests_waiting: 0, kv_cache_usage: 0.1 });
      await replicas(3, 120);
      await replicas(1, 240);
    }, 400_000);
  });

  describe('on Ray', () => {
    test('then the service becomes ready, with its workers on the pool and its requests going to pods that serve', async () => {
      const service = await eventually('the service is ready', async () => {
        const [found] = await box.cluster.list(RayServices, { namespace: place.namespace });
        if (found === undefined || !isTrue(found, 'Ready')) throw new Error(JSON.stringify(found?.status?.conditions));
        return found;
      }, { seconds: 240 });
      const cluster = await box.cluster.get(RayClusters, service.status?.activeServiceStatus?.rayClusterName ?? '', place.namespace);
      expect(cluster.spec.workerGroupSpecs?.length).toBe(1);
      const known = await nodes();
      for (const pod of await place.pods({ 'ray.io/node-type': 'worker' })) {
        expect(known.get(pod.spec.nodeName ?? '')?.metadata.labels?.['karpenter.sh/nodepool']).toBe(POOL);
      }
      await eventually('the Service has endpoints', async () => {
        expect((await endpoints('ray')).length).toBeGreaterThan(0);
      });
    }, 300_000);
  });
});
