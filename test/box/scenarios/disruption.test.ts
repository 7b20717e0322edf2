import { Accelerator, CapacityType, FixedReplicas, GpuPool, type GpuPoolOptions, MultiNode } from '../../../lib';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { withPodAnnotation } from '../fixtures/workloads';
import { interruptSpotInstance, loseInstances } from '../harness/aws-client';
import { Box } from '../harness/box';
import { ApiError } from '../harness/cluster';
import { EndpointSlices, isTrue, type KubeObject, type Node, NodeClaims, Nodes, type Pod, Pods } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const [POOL, POOL_OF_GROUPS] = ['disrupted', 'disrupted-groups'];
const NAME = 'served';
const [PRE_STOP_SECONDS, DRAIN_SECONDS] = [5, 10];

/** Instances of one size alone, so that what replaces a node is another node and no larger one. */
function pool(options: GpuPoolOptions = {}, name: string = POOL): KubeObject[] {
  return objectsOf(libraryPool(box, name, new GpuPool({
    instanceTypes: [Accelerator.G6_XLARGE], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 100 }, ...options,
  })));
}

describe('given a model server of the library with two replicas on two nodes', () => {
  let place: Workspace;

  const all = (): Promise<Pod[]> => place.pods({ 'app.kubernetes.io/name': NAME });
  const serving = async (): Promise<Pod[]> => (await all()).filter((pod) => pod.metadata.deletionTimestamp === undefined && isTrue(pod, 'Ready'));
  const both = (seconds: number): Promise<Pod[]> => eventually('two replicas serve', async () => {
    const pods = await serving();
    if (pods.length !== 2 || (await all()).length !== 2) throw new Error(`${pods.length} of ${(await all()).length} do`);
    return pods;
  }, { seconds });
  const nodeOf = (pod?: Pod): Promise<Node> => box.cluster.get(Nodes, pod?.spec.nodeName ?? '');
  const instanceOf = ({ spec }: Node): string => spec.providerID?.split('/').pop() ?? '';
  const now = (pod?: Pod): Promise<Pod | undefined> => box.cluster.find(Pods, pod?.metadata.name ?? '', place.namespace);
  const isGone = async (pod?: Pod): Promise<boolean> => (await now(pod)) === undefined;
  const isEnding = async (pod?: Pod): Promise<boolean> => {
    const found = await now(pod);
    return found === undefined || found.metadata.deletionTimestamp !== undefined;
  };
  const when = (what: string, happened: () => Promise<boolean>, seconds: number): Promise<number> => eventually(what, async () => {
    if (!(await happened())) throw new Error('not yet');
    return Date.now();
  }, { seconds });

  /** Waits for it, and asserts meanwhile that at least one replica serves. */
  async function whileServed<T>(end: Promise<T>): Promise<T> {
    let over = false;
    const ended = end.finally(() => { over = true; });
    ended.catch(() => undefined); // it is thrown below
    while (!over) {
      await throughout('one replica serves', 1, async () => {
        if ((await serving()).length < 1) throw new Error('none does');
      });
    }
    return ended;
  }

  beforeAll(async () => {
    place = await Workspace.create(box, 'disruption');
    const server = modelServer({
      namespace: place.namespace, name: NAME, scaling: new FixedReplicas(2), preStopSeconds: PRE_STOP_SECONDS, drainSeconds: DRAIN_SECONDS,
    });
    await place.apply(...pool(), ...withPodAnnotation(objectsOf(server), 'box/uses-its-grace-period', 'true'));
    await both(180);
  }, 300_000);

  afterAll(async () => {
    await loseInstances(box);
    await place.dispose();
  }, 300_000);

  test('when EC2 takes one instance back, then a replacement is on its way while the replica drains for its whole grace period, and the other serves', async () => {
    const [victim, survivor] = await both(0);
    const node = await nodeOf(victim);
    const before = (await place.claims(POOL)).map(({ metadata }) => metadata.name);
    await interruptSpotInstance(box, instanceOf(node));

    const told = await when('the replica is told to end', () => isEnding(victim), 60);
    const goneAt = await whileServed(when('the replica is gone', () => isGone(victim), 90));
    expect(victim?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(PRE_STOP_SECONDS + DRAIN_SECONDS);
    expect((goneAt - told) / 1000).toBeGreaterThan((victim?.spec.terminationGracePeriodSeconds ?? 0) - 3);
    const launched = (await place.claims(POOL)).filter(({ metadata }) => !before.includes(metadata.name));
    expect(launched).toHaveLength(1);
    expect(Date.parse(launched[0]?.metadata.creationTimestamp ?? '')).toBeLessThan(goneAt);

    const after = await whileServed(both(120));
    expect(after.map(({ metadata }) => metadata.uid)).toContain(survivor?.metadata.uid);
    expect(after.map(({ spec }) => spec.nodeName)).not.toContain(node.metadata.name);
  }, 400_000);

  test('when both replicas are drained at once, then the budget lets one go and refuses the other', async () => {
    const [one, two] = await both(0);
    await box.cluster.evict(one?.metadata.name ?? '', place.namespace);
    await eventually('the budget has counted it', async () => {
      await expect(box.cluster.evict(two?.metadata.name ?? '', place.namespace)).rejects.toThrow(/disruption budget/);
    }, { seconds: 5 });
    const after = await whileServed(both(120));
    expect(after.map(({ metadata }) => metadata.uid)).toContain(two?.metadata.uid);
  }, 200_000);

  test('when a node is lost, then its replica comes up on another, and until then nobody may take the last one', async () => {
    const [victim, survivor] = await both(0);
    const node = await nodeOf(victim);
    await box.cluster.patch(Nodes, node.metadata.name, '', { metadata: { labels: { 'node-not-ready.stage.kwok.x-k8s.io': 'true' } } });
    await loseInstances(box, instanceOf(node));

    await eventually('requests go to the survivor alone', async () => {
      const slices = await box.cluster.list(EndpointSlices, { namespace: place.namespace, labels: { 'kubernetes.io/service-name': NAME } });
      const ready = slices.flatMap((slice) => slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready);
      expect(ready.map(({ targetRef }) => targetRef?.name)).toEqual([survivor?.metadata.name]);
    });
    const refused = box.cluster.evict(survivor?.metadata.name ?? '', place.namespace);
    await expect(refused).rejects.toThrow(/disruption budget/);
    await expect(refused).rejects.toBeInstanceOf(ApiError);

    const after = await whileServed(both(200));
    expect(after.map(({ metadata }) => metadata.uid)).toContain(survivor?.metadata.uid);
    expect(after.map(({ spec }) => spec.nodeName)).not.toContain(node.metadata.name);
    expect(await box.cluster.find(Nodes, node.metadata.name)).toBeUndefined();
  }, 300_000);

  test('when the pool changes, then a replacement is ready before a replica is asked to end, one node after the other', async () => {
    const before = await both(0);
    const claims = (await place.claims(POOL)).map(({ metadata }) => metadata.name);
    await place.apply(...pool({ labels: { generation: '2' } }));

    await whileServed(when('a replica is told to end', async () => (await Promise.all(before.map(isEnding))).includes(true), 150));
    const fresh = (await place.claims(POOL)).filter(({ metadata }) => !claims.includes(metadata.name));
    expect(fresh.map((claim) => isTrue(claim, 'Initialized'))).toEqual([true]);
    expect((await Promise.all(before.map(isEnding))).filter(Boolean)).toHaveLength(1);
  }, 300_000);
});

describe('given a group of the library over two nodes', () => {
  const GROUP = 'group';
  let place: Workspace;

  const grouped = (generation: string): KubeObject[] => pool({ labels: { generation } }, POOL_OF_GROUPS);
  const names = (objects: readonly { readonly metadata: { readonly name: string } }[]): string[] => objects.map(({ metadata }) => metadata.name).sort();
  const pods = (): Promise<Pod[]> => place.pods({ 'app.kubernetes.io/name': GROUP });
  const claims = async (): Promise<string[]> => names(await place.claims(POOL_OF_GROUPS));
  const identities = async (): Promise<(string | undefined)[]> => (await pods()).map(({ metadata }) => `${metadata.uid} ${metadata.deletionTimestamp}`).sort();

  beforeAll(async () => {
    place = await Workspace.create(box, 'disruption-groups');
    const server = modelServer({ namespace: place.namespace, name: GROUP, topology: new MultiNode({ nodes: 2 }), scaling: new FixedReplicas(1) });
    await place.apply(...grouped('1'), ...objectsOf(server));
    await place.running(2, { 'app.kubernetes.io/name': GROUP }, 180);
  }, 300_000);

  afterAll(() => place.dispose(), 300_000);

  test('when the pool changes, then its nodes are out of date, and stay under the group', async () => {
    const [before, served] = [await claims(), await identities()];
    await place.apply(...grouped('2'));
    await eventually('both nodes are out of date', async () => {
      expect((await place.claims(POOL_OF_GROUPS)).map((claim) => isTrue(claim, 'Drifted'))).toEqual([true, true]);
    });
    await throughout('nothing moves', 25, async () => {
      expect([await claims(), await identities()]).toEqual([before, served]);
    });
  }, 200_000);

  test('when its node claims are deleted, then it serves on, until its leader is deleted: the next group is on nodes of today', async () => {
    const [before, served] = [await place.claims(POOL_OF_GROUPS), await identities()];
    await Promise.all(before.map(({ metadata }) => box.cluster.remove(NodeClaims, metadata.name)));
    await throughout('it serves on', 15, async () => {
      expect(await identities()).toEqual(served);
    });

    const leader = (await pods()).find(({ metadata }) => metadata.labels?.['leaderworkerset.sigs.k8s.io/worker-index'] === '0');
    await box.cluster.remove(Pods, leader?.metadata.name ?? '', place.namespace);
    await eventually('a new group on new nodes', async () => {
      const nodes = await Promise.all((await place.running(2, { 'app.kubernetes.io/name': GROUP }, 0)).map(({ spec }) => box.cluster.get(Nodes, spec.nodeName ?? '')));
      expect(nodes.map(({ metadata }) => metadata.labels?.generation)).toEqual(['2', '2']);
      expect((await claims()).filter((name) => names(before).includes(name))).toEqual([]);
    }, { seconds: 150 });
  }, 300_000);
});
