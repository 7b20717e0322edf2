import { Fn, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { KubectlV29Layer } from '@aws-cdk/lambda-layer-kubectl-v29';
import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { Keda } from '../../constructs/addons/keda';
import { LeaderWorkerSet } from '../../constructs/addons/leader-worker-set';
import { NvidiaDevicePlugin } from '../../constructs/addons/nvidia-device-plugin';
import { Compute } from '../../constructs/compute';
import { InferenceCluster, type InferenceClusterProps } from '../../constructs/inference-cluster';
import { PodSecurity } from '../../constructs/inference-namespace';
import { KubernetesRelease } from '../../constructs/kubernetes-release';
import { ManagedAddon } from '../../constructs/managed-addon';
import { InferenceNetwork } from '../../constructs/network';
import { Accelerator } from '../../lib/accelerators/accelerator';
import { AcceleratorKind } from '../../lib/accelerators/accelerator-kind';
import { Vllm } from '../../lib/engines/vllm';
import { Model } from '../../lib/models/model';
import { CapacityReservation } from '../../lib/node-pools/capacity-reservation';
import { GpuPool } from '../../lib/node-pools/gpu-pool';
import { GravitonPool } from '../../lib/node-pools/graviton-pool';
import { InferentiaPool } from '../../lib/node-pools/inferentia-pool';
import { NodeOs } from '../../lib/node-pools/node-os';
import { MultiNode } from '../../lib/topologies/multi-node';
import { comesAfter, idOf, resourcesOf, testStack, type Json, type TestResource } from './stack-fixture';

const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';
const CHART = 'Custom::AWSCDK-EKS-HelmChart';

const CHAT = { model: Model.QWEN3_1_7B, engine: new Vllm(), accelerator: Accelerator.G6_XLARGE };

/** Without accelerators. */
const X86 = Accelerator.of({ instanceType: 'm7i.4xlarge', kind: AcceleratorKind.CPU, vcpus: 16, memoryMiB: 65536 });

function testCluster(props?: InferenceClusterProps, stack: Stack = testStack()): { inference: InferenceCluster; stack: Stack } {
  return { inference: new InferenceCluster(stack, 'Cluster', props), stack };
}

function only(template: Template, type: string): TestResource {
  return template.toJSON().Resources[idOf(template, type)];
}

function addon(template: Template, name: string): TestResource {
  const found = Object.values(resourcesOf(template, 'AWS::EKS::Addon')).find((one) => one.Properties.AddonName === name);
  if (!found) throw new Error(`no add-on ${name}`);
  return found;
}

/** Objects of a kind that are applied, with what is known at deployment as `<…>`. */
function objectsOf(template: Template, kind: string): Json[] {
  return Object.values(resourcesOf(template, MANIFEST)).flatMap(({ Properties: { Manifest } }) => {
    const parts: unknown[] = typeof Manifest === 'string' ? [Manifest] : Manifest['Fn::Join'][1];
    const objects = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : '<token>')).join(''));
    return objects.filter((object: { kind: string }) => object.kind === kind);
  });
}

