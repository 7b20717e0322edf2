import {
  Accelerator, CapacityType, FixedReplicas, GpuPool, type ModelServerChartProps, QueueScaling, Ray, type RayOptions, RayUpgrade,
} from '../../../lib';
import { endpoints } from '../fixtures/endpoints';
import { Kubelet } from '../fixtures/kubelet';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { fakeNode, systemPods } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { isTrue, type KubeObject, Nodes, type Pod, type RayCluster, RayClusters, type RayService, RayServices, Services } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'library-ray';
const POOL = 'ray';
const OTHER_IMAGE: RayOptions = { image: 'rayproject/ray-llm:2.60.0-py312-cu130', rayVersion: '2.60.0' };
/** On nodes that are there already: what is looked at is not the nodes. */
const AT_HAND = Accelerator.G6E_XLARGE;

interface RayServiceSpec {
  readonly rayClusterConfig: { readonly workerGroupSpecs: readonly { readonly template: { readonly metadata?: KubeObject['metadata'] } }[] };
}

describe('given model servers of the library on Ray', () => {
  let place: Workspace;
  let kubelet: Kubelet;
  /** Of the server whose image changes: its first cluster and the next, and what was seen between them. */
  let [first, second] = ['', ''];
  let takeover: Promise<number>;

  function serverOf(name: string, topology: Ray, props: Partial<ModelServerChartProps> = {}): KubeObject[] {
    return objectsOf(modelServer({ namespace: NAMESPACE, name, topology, accelerator: AT_HAND, ...props }));
  }

  /** A server whose workers are ready when their own probe says so. */
  function probed(objects: readonly KubeObject[]): KubeObject[] {
    return objects.map((object) => {
      if (object.kind !== 'RayService') return object;
      const spec = object.spec as RayServiceSpec; // as the chart has just made it
      const workerGroupSpecs = spec.rayClusterConfig.workerGroupSpecs.map((group) => ({ ...group, template: Kubelet.probed(group.template) }));
      return { ...object, spec: { ...spec, rayClusterConfig: { ...spec.rayClusterConfig, workerGroupSpecs } } };
    });
  }

  const renewed = (options: RayOptions = {}): KubeObject[] => probed(serverOf('renewed', new Ray(options), { scaling: new FixedReplicas(2) }));
  const kept = (options: RayOptions = {}, contextLength: number = 2048): KubeObject[] => serverOf('kept', new Ray({ upgrade: RayUpgrade.NONE, ...options }), { contextLength });
  const grown = (replicas: number): KubeObject[] => serverOf('grown', new Ray(), { scaling: new FixedReplicas(replicas) });
  const scaled = (requestsPerReplica: number): KubeObject[] =>
    serverOf('scaled', new Ray(), { accelerator: Accelerator.G6_XLARGE, scaling: new QueueScaling({ maxReplicas: 3, requestsPerReplica }) });

  async function ready(name: string, seconds: number): Promise<RayService> {
    return eventually(`${name} is ready`, async () => {
      const service = await box.cluster.get(RayServices, name, NAMESPACE);
      if (!isTrue(service, 'Ready') || isTrue(service, 'UpgradeInProgress')) throw new Error(JSON.stringify(service.status?.conditions));
      return service;
    }, { seconds });
  }

  const activeCluster = async (name: string): Promise<string> => (await box.cluster.get(RayServices, name, NAMESPACE)).status?.activeServiceStatus?.rayClusterName ?? '';
  const clusterOf = (name: string): Promise<RayCluster> => box.cluster.get(RayClusters, name, NAMESPACE);
  const workersOf = (cluster: string): Promise<Pod[]> => place.pods({ 'ray.io/cluster': cluster, 'ray.io/node-type': 'worker' });
  const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name).sort();

  /** Applications that a cluster's dashboard was given, the last of them last. */
  async function deployed(cluster: string): Promise<string[]> {
    const requests = await box.network.requests();
    return requests.filter(({ method, url }) => method === 'PUT' && new URL(url).hostname.startsWith(`${cluster}-head-svc.`)).map(({ body }) => body);
  }

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    kubelet = new Kubelet(box, NAMESPACE);
    const pool = new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 1000 } });
    const l40s = { 'karpenter.k8s.aws/instance-gpu-name': 'l40s', 'karpenter.k8s.aws/instance-gpu-count': '1' };
    await place.apply(
      systemPods(), ...objectsOf(libraryPool(box, POOL, pool)),
      ...[1, 2, 3, 4].map((number) => fakeNode({ name: `ray-l40s-${number}`, zone: 'us-west-2a', labels: l40s, devices: { 'nvidia.com/gpu': 8 } })),
      fakeNode({ name: 'ray-heads', zone: 'us-west-2b' }),
    );
    await place.apply(...scaled(16), ...renewed(), ...kept(), ...grown(1));
  }, 300_000);

  afterAll(async () => {
    await box.network.rayApplications({});
    await place.dispose();
  }, 300_000);

  describe('when the image changes', () => {
    const probe = (): Promise<void> => kubelet.probe({ 'app.kubernetes.io/name': 'renewed', 'ray.io/node-type': 'worker' });

    /** Watches until the second cluster alone takes requests and the first is gone; how few pods took requests meanwhile. */
    async function watch(): Promise<number> {
      let fewest = Infinity;
      await eventually('the second alone takes requests, and the first is gone', async () => {
        await probe();
        const now = await endpoints(place, 'renewed');
        fewest = Math.min(fewest, now.length);
        expect(now).toEqual(names(await workersOf(second)));
        expect(await box.cluster.find(RayClusters, first, NAMESPACE)).toBeUndefined();
      }, { seconds: 150 });
      return fewest;
    }

    test('then a second cluster is built, and the first alone takes requests until the second has loaded its model', async () => {
      await eventually('the first cluster serves', async () => {
        await probe();
        expect(await endpoints(place, 'renewed')).toHaveLength(2);
      });
      await ready('renewed', 60);
      first = await activeCluster('renewed');
      const old = names(await workersOf(first));

      await box.network.rayApplications({ [`${first}-head`]: 'RUNNING', 'renewed-': 'DEPLOYING' });
      await place.apply(...renewed(OTHER_IMAGE));
      await eventually('a second cluster', async () => {
        const { status } = await box.cluster.get(RayServices, 'renewed', NAMESPACE);
        second = status?.pendingServiceStatus?.rayClusterName ?? '';
        expect(await workersOf(second)).toHaveLength(2);
      });
      expect((await clusterOf(second)).spec.headGroupSpec.template.spec.containers[0]?.image).toBe(OTHER_IMAGE.image);
      await eventually('it is told what to serve', async () => {
        expect(await deployed(second)).not.toEqual([]);
      });
      await throughout('the first alone takes requests', 8, async () => {
        await probe();
        expect(await endpoints(place, 'renewed')).toEqual(old);
        expect(await activeCluster('renewed')).toBe(first);
      });

      await box.network.rayApplications({});
      takeover = watch();
      takeover.catch(() => undefined); // the next test says so
    });
  });

  describe('when there are to be more replicas', () => {
    test('then there are as many workers', async () => {
      await ready('grown', 60);
      await place.apply(...grown(3));
      await eventually('three workers', async () => {
        const workers = names(await workersOf(await activeCluster('grown')));
        expect(workers).toHaveLength(3);
        expect(await endpoints(place, 'grown')).toEqual(expect.arrayContaining(workers));
      });
    });
  });

  describe('when the cluster is to stay', () => {
    test('then another image changes nothing, the model\'s settings do, and who deletes the cluster gets the image', async () => {
      await ready('kept', 60);
      const cluster = await activeCluster('kept');
      const workers = names(await workersOf(cluster));
      await place.apply(...kept(OTHER_IMAGE, 4096));
      await eventually('the applications are updated', async () => {
        expect((await deployed(cluster)).at(-1)).toContain('"max_model_len":4096');
      });
      await throughout('the cluster stays', 5, async () => {
        expect(names(await workersOf(cluster))).toEqual(workers);
        expect((await box.cluster.get(RayServices, 'kept', NAMESPACE)).status?.pendingServiceStatus?.rayClusterName ?? '').toBe('');
      });

      await box.cluster.remove(RayClusters, cluster, NAMESPACE);
      await eventually('a cluster with the image', async () => {
        const next = await activeCluster('kept');
        expect(next).not.toBe(cluster);
        expect((await clusterOf(next)).spec.headGroupSpec.template.spec.containers[0]?.image).toBe(OTHER_IMAGE.image);
      }, { seconds: 120 });
    });
  });

  describe('scaled by the requests in flight', () => {
    let cluster: string;

    /** What Ray's autoscaler does when it wants another number of workers, with the rights that it has in the head's pod. */
    async function autoscale(patch: readonly object[]): Promise<void> {
      const [head] = await place.pods({ 'ray.io/cluster': cluster, 'ray.io/node-type': 'head' });
      expect(head?.spec.containers.map(({ name }) => name)).toContain('autoscaler');
      await box.cluster.kubectl([
        'patch', 'raycluster', cluster, '--namespace', NAMESPACE, '--type=json', `--patch=${JSON.stringify(patch)}`,
        `--as=system:serviceaccount:${NAMESPACE}:${head?.spec.serviceAccountName}`,
      ]);
    }

    test('then it is a cluster with one group of workers in its bounds, on the pool, and a head without devices', async () => {
      await ready('scaled', 200);
      cluster = await activeCluster('scaled');
      const { spec } = await clusterOf(cluster);
      expect(spec).toMatchObject({ enableInTreeAutoscaling: true, workerGroupSpecs: [{ groupName: 'workers', replicas: 1, minReplicas: 1, maxReplicas: 3 }] });
      expect(spec.headGroupSpec.template.spec.containers.map(({ resources }) => Object.keys(resources?.limits ?? {}))).toEqual([['memory']]);
      await eventually('workers, not the head, take requests', async () => {
        expect(await endpoints(place, 'scaled')).toEqual(names(await workersOf(cluster)));
      });
      expect((await deployed(cluster)).length).toBeGreaterThan(0);
    }, 300_000);

    test('when its autoscaler wants more workers, then nodes come for them; when it names one to go, then that one goes', async () => {
      await autoscale([{ op: 'replace', path: '/spec/workerGroupSpecs/0/replicas', value: 3 }]);
      const workers = await place.running(3, { 'ray.io/cluster': cluster, 'ray.io/node-type': 'worker' }, 150);
      const nodes = await Promise.all(workers.map(({ spec }) => box.cluster.get(Nodes, spec.nodeName ?? '')));
      expect(new Set(nodes.map(({ metadata }) => metadata.name)).size).toBe(3);
      expect(nodes.map(({ metadata }) => metadata.labels?.['karpenter.sh/nodepool'])).toEqual([POOL, POOL, POOL]);

      const [idle = ''] = names(workers);
      await autoscale([
        { op: 'replace', path: '/spec/workerGroupSpecs/0/replicas', value: 2 },
        { op: 'add', path: '/spec/workerGroupSpecs/0/scaleStrategy', value: { workersToDelete: [idle] } },
      ]);
      await eventually('the one that it named is gone, the others stay', async () => {
        expect(names(await workersOf(cluster))).toEqual(names(workers).filter((name) => name !== idle));
      });
    });

    test('when only what Ray Serve is told changes, then the running cluster is told, and keeps the workers that it has', async () => {
      const before = await workersOf(cluster);
      await place.apply(...scaled(32));
      await eventually('the cluster is told', async () => {
        expect((await deployed(cluster)).at(-1)).toContain('"target_ongoing_requests":32');
      });
      await throughout('the workers stay', 5, async () => {
        expect(names(await workersOf(cluster))).toEqual(names(before));
      });
      expect(await activeCluster('scaled')).toBe(cluster);
    });
  });

  // KubeRay keeps the first cluster for a minute, which the tests in between have used
  describe('when the image changes, in the end', () => {
    test('then the second takes the requests, no fewer pods did at any time, and the first is gone', async () => {
      expect(await takeover).toBeGreaterThanOrEqual(2);
      expect(await activeCluster('renewed')).toBe(second);
      expect((await box.cluster.get(Services, 'renewed-serve-svc', NAMESPACE)).spec.selector?.['ray.io/cluster']).toBe(second);
    });
  });
});
