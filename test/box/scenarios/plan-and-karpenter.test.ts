import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments, stringify } from 'yaml';
import {
  Accelerator, CapacityType, CpuArchitecture, GpuPool, GravitonPool, InferentiaPool, type INodePool, type PlannedPods, TrainiumPool,
} from '../../../lib';
import { chooseNodes, type PoolOnCluster } from '../../../lib/plan/private/choose-nodes';
import { daemonPodsOf } from '../../../constructs/private/daemon-pods';
import { patchPods, podOf } from '../fixtures/catalogue';
import { daemonSet, daemonSetOf } from '../fixtures/daemon-set';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { KarpenterPrices, offeredTypes, valuesOf, zoneIdsOf } from '../fixtures/offered-types';
import { plannedApp, type PlannedApp } from '../fixtures/planned-app';
import { fakeNode } from '../fixtures/workloads';
import { ROOT } from '../harness/app';
import { Box } from '../harness/box';
import { Deployments, Ec2NodeClasses, isTrue, NodeClaims, NodePools, Nodes, type KubeObject, type NodeClaim, type Pod } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const run = promisify(execFile);

/** What decides about nodes, and what it needs to be admitted. */
const POOL_KINDS = ['NodePool', 'EC2NodeClass', 'NodeOverlay'];
const WORKLOAD_KINDS = ['ServiceAccount', 'ConfigMap', 'Deployment', 'LeaderWorkerSet', 'RayService', 'Service'];

async function ready(...nodeClasses: readonly string[]): Promise<void> {
  for (const name of nodeClasses) {
    await eventually(`the node class ${name} is ready`, async () => {
      const nodeClass = await box.cluster.get(Ec2NodeClasses, name);
      if (!isTrue(nodeClass, 'Ready')) throw new Error(JSON.stringify(nodeClass.status?.conditions?.filter(({ status }) => status !== 'True')));
    });
  }
}

function named(objects: readonly KubeObject[], kind: string): string[] {
  return objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name ?? '');
}

/** A config file of the tests, in a namespace of its own and with pools that are large enough for all of its models. */
function configFile(file: string, namespace: string, limits?: object): object {
  const config = parse(readFileSync(join(ROOT, file), 'utf8')) as { models: Record<string, object>; nodePools: Record<string, object | true> };
  const models = Object.fromEntries(Object.entries(config.models).map(([name, model]) => [name, { ...model, namespace }]));
  const gpu = { ...Object(config.nodePools.gpu) as object, ...(limits === undefined ? {} : { limits }) };
  return { ...config, name: 'Inference', cluster: { name: box.clusterName }, models, nodePools: { ...config.nodePools, gpu } };
}

/** The role that the plan has for a pod. */
function roleOf({ metadata: { labels = {} } }: Pod): string {
  if (labels['ray.io/node-type'] === 'head') return 'head';
  const index = labels['leaderworkerset.sigs.k8s.io/worker-index'];
  return labels['ray.io/group'] ?? (index === undefined ? 'server' : index === '0' ? 'leader' : 'workers');
}

