import { Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { ImportedCluster } from '../../constructs/imported-cluster';
import { Karpenter, type KarpenterOptions } from '../../constructs/karpenter';
import { PreferencePolicy } from '../../constructs/karpenter-settings';
import { KubernetesRelease } from '../../constructs/kubernetes-release';
import { KarpenterFeatureGate } from '../../lib/node-pools/node-pool';
import { Versions } from '../../lib/versions';
import { find, resourcesOf, testStack, type Json } from './stack-fixture';

function karpenter(options: KarpenterOptions = {}, stack: Stack = testStack()): { karpenter: Karpenter; stack: Stack } {
  const { cluster } = new ImportedCluster(stack, 'Prod', { clusterName: 'prod' });
  return { karpenter: new Karpenter(stack, 'Karpenter', { cluster, ...options }), stack };
}

const chartOf = (template: Template, name: string): ReturnType<typeof find> =>
  find(template, 'Custom::AWSCDK-EKS-HelmChart', (chart) => chart.Chart === name);

/** Values of the controller's chart, with what is known at deployment as `<…>`. */
function valuesOf(stack: Stack): Json {
  const { Values } = chartOf(Template.fromStack(stack), 'karpenter').resource.Properties;
  const parts: unknown[] = typeof Values === 'string' ? [Values] : Values['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : `<${Object.keys(part as object)[0]}>`)).join(''));
}

describe('Karpenter on an existing cluster', () => {
  const { stack, karpenter: installed } = karpenter();
  const template = Template.fromStack(stack);
  const policies = resourcesOf(template, 'AWS::IAM::ManagedPolicy');
  const statements = Object.values(policies).flatMap((policy) => policy.Properties.PolicyDocument.Statement);

  test('installs the CRDs as a release of their own, before the controller', () => {
    const crds = chartOf(template, 'karpenter-crd');
    const controller = chartOf(template, 'karpenter');
    for (const { resource } of [crds, controller]) {
      expect(resource.Properties).toMatchObject({ Version: Versions.KARPENTER, Namespace: 'kube-system' });
    }
    expect(crds.resource.Properties.Repository).toBe('oci://public.ecr.aws/karpenter/karpenter-crd');
    expect(controller.resource.Properties.Repository).toBe('oci://public.ecr.aws/karpenter/karpenter');
    expect(controller.resource.DependsOn).toContain(crds.id);
  });

  test('waits for what the controller needs to start', () => {
    const needed = ['AWS::EKS::PodIdentityAssociation', 'AWS::IAM::ManagedPolicy', 'AWS::Events::Rule'].flatMap((type) =>
      Object.keys(resourcesOf(template, type)),
    );
    const nodeAccess = find(template, 'AWS::EKS::AccessEntry', (entry) => entry.Type === 'EC2_LINUX').id;
    expect(chartOf(template, 'karpenter').resource.DependsOn).toEqual(expect.arrayContaining([...needed, nodeAccess]));
  });

  test('has one policy for each concern, each below the size limit of IAM', () => {
    expect(Object.keys(policies)).toHaveLength(6);
    for (const policy of Object.values(policies)) {
      expect(JSON.stringify(policy.Properties.PolicyDocument).replace(/\s/g, '').length).toBeLessThan(6144);
    }
  });

  test('changes only what carries the tags of this cluster', () => {
    const free = ['AllowScopedEC2InstanceAccessActions', 'AllowPassingInstanceRole'];
    const changing = statements.filter((one) => /Run|Create|Tag|Terminate|Delete|Reboot|Add|Remove/.test(JSON.stringify(one.Action)));
    const scoped = changing.filter((one) => !free.includes(one.Sid) && !one.Sid.startsWith('AllowInterruption'));
    expect(scoped.length).toBe(8);
    for (const statement of scoped) {
      expect(Object.keys(statement.Condition.StringEquals)).toContainEqual(
        expect.stringMatching(/^aws:(Request|Resource)Tag\/kubernetes\.io\/cluster\/prod$/),
      );
    }
  });

  test('never changes what it may not: every action with a wildcard resource only reads', () => {
    const unscoped = statements.filter((one) => one.Resource === '*').flatMap((one) => one.Action);
    expect(unscoped.length).toBeGreaterThan(10);
    for (const action of unscoped) expect(action).toMatch(/:(Describe|Get|List)/);
  });

  test('gives only its own node role away', () => {
    const pass = statements.find((one) => one.Sid === 'AllowPassingInstanceRole');
    const role = stack.resolve(installed.nodeRole.roleArn);
    expect(pass).toMatchObject({ Action: 'iam:PassRole', Resource: role });
  });

  test('writes no partition by hand', () => {
    expect(JSON.stringify(policies)).not.toContain('arn:aws:');
  });

  test('hears of every way in which a node is lost', () => {
    const rules = Object.values(resourcesOf(template, 'AWS::Events::Rule')).map((rule) => rule.Properties);
    expect(rules.map((rule) => `${rule.EventPattern.source}: ${rule.EventPattern['detail-type']}`).sort()).toEqual([
      'aws.ec2: EC2 Capacity Reservation Instance Interruption Warning',
      'aws.ec2: EC2 Instance Rebalance Recommendation',
      'aws.ec2: EC2 Instance State-change Notification',
      'aws.ec2: EC2 Spot Instance Interruption Warning',
      'aws.health: AWS Health Event',
    ]);
    const queue = stack.resolve(installed.interruptionQueue.queueArn);
    for (const rule of rules) expect(rule.Targets.map((target: { Arn: unknown }) => target.Arn)).toEqual([queue]);
    expect(valuesOf(stack).settings.interruptionQueue).toBe('<Fn::GetAtt>');
  });

  test('keeps its queue encrypted, short-lived and off plain http', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true, MessageRetentionPeriod: 300 });
    const [policy] = Object.values(resourcesOf(template, 'AWS::SQS::QueuePolicy'));
    const denied = policy.Properties.PolicyDocument.Statement.filter((one: { Effect: string }) => one.Effect === 'Deny');
    expect(denied).toMatchObject([{ Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }]);
  });

  test('lets its nodes join and takes the identity of its own pods', () => {
    template.hasResourceProperties('AWS::EKS::AccessEntry', { Type: 'EC2_LINUX', PrincipalArn: stack.resolve(installed.nodeRole.roleArn) });
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      ClusterName: 'prod',
      Namespace: 'kube-system',
      ServiceAccount: 'karpenter',
    });
    expect(valuesOf(stack).serviceAccount.name).toBe('karpenter');
  });
});

