import { Duration } from 'cdk8s';
import {
  Accelerator, CapacityType, Disaggregated, GpuPool, HpaScaling, type ModelServerChartProps, MultiNode, QueueScaling, type QueueScalingOptions,
  type ScalingSchedule, X86Pool,
} from '../../../lib';
import { endpoints } from '../fixtures/endpoints';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { fakeNode, systemPods } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { Deployments, isTrue, type Kind, type KubeObject, LeaderWorkerSets, type Node, Nodes, ScaledObjects, type Workload } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'library-scaling';
const POOL = 'scaling';
const ZONE = 'topology.kubernetes.io/zone';
const TYPE = 'node.kubernetes.io/instance-type';
const GROUP = 'leaderworkerset.sigs.k8s.io/group-index';
/** Of the servers whose nodes are there already: what is looked at is the number of their pods. */
const AT_HAND = Accelerator.G6E_XLARGE;
const WAKE = 'sum(rate(gateway_requests_total{route="asleep"}[2m]))';
const NEVER = 'sum(rate(gateway_requests_total{route="unused"}[2m]))';

/** Part of every query for what waits in the engines here. */
const WAITING = `num_requests_waiting{namespace="${NAMESPACE}"`;
const IDLE = { [WAITING]: 0, kv_cache_usage: 0, [WAKE]: 0, [NEVER]: 0 };
const GONE = { [WAITING]: null, kv_cache_usage: null, gateway_requests: null };
/** Part of the query for what waits in one server's engines, or in those of one side of it. */
const waitingFor = (name: string): string => `${WAITING},pod=~"${name}-`;

/** A schedule in a zone of half hours, from some hours before or after now to some hours later. */
function schedule(fromHours: number, toHours: number, replicas: number): ScalingSchedule {
  const timezone = 'Asia/Kolkata';
  const at = (hours: number): string => {
    const time = new Date(Date.now() + hours * 3_600_000);
    const [hour, minute] = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: 'numeric', minute: 'numeric' }).format(time).split(':').map(Number);
    return `${minute} ${hour} * * *`;
  };
  return { start: at(fromHours), end: at(toHours), timezone, replicas };
}