describe.each([
  ['inference.yaml', 'plan-default', undefined],
  ['test/configs/everything-karpenter.yaml', 'plan-everything', { devices: 64 }],
  ['test/configs/everything-al2023.yaml', 'plan-al2023', { devices: 64 }],
])('given the app of %s, applied as it was planned', (file, namespace, limits) => {
  let place: Workspace;
  let app: PlannedApp;
  let prices: KarpenterPrices;
  let zoneIds: ReadonlyMap<string, string>;
  let placed: readonly { readonly pod: Pod; readonly claim?: NodeClaim }[];

  const plannedPods = (): { title: string; model: string; pods: PlannedPods }[] =>
    app.plan.models.flatMap(({ name, placement }) => placement.pods.map((pods) => ({ title: `${name} ${pods.role}`, model: name, pods })));

  beforeAll(async () => {
    app = await plannedApp(box, configFile(file, namespace, limits));
    place = await Workspace.create(box, namespace);
    const pools = app.objects.filter(({ kind }) => POOL_KINDS.includes(kind));
    await place.apply(...daemonPodsOf(app.addons).map((pod, index) => daemonSetOf(`addon-${index}`, pod)), ...pools);
    await ready(...named(pools, 'EC2NodeClass'));
    await place.apply(...app.objects.filter(({ kind, metadata }) => WORKLOAD_KINDS.includes(kind) && metadata.namespace === namespace));
    const types = plannedPods().flatMap(({ pods }) => pods.instanceTypes.map(({ instanceType }) => instanceType));
    [prices, zoneIds] = await Promise.all([KarpenterPrices.read(box, types), zoneIdsOf(box, named(pools, 'EC2NodeClass')[0] ?? '')]);
    placed = await eventually('every planned pod runs', async () => {
      const [pods, claims] = await Promise.all([place.pods(), box.cluster.list(NodeClaims)]);
      const waiting = pods.filter(({ status }) => status.phase !== 'Running');
      const missing = plannedPods().filter(({ model, pods: { role } }) => !pods.some((pod) => modelOf(pod) === model && roleOf(pod) === role));
      if (waiting.length + missing.length > 0) {
        throw new Error(`waiting: ${waiting.map(({ metadata }) => metadata.name).join(', ')}; missing: ${missing.map(({ title }) => title).join(', ')}`);
      }
      const served = pods.filter((pod) => app.plan.models.some(({ name }) => name === modelOf(pod))); // not those of the DaemonSets
      return served.map((pod) => ({ pod, claim: claims.find(({ status }) => status?.nodeName === pod.spec.nodeName) }));
    }, { seconds: 240 });
  }, 600_000);

  afterAll(() => place.dispose(), 300_000);

  function modelOf({ metadata }: Pod): string | undefined {
    return metadata.labels?.['app.kubernetes.io/name'];
  }

  test('then each pod may get exactly the types of the plan, in the plan\'s order, from the plan\'s pool', () => {
    const alone = placed.filter(({ claim }) => placed.filter((other) => other.claim?.metadata.name === claim?.metadata.name).length === 1);
    const compared = alone.flatMap(({ pod, claim }) => {
      const planned = plannedPods().find(({ model, pods }) => model === modelOf(pod) && pods.role === roleOf(pod));
      if (planned === undefined || claim === undefined || planned.pods.instanceTypes.length === 0) return [];
      const zones = valuesOf(claim, 'topology.kubernetes.io/zone').map((zone) => zoneIds.get(zone) ?? zone);
      const there = planned.pods.instanceTypes.filter(({ zoneIds: sold = [] }) => zones.length === 0 || sold.some((id) => zones.includes(id)));
      return [{
        pod: planned.title,
        plan: there.map(({ pool, instanceType }) => `${pool} ${instanceType}`),
        karpenter: prices.inOrder(offeredTypes(claim)).map((type) => `${claim.metadata.labels?.['karpenter.sh/nodepool']} ${type}`),
      }];
    });
    expect(compared.map(({ pod, karpenter }) => ({ pod, types: karpenter }))).toEqual(compared.map(({ pod, plan }) => ({ pod, types: plan })));
    // the nodes of an x86 pool are not in the catalogue, so nothing is planned of a Ray head; all others are seen
    expect(new Set(compared.map(({ pod }) => pod)))
      .toEqual(new Set(plannedPods().filter(({ pods }) => pods.instanceTypes.length > 0).map(({ title }) => title)));
  });
});