describe('a name known at deployment only', () => {
  const stack = testStack();
  const { cluster } = new ImportedCluster(stack, 'Imported', { clusterName: 'prod' });
  const named = new eks.Cluster(stack, 'Cluster', { version: KubernetesRelease.V1_35.kubernetesVersion });
  new Karpenter(stack, 'Karpenter', { cluster, clusterName: named.clusterName });
  const template = Template.fromStack(stack);

  test('puts the policies down as text, because keys hold the name', () => {
    for (const policy of Object.values(resourcesOf(template, 'AWS::IAM::ManagedPolicy'))) {
      const text = policy.Properties.PolicyDocument['Fn::Join'] ?? policy.Properties.PolicyDocument;
      const json = Array.isArray(text) ? text[1].map((part: unknown) => (typeof part === 'string' ? part : 'x')).join('') : text;
      expect(JSON.parse(json)).toMatchObject({ Version: '2012-10-17' });
    }
  });

  test('keeps the name in condition keys', () => {
    const [lifecycle] = Object.entries(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).filter(([id]) => id.includes('NodeLifecycle'));
    const parts: unknown[] = lifecycle[1].Properties.PolicyDocument['Fn::Join'][1];
    const at = parts.findIndex((part) => typeof part === 'string' && part.endsWith('kubernetes.io/cluster/'));
    expect(parts[at + 1]).toEqual(stack.resolve(named.clusterName));
  });
});

describe('settings', () => {
  test('are left to the chart unless given', () => {
    const { stack } = karpenter();
    expect(valuesOf(stack).settings).toEqual({
      clusterName: 'prod',
      eksControlPlane: true,
      interruptionQueue: '<Fn::GetAtt>',
      featureGates: { reservedCapacity: true, staticCapacity: true, nodeOverlay: false },
      awsFeatureGates: {},
    });
  });

  test('arrive in the words of the chart', () => {
    const { stack } = karpenter({
      settings: {
        batchIdle: Duration.seconds(2),
        batchMax: Duration.seconds(30),
        vmMemoryOverhead: 0.05,
        preferences: PreferencePolicy.IGNORE,
        isolatedVpc: true,
        zonalShift: true,
      },
      featureGates: { nodeRepair: true, rebootForRepair: true, capacityBuffer: true, dynamicResourceAllocation: true },
    });
    expect(valuesOf(stack).settings).toMatchObject({
      batchIdleDuration: '2000ms',
      batchMaxDuration: '30000ms',
      vmMemoryOverheadPercent: 0.05,
      preferencePolicy: 'Ignore',
      isolatedVPC: true,
      enableZonalShift: true,
      enableDRA: true,
      featureGates: { nodeRepair: true, capacityBuffer: true },
      awsFeatureGates: { rebootForRepair: true },
    });
  });

  test('a node pool that comes later can turn a feature on', () => {
    const { karpenter: installed, stack } = karpenter();
    installed.enableFeatureGate(KarpenterFeatureGate.NODE_OVERLAY);
    expect(valuesOf(stack).settings.featureGates.nodeOverlay).toBe(true);
  });

  test('values of the chart can be added', () => {
    const { stack } = karpenter({ values: { replicas: 1, settings: { reservedENIs: '1', featureGates: { capacityBuffer: true } } } });
    expect(valuesOf(stack)).toMatchObject({
      replicas: 1,
      settings: { clusterName: 'prod', reservedENIs: '1', featureGates: { capacityBuffer: true, staticCapacity: true } },
    });
  });
});

test.each<[string, KarpenterOptions, string]>([
  ['a version with a v', { version: 'v1.15.0' }, "'version' (v1.15.0) of Karpenter must be a chart version: write it like '1.15.0'"],
  ['a share above one', { settings: { vmMemoryOverhead: 7.5 } }, "'vmMemoryOverhead' (7.5) must be a share"],
  ['a reboot without repair', { featureGates: { rebootForRepair: true } }, "'rebootForRepair' has no effect alone: turn on 'nodeRepair' too"],
])('fails with %s', (_, options, message) => {
  expect(() => karpenter(options)).toThrow(message);
});

test('fails when a pool needs a feature that was turned off', () => {
  const { karpenter: installed } = karpenter({ featureGates: { staticCapacity: false } });
  expect(() => installed.enableFeatureGate(KarpenterFeatureGate.STATIC_CAPACITY)).toThrow(
    "'staticCapacity' (false) of Karpenter's 'featureGates' is needed by a node pool: leave it out",
  );
});
