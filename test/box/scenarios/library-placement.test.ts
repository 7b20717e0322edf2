import {
  Accelerator, AcceleratorKind, CapacityType, CpuArchitecture, GpuPool, GravitonPool, type INodePool, InferentiaPool, Model, Regions,
  TrainiumPool,
} from '../../../lib';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { systemPods } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { Ec2NodeClasses, isTrue, NodeClaims, type KubeObject, type Requirement } from '../harness/kinds';
import { eventually, sleep } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const { NVIDIA, INFERENTIA, TRAINIUM, CPU } = AcceleratorKind;

/** Each type of the catalogue that a model server can be written for, as that server's objects. */
function servers(namespace: string): { type: Accelerator; name: string; objects: KubeObject[] }[] {
  return Accelerator.catalogue().map((name) => Accelerator.fromInstanceType(name)).flatMap((type) => {
    const name = `on-${type.instanceType.replace(/\./g, '-')}`;
    try {
      return [{ type, name, objects: objectsOf(modelServer({ namespace, name, accelerator: type, model: Model.QWEN3_0_6B })) }];
    } catch {
      return []; // too small for any model, or no engine runs on it: the library's own tests say which
    }
  });
}

/** A label by which a server gets nodes of its own: without it Karpenter would pack several servers into one large node. */
const SERVER = 'box/server';

/** A pool that gives nodes the label that a pod asks for. */
function labelled(objects: readonly KubeObject[]): KubeObject[] {
  return objects.map((object) => {
    if (object.kind !== 'NodePool') return object;
    const pool = structuredClone(object) as KubeObject & { spec: { template: { spec: { requirements: Requirement[] } } } };
    pool.spec.template.spec.requirements.push({ key: SERVER, operator: 'Exists' });
    return pool;
  });
}

/** The server's Deployment, with that label of its own. */
function apart(objects: readonly KubeObject[], name: string): KubeObject {
  const deployment = structuredClone(objects.find(({ kind }) => kind === 'Deployment')) as KubeObject & {
    spec: { template: { spec: { nodeSelector?: Record<string, string> } } };
  };
  const { spec } = deployment.spec.template;
  spec.nodeSelector = { ...spec.nodeSelector, [SERVER]: name };
  return deployment;
}

function typesOf(kind: AcceleratorKind, architecture: CpuArchitecture): Accelerator[] {
  return Accelerator.catalogue().map((name) => Accelerator.fromInstanceType(name))
    .filter((type) => type.kind === kind && type.architecture === architecture && Regions.sells(box.region, type.instanceType));
}

/** The types that Karpenter launched for each server; the end is when nothing new is launched for a while. */
async function launchedTypes(): Promise<ReadonlyMap<string, string>> {
  const launched = new Map<string, string>();
  for (let quiet = 0; quiet < 20; quiet += 1, await sleep(1)) {
    for (const { metadata } of await box.cluster.list(NodeClaims)) {
      const { [SERVER]: server, 'node.kubernetes.io/instance-type': type } = metadata.labels ?? {};
      if (server === undefined || type === undefined || launched.has(server)) continue;
      launched.set(server, type);
      quiet = 0;
    }
  }
  return launched;
}

/** The type, and what is the same for the same or less money: a virtual machine of the size of the bare metal, p5en for p5e. */
function asGood(type: Accelerator): Accelerator[] {
  const price = (other: Accelerator): number | undefined => other.onDemandUsdPerHour(other.pricedRegions[0] ?? '');
  const most = price(type) ?? Infinity;
  return typesOf(type.kind, type.architecture).filter((other) =>
    other.deviceName === type.deviceName && other.deviceMemoryMiB === type.deviceMemoryMiB && other.devices === type.devices
    && other.vcpus === type.vcpus && other.memoryMiB >= type.memoryMiB && (price(other) ?? Infinity) <= most);
}

describe('given pools with the whole catalogue, and a model server for each type of it', () => {
  // the limits of a pool are not what is looked at here; one number of pods a node makes one launch template, see the README
  const options = { capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 100_000 } };
  const pools: readonly (readonly [name: string, pool: INodePool])[] = [
    ['nvidia', new GpuPool({ ...options, instanceTypes: typesOf(NVIDIA, CpuArchitecture.AMD64) })],
    ['nvidia-arm', new GpuPool({ ...options, architecture: CpuArchitecture.ARM64, instanceTypes: typesOf(NVIDIA, CpuArchitecture.ARM64) })],
    ['inferentia', new InferentiaPool({ ...options, instanceTypes: typesOf(INFERENTIA, CpuArchitecture.AMD64) })],
    ['trainium', new TrainiumPool({ ...options, instanceTypes: typesOf(TRAINIUM, CpuArchitecture.AMD64) })],
    ['graviton', new GravitonPool({ ...options, instanceTypes: typesOf(CPU, CpuArchitecture.ARM64) })],
  ];
  let place: Workspace;
  let launched: ReadonlyMap<string, string>;

  beforeAll(async () => {
    place = await Workspace.create(box, 'library-placement');
    await place.apply(systemPods(), ...pools.flatMap(([name, pool]) => labelled(objectsOf(libraryPool(box, name, pool)))));
    for (const [name] of pools) {
      await eventually(`the node class ${name} is ready`, async () => {
        const nodeClass = await box.cluster.get(Ec2NodeClasses, name);
        if (!isTrue(nodeClass, 'Ready')) throw new Error(JSON.stringify(nodeClass.status?.conditions?.filter(({ status }) => status !== 'True')));
      });
    }
    const all = servers(place.namespace);
    await place.apply(...all.flatMap(({ objects }) => objects.filter(({ kind }) => kind === 'ServiceAccount')), ...all.map(({ name, objects }) => apart(objects, name)));
    launched = await launchedTypes();
  }, 900_000);

  afterAll(() => place.dispose(), 300_000);

  test('then Karpenter launches for each the type that it was written for, or one that is as good for no more money', () => {
    const wrong = servers('x').flatMap(({ type, name }) => {
      const sold = Regions.sells(box.region, type.instanceType);
      const expected: readonly (string | undefined)[] = sold ? asGood(type).map(({ instanceType }) => instanceType) : [undefined];
      return expected.includes(launched.get(name)) ? [] : [`${type.instanceType}: ${launched.get(name) ?? 'nothing'} instead of ${expected.join(', ')}`];
    });
    expect(wrong).toEqual([]);
  });

  test('then every kind of hardware was launched: the test has seen what it is about', () => {
    const families = new Set([...launched.values()].map((type) => type.split('.')[0]));
    expect([...families]).toEqual(expect.arrayContaining(['g6', 'g6e', 'g6f', 'g5g', 'p5', 'inf2', 'trn1', 'm8g']));
  });
});