describe('the default cluster', () => {
  const { stack, inference } = testCluster();
  const template = Template.fromStack(stack);
  const cluster = only(template, 'AWS::EKS::Cluster').Properties;

  test('is a Kubernetes version that EKS supports, with a fixed name', () => {
    expect(cluster.Version).toBe('1.35');
    expect(cluster.Name).toBe(inference.clusterName);
    expect(inference.clusterName).toMatch(/^Inference-Cluster-[0-9A-F]{8}$/);
  });

  test('lets nobody in by default but who has an access entry', () => {
    expect(cluster.AccessConfig).toEqual({ AuthenticationMode: 'API', BootstrapClusterCreatorAdminPermissions: false });
  });

  test('encrypts its secrets with a key of its own', () => {
    expect(cluster.EncryptionConfig).toEqual([
      { Provider: { KeyArn: { 'Fn::GetAtt': [idOf(template, 'AWS::KMS::Key'), 'Arn'] } }, Resources: ['secrets'] },
    ]);
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('writes every log of the control plane, to a group that forgets', () => {
    expect(cluster.Logging.ClusterLogging.EnabledTypes.map((one: { Type: string }) => one.Type).sort()).toEqual([
      'api',
      'audit',
      'authenticator',
      'controllerManager',
      'scheduler',
    ]);
    template.hasResourceProperties('Custom::LogRetention', {
      LogGroupName: `/aws/eks/${inference.clusterName}/cluster`,
      RetentionInDays: 90,
      RemovalPolicy: 'destroy',
    });
    expect(comesAfter(template, idOf(template, 'AWS::EKS::Cluster'))).toContain(idOf(template, 'Custom::LogRetention'));
  });

  test('puts the control plane into three private subnets, and nodes into all node subnets', () => {
    const idsOf = (group: string): unknown[] => stack.resolve(inference.network.vpc.selectSubnets({ subnetGroupName: group }).subnetIds);
    expect(cluster.ResourcesVpcConfig.SubnetIds).toEqual(idsOf('Private').slice(0, 3));
    expect(only(template, 'AWS::EKS::Nodegroup').Properties.Subnets).toEqual(idsOf('Nodes'));
  });

  test('does not let the control plane wait for NAT, but nodes and kubectl', () => {
    const gateways = Object.keys(resourcesOf(template, 'AWS::EC2::NatGateway'));
    const gatewaysBefore = (id: string): string[] => gateways.filter((gateway) => comesAfter(template, id).has(gateway));
    expect(gatewaysBefore(idOf(template, 'AWS::EKS::Cluster'))).toEqual([]);
    expect(gatewaysBefore(idOf(template, 'AWS::EKS::Nodegroup'))).toEqual(gateways);
    for (const manifest of Object.keys({ ...resourcesOf(template, MANIFEST), ...resourcesOf(template, CHART) })) {
      expect(gatewaysBefore(manifest)).toEqual(gateways);
    }
  });

  test('keeps controllers on a few Graviton nodes that repair themselves', () => {
    expect(only(template, 'AWS::EKS::Nodegroup').Properties).toMatchObject({
      AmiType: 'BOTTLEROCKET_ARM_64',
      InstanceTypes: ['m7g.large', 'm6g.large'],
      NodeRepairConfig: { Enabled: true },
      Labels: { 'cdk-eks-inference/nodes': 'system' },
      Taints: [{ Key: 'CriticalAddonsOnly', Value: 'true', Effect: 'NO_SCHEDULE' }],
      ScalingConfig: { MinSize: 2, DesiredSize: 2, MaxSize: 3 },
    });
  });

  test('keeps pods of these nodes from the metadata service, and their disks encrypted', () => {
    const { LaunchTemplateData: data } = only(template, 'AWS::EC2::LaunchTemplate').Properties;
    expect(data.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(data.BlockDeviceMappings.map((one: { Ebs: { Encrypted: boolean } }) => one.Ebs.Encrypted)).toEqual([true, true]);
  });

  test('has every add-on that a node needs before the nodes, and the others after them', () => {
    const nodes = comesAfter(template, idOf(template, 'AWS::EKS::Nodegroup'));
    const before = Object.entries(resourcesOf(template, 'AWS::EKS::Addon')).filter(([id]) => nodes.has(id));
    expect(before.map(([, one]) => one.Properties.AddonName).sort()).toEqual(['eks-pod-identity-agent', 'kube-proxy', 'vpc-cni']);
    for (const name of ['coredns', 'aws-ebs-csi-driver', 'metrics-server']) {
      expect(addon(template, name).DependsOn).toContain(idOf(template, 'AWS::EKS::Nodegroup'));
    }
    expect(addon(template, 'eks-node-monitoring-agent').DependsOn ?? []).not.toContain(idOf(template, 'AWS::EKS::Nodegroup'));
  });

  test('leaves add-on versions to EKS, and takes over what is there', () => {
    for (const one of Object.values(resourcesOf(template, 'AWS::EKS::Addon'))) {
      expect(one.Properties.AddonVersion).toBeUndefined();
      expect(one.Properties.ResolveConflicts).toBe('OVERWRITE');
    }
    expect(cluster.BootstrapSelfManagedAddons).toBe(false);
  });

  test('gives pods prefixes of addresses, and enforces network policies', () => {
    expect(JSON.parse(addon(template, 'vpc-cni').Properties.ConfigurationValues)).toEqual({
      enableNetworkPolicy: 'true',
      env: { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' },
    });
  });

  test('lets deployments of add-ons run on the tainted nodes', () => {
    const toleration = [{ key: 'CriticalAddonsOnly', operator: 'Exists' }];
    const configuration = (name: string): unknown => JSON.parse(addon(template, name).Properties.ConfigurationValues);
    expect(configuration('coredns')).toMatchObject({ tolerations: toleration });
    expect(configuration('metrics-server')).toMatchObject({ tolerations: toleration });
    expect(configuration('aws-ebs-csi-driver')).toMatchObject({ controller: { tolerations: toleration } });
  });

  test('gives AWS permissions to service accounts, not to nodes', () => {
    const associations = Object.values(resourcesOf(template, 'AWS::EKS::PodIdentityAssociation'));
    expect(associations.map((one) => one.Properties.ServiceAccount).sort()).toEqual(['aws-node', 'ebs-csi-controller-sa', 'karpenter']);
    const nodeRoles = Object.values(resourcesOf(template, 'AWS::IAM::Role')).filter((role) =>
      JSON.stringify(role.Properties.AssumeRolePolicyDocument).includes('"ec2.amazonaws.com"'),
    );
    expect(nodeRoles).toHaveLength(2);
    expect(JSON.stringify(nodeRoles)).not.toContain('AmazonEKS_CNI_Policy');
  });

  test('makes encrypted gp3 volumes the default', () => {
    expect(objectsOf(template, 'StorageClass')).toMatchObject([
      {
        metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'ebs.csi.aws.com',
        parameters: { type: 'gp3', encrypted: 'true' },
        volumeBindingMode: 'WaitForFirstConsumer',
      },
    ]);
  });

  test('says that nobody has access yet', () => {
    Annotations.fromStack(stack).hasInfo('/Inference/Cluster', Match.stringLikeRegexp("list the roles that may in 'administrators'"));
  });

  test('synthesizes the same twice', () => {
    expect(Template.fromStack(testCluster().stack).toJSON()).toEqual(template.toJSON());
  });
});

describe('control plane options', () => {
  const stack = testStack();
  const props: InferenceClusterProps = {
    clusterName: 'prod',
    endpointAccess: eks.EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom('203.0.113.0/24'),
    administrators: ['arn:aws:iam::111122223333:role/ops/Admin'],
    access: [
      {
        id: 'Developers',
        roleArn: 'arn:aws:iam::111122223333:role/Developer',
        policy: eks.AccessPolicyArn.AMAZON_EKS_EDIT_POLICY,
        namespaces: ['chat'],
      },
      { id: 'Auditors', roleArn: 'arn:aws:iam::111122223333:role/Auditor' },
    ],
    deletionProtection: true,
    release: KubernetesRelease.of('1.36', new KubectlV36Layer(stack, 'Kubectl')),
    eksAddons: [ManagedAddon.COREDNS.withVersion('v1.14.3-eksbuild.2'), ManagedAddon.of('aws-efs-csi-driver')],
    compute: Compute.karpenter({ systemNodes: { nodes: 3, instanceTypes: [new ec2.InstanceType('m7i.xlarge')] } }),
  };
  testCluster(props, stack);
  const template = Template.fromStack(stack);

  test('reach the cluster', () => {
    expect(only(template, 'AWS::EKS::Cluster').Properties).toMatchObject({
      Name: 'prod',
      Version: '1.36',
      DeletionProtection: true,
      ResourcesVpcConfig: { EndpointPublicAccess: true, EndpointPrivateAccess: true, PublicAccessCidrs: ['203.0.113.0/24'] },
    });
  });

  test('give each role what it may', () => {
    const entries = Object.values(resourcesOf(template, 'AWS::EKS::AccessEntry')).map((one) => one.Properties);
    const policyOf = (roleName: string): unknown =>
      entries.find((one) => typeof one.PrincipalArn === 'string' && one.PrincipalArn.endsWith(roleName))?.AccessPolicies[0];
    expect(JSON.stringify(policyOf('Admin'))).toMatch(/AmazonEKSClusterAdminPolicy/);
    expect(policyOf('Developer')).toMatchObject({ AccessScope: { Type: 'namespace', Namespaces: ['chat'] } });
    expect(JSON.stringify(policyOf('Auditor'))).toMatch(/AmazonEKSViewPolicy/);
  });

  test('keep the key and the logs of a protected cluster', () => {
    template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Retain' });
    expect(only(template, 'Custom::LogRetention').Properties.RemovalPolicy).not.toBe('destroy');
  });

  test('replace a default add-on and add another', () => {
    expect(addon(template, 'coredns').Properties.AddonVersion).toBe('v1.14.3-eksbuild.2');
    expect(addon(template, 'aws-efs-csi-driver').DependsOn).toContain(idOf(template, 'AWS::EKS::Nodegroup'));
    template.resourceCountIs('AWS::EKS::Addon', 8);
  });

  test('choose the AMI by the instance types', () => {
    expect(only(template, 'AWS::EKS::Nodegroup').Properties).toMatchObject({ AmiType: 'BOTTLEROCKET_x86_64', ScalingConfig: { DesiredSize: 3 } });
  });
});

test("takes the sketch's Kubernetes 1.29 with its own kubectl", () => {
  const stack = testStack();
  const layer = new KubectlV29Layer(stack, 'Kubectl');
  testCluster({ release: KubernetesRelease.of('1.29', layer) }, stack);
  const template = Template.fromStack(stack);
  expect(only(template, 'AWS::EKS::Cluster').Properties.Version).toBe('1.29');
  const handler = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).find((one) => one.Properties.Layers);
  expect(handler?.Properties.Layers).toContainEqual(stack.resolve(layer.layerVersionArn));
  expect(handler?.Properties.Layers).toHaveLength(2); // and the AWS CLI: no kubectl of another version
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('EKS makes no clusters of Kubernetes 1.29 any more'));
});

describe('pools, controllers and a model', () => {
  const { stack, inference } = testCluster({ addons: [new Keda()] });
  inference.addNodePool('gpu', new GpuPool());
  inference.addNodePool('al2023', new GpuPool({ os: NodeOs.AL2023, families: ['g6e'] }));
  inference.addNodePool('neuron', new InferentiaPool());
  inference.addNodePool('fractions', new GpuPool({ families: ['g6f'] }));
  inference.addModelServer('Chat', { ...CHAT, namespace: 'chat' });
  const template = Template.fromStack(stack);
  const chart = (name: string): string => {
    const found = Object.entries(resourcesOf(template, CHART)).find(([, one]) => one.Properties.Release === name);
    if (!found) throw new Error(`no chart ${name}`);
    return found[0];
  };
  const unitOf = (kind: string): string[] =>
    Object.entries(resourcesOf(template, MANIFEST))
      .filter(([, unit]) => JSON.stringify(unit.Properties.Manifest).includes(`\\"kind\\":\\"${kind}\\"`))
      .map(([id]) => id);

  test('install the device plugins that the pools need, once', () => {
    const releases = Object.values(resourcesOf(template, CHART)).map((one) => one.Properties.Release);
    expect(releases.sort()).toEqual(['karpenter', 'karpenter-crd', 'keda', 'neuron-device-plugin', 'nvidia-device-plugin']);
  });

  test('turn on the features that the pools need', () => {
    const values = JSON.stringify(template.toJSON().Resources[chart('karpenter')].Properties.Values);
    expect(values).toContain('\\"nodeOverlay\\":true');
  });

  test('know where nodes go', () => {
    const [nodeClass] = objectsOf(template, 'EC2NodeClass').filter((one) => one.metadata.name === 'gpu');
    expect(nodeClass.spec.subnetSelectorTerms).toEqual([{ tags: { 'karpenter.sh/discovery': inference.clusterName } }]);
    expect(nodeClass.spec.securityGroupSelectorTerms).toEqual([{ tags: { 'aws:eks:cluster-name': inference.clusterName } }]);
    const subnets = Object.values(resourcesOf(template, 'AWS::EC2::Subnet')).filter((subnet) =>
      subnet.Properties.Tags.some(
        (tag: { Key: string; Value: string }) => tag.Key === 'karpenter.sh/discovery' && tag.Value === inference.clusterName,
      ),
    );
    expect(subnets).toHaveLength(4);
  });

  test('go in the order model server, pool and its nodes, Karpenter, nodes of controllers, cluster, network', () => {
    const [server] = unitOf('Deployment');
    const [pool] = unitOf('NodePool').filter((id) => id.includes('NodePoolsgpu'));
    const order = [server, pool, chart('karpenter'), idOf(template, 'AWS::EKS::Nodegroup'), idOf(template, 'AWS::EKS::Cluster')];
    order.slice(1).forEach((later, i) => expect([...comesAfter(template, order[i])]).toContain(later));
    expect(comesAfter(template, pool)).toContain(idOf(template, 'AWS::EKS::AccessEntry', 'Karpenter'));
    expect(comesAfter(template, server)).toContain(unitOf('Namespace')[0]);
  });

  test('the model server waits for no pool and no controller that it does not need', () => {
    const needed = comesAfter(template, unitOf('Deployment')[0]);
    expect(unitOf('NodePool').filter((id) => needed.has(id)).map((id) => /NodePools([a-z0-9]+)/.exec(id)?.[1])).toEqual(['gpu']);
    for (const name of ['keda', 'nvidia-device-plugin', 'neuron-device-plugin']) expect(needed).not.toContain(chart(name));
  });

  test('controllers wait for nodes to run on, not for each other', () => {
    const needed = comesAfter(template, chart('keda'));
    expect(needed).toContain(idOf(template, 'AWS::EKS::Nodegroup'));
    expect(Object.keys(resourcesOf(template, CHART)).filter((id) => needed.has(id))).toEqual([]);
  });
});

describe('EKS Auto Mode', () => {
  const { stack, inference } = testCluster({ compute: Compute.autoMode() });
  inference.addNodePool('gpu', new GpuPool());
  inference.addModelServer('Chat', CHAT);
  const template = Template.fromStack(stack);

  test('is on, with everything that it brings', () => {
    expect(only(template, 'AWS::EKS::Cluster').Properties).toMatchObject({
      ComputeConfig: { Enabled: true, NodePools: ['system', 'general-purpose'] },
      StorageConfig: { BlockStorage: { Enabled: true } },
      KubernetesNetworkConfig: { ElasticLoadBalancing: { Enabled: true } },
    });
  });

  test('leaves out what it has built in', () => {
    expect(Object.values(resourcesOf(template, 'AWS::EKS::Addon')).map((one) => one.Properties.AddonName)).toEqual(['metrics-server']);
    template.resourceCountIs('AWS::EKS::Nodegroup', 0);
    template.resourceCountIs(CHART, 0);
    template.resourceCountIs('AWS::SQS::Queue', 0);
  });

  test('lets nodes of our own pools join', () => {
    const [nodeClass] = objectsOf(template, 'NodeClass');
    const entry = template.toJSON().Resources[idOf(template, 'AWS::EKS::AccessEntry', 'NodeRole')];
    expect(entry.Properties.Type).toBe('EC2');
    expect(JSON.stringify(entry.Properties.AccessPolicies)).toContain('AmazonEKSAutoNodePolicy');
    expect(nodeClass.spec.role).toBe('<token>');
    const pool = idOf(template, MANIFEST, 'NodePools');
    expect(comesAfter(template, pool)).toContain(idOf(template, 'AWS::EKS::AccessEntry', 'NodeRole'));
    expect([...comesAfter(template, pool)].filter((id) => id.includes('NATGateway'))).toHaveLength(4);
  });

  test('provisions volumes by its own driver', () => {
    expect(objectsOf(template, 'StorageClass')[0].provisioner).toBe('ebs.csi.eks.amazonaws.com');
  });

  test('has labels of its own, which pods ask for', () => {
    const pod = JSON.stringify(objectsOf(template, 'Deployment')[0].spec.template.spec.affinity);
    expect(pod).toContain('eks.amazonaws.com/instance-gpu-name');
  });
});

test('EKS Auto Mode without its general pool leaves the limits to pools of our own', () => {
  const { stack, inference } = testCluster({ compute: Compute.autoMode({ generalPurposePool: false }) });
  expect(only(Template.fromStack(stack), 'AWS::EKS::Cluster').Properties.ComputeConfig.NodePools).toEqual(['system']);
  expect(() => inference.addModelServer('Chat', { ...CHAT, accelerator: X86 })).toThrow("call addNodePool('m7i', new X86Pool(");
});

test('EKS Auto Mode serves small models on x86 by its general pool', () => {
  const { inference } = testCluster({ compute: Compute.autoMode() });
  expect(() => inference.addModelServer('Chat', { ...CHAT, accelerator: X86 })).not.toThrow();
});

describe('an existing VPC', () => {
  const stack = testStack();
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
    privateSubnetRouteTableIds: ['rtb-0aaaaaaaaaaaaaaaa', 'rtb-0bbbbbbbbbbbbbbbb'],
  });
  const { inference } = testCluster({ clusterName: 'prod', network: InferenceNetwork.fromVpc(vpc) }, stack);
  inference.addNodePool('gpu', new GpuPool());
  const template = Template.fromStack(stack);

  test('is used, by the ids of its subnets', () => {
    expect(only(template, 'AWS::EKS::Nodegroup').Properties.Subnets).toEqual(['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb']);
    template.resourceCountIs('AWS::EC2::VPC', 0);
    expect(objectsOf(template, 'EC2NodeClass')[0].spec.subnetSelectorTerms).toEqual([
      { id: 'subnet-0aaaaaaaaaaaaaaaa' },
      { id: 'subnet-0bbbbbbbbbbbbbbbb' },
    ]);
    Annotations.fromStack(stack).hasNoWarning('/Inference/Cluster', Match.anyValue());
  });

  test('of which the subnets are known at deployment only, says what has to be tagged by hand', () => {
    const other = testStack();
    const unknown = ec2.Vpc.fromVpcAttributes(other, 'Vpc', {
      vpcId: Fn.importValue('VpcId'),
      availabilityZones: Fn.getAzs(),
      privateSubnetIds: Fn.split(',', Fn.importValue('SubnetIds')),
    });
    testCluster({ clusterName: 'prod', network: InferenceNetwork.fromVpc(unknown) }, other);
    Annotations.fromStack(other).hasWarning('/Inference/Cluster', Match.stringLikeRegexp('karpenter.sh/discovery=prod'));
  });
});

