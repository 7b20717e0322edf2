import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AutoModeNodeRole } from '../../constructs/auto-mode-node-role';
import { ControlPlane } from '../../constructs/control-plane';
import { EksAddon } from '../../constructs/eks-addon';
import { ImportedCluster, type ImportedClusterProps } from '../../constructs/imported-cluster';
import { InferenceNamespace, PodSecurity, type InferenceNamespaceOptions } from '../../constructs/inference-namespace';
import { InterfaceEndpoints } from '../../constructs/interface-endpoints';
import { ManagedAddon } from '../../constructs/managed-addon';
import { InferenceNetwork } from '../../constructs/network';
import { NodeRole } from '../../constructs/node-role';
import { Gp3StorageClass, type Gp3StorageClassOptions } from '../../constructs/storage-class';
import { SystemNodeGroup } from '../../constructs/system-node-group';
import { comesAfter, find, idOf, resourcesOf, testStack, type Json } from './stack-fixture';

const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';

function existingVpc(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    vpcCidrBlock: '10.1.0.0/16',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
    privateSubnetRouteTableIds: ['rtb-0aaaaaaaaaaaaaaaa', 'rtb-0bbbbbbbbbbbbbbbb'],
  });
}

function existingCluster(stack: Stack, props: Partial<ImportedClusterProps> = {}): eks.ICluster {
  return new ImportedCluster(stack, 'Prod', { clusterName: 'prod', ...props }).cluster;
}

/** The objects that are applied, when nothing in them is known at deployment only. */
function objectsOf(stack: Stack): Json[] {
  return Object.values(resourcesOf(Template.fromStack(stack), MANIFEST)).flatMap((unit) => JSON.parse(unit.Properties.Manifest));
}

describe('an existing cluster', () => {
  const stack = testStack();
  new InferenceNamespace(stack, 'Chat', { cluster: existingCluster(stack), name: 'chat' });
  const template = Template.fromStack(stack);

  test('takes Kubernetes objects', () => {
    expect(template.toJSON().Resources[idOf(template, MANIFEST)].Properties.ClusterName).toBe('prod');
  });

  test('gives kubectl access before anything is applied, and until all is removed', () => {
    const access = find(template, 'AWS::EKS::AccessEntry', (entry) => entry.ClusterName === 'prod');
    expect(JSON.stringify(access.resource.Properties.AccessPolicies)).toContain('AmazonEKSClusterAdminPolicy');
    expect(comesAfter(template, idOf(template, MANIFEST))).toContain(access.id);
  });

  test('runs kubectl outside any VPC unless told otherwise', () => {
    for (const one of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) expect(one.Properties.VpcConfig).toBeUndefined();
  });

  test('with a private endpoint runs kubectl in its VPC and group', () => {
    const other = testStack();
    existingCluster(other, { vpc: existingVpc(other), clusterSecurityGroupId: 'sg-0123456789abcdef0' });
    const handler = find(Template.fromStack(other), 'AWS::Lambda::Function', (one) => one.Layers !== undefined);
    expect(handler.resource.Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
      SecurityGroupIds: ['sg-0123456789abcdef0'],
    });
  });

  test('can leave access to the config map', () => {
    const other = testStack();
    existingCluster(other, { grantAccess: false });
    Template.fromStack(other).resourceCountIs('AWS::EKS::AccessEntry', 0);
  });

  test.each<[string, (stack: Stack) => Partial<ImportedClusterProps>, string]>([
    ['a VPC without the group', (other) => ({ vpc: existingVpc(other) }), "'clusterSecurityGroupId' of 'prod' is missing"],
    ['subnets without a VPC', () => ({ kubectlSubnets: [] }), "'kubectlSubnets' of 'prod' need 'vpc': pass the VPC"],
  ])('fails with %s', (_, props, message) => {
    const other = testStack();
    expect(() => existingCluster(other, props(other))).toThrow(message);
  });
});