describe('given an app whose models take more than its pool may be', () => {
  const namespace = 'plan-limits';
  let place: Workspace;
  let app: PlannedApp;

  beforeAll(async () => {
    app = await plannedApp(box, {
      name: 'Inference', region: box.region, cluster: { name: box.clusterName },
      nodePools: { gpu: { families: ['g6'], limits: { devices: 1 } } },
      models: { chat: { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge', namespace, scaling: { replicas: 2 } } },
    });
    place = await Workspace.create(box, namespace);
    const pools = app.objects.filter(({ kind }) => POOL_KINDS.includes(kind));
    await place.apply(...pools);
    await ready('gpu');
    await place.apply(...app.objects.filter(({ kind, metadata }) => WORKLOAD_KINDS.includes(kind) && metadata.namespace === namespace));
  });

  afterAll(() => place.dispose(), 300_000);

  test('then the plan says so, and Karpenter launches what the limit allows and lets the rest wait', async () => {
    expect(app.plan.warnings).toEqual([expect.stringMatching(/pool 'gpu' is limited to 1 nvidia.com\/gpu, and its models take 2 at the fewest replicas/)]);
    await place.claimed('gpu', 1);
    await throughout('one node and no more', 10, async () => {
      if ((await place.claims('gpu')).length > 1) throw new Error('there is another');
    });
    await eventually('one pod runs', async () => {
      const phases = (await place.pods()).map(({ status }) => status.phase).sort();
      if (phases.join() !== 'Pending,Running') throw new Error(phases.join());
    });
  });

  test('when nothing is asked of it any more, then the pool goes back to zero', async () => {
    await box.cluster.patch(NodePools, 'gpu', '', { spec: { disruption: { consolidateAfter: '1s' } } });
    await box.cluster.patch(Deployments, 'chat', namespace, { spec: { replicas: 0 } });
    await place.claimed('gpu', 0, 180);
    expect(await box.cluster.list(Nodes, { labels: { 'karpenter.sh/nodepool': 'gpu' } })).toEqual([]);
  });
});

/** A label that pools and servers of one group share, so that they meet no others. */
const GROUP = 'box/group';

describe('given pools that are limited, weighted, or bought in several ways', () => {
  const { ON_DEMAND, SPOT } = CapacityType;
  // where weights or taints decide, the name alone would have Karpenter take the other pool: the last one
  const groups: Readonly<Record<string, Readonly<Record<string, ConstructorParameters<typeof GpuPool>[0]>>>> = {
    limited: { 'plan-limited': { limits: { vcpus: 8 } } },
    closed: { 'plan-closed': { weight: 90, limits: { vcpus: 0 } }, 'plan-open': { weight: 10 } },
    weighted: { 'plan-heavy': { weight: 50, minVcpus: 8 }, 'plan-light': { weight: 10 } },
    unweighted: { 'plan-first': { minVcpus: 16 }, 'plan-second': {} },
    spot: { 'plan-spot': { capacityTypes: [SPOT] } },
    either: { 'plan-either': { capacityTypes: [SPOT, ON_DEMAND] } },
    default: { 'plan-any': {} },
    zone: { 'plan-zone': { zoneIds: ['usw2-az4'] } },
    crowded: { 'plan-crowded': {} },
    tainted: { 'plan-free': { minVcpus: 8 }, 'plan-tainted': { taints: [{ key: 'team', value: 'search', effect: 'NoSchedule' }] } },
  };
  const poolsOf = (group: string): { name: string; pool: INodePool }[] => Object.entries(groups[group] ?? {}).map(([name, options]) => ({
    name, pool: new GpuPool({ families: ['g6e'], labels: { [GROUP]: group }, ...options }),
  }));
  const serverOf = (group: string): KubeObject[] => patchPods(
    // four cores less 80m for the kubelet hold it, less those of the DaemonSets do not
    objectsOf(modelServer({ namespace: 'plan-pools', name: group, accelerator: Accelerator.G6E_XLARGE, ...(group === 'crowded' ? { cpu: 3.8 } : {}) })).filter(({ kind }) => kind === 'ServiceAccount' || kind === 'Deployment'),
    () => ({ nodeSelector: { [GROUP]: group } }),
  );
  const agents = daemonSet({ name: 'agents', cpu: '180m', memory: '120Mi', tolerates: true, where: [{ key: GROUP, operator: 'Exists' }] });
  let place: Workspace;
  let prices: KarpenterPrices;
  let zoneIds: ReadonlyMap<string, string>;
  let claims: ReadonlyMap<string, NodeClaim>;

  beforeAll(async () => {
    place = await Workspace.create(box, 'plan-pools');
    const charts = Object.keys(groups).flatMap(poolsOf).map(({ name, pool }) => libraryPool(box, name, pool));
    await place.apply(agents, ...charts.flatMap(objectsOf));
    await ready(...charts.map(({ poolName }) => poolName));
    await place.apply(...Object.keys(groups).flatMap(serverOf));
    claims = await eventually('a claim for each server', async () => {
      const all = await box.cluster.list(NodeClaims);
      const found = Object.keys(groups).map((group) => [group, all.find(({ metadata }) => metadata.labels?.[GROUP] === group)] as const);
      const missing = found.filter(([, claim]) => claim === undefined);
      if (missing.length > 0) throw new Error(missing.join());
      return new Map(found.flatMap(([group, claim]) => (claim === undefined ? [] : [[group, claim] as const])));
    });
    prices = await KarpenterPrices.read(box, ['g6e.xlarge', 'g6e.48xlarge']);
    zoneIds = await zoneIdsOf(box, 'plan-any');
  }, 300_000);

  afterAll(() => place.dispose(), 300_000);

  test.each(Object.keys(groups))('then the types and the pool are those that are planned (%s)', (group) => {
    const pools: PoolOnCluster[] = poolsOf(group).map(({ name, pool }) => ({ name, config: libraryPool(box, name, pool).config }));
    const claim = claims.get(group);
    if (claim === undefined) throw new Error('no claim');
    const zones = valuesOf(claim, 'topology.kubernetes.io/zone').map((zone) => zoneIds.get(zone) ?? zone);
    const planned = chooseNodes(podOf(serverOf(group)), { pools, region: box.region, daemons: [podOf([agents])] }).instanceTypes;
    const there = planned.filter(({ zoneIds: sold = [] }) => zones.length === 0 || sold.some((id) => zones.includes(id)));
    expect(there.length).toBeGreaterThan(0);
    expect(prices.inOrder(offeredTypes(claim)).map((type) => `${claim.metadata.labels?.['karpenter.sh/nodepool']} ${type}`))
      .toEqual(there.map(({ pool, instanceType }) => `${pool} ${instanceType}`));
  });

  test.each([['spot', ['spot']], ['either', ['on-demand', 'spot']], ['default', ['on-demand']]])('then capacity is bought as the pool says (%s)', (group, expected) => {
    const claim = claims.get(group);
    expect(claim && [...valuesOf(claim, 'karpenter.sh/capacity-type')].sort()).toEqual(expected);
  });
});

describe('given servers with accelerators that tolerate every taint, and one without, beside the controllers of the app', () => {
  const namespace = 'plan-isolation';
  const everything = [{ operator: 'Exists' }];
  const pools: readonly (readonly [name: string, pool: INodePool])[] = [
    ['isolation-gpu', new GpuPool({ families: ['g6', 'g6e'] })],
    ['isolation-gpu-arm', new GpuPool({ families: ['g5g'], architecture: CpuArchitecture.ARM64 })],
    ['isolation-inferentia', new InferentiaPool()],
    ['isolation-trainium', new TrainiumPool()],
    ['isolation-graviton', new GravitonPool()],
  ];
  const servers: readonly (readonly [name: string, accelerator: Accelerator, pool: string, labels: Readonly<Record<string, string>>])[] = [
    ['l4', Accelerator.G6_XLARGE, 'isolation-gpu', { 'kubernetes.io/arch': 'amd64', 'karpenter.k8s.aws/instance-gpu-name': 'l4' }],
    ['l40s', Accelerator.G6E_XLARGE, 'isolation-gpu', { 'kubernetes.io/arch': 'amd64', 'karpenter.k8s.aws/instance-gpu-name': 'l40s' }],
    ['t4g', Accelerator.fromInstanceType('g5g.2xlarge'), 'isolation-gpu-arm', { 'kubernetes.io/arch': 'arm64', 'karpenter.k8s.aws/instance-gpu-name': 't4g' }],
    ['inferentia', Accelerator.INF2_XLARGE, 'isolation-inferentia', { 'karpenter.k8s.aws/instance-family': 'inf2' }],
    ['trainium', Accelerator.TRN1_32XLARGE, 'isolation-trainium', { 'karpenter.k8s.aws/instance-family': 'trn1' }],
    ['graviton', Accelerator.C8G_4XLARGE, 'isolation-graviton', { 'kubernetes.io/arch': 'arm64', 'karpenter.k8s.aws/instance-family': 'c8g' }],
  ];
  let place: Workspace;

  beforeAll(async () => {
    const { chartValues } = await plannedApp(box, {
      name: 'Inference', region: box.region, cluster: { name: box.clusterName }, addons: { 'leader-worker-set': true },
    });
    place = await Workspace.create(box, namespace);
    await place.apply(...pools.flatMap(([name, pool]) => objectsOf(libraryPool(box, name, pool))));
    await ready(...pools.map(([name]) => name));
    await place.apply(
      ...['a', 'b'].map((zone) => systemNode(`${box.region}${zone}`)),
      ...await controllers('karpenter', box.tools.source('karpenter', 'github.com/aws/karpenter-provider-aws', 'charts', 'karpenter'), chartValues),
      ...await controllers('lws', box.tools.source('lws', 'sigs.k8s.io/lws', 'charts', 'lws'), chartValues),
      ...servers.flatMap(([name, accelerator]) => patchPods(objectsOf(modelServer({ namespace, name, accelerator })).filter(({ kind }) => ['ServiceAccount', 'Deployment'].includes(kind)), ({ tolerations }) => ({ tolerations: accelerator.taintKey === undefined ? tolerations : everything }))),
    );
  }, 300_000);

  afterAll(() => place.dispose(), 300_000);

  /** A node of the system group, with everything but its taint in common with the nodes that Graviton servers ask for. */
  function systemNode(zone: string): KubeObject {
    const node = fakeNode({
      name: `system-${zone}`, zone,
      labels: { 'eks.amazonaws.com/nodegroup': 'system', 'kubernetes.io/arch': 'arm64', 'karpenter.k8s.aws/instance-family': 'c8g' },
    });
    return { ...node, spec: { taints: [{ key: 'CriticalAddonsOnly', value: 'true', effect: 'NoSchedule' }] } };
  }

  /** The Deployments of a controller's own chart with the values that the app gives it. */
  async function controllers(name: string, chart: string, values: PlannedApp['chartValues']): Promise<KubeObject[]> {
    const file = join(box.folder, `${name}-values.yaml`);
    writeFileSync(file, stringify(values.get(name)));
    const { stdout } = await run(box.tools.binary('kubectl', 'helm'), ['template', name, chart, '--namespace', namespace, '--values', file], { maxBuffer: 32 << 20 });
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject | null);
    return objects.filter((object) => object !== null).filter(({ kind }) => kind === 'Deployment' || kind === 'ServiceAccount');
  }

  test.each(servers)('then the server for %s runs on its hardware, and on a node of its pool', async (name, _accelerator, pool, labels) => {
    const [pod] = await place.running(1, { 'app.kubernetes.io/name': name }, 180);
    const node = await box.cluster.get(Nodes, pod?.spec.nodeName ?? '');
    expect(node.metadata.labels).toMatchObject({ 'karpenter.sh/nodepool': pool, ...labels });
  });

  test('then every pod of a controller is on the system group', async () => {
    const names = servers.map(([name]) => name);
    const pods = await eventually('the controllers run', async () => {
      const found = (await place.pods()).filter(({ metadata }) => !names.includes(metadata.labels?.['app.kubernetes.io/name'] ?? ''));
      if (found.some(({ status }) => status.phase !== 'Running')) throw new Error(found.map(({ metadata, status }) => `${metadata.name} ${status.phase}`).join());
      return found;
    }, { seconds: 120 });
    expect(pods.length).toBeGreaterThanOrEqual(3);
    expect(pods.filter(({ spec }) => !spec.nodeName?.startsWith('system-')).map(({ metadata }) => metadata.name)).toEqual([]);
  });
});
