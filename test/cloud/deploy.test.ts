import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Account } from './harness/account';
import { inWords, type ToolCall } from './harness/calls';
import type { AccountState, ClusterState, StackState } from './harness/state';

const CONFIG = readFileSync(join(__dirname, '..', '..', 'inference.yaml'), 'utf8');
const CONFIG_WITHOUT_MODEL = CONFIG.slice(0, CONFIG.indexOf('\nmodels:') + 1);

/** One life of the default app, as a user lives it with the CDK command. Each step starts from what the one before has left. */
describe('the default app', () => {
  let account: Account;
  let callsBefore: number;

  const callsOfThisStep = (): ToolCall[] => account.calls().slice(callsBefore);
  const words = (): string[] => callsOfThisStep().map(inWords);

  beforeAll(async () => {
    account = await Account.start();
  }, 1_000_000); // installs moto, once

  beforeEach(() => {
    callsBefore = account.calls().length;
  });

  afterEach(() => {
    expect(account.crashes()).toEqual([]); // a client retries after one, and all looks well
  });

  afterAll(() => account?.stop());

  test('bootstraps', async () => {
    const { code, output } = await account.bootstrap();

    expect(output).toContain('bootstrapped');
    expect(code).toBe(0);
    expect(await account.stacks()).toEqual(['CDKToolkit']);
  });

  test('fails when Kubernetes refuses the model, says why, and leaves nothing', async () => {
    account.refuse('"kind": "Deployment"');
    const { code, output } = await account.deploy();
    account.refuse();

    expect(code).toBe(1);
    expect(output).toMatch(/refused by the test/);
    const stack = await account.stack('Inference');
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(stack.resources).toEqual([]);
    expect((await account.state()).clusters).toEqual([]);
  });

  describe('deployed', () => {
    let state: AccountState;
    let stack: StackState;
    let cluster: ClusterState;

    beforeAll(async () => {
      callsBefore = account.calls().length;
      const { code, output } = await account.deploy();
      if (code !== 0) throw new Error(output);
      [state, stack] = [await account.state(), await account.stack('Inference')];
      cluster = only(state.clusters);
      deployment = words();
    });

    let deployment: string[];

    test('has every resource of its templates', () => {
      for (const each of [stack, ...stack.nested]) {
        expect(each.status).toBe('CREATE_COMPLETE');
        expect(each.resources.map(({ id }) => id).sort()).toEqual(Object.keys(each.template.Resources).sort());
      }
      expect(stack.nested).toHaveLength(1);
    });

    test('puts public, control plane and node subnets into each of four zones', () => {
      expect(state.zones).toHaveLength(4);
      const zonesOf = (kind: string): string[] => state.subnets.filter(({ tags }) => tags['aws-cdk:subnet-name'] === kind).map(({ zone }) => zone).sort();
      for (const kind of new Set(state.subnets.map(({ tags }) => tags['aws-cdk:subnet-name'] ?? ''))) expect(zonesOf(kind)).toEqual(state.zones);
      expect(state.subnets).toHaveLength(12);
      expect(state.natGateways).toHaveLength(4);
    });

    test('tags for Karpenter exactly the subnets that nodes belong in, and for load balancers the public ones', () => {
      const discovered = state.subnets.filter(({ tags }) => tags['karpenter.sh/discovery'] === cluster.name);
      expect(discovered.map(({ zone }) => zone).sort()).toEqual(state.zones);
      expect(new Set(discovered.map(({ tags }) => tags['aws-cdk:subnet-name'])).size).toBe(1);
      expect([...only(cluster.nodeGroups).subnets].sort()).toEqual(discovered.map(({ id }) => id).sort());
      const balanced = state.subnets.filter(({ tags }) => tags['kubernetes.io/role/elb'] === '1');
      expect(balanced.map(({ tags }) => tags['aws-cdk:subnet-type'])).toEqual(Array(4).fill('Public'));
    });

    test('closes the default security group of the VPC', () => {
      expect(state.securityGroups.find(({ name }) => name === 'default')?.rules).toBe(0);
    });

    test('makes the cluster, its control plane in subnets of at least two zones, and a node group for controllers', () => {
      expect(cluster.name).toBe('inference');
      const zones = new Set(cluster.subnetIds.map((id) => state.subnets.find((subnet) => subnet.id === id)?.zone));
      expect(zones.size).toBeGreaterThanOrEqual(2);
      const group = only(cluster.nodeGroups);
      expect(group.scalingConfig).toEqual({ minSize: 2, desiredSize: 2, maxSize: 3 });
      expect(group.taints).toEqual([expect.objectContaining({ key: 'CriticalAddonsOnly' })]);
    });

    test('installs the add-ons of EKS', () => {
      expect(cluster.addons.map(({ addonName }) => addonName).sort()).toEqual([
        'aws-ebs-csi-driver', 'coredns', 'eks-node-monitoring-agent', 'eks-pod-identity-agent', 'kube-proxy', 'metrics-server', 'vpc-cni',
      ]);
    });

    test('gives an identity to each service account that calls AWS, of its own role', () => {
      const identities = cluster.podIdentities.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`);
      expect(identities.sort()).toEqual(['kube-system/aws-node', 'kube-system/ebs-csi-controller-sa', 'kube-system/karpenter']);
      expect(new Set(cluster.podIdentities.map(({ roleArn }) => roleArn)).size).toBe(3);
      for (const { roleArn } of cluster.podIdentities) expect(state.roles).toContain(roleArn.split('/').at(-1));
    });

    test('lets in the deployment and the nodes, and nobody else', () => {
      const entries = cluster.accessEntries.map(({ type, policies }) => [type, ...policies.map((arn) => arn.split('/').at(-1))].join(' '));
      expect(entries.sort()).toEqual(['EC2_LINUX', 'STANDARD AmazonEKSClusterAdminPolicy']);
    });

    test('announces interruptions to Karpenter by five rules and one queue', () => {
      const queue = only(state.queues);
      expect(queue.retentionSeconds).toBe(300);
      expect(state.rules.map(({ pattern }) => only(pattern['detail-type'] ?? [])).sort()).toEqual([
        'AWS Health Event', 'EC2 Capacity Reservation Instance Interruption Warning', 'EC2 Instance Rebalance Recommendation',
        'EC2 Instance State-change Notification', 'EC2 Spot Instance Interruption Warning',
      ]);
      expect(state.rules.flatMap(({ targets }) => targets)).toEqual(Array(5).fill(queue.arn));
      const allowed = (queue.policy.Statement ?? []).filter(({ Effect }) => Effect === 'Allow').map(({ Condition }) => Condition?.ArnEquals?.['aws:SourceArn']);
      expect(allowed.map((arn) => arn?.split('/').at(-1)).sort()).toEqual(state.rules.map(({ name }) => name).sort());
    });

    test('applies CRDs, Karpenter, the pool and the model one after another', () => {
      expect(deployment.filter((call) => !call.includes('StorageClass'))).toEqual([
        'helm upgrade karpenter-crd',
        'helm upgrade karpenter',
        'kubectl create EC2NodeClass/gpu NodePool/gpu',
        expect.stringMatching(/^kubectl create (?=.*\bDeployment\/qwen3\b)(?=.*\bService\/qwen3\b)/),
      ]);
      expect(deployment).toContain('kubectl apply StorageClass/gp3');
    });

    test('tells Karpenter names that exist', () => {
      const values = last(account.calls(), (call) => inWords(call) === 'helm upgrade karpenter')?.values;
      expect(values?.settings).toMatchObject({ clusterName: cluster.name, interruptionQueue: only(state.queues).arn.split(':').at(-1) });
      const nodeClass = last(account.calls().flatMap(({ objects = [] }) => objects), ({ kind }) => kind === 'EC2NodeClass');
      expect(state.roles).toContain((nodeClass as unknown as { spec: { role: string } }).spec.role); // the stand-in types no spec
    });

    test('says where the model answers', () => {
      expect(Object.entries(stack.outputs)).toContainEqual([expect.stringContaining('Endpoint'), expect.stringContaining('qwen3')]);
    });
  });

  test('deployed again, changes nothing and calls nothing', async () => {
    const before = await account.stack('Inference');
    const { code, output } = await account.deploy();

    expect(code).toBe(0);
    expect(output).toContain('(no changes)');
    expect(await account.stack('Inference')).toEqual(before);
    expect(words()).toEqual([]);
  });

  test('without its model, removes exactly the model', async () => {
    const [before, stateBefore] = [await account.stack('Inference'), await account.state()];
    const created = last(account.calls(), (call) => call.args[0] === 'create' && inWords(call).includes('Deployment/qwen3'));
    account.writeConfig(CONFIG_WITHOUT_MODEL);
    const { code, output } = await account.deploy();

    expect(output).toContain('✅');
    expect(code).toBe(0);
    expect(words()).toEqual([inWords({ tool: 'kubectl', args: ['delete'], objects: created?.objects })]);
    const after = await account.stack('Inference');
    const model = only(before.resources.filter(({ type }) => type === 'AWS::CloudFormation::Stack'));
    expect(after.resources).toEqual(before.resources.filter(({ id }) => id !== model.id));
    expect(await account.state()).toEqual(stateBefore);
  });

  test('destroyed, goes in the reverse order and leaves nothing but the bootstrap stack', async () => {
    account.writeConfig(CONFIG);
    const again = await account.deploy();
    expect(again.code).toBe(0);
    callsBefore = account.calls().length;
    const { id } = await account.stack('Inference');
    const { code } = await account.cdk('destroy', '--force');

    expect(code).toBe(0);
    expect(words().filter((call) => !call.includes('StorageClass'))).toEqual([
      expect.stringMatching(/^kubectl delete (?=.*\bDeployment\/qwen3\b)(?=.*\bService\/qwen3\b)/),
      'kubectl delete EC2NodeClass/gpu NodePool/gpu',
      'helm uninstall karpenter',
      'helm uninstall karpenter-crd',
    ]);
    const { events } = await account.stack(id);
    const deletion = events.slice(events.findIndex(({ status, type }) => status === 'DELETE_IN_PROGRESS' && type === 'AWS::CloudFormation::Stack'));
    const at = (type: string, status: string): number => deletion.map((event) => `${event.type} ${event.status}`).lastIndexOf(`${type} ${status}`);
    const cluster = at('AWS::EKS::Cluster', 'DELETE_IN_PROGRESS');
    expect(cluster).toBeGreaterThan(0);
    for (const type of ['Custom::AWSCDK-EKS-HelmChart', 'Custom::AWSCDK-EKS-KubernetesResource', 'AWS::EKS::Nodegroup', 'AWS::EKS::PodIdentityAssociation']) {
      expect(at(type, 'DELETE_COMPLETE')).toBeGreaterThan(0);
      expect(at(type, 'DELETE_COMPLETE')).toBeLessThan(cluster);
    }
    expect(await account.stacks()).toEqual(['CDKToolkit']);
    const left = await account.state();
    expect(left).toMatchObject({ vpcs: [], clusters: [], queues: [], rules: [], functions: [] });
    expect(left.roles.filter((role) => !role.startsWith('cdk-'))).toEqual([]);
  });
});

function only<T>(items: readonly T[]): T {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`one was expected, there are ${items.length}: ${JSON.stringify(items)}`);
  return item;
}

function last<T>(items: readonly T[], wanted: (item: T) => boolean): T | undefined {
  return items.filter(wanted).at(-1);
}