describe('nodes for controllers on an existing cluster', () => {
  const stack = testStack();
  const vpc = existingVpc(stack);
  const cluster = existingCluster(stack, { vpc, clusterSecurityGroupId: 'sg-0123456789abcdef0' });
  new SystemNodeGroup(stack, 'SystemNodes', { cluster, tainted: false, dataVolumeSizeGiB: 100, releaseVersion: '1.64.0-a1b2c3d4' });
  const template = Template.fromStack(stack);
  const { Properties } = template.toJSON().Resources[idOf(template, 'AWS::EKS::Nodegroup')];

  test('are in its private subnets, as asked', () => {
    expect(Properties.Subnets).toEqual(['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb']);
    expect(Properties.Taints).toBeUndefined();
    expect(Properties.ReleaseVersion).toBe('1.64.0-a1b2c3d4');
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { BlockDeviceMappings: Match.arrayWith([Match.objectLike({ Ebs: Match.objectLike({ VolumeSize: 100 }) })]) },
    });
  });

  test('give the CNI its permissions, since it may have none of its own there', () => {
    const role = find(template, 'AWS::IAM::Role', (one) => JSON.stringify(one.AssumeRolePolicyDocument).includes('"ec2.amazonaws.com"'));
    expect(JSON.stringify(role.resource.Properties.ManagedPolicyArns)).toContain('AmazonEKS_CNI_Policy');
  });

  test('fail with a volume that images do not fit on', () => {
    expect(() => new SystemNodeGroup(stack, 'Small', { cluster, dataVolumeSizeGiB: 5 })).toThrow(
      "'dataVolumeSizeGiB' (5) must be at least 20",
    );
  });
});

test.each([
  ['us-east-1', ['m7g.large', 'm6g.large']],
  ['eu-south-1', ['m6g.large']], // has no m7g
])('nodes for controllers in %s are %j', (region, types) => {
  const stack = testStack({ region });
  const cluster = existingCluster(stack, { vpc: existingVpc(stack), clusterSecurityGroupId: 'sg-0123456789abcdef0' });
  new SystemNodeGroup(stack, 'SystemNodes', { cluster });
  Template.fromStack(stack).hasResourceProperties('AWS::EKS::Nodegroup', { InstanceTypes: types, AmiType: 'BOTTLEROCKET_ARM_64' });
});

describe('EKS add-ons on an existing cluster', () => {
  const stack = testStack();
  const cluster = existingCluster(stack);
  new EksAddon(stack, 'Ebs', { cluster, addon: ManagedAddon.EBS_CSI_DRIVER.withVersion('v1.61.1-eksbuild.1') });
  new EksAddon(stack, 'Efs', { cluster, addon: ManagedAddon.of('aws-efs-csi-driver', { configuration: { controller: { replicas: 1 } } }) });
  const template = Template.fromStack(stack);

  test('have a pinned version and a role of their own', () => {
    const ebs = find(template, 'AWS::EKS::Addon', (one) => one.AddonName === 'aws-ebs-csi-driver');
    expect(ebs.resource.Properties.AddonVersion).toBe('v1.61.1-eksbuild.1');
    expect(ebs.resource.DependsOn).toContain(idOf(template, 'AWS::EKS::PodIdentityAssociation'));
    expect(JSON.stringify(resourcesOf(template, 'AWS::IAM::Role'))).toContain(':iam::aws:policy/AmazonEBSCSIDriverPolicyV2');
  });

  test('have no role when they call no AWS service', () => {
    const efs = find(template, 'AWS::EKS::Addon', (one) => one.AddonName === 'aws-efs-csi-driver');
    expect(JSON.parse(efs.resource.Properties.ConfigurationValues)).toEqual({ controller: { replicas: 1 } });
    expect(efs.resource.DependsOn).toBeUndefined();
  });

  test('ask GPUs how they are although their nodes are tainted', () => {
    expect(ManagedAddon.NODE_MONITORING_AGENT.options.configuration).toEqual({
      dcgmAgent: { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] },
    });
  });

  test('fail with a service account that gets nothing', () => {
    expect(() => ManagedAddon.of('aws-efs-csi-driver', { serviceAccount: 'efs' })).toThrow("'serviceAccount' and 'managedPolicy' of");
  });
});

describe('storage classes', () => {
  function storageClass(options: Gp3StorageClassOptions): Json {
    const stack = testStack();
    new Gp3StorageClass(stack, 'Fast', { cluster: existingCluster(stack), ...options });
    return objectsOf(stack)[0];
  }

  test('take speed, key and driver', () => {
    const kmsKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    expect(storageClass({ name: 'fast', isDefault: false, iops: 16000, throughputMiBps: 1000, kmsKeyArn, autoMode: true })).toMatchObject({
      metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'false' } },
      provisioner: 'ebs.csi.eks.amazonaws.com',
      parameters: { iops: '16000', throughput: '1000', kmsKeyId: kmsKeyArn, encrypted: 'true' },
    });
  });

  test.each<[Gp3StorageClassOptions, string]>([
    [{ iops: 100 }, "'iops' (100) of gp3 must be between 3000 and 80000: write 3000"],
    [{ throughputMiBps: 9000 }, "'throughputMiBps' (9000) of gp3 must be between 125 and 2000: write 2000"],
  ])('fail with %j', (options, message) => {
    expect(() => storageClass(options)).toThrow(message);
  });
});

