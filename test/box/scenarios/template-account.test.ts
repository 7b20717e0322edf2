import type { AccountState, ClusterState, StackState } from '../../cloud/harness/state';
import { announce } from '../harness/aws-client';
import { DeployedAccount } from '../harness/deployed-account';
import { CustomResourceDefinitions, Deployments, Ec2NodeClasses, isTrue, Nodes, type Pod, Pods, type WithConditions } from '../harness/kinds';
import { eventually } from '../harness/wait';

const ZONE = 'topology.kubernetes.io/zone';
const NAMESPACE = 'default';

interface NodeClassStatus {
  readonly subnets?: readonly { readonly id: string; readonly zone: string }[];
  readonly securityGroups?: readonly { readonly id: string }[];
  readonly instanceProfile?: string;
}

describe('given the default app, deployed by the CDK command to an empty account with a real API server behind it', () => {
  let place: DeployedAccount;
  let state: AccountState;
  let stack: StackState;
  let cluster: ClusterState;
  let nodeClass: WithConditions;

  const status = (): NodeClassStatus => nodeClass.status as NodeClassStatus;
  const model = async (): Promise<Pod> => {
    const pods = (await place.box.cluster.list(Pods, { namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': 'qwen3' } }))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const [pod] = pods;
    if (pods.length !== 1 || pod?.status.phase !== 'Running') throw new Error(`${pods.length} pods, ${pod?.status.phase}`);
    return pod;
  };

  beforeAll(async () => {
    place = await DeployedAccount.start();
    await place.deploy();
    await place.startKarpenter();
    [state, stack] = [await place.account.state(), await place.account.stack('Inference')];
    cluster = only(state.clusters);
    nodeClass = await eventually('the node class is ready', async () => {
      const found = await place.box.cluster.get(Ec2NodeClasses, 'gpu');
      if (!isTrue(found, 'Ready')) throw new Error(JSON.stringify(found.status?.conditions?.filter((condition) => condition.status !== 'True')));
      return found;
    });
  }, 400_000);

  afterAll(() => place?.stop(), 60_000);

  test('then Karpenter has found the node subnets of four zones and no other, by the template\'s tags', () => {
    expect(status().subnets?.map(({ id }) => id).sort()).toEqual([...only(cluster.nodeGroups).subnets].sort());
    expect(status().subnets?.map(({ zone }) => zone).sort()).toEqual(state.zones);
    expect(state.zones).toHaveLength(4);
  });

  test('then it has found the cluster\'s security group alone', () => {
    const own = state.securityGroups.filter(({ tags }) => tags['aws:eks:cluster-name'] === cluster.name);
    expect(status().securityGroups?.map(({ id }) => id)).toEqual([only(own).id]);
  });

  test('then its nodes get the template\'s role for nodes, with which they may join', () => {
    const profile = state.instanceProfiles.find(({ name }) => name === status().instanceProfile);
    const role = only(profile?.roles ?? []);
    expect(nodeClass.spec?.role).toBe(role);
    expect(stack.resources).toContainEqual(expect.objectContaining({ type: 'AWS::IAM::Role', physicalId: role }));
    expect(cluster.accessEntries).toContainEqual(expect.objectContaining({ type: 'EC2_LINUX', principalArn: expect.stringMatching(`role/${role}$`) }));
  });

  test('then its controllers run on the nodes of the system node group, one each', async () => {
    const pods = await place.box.cluster.list(Pods, { namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'karpenter' } });
    expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual(['system-0', 'system-1']);
  });

  test('then the model runs on a node that came for it, in a zone of these subnets', async () => {
    const { spec } = await eventually('the model runs', model, { seconds: 120 });
    const { metadata } = await place.box.cluster.get(Nodes, spec.nodeName ?? '');
    expect(metadata.labels).toMatchObject({ 'karpenter.sh/nodepool': 'gpu', 'node.kubernetes.io/instance-type': 'g6.xlarge' });
    expect(state.zones).toContain(metadata.labels?.[ZONE]);
    await eventually('the Deployment is available', async () => {
      expect(isTrue(await place.box.cluster.get(Deployments, 'qwen3', NAMESPACE), 'Available')).toBe(true);
    });
  }, 150_000);

  test('when EC2 announces that it takes the instance back, then Karpenter hears of it by the template\'s rule and queue', async () => {
    const { spec } = await model();
    const node = await place.box.cluster.get(Nodes, spec.nodeName ?? '');
    await announce(place.box, 'EC2 Spot Instance Interruption Warning', { 'instance-id': node.spec.providerID?.split('/').pop(), 'instance-action': 'terminate' });
    await eventually('the node is on its way out', async () => {
      const found = await place.box.cluster.find(Nodes, node.metadata.name);
      if (found !== undefined && found.metadata.deletionTimestamp === undefined) throw new Error('it stays');
    });
  });

  test('when it is destroyed, then its nodes go first, and nothing is left in the account', async () => {
    const { code, output } = await place.account.cdk('destroy', '--force');
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    const definitions = (await place.box.cluster.list(CustomResourceDefinitions)).map(({ metadata }) => metadata.name);
    expect(definitions.filter((name) => name.includes('karpenter'))).toEqual([]); // pools and claims went before them
    expect((await place.box.cluster.list(Nodes)).map(({ metadata }) => metadata.name)).toEqual(['system-0', 'system-1']);
    const left = await place.account.state();
    expect(left).toMatchObject({ vpcs: [], clusters: [], queues: [], instanceProfiles: [] });
    expect(left.roles.filter((role) => !role.startsWith('cdk-'))).toEqual([]);
    expect(place.account.crashes()).toEqual([]);
  }, 200_000);
});

function only<T>(items: readonly T[]): T {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`one was expected, there are ${items.length}: ${JSON.stringify(items)}`);
  return item;
}