test('a pool brings no second device plugin', () => {
  const { inference, stack } = testCluster({ addons: [new NvidiaDevicePlugin({ featureDiscovery: true })] });
  inference.addNodePool('gpu', new GpuPool({ os: NodeOs.AL2023 }));
  const plugins = Object.values(resourcesOf(Template.fromStack(stack), CHART)).filter((one) => one.Properties.Release === 'nvidia-device-plugin');
  expect(plugins).toHaveLength(1);
});

test('a namespace is made once, and enforces what pods may ask of their node', () => {
  const { inference, stack } = testCluster();
  expect(inference.namespace('chat')).toBe(inference.namespace('chat'));
  expect(objectsOf(Template.fromStack(stack), 'Namespace')).toMatchObject([
    { metadata: { name: 'chat', labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' } } },
  ]);
});

test.each<[string, (inference: InferenceCluster) => void, string]>([
  [
    'an accelerator without a pool',
    (inference) => inference.addModelServer('Chat', CHAT),
    "'accelerator' (g6.xlarge) of model server 'Chat' is in no node pool: call addNodePool('g6', new GpuPool({ families: ['g6'] })) first, got []",
  ],
  [
    'a pool of another kind',
    (inference) => {
      inference.addNodePool('graviton', new GravitonPool());
      inference.addModelServer('Chat', CHAT);
    },
    'first, got [graviton]',
  ],
  [
    'a pool whose nodes are too small',
    (inference) => {
      inference.addNodePool('gpu', new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE] }));
      inference.addModelServer('Chat', { ...CHAT, accelerator: Accelerator.G6_12XLARGE });
    },
    "'accelerator' (g6.12xlarge) of model server 'Chat' is in no node pool",
  ],
  [
    'a missing add-on',
    (inference) => {
      inference.addNodePool('gpu', new GpuPool());
      inference.addModelServer('Chat', { ...CHAT, topology: new MultiNode({ nodes: 2 }) });
    },
    "model server 'Chat' needs the add-on 'leader-worker-set': add new LeaderWorkerSet() to 'addons', got []",
  ],
  [
    'a pool name that is no DNS label',
    (inference) => inference.addNodePool('GPU Pool', new GpuPool()),
    'GPU Pool',
  ],
  [
    'an add-on twice',
    (inference) => [new Keda(), new Keda()].forEach((keda) => inference.addAddon(keda)),
    "the add-on 'keda' is already on the cluster",
  ],
  ['a namespace that is no DNS label', (inference) => inference.namespace('Chat_1'), "'name' (Chat_1) of a namespace must be a DNS label"],
])('fails with %s', (_, use, message) => {
  expect(() => use(testCluster().inference)).toThrow(message);
});