describe('namespaces', () => {
  function namespace(name: string, options: InferenceNamespaceOptions = {}): Json[] {
    const stack = testStack();
    new InferenceNamespace(stack, 'Namespace', { cluster: existingCluster(stack), name, ...options });
    return objectsOf(stack);
  }

  test('limit the devices of all their pods together', () => {
    expect(namespace('chat', { deviceQuota: { 'nvidia.com/gpu': 8 } })).toContainEqual(
      expect.objectContaining({ kind: 'ResourceQuota', spec: { hard: { 'requests.nvidia.com/gpu': 8 } } }),
    );
  });

  test.each([
    [PodSecurity.RESTRICTED, 'restricted'],
    [PodSecurity.BASELINE, 'restricted'],
    [PodSecurity.PRIVILEGED, 'baseline'],
  ])('that enforce %s warn of what %s would refuse', (podSecurity, watched) => {
    expect(namespace('chat', { podSecurity })[0].metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': podSecurity,
      'pod-security.kubernetes.io/warn': watched,
      'pod-security.kubernetes.io/audit': watched,
    });
  });

  test.each<[string, InferenceNamespaceOptions, string]>([
    ['Chat', {}, "'name' (Chat) of a namespace must be a DNS label"],
    ['a'.repeat(64), {}, 'must be a DNS label, at most 63'],
    ['chat', { deviceQuota: { 'nvidia.com/gpu': -1 } }, "'deviceQuota' of nvidia.com/gpu (-1) must be a whole number of devices"],
  ])('fail with %s %j', (name, options, message) => {
    expect(() => namespace(name, options)).toThrow(message);
  });
});

test('administrators made in the same app get access too', () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Ops', { assumedBy: new iam.AccountRootPrincipal() });
  const network = new InferenceNetwork(stack, 'Network', { zones: 2 });
  new ControlPlane(stack, 'ControlPlane', { clusterName: 'bare', network, administrators: [role.roleArn] });
  const template = Template.fromStack(stack);
  const entry = find(template, 'AWS::EKS::AccessEntry', (one) => one.PrincipalArn['Fn::GetAtt'][0] === stack.getLogicalId(role.node.defaultChild as iam.CfnRole));
  expect(JSON.stringify(entry.resource.Properties.AccessPolicies)).toContain('AmazonEKSClusterAdminPolicy');
});

test('values known at deployment only are not checked', () => {
  const stack = testStack();
  const cluster = existingCluster(stack);
  const parameter = (id: string, type = 'String'): CfnParameter => new CfnParameter(stack, id, { type });
  new InferenceNamespace(stack, 'Namespace', { cluster, name: parameter('Name').valueAsString });
  new Gp3StorageClass(stack, 'Class', { cluster, iops: parameter('Iops', 'Number').valueAsNumber });
  new EksAddon(stack, 'Dns', { cluster, addon: ManagedAddon.COREDNS.withVersion(parameter('Version').valueAsString) });
  Template.fromStack(stack).hasResourceProperties('AWS::EKS::Addon', { AddonVersion: { Ref: 'Version' } });
});

test('a control plane stands alone', () => {
  const stack = testStack();
  const network = new InferenceNetwork(stack, 'Network', { zones: 2 });
  new ControlPlane(stack, 'ControlPlane', { clusterName: 'bare', network });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::EKS::Nodegroup', 0);
  template.resourceCountIs('AWS::EKS::Addon', 0);
  template.hasResourceProperties('AWS::EKS::Cluster', { Name: 'bare', ComputeConfig: { Enabled: false } });
});

test('interface endpoints come to an existing VPC, open to its range', () => {
  const stack = testStack();
  new InterfaceEndpoints(stack, 'Endpoints', { vpc: existingVpc(stack) });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::EC2::VPCEndpoint', 9);
  template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.1.0.0/16' })] });
});

test('node roles have what a node needs and no more', () => {
  const stack = testStack();
  new NodeRole(stack, 'Karpenter', { cniPermissions: false });
  new AutoModeNodeRole(stack, 'AutoMode', { cluster: existingCluster(stack) });
  const template = Template.fromStack(stack);
  const policiesOf = (id: string): string[] =>
    template.toJSON().Resources[idOf(template, 'AWS::IAM::Role', id)].Properties.ManagedPolicyArns.map(
      (arn: Json) => /policy\/(\w+)$/.exec(arn['Fn::Join'][1].join(''))?.[1],
    );
  expect(policiesOf('Karpenter')).toEqual(['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly', 'AmazonSSMManagedInstanceCore']);
  expect(policiesOf('AutoMode')).toEqual(['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly']);
  Annotations.fromStack(stack).hasNoError('*', Match.anyValue());
});
