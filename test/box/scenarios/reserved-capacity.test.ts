import {
  Accelerator, CapacityReservation, FixedReplicas, GpuPool, type GpuPoolOptions, type ModelServerChartProps, MultiNode,
} from '../../../lib';
import type { CapacityReservation as CapacityReservationOfAccount } from '../fakes/capacity-reservations';
import { patchPods } from '../fixtures/catalogue';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { valuesOf, zoneIdsOf } from '../fixtures/offered-types';
import { reserveCapacity } from '../harness/aws-client';
import { Box } from '../harness/box';
import type { KubeObject, NodeClaim } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'reserved-capacity';
const B = `${box.region}b`;
const TYPE = Accelerator.G6_XLARGE;
const BLOCK_TYPE = Accelerator.fromInstanceType('p5.4xlarge');
const GROUP_TYPE = Accelerator.G6_12XLARGE;
const POOL = 'box/pool';

/** What the account has paid for, all of it in one zone. */
const reservation = (letter: string, instanceType: string, count: number, more: object = {}): CapacityReservationOfAccount =>
  ({ id: `cr-000000000000000${letter}`, instanceType, zone: B, count, ...more });
const OURS = reservation('a', TYPE.instanceType, 2, { tags: { team: 'search' } });
const THEIRS = reservation('b', TYPE.instanceType, 5, { tags: { team: 'ads' } });
const BLOCK = reservation('c', BLOCK_TYPE.instanceType, 1, { type: 'capacity-block' });
const SPREAD = reservation('d', TYPE.instanceType, 5);
const FOR_GROUPS = reservation('e', GROUP_TYPE.instanceType, 4);
const FOR_OTHER_GROUPS = reservation('f', GROUP_TYPE.instanceType, 4);
const FOR_FREE_GROUPS = reservation('9', GROUP_TYPE.instanceType, 4);

/** Two groups of two nodes. */
const GROUPS = { accelerator: GROUP_TYPE, topology: new MultiNode({ nodes: 2 }), scaling: new FixedReplicas(2) };

describe('given capacity reservations of the account, and pools of the library that name some of them', () => {
  let place: Workspace;

  /** A pool, and a server that runs nowhere else. */
  function served(name: string, pool: GpuPoolOptions, props: Partial<ModelServerChartProps>): KubeObject[] {
    const chart = libraryPool(box, name, new GpuPool({ labels: { [POOL]: name }, maxPods: 110, limits: { vcpus: 10_000 }, ...pool }));
    // not spread over zones, as in an InferenceCluster with such a pool
    const server = modelServer({ namespace: NAMESPACE, name, accelerator: TYPE, spreadZones: false, ...props });
    return [...objectsOf(chart), ...patchPods(objectsOf(server), () => ({ nodeSelector: { [POOL]: name } }))];
  }

  /** How a node is bought, and with which reservation. */
  function bought(claim: NodeClaim): { how: string; reservation?: string } {
    return { how: valuesOf(claim, 'karpenter.sh/capacity-type').join(), reservation: valuesOf(claim, 'karpenter.k8s.aws/capacity-reservation-id')[0] };
  }

  /** The nodes of a pool, the reserved ones last. */
  const nodesOf = async (pool: string, count: number): Promise<{ how: string; reservation?: string }[]> =>
    (await place.claimed(pool, count)).map(bought).sort((a, b) => (a.how < b.how ? -1 : 1));
  const onDemand = { how: 'on-demand', reservation: undefined };
  const reserved = ({ id }: CapacityReservationOfAccount): object => ({ how: 'reserved', reservation: id });

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    await reserveCapacity(box, OURS, THEIRS, BLOCK, SPREAD, FOR_GROUPS, FOR_OTHER_GROUPS, FOR_FREE_GROUPS);
    await place.apply(
      ...served('by-tag', { families: ['g6'], reservations: [CapacityReservation.tags({ team: 'search' })] }, { scaling: new FixedReplicas(3) }),
      ...served('by-id', { families: ['g6'], reservations: [CapacityReservation.id(THEIRS.id)] }, { scaling: new FixedReplicas(2) }),
      ...served('without', { families: ['g6'] }, {}),
      ...served('spread', { families: ['g6'], reservations: [CapacityReservation.id(SPREAD.id)] }, { scaling: new FixedReplicas(3), spreadZones: true }),
      ...served('blocks', { families: ['p5'], capacityBlocksOnly: true, reservations: [CapacityReservation.id(BLOCK.id)] }, { accelerator: BLOCK_TYPE, scaling: new FixedReplicas(2) }),
      ...served('groups', { families: ['g6'], zones: [B], reservations: [CapacityReservation.id(FOR_GROUPS.id)] }, GROUPS),
      ...served('free-groups', { families: ['g6'], reservations: [CapacityReservation.id(FOR_FREE_GROUPS.id)] }, GROUPS),
    );
  }, 300_000);

  afterAll(async () => {
    await reserveCapacity(box);
    await place.dispose();
  }, 300_000);

  test('when three replicas want a type of which two are reserved, then two use the reservation, and the third is bought on demand', async () => {
    expect(await nodesOf('by-tag', 3)).toEqual([onDemand, reserved(OURS), reserved(OURS)]);
    await place.running(3, { 'app.kubernetes.io/name': 'by-tag' });
  });

  test('when a reservation is named by its id and has room, then it is all that is used', async () => {
    expect(await nodesOf('by-id', 2)).toEqual([reserved(THEIRS), reserved(THEIRS)]);
  });

  test('when groups of two nodes have a reservation, in the zone that their pool is kept to, then each of their nodes uses it', async () => {
    expect(await nodesOf('groups', 4)).toEqual(Array(4).fill(reserved(FOR_GROUPS)));
    await place.running(4, { 'app.kubernetes.io/name': 'groups' });
  });

  test('when it is kept to that zone by the id of the zone, then they use it as well', async () => {
    const [zoneId] = [...await zoneIdsOf(box, 'groups')].flatMap(([name, id]) => (name === B ? [id] : []));
    await place.apply(...served('zone-id', { families: ['g6'], zoneIds: [zoneId ?? ''], reservations: [CapacityReservation.id(FOR_OTHER_GROUPS.id)] }, GROUPS));
    expect(await nodesOf('zone-id', 4)).toEqual(Array(4).fill(reserved(FOR_OTHER_GROUPS)));
    await place.running(4, { 'app.kubernetes.io/name': 'zone-id' });
  });

  test('when the pool of groups is in every zone, then their leaders find the reservation, and their workers follow', async () => {
    await place.running(4, { 'app.kubernetes.io/name': 'free-groups' }, 200);
    expect(await nodesOf('free-groups', 4)).toEqual(Array(4).fill(reserved(FOR_FREE_GROUPS)));
  });

  test('when a pool names none, then it uses none', async () => {
    expect(await nodesOf('without', 1)).toEqual([onDemand]);
  });

  test('when replicas are spread over zones, then those beyond the zone of the reservation are bought on demand, although it has room', async () => {
    const found = await nodesOf('spread', 3);
    expect(found.slice(0, 2)).toEqual([onDemand, onDemand]);
  });

  test('when a pool is of Capacity Blocks only, then what does not fit into them waits, and nothing is bought on demand', async () => {
    await eventually('one pod runs', async () => {
      expect((await place.pods({ 'app.kubernetes.io/name': 'blocks' })).map(({ status }) => status.phase).sort()).toEqual(['Pending', 'Running']);
    }, { seconds: 120 });
    await throughout('one node and no more', 15, async () => {
      expect((await place.claims('blocks')).map(bought)).toEqual([reserved(BLOCK)]);
    });
  });
});
