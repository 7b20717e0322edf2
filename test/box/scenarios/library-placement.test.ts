import {
  Accelerator, AcceleratorKind, CapacityType, CpuArchitecture, GpuPool, GravitonPool, type INodePool, InferentiaPool, NodeOs, Regions, TrainiumPool,
} from '../../../lib';
import { allocatable, capacity, nodeShape } from '../../../lib/karpenter/allocatable';
import { choiceOptionsOf } from '../../../lib/karpenter/choice-options';
import { labelValue } from '../../../lib/karpenter/instance-labels';
import type { NodePoolManifest } from '../../../lib/karpenter/manifests';
import { quantity } from '../../../lib/karpenter/quantity';
import { KarpenterChoice } from '../../../lib/karpenter-choice';
import { catalogue, CATALOGUE_TAINT, catalogueServers, type CatalogueServer, labelled, podOf, SERVER, typesOf } from '../fixtures/catalogue';
import { daemonSet } from '../fixtures/daemon-set';
import { libraryPool, objectsOf } from '../fixtures/library';
import { KarpenterPrices, launchedType, offeredTypes, valuesOf, zoneIdsOf } from '../fixtures/offered-types';
import { Box } from '../harness/box';
import { Ec2NodeClasses, isTrue, NodeClaims, Nodes, type KubeObject, type NodeClaim, type Quantities, type Requirement } from '../harness/kinds';
import { eventually, sleep } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const { NVIDIA, INFERENTIA, TRAINIUM, CPU } = AcceleratorKind;
const { AMD64, ARM64 } = CpuArchitecture;

/** Karpenter launches nothing without a price, and the box has the catalogue's: AWS publishes none for p5e. */
function isPriced(type: Accelerator): boolean {
  return type.pricedRegions.length > 0;
}

async function nodeClassIsReady(name: string): Promise<void> {
  await eventually(`the node class ${name} is ready`, async () => {
    const nodeClass = await box.cluster.get(Ec2NodeClasses, name);
    if (!isTrue(nodeClass, 'Ready')) throw new Error(JSON.stringify(nodeClass.status?.conditions?.filter(({ status }) => status !== 'True')));
  });
}

/** The claims of servers, when there are as many as expected, or when nothing new has been launched for a while. */
async function claimsOfServers(expected: number): Promise<ReadonlyMap<string, NodeClaim>> {
  const claims = new Map<string, NodeClaim>();
  for (let quiet = 0; claims.size < expected && quiet < (claims.size === 0 ? 120 : 60); quiet += 1, await sleep(1)) {
    for (const claim of await box.cluster.list(NodeClaims)) {
      const server = claim.metadata.labels?.[SERVER];
      if (server === undefined || launchedType(claim) === undefined || claims.has(server)) continue;
      claims.set(server, claim);
      quiet = 0;
    }
  }
  return claims;
}

