import { Accelerator, CapacityType, GpuPool } from '../../../lib';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { Box } from '../harness/box';
import { Ec2NodeClasses, isTrue } from '../harness/kinds';
import { eventually } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const POOL = 'packing';

function price(instanceType: string): number {
  const accelerator = Accelerator.fromInstanceType(instanceType);
  return accelerator.onDemandUsdPerHour(accelerator.pricedRegions[0] ?? '') ?? Infinity;
}

describe('given two servers for one L4 each, pending at the same time', () => {
  let place: Workspace;

  beforeAll(async () => {
    place = await Workspace.create(box, 'library-packing');
    await place.apply(...objectsOf(libraryPool(box, POOL, new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110 }))));
    await eventually('the node class is ready', async () => {
      if (!isTrue(await box.cluster.get(Ec2NodeClasses, POOL), 'Ready')) throw new Error('not Ready');
    });
    await place.apply(...['one', 'two'].flatMap((name) => objectsOf(modelServer({ namespace: place.namespace, name }))));
  });

  afterAll(() => place.dispose(), 300_000);

  /**
   * Karpenter adds pending pods to one claim for as long as some type holds them all, and compares no prices meanwhile: the two
   * would become one claim for two GPUs, which g6.12xlarge (four of them, 4.60 USD an hour) is the smallest to have, where two g6.xlarge
   * are 1.61. Servers therefore ask for a node of their own number of devices.
   */
  test('then their nodes cost what the servers were predicted to cost', async () => {
    const types = await eventually('the nodes are launched', async () => {
      const claims = await place.claims(POOL);
      const launched = claims.map(({ metadata }) => metadata.labels?.['node.kubernetes.io/instance-type']);
      if (launched.length === 0 || launched.includes(undefined)) throw new Error('not yet');
      return launched.map(String);
    });
    const total = types.reduce((sum, type) => sum + price(type), 0);
    expect({ types, total }).toEqual({ types: ['g6.xlarge', 'g6.xlarge'], total: 2 * price('g6.xlarge') });
  });
});