describe('given model servers of the library that are scaled', () => {
  let place: Workspace;

  function serverOf(name: string, props: Partial<ModelServerChartProps>): KubeObject[] {
    return objectsOf(modelServer({ namespace: NAMESPACE, name, accelerator: AT_HAND, ...props }));
  }

  /** Ten waiting requests a replica, and no patience. */
  function queue(options: QueueScalingOptions): QueueScaling {
    return new QueueScaling({ queuedPerReplica: 10, scaleUpSeconds: 0, scaleDownSeconds: 5, ...options });
  }

  const timed = (replicas: ScalingSchedule): KubeObject[] => serverOf('timed', { scaling: queue({ maxReplicas: 4, schedules: [replicas] }) });
  const named = (name: string): Record<string, string> => ({ 'app.kubernetes.io/name': name });

  async function nodes(): Promise<ReadonlyMap<string, Node>> {
    return new Map((await box.cluster.list(Nodes)).map((node) => [node.metadata.name, node]));
  }

  /** Instance types that Karpenter has for the pool, in order. */
  const types = async (): Promise<string[]> => (await place.claims(POOL)).map(({ metadata }) => metadata.labels?.[TYPE] ?? '').sort();

  async function replicas(name: string, count: number, seconds: number = 0, kind: Kind<Workload> = Deployments): Promise<void> {
    await eventually(`${name} has ${count} replicas`, async () => {
      const workload = await box.cluster.get(kind, name, NAMESPACE);
      if (workload.spec.replicas !== count) throw new Error(`it has ${workload.spec.replicas}`);
    }, { seconds });
  }

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    const pool = new GpuPool({
      families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 10_000 }, disruption: { consolidateAfter: Duration.seconds(5) },
    });
    const l40s = { 'karpenter.k8s.aws/instance-gpu-name': 'l40s', 'karpenter.k8s.aws/instance-gpu-count': '1' };
    await place.apply(
      systemPods(), ...objectsOf(libraryPool(box, POOL, pool)), ...objectsOf(libraryPool(box, 'general', new X86Pool())),
      ...[1, 2, 3, 4].map((number) => fakeNode({ name: `scaling-l40s-${number}`, zone: 'us-west-2a', labels: l40s, devices: { 'nvidia.com/gpu': 8 } })),
    );
    // all at once: what one waits for comes while the others are looked at
    await box.network.prometheus(IDLE);
    await place.apply(
      ...serverOf('groups', { topology: new MultiNode({ nodes: 2 }), accelerator: Accelerator.G6_12XLARGE, scaling: queue({ minReplicas: 2, maxReplicas: 4 }) }),
      ...serverOf('queued', { accelerator: Accelerator.G6_XLARGE, scaling: queue({ maxReplicas: 4 }) }),
      ...serverOf('asleep', { scaling: queue({ minReplicas: 0, maxReplicas: 3, activation: { query: WAKE } }) }),
      ...serverOf('unused', { scaling: queue({ minReplicas: 0, maxReplicas: 3, activation: { query: NEVER } }) }),
      ...timed(schedule(-3, 3, 3)),
      ...serverOf('apart', { topology: new Disaggregated({ prefill: { scaling: queue({ maxReplicas: 3 }) } }), scaling: queue({ maxReplicas: 2 }) }),
      // Kubernetes' own autoscaler, on a number that KEDA's adapter has of another server
      ...serverOf('beside', {
        scaling: new HpaScaling({
          maxReplicas: 5, scaleUpSeconds: 0, scaleDownSeconds: 5,
          externalMetric: { name: 's0-prometheus', averageValue: 20, labels: { 'scaledobject.keda.sh/name': 'queued' } },
        }),
      }),
    );
  }, 300_000);

  afterAll(async () => {
    await box.network.prometheus({});
    await place.dispose();
  }, 300_000);

  describe('over several nodes', () => {
    test('then each group is whole in one zone on its type, and only leaders take requests', async () => {
      const pods = await place.running(4, named('groups'), 200);
      const known = await nodes();
      const zonesOf = (index: string): Set<string | undefined> => new Set(pods.filter((pod) => pod.metadata.labels?.[GROUP] === index)
        .map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.[ZONE]));
      expect(['0', '1'].map((index) => zonesOf(index).size)).toEqual([1, 1]);
      expect(pods.map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.[TYPE])).toEqual(Array(4).fill('g6.12xlarge'));
      expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(4);
      await eventually('the leaders are endpoints', async () => {
        expect(await endpoints(place, 'groups')).toEqual(['groups-lws-0', 'groups-lws-1']);
      });
    }, 300_000);

    test('when a worker is lost, then its group and no other is made again, whole in one zone', async () => {
      const before = await place.running(4, named('groups'));
      await box.cluster.kubectl(['delete', 'pod', 'groups-lws-1-1', '--namespace', NAMESPACE, '--wait=false']);
      const after = await eventually('the group is made again', async () => {
        const now = await place.running(4, named('groups'), 0);
        const kept = now.filter((pod) => before.some(({ metadata }) => metadata.uid === pod.metadata.uid));
        expect(kept.map(({ metadata }) => metadata.labels?.[GROUP])).toEqual(['0', '0']);
        return now;
      }, { seconds: 120 });
      const known = await nodes();
      const zones = after.filter((pod) => pod.metadata.labels?.[GROUP] === '1').map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.[ZONE]);
      expect(new Set(zones).size).toBe(1);
    });
  });

  describe('before anyone asks', () => {
    test('then there are as few replicas as allowed, none where none are, and as many as the schedule of the hour says', async () => {
      await place.running(1, named('queued'), 200);
      await replicas('asleep', 0, 90);
      await replicas('unused', 0, 30);
      await replicas('timed', 3, 90);
      await replicas('apart-prefill', 1);
      await replicas('apart-decode', 1);
    }, 300_000);
  });

  describe('under load', () => {
    beforeAll(() => box.network.prometheus({
      [waitingFor('queued')]: 35, [waitingFor('groups-lws')]: 25, [waitingFor('apart-prefill')]: 28, ...IDLE, [WAKE]: 250,
    }));

    test('when 35 requests wait and a replica takes 10, then there are 4 replicas, each on a node of the pool that came for it', async () => {
      await replicas('queued', 4, 120);
      const pods = await place.running(4, named('queued'), 120);
      const known = await nodes();
      expect(pods.map((pod) => known.get(pod.spec.nodeName ?? '')?.metadata.labels?.['karpenter.sh/nodepool'])).toEqual(Array(4).fill(POOL));
      expect((await types()).filter((type) => type === 'g6.xlarge')).toHaveLength(4);
    });

    test('when 25 requests wait and a group of two nodes takes 10, then there are 3 groups on 6 nodes', async () => {
      await replicas('groups-lws', 3, 120, LeaderWorkerSets);
      await place.running(6, named('groups'), 120);
      expect((await types()).filter((type) => type === 'g6.12xlarge')).toHaveLength(6);
    });

    test('when prompts wait, then the side that reads them grows, and the other does not', async () => {
      await replicas('apart-prefill', 3, 120);
      await replicas('apart-decode', 1);
    });

    test('when the first requests come to a server that sleeps, then it wakes, with one replica however many there are', async () => {
      await replicas('asleep', 1, 60);
      await throughout('the signal only wakes', 5, () => replicas('asleep', 1));
    });

    test('when the autoscaler of Kubernetes reads 35 from KEDA\'s adapter and a replica takes 20, then there are 2', async () => {
      await replicas('beside', 2, 60);
    });

    test('when Prometheus is gone, then KEDA says so, no replica is taken away, and who sleeps sleeps on', async () => {
      await box.network.prometheus(GONE);
      await eventually('KEDA has fallen back', async () => {
        for (const name of ['queued', 'groups', 'apart-prefill', 'asleep']) {
          expect([name, isTrue(await box.cluster.get(ScaledObjects, name, NAMESPACE), 'Fallback')]).toEqual([name, true]);
        }
      }, { seconds: 90 });
      await throughout('all stay', 15, async () => {
        await Promise.all([replicas('queued', 4), replicas('groups-lws', 3, 0, LeaderWorkerSets), replicas('apart-prefill', 3), replicas('asleep', 1), replicas('unused', 0)]);
      });
    });
  });

  describe('when everything is served', () => {
    beforeAll(async () => {
      await box.network.prometheus(IDLE);
      await place.apply(...timed(schedule(3, 6, 3)));
    });

    test('then replicas go one by one, down to the fewest, and groups too', async () => {
      await replicas('queued', 3, 120);
      await replicas('groups-lws', 2, 120, LeaderWorkerSets);
      await replicas('apart-prefill', 1, 180);
      await replicas('queued', 1, 240);
    }, 400_000);

    test('then the server that may sleep does, and the end of its hours takes the replicas of a schedule away', async () => {
      await replicas('asleep', 0, 60);
      await replicas('timed', 1, 180);
      await replicas('beside', 1, 60);
    });

    test('then the nodes that nobody needs any more go', async () => {
      await eventually('a node for the one replica, and four for the two groups', async () => {
        expect(await types()).toEqual([...Array(4).fill('g6.12xlarge'), 'g6.xlarge']);
      }, { seconds: 120 });
    });
  });
});