describe('given pools with the whole catalogue, and a server for each type of it', () => {
  // the limits of a pool are not what is looked at here; one number of pods a node makes one launch template, see the README
  const options = { capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 100_000 }, taints: [CATALOGUE_TAINT] };
  const pools: readonly (readonly [name: string, pool: INodePool])[] = [
    ['catalogue-nvidia', new GpuPool({ ...options, instanceTypes: typesOf(box.region, NVIDIA, AMD64) })],
    ['catalogue-nvidia-arm', new GpuPool({ ...options, architecture: ARM64, instanceTypes: typesOf(box.region, NVIDIA, ARM64) })],
    ['catalogue-inferentia', new InferentiaPool({ ...options, instanceTypes: typesOf(box.region, INFERENTIA, AMD64) })],
    ['catalogue-trainium', new TrainiumPool({ ...options, instanceTypes: typesOf(box.region, TRAINIUM, AMD64) })],
    ['catalogue-graviton', new GravitonPool({ ...options, instanceTypes: typesOf(box.region, CPU, ARM64) })],
  ];
  const poolObjects = labelled(pools.flatMap(([name, pool]) => objectsOf(libraryPool(box, name, pool))));
  const nodePools = poolObjects.filter(({ kind }) => kind === 'NodePool') as unknown as NodePoolManifest[]; // as the library wrote them
  const onServers: Requirement = { key: SERVER, operator: 'Exists' };
  const daemons = [
    daemonSet({ name: 'everywhere', cpu: '180m', memory: '120Mi', tolerates: true, where: [onServers] }),
    daemonSet({ name: 'on-gpus', cpu: '200m', memory: '512Mi', tolerates: true, where: [onServers, { key: 'karpenter.k8s.aws/instance-gpu-manufacturer', operator: 'Exists' }] }),
    daemonSet({ name: 'on-neuron', cpu: '100m', memory: '256Mi', tolerates: true, where: [onServers, { key: 'karpenter.k8s.aws/instance-accelerator-name', operator: 'NotIn', values: ['inferentia'] }] }),
    daemonSet({ name: 'on-untainted', cpu: '300m', memory: '200Mi', tolerates: false, where: [onServers] }),
  ];
  let place: Workspace;
  let servers: readonly CatalogueServer[];
  let claims: ReadonlyMap<string, NodeClaim>;
  let prices: KarpenterPrices;
  let zoneIds: ReadonlyMap<string, string>;

  beforeAll(async () => {
    place = await Workspace.create(box, 'library-placement');
    await place.apply(...daemons, ...poolObjects);
    await Promise.all(pools.map(([name]) => nodeClassIsReady(name)));
    servers = catalogueServers(place.namespace);
    await place.apply(...servers.flatMap(({ objects }) => objects));
    [claims, prices, zoneIds] = await Promise.all([
      claimsOfServers(servers.filter(({ type }) => Regions.sells(box.region, type.instanceType)).length),
      KarpenterPrices.read(box, pools.flatMap(([, { instanceTypes }]) => instanceTypes.filter(isPriced).map(({ instanceType }) => instanceType))),
      zoneIdsOf(box, pools[0]?.[0] ?? ''),
    ]);
  }, 900_000);

  afterAll(() => place.dispose(), 300_000);

  /** What is predicted for a server, in the zones that its claim is in. */
  function predicted({ name, pod }: CatalogueServer): string[] {
    const claim = claims.get(name);
    const zones = claim === undefined ? [] : valuesOf(claim, 'topology.kubernetes.io/zone');
    const fractional = catalogue().filter((type) => type.fractional).map(({ instanceType }) => [instanceType, { 'nvidia.com/gpu': '1' }] as const);
    const choice = KarpenterChoice.of(pod, nodePools, {
      region: box.region,
      zoneIds: (zones.length > 0 ? zones : [...zoneIds.keys()]).map((zone) => zoneIds.get(zone) ?? zone),
      daemons: daemons.map((daemon) => podOf([daemon])),
      maxPods: options.maxPods,
      volumeGiB: 300,
      overlays: Object.fromEntries(fractional),
    });
    return choice.candidates.map(({ instanceType }) => instanceType).filter((type) => isPriced(Accelerator.fromInstanceType(type)));
  }

  test('then Karpenter may launch for each exactly the types that were predicted, in the order of its own prices', () => {
    const differences = servers.flatMap((server) => {
      const claim = claims.get(server.name);
      const [ours, its] = [predicted(server), claim === undefined ? [] : prices.inOrder(offeredTypes(claim))];
      return ours.join() === its.join() ? [] : [{ server: server.type.instanceType, predicted: ours.join(), karpenter: its.join() }];
    });
    expect(differences).toEqual([]);
  });

  test('then it launches the cheapest of them', () => {
    const wrong = servers.flatMap((server) => {
      const claim = claims.get(server.name);
      const [cheapest, launched] = [predicted(server)[0], claim === undefined ? undefined : launchedType(claim)];
      const same = cheapest === launched || prices.onDemand(cheapest ?? '') === prices.onDemand(launched ?? '');
      return same ? [] : [`${server.type.instanceType}: ${launched ?? 'nothing'} instead of ${cheapest ?? 'nothing'}`];
    });
    expect(wrong).toEqual([]);
  });

  test('then a server gets nodes exactly where its type is sold', () => {
    const without = servers.filter(({ name }) => !claims.has(name)).map(({ type }) => type.instanceType);
    expect(without).toEqual(catalogue().map(({ instanceType }) => instanceType).filter((type) => !Regions.sells(box.region, type)));
  });

  test('then every kind of hardware was launched: the test has seen what it is about', () => {
    const families = new Set([...claims.values()].map((claim) => launchedType(claim)?.split('.')[0]));
    expect([...families]).toEqual(expect.arrayContaining(['g6', 'g6e', 'g6f', 'g5g', 'p5', 'inf2', 'trn1', 'm8g']));
  });

  test('then every pod runs on the node that was launched for it', async () => {
    // a node of the box is made of what EC2 says of its type, without what a NodeOverlay adds: it has no slice of a GPU
    const whole = servers.filter(({ name, type }) => claims.has(name) && !type.fractional);
    expect(whole.length).toBeGreaterThan(100);
    await eventually('all pods run where they belong', async () => {
      const [pods, nodes] = await Promise.all([place.pods(), box.cluster.list(Nodes)]);
      const serverOf = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels?.[SERVER]]));
      const running = new Set(pods.filter(({ status }) => status.phase === 'Running').map(({ spec }) => serverOf.get(spec.nodeName ?? '')));
      const missing = whole.filter(({ name }) => !running.has(name));
      if (missing.length > 0) throw new Error(`${missing.length} do not, such as ${missing[0]?.name}`);
    }, { seconds: 180 });
  }, 200_000);
});