test.each<[string, () => InferenceClusterProps, string]>([
  ['a name with a space', () => ({ clusterName: 'my cluster' }), "'clusterName' (my cluster) must be 1 to 100 of"],
  ['a version that is none', () => ({ release: KubernetesRelease.of('latest', anyLayer()) }), "'version' (latest) must be a minor version"],
  [
    'a version without a layer',
    () => ({ release: KubernetesRelease.of('1.36', undefined as never) }), // from JavaScript
    "'kubectlLayer' of Kubernetes 1.36 is missing: install @aws-cdk/lambda-layer-kubectl-v36",
  ],
  ['no system nodes', () => ({ compute: Compute.karpenter({ systemNodes: { nodes: 0 } }) }), "'nodes' (0) of the system node group must be between 1"],
  [
    'system nodes of two architectures',
    () => ({ compute: Compute.karpenter({ systemNodes: { instanceTypes: ['m7g.large', 'm7i.large'].map((type) => new ec2.InstanceType(type)) } }) }),
    "'instanceTypes' (m7g.large, m7i.large) of the system node group must all be Graviton or all be x86",
  ],
  ['an add-on version without a build', () => ({ eksAddons: [ManagedAddon.COREDNS.withVersion('1.14')] }), "'version' (1.14) of coredns must be an EKS version"],
  ['an administrator that is no role', () => ({ administrators: ['Admin'] }), "'administrators' (Admin) must be ARNs of IAM roles"],
])('fails with %s', (_, props, message) => {
  expect(() => testCluster(props())).toThrow(message);
});