describe('given a node of each family, from node classes that differ in what they leave to pods', () => {
  const types = catalogue().filter((type) => Regions.sells(box.region, type.instanceType) && isPriced(type));
  const nvidia = typesOf(box.region, NVIDIA, AMD64);
  const withEfas = types.filter(({ efaInterfaces }) => efaInterfaces > 1);
  const efaPool = (type: Accelerator): INodePool =>
    (type.kind === NVIDIA ? new GpuPool({ instanceTypes: [type] }) : new TrainiumPool({ instanceTypes: [type] }));
  /** A node class is made by a pool, and serves every type: what it says of images, disks and network is not of one kind. */
  const classes: readonly (readonly [name: string, pool: INodePool, types: readonly Accelerator[]])[] = [
    ['node-of-defaults', new GpuPool({ instanceTypes: nvidia }), oneOfEachFamily(types)],
    ['node-of-al2023', new GpuPool({ instanceTypes: nvidia, os: NodeOs.AL2023, maxPods: 40, instanceStore: false }), oneOfEachKind(types)],
    ['node-of-snapshot', new GpuPool({ instanceTypes: nvidia, dataVolume: { snapshotId: 'snap-0123456789abcdef0' } }), oneOfEachKind(nvidia)],
    ...withEfas.map((type) => [`node-of-efas-${type.instanceType.replace('.', '-')}`, efaPool(type), [type]] as const),
  ];
  const charts = new Map(classes.map(([name, pool]) => [name, libraryPool(box, name, pool)]));
  const nameOf = (nodeClass: string, { instanceType }: Accelerator): string => `${nodeClass}-${instanceType.replace('.', '-')}`;
  const claims = classes.flatMap(([nodeClass, , its]) => its.map((type) => claimOf(nameOf(nodeClass, type), nodeClass, type)));
  let place: Workspace;
  let launched: ReadonlyMap<string, NodeClaim>;

  beforeAll(async () => {
    place = await Workspace.create(box, 'library-nodes');
    await place.apply(...[...charts.values()].flatMap(objectsOf).filter(({ kind }) => kind === 'EC2NodeClass'));
    await Promise.all(classes.map(([name]) => nodeClassIsReady(name)));
    await place.apply(...claims);
    launched = await eventually('every node is launched', async () => {
      const all = new Map((await box.cluster.list(NodeClaims)).map((claim) => [claim.metadata.name, claim]));
      const missing = claims.filter(({ metadata: { name = '' } }) => all.get(name)?.status?.allocatable === undefined);
      if (missing.length > 0) throw new Error(`${missing.length} are not, such as ${missing[0]?.metadata.name}`);
      return all;
    }, { seconds: 180 });
  }, 300_000);

  afterAll(async () => {
    await place.dispose();
    await eventually('no node is left', async () => {
      const left = (await box.cluster.list(NodeClaims)).filter(({ metadata }) => launched.has(metadata.name));
      if (left.length > 0) throw new Error(`${left.length} are`);
    }, { seconds: 120 });
  }, 300_000);

  test.each(classes)('then it has the resources and labels that the prediction goes by (%s)', (nodeClass, _pool, its) => {
    const config = charts.get(nodeClass)?.config;
    if (config === undefined) throw new Error('no pool');
    const shape = nodeShape(choiceOptionsOf(config, box.region));
    const differences = its.flatMap((type) => {
      const { status, metadata } = launched.get(nameOf(nodeClass, type)) as NodeClaim;
      const its = { capacity: known(status?.capacity), allocatable: known(status?.allocatable), labels: hardware(metadata.labels) };
      // a claim tells of EFAs where its node class attaches them, or where a pod asked for them
      const told = (amounts: ReadonlyMap<string, number>): Record<string, number> =>
        present(new Map([...amounts].filter(([name]) => name !== 'vpc.amazonaws.com/efa' || shape.networkInterfaces !== undefined)));
      const ours = { capacity: told(capacity(type, shape)), allocatable: told(allocatable(type, shape)), labels: ourLabels(type, Object.keys(its.labels)) };
      return JSON.stringify(ours) === JSON.stringify(its) ? [] : [{ type: type.instanceType, ours, its }];
    });
    expect(differences.map(({ type, ours }) => ({ type, is: ours }))).toEqual(differences.map(({ type, its }) => ({ type, is: its })));
  });
});

/** A claim for one type, as the scheduler of Karpenter would write it. */
function claimOf(name: string, nodeClass: string, { instanceType }: Accelerator): KubeObject {
  return {
    apiVersion: 'karpenter.sh/v1', kind: 'NodeClaim', metadata: { name },
    spec: {
      taints: [CATALOGUE_TAINT], // nobody else's pod
      nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: nodeClass },
      requirements: [
        { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [instanceType] },
        { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
      ],
    },
  };
}

function oneOfEachFamily(types: readonly Accelerator[]): Accelerator[] {
  return [...new Map(types.map((type) => [type.family, type])).values()];
}

function oneOfEachKind(types: readonly Accelerator[]): Accelerator[] {
  return [...new Map(types.map((type) => [`${type.kind} ${type.architecture} ${type.fractional}`, type])).values()];
}

/** Resources that are there, by name; Karpenter leaves out those of which there is none. */
function present(amounts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...amounts].filter(([, amount]) => amount > 0).map(([name, amount]) => [name, Math.round(amount * 1000) / 1000] as const).sort());
}

/** Those of Karpenter's resources that pods of ours ask for: not the branch interfaces of security groups for pods. */
function known(quantities: Quantities = {}): Record<string, number> {
  return present(new Map(Object.entries(quantities).filter(([name]) => name !== 'vpc.amazonaws.com/pod-eni').map(([name, text]) => [name, quantity(text)])));
}

const OF_NO_PREDICTION = ['tenancy', 'encryption-in-transit-supported', 'cpu-sustained-clock-speed-mhz'];

function hardware(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  const facts = Object.entries(labels).filter(([label]) => label === 'kubernetes.io/arch' || /^karpenter\.k8s\.aws\/instance-/.test(label));
  return Object.fromEntries(facts.filter(([label]) => !OF_NO_PREDICTION.some((fact) => label.endsWith(fact))).sort());
}

function ourLabels(type: Accelerator, labels: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(labels.map((label) => [label, labelValue(type, label)]));
}