test('fails with a pool that has the name of one built into Auto Mode', () => {
  const { inference } = testCluster({ compute: Compute.autoMode() });
  expect(() => inference.addNodePool('system', new GpuPool())).toThrow("'name' (system) of a node pool is taken by EKS Auto Mode");
});

function anyLayer(): KubectlV36Layer {
  return new KubectlV36Layer(testStack(), 'Kubectl');
}

describe('a pool with capacity reservations, which are in one zone', () => {
  const RESERVED = { families: ['g6'], reservations: [CapacityReservation.id('cr-0123456789abcdef0')] };

  test.each([
    ['are not spread over zones where the pool serves them', RESERVED, {}, {}, false],
    ['are not under EKS Auto Mode either', RESERVED, {}, { compute: Compute.autoMode() }, false],
    ['are, if they say so', RESERVED, { spreadZones: true }, {}, true],
    ['are where another pool serves them', { ...RESERVED, families: ['g6e'] }, {}, {}, true],
    ['are where it has no reservation', { families: ['g6'] }, {}, {}, true],
  ])('servers %s', (_, pool, options, props: InferenceClusterProps, spread) => {
    const { inference, stack } = testCluster(props);
    inference.addNodePool('first', new GpuPool(pool));
    inference.addNodePool('second', new GpuPool({ families: ['g6'] }));
    inference.addModelServer('Chat', { ...CHAT, ...options });
    const [deployment] = objectsOf(Template.fromStack(stack), 'Deployment').filter(({ metadata }) => metadata.name.includes('chat'));
    expect(deployment.spec.template.spec.topologySpreadConstraints !== undefined).toBe(spread);
  });
});

describe('pod security of a namespace with model servers', () => {
  const levels = (stack: Stack) => {
    const units = Object.values(Template.fromStack(stack).findResources('Custom::AWSCDK-EKS-KubernetesResource'));
    const objects = units.flatMap(({ Properties }) => (typeof Properties.Manifest === 'string' ? JSON.parse(Properties.Manifest) : []));
    const namespace = objects.find((object: { kind: string }) => object.kind === 'Namespace');
    return namespace.metadata.labels['pod-security.kubernetes.io/enforce'];
  };
  const groups = { model: Model.QWEN3_CODER_480B_A35B, engine: new Vllm(), accelerator: Accelerator.P5_48XLARGE, topology: new MultiNode({ nodes: 2 }) };
  const withEfa = () => {
    const { inference: cluster, stack } = testCluster({ addons: [new LeaderWorkerSet()] });
    cluster.addNodePool('p5', new GpuPool({ families: ['p5'], minDevices: 8 }));
    return { stack, cluster };
  };

  test('is privileged where one of them locks memory for EFA, which baseline refuses', () => {
    const { stack, cluster } = withEfa();
    cluster.namespace('models');
    cluster.addModelServer('Coder', { ...groups, namespace: 'models' });
    expect(levels(stack)).toBe('privileged');
  });

  test('fails where the level that was asked for refuses it', () => {
    const { cluster } = withEfa();
    cluster.namespace('models', { podSecurity: PodSecurity.BASELINE });
    expect(() => cluster.addModelServer('Coder', { ...groups, namespace: 'models' })).toThrow(
      "'podSecurity' (baseline) of the namespace 'models' refuses the pods of model server 'Coder'",
    );
  });
});
