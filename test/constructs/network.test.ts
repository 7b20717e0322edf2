import { Stage, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { InferenceNetwork, NatGateways, type InferenceNetworkProps } from '../../constructs/network';
import { resourcesOf, testStack } from './stack-fixture';

function networkTemplate(props?: InferenceNetworkProps, stack: Stack = testStack()): Template {
  new InferenceNetwork(stack, 'Network', props);
  return Template.fromStack(stack);
}

function cidrs(template: Template, group: string): string[] {
  return Object.entries(resourcesOf(template, 'AWS::EC2::Subnet'))
    .filter(([id]) => id.includes(`${group}Subnet`))
    .map(([, subnet]) => subnet.Properties.CidrBlock);
}

describe('the default network', () => {
  const template = networkTemplate();

  test('spans four zones without account or lookup', () => {
    const zones = new Set(
      Object.values(resourcesOf(template, 'AWS::EC2::Subnet')).map((subnet) => JSON.stringify(subnet.Properties.AvailabilityZone)),
    );
    expect([...zones]).toEqual([0, 1, 2, 3].map((i) => JSON.stringify({ 'Fn::Select': [i, { 'Fn::GetAZs': '' }] })));
  });

  test('puts nodes into the secondary range, a quarter a zone', () => {
    expect(cidrs(template, 'Nodes')).toEqual(['100.64.0.0/18', '100.64.64.0/18', '100.64.128.0/18', '100.64.192.0/18']);
  });

  test('keeps private and public subnets in the primary range', () => {
    expect(cidrs(template, 'Private')).toEqual(['10.0.0.0/19', '10.0.32.0/19', '10.0.64.0/19', '10.0.96.0/19']);
    expect(cidrs(template, 'Public')).toEqual(['10.0.192.0/24', '10.0.193.0/24', '10.0.194.0/24', '10.0.195.0/24']);
  });

  test('makes node subnets only after their range is attached', () => {
    const [range] = Object.keys(resourcesOf(template, 'AWS::EC2::VPCCidrBlock'));
    const nodes = Object.entries(resourcesOf(template, 'AWS::EC2::Subnet')).filter(([id]) => id.includes('NodesSubnet'));
    expect(nodes).toHaveLength(4);
    for (const [, subnet] of nodes) expect(subnet.DependsOn).toContain(range);
  });

  test('tags each kind of subnet for who looks for it', () => {
    const tags = Object.entries(resourcesOf(template, 'AWS::EC2::Subnet')).map(([id, subnet]) => {
      const keys = subnet.Properties.Tags.map((tag: { Key: string }) => tag.Key);
      return [
        /(Public|Private|Nodes)Subnet/.exec(id)?.[1],
        ['kubernetes.io/role/elb', 'kubernetes.io/role/internal-elb', 'karpenter.sh/discovery'].filter((key) => keys.includes(key)),
      ];
    });
    expect(Object.fromEntries(tags)).toEqual({
      Public: ['kubernetes.io/role/elb'],
      Private: ['kubernetes.io/role/internal-elb'],
      Nodes: ['karpenter.sh/discovery'],
    });
  });

  test('reaches S3 without NAT from every subnet', () => {
    const endpoints = Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint'));
    expect(endpoints).toHaveLength(1);
    expect(endpoints[0].Properties.VpcEndpointType).toBe('Gateway');
    expect(endpoints[0].Properties.RouteTableIds).toHaveLength(12);
  });

  test('has a NAT gateway in each zone, and routes nodes to the one in theirs', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 4);
    const used = Object.entries(resourcesOf(template, 'AWS::EC2::Route'))
      .filter(([id]) => id.includes('NodesSubnet'))
      .map(([, route]) => route.Properties.NatGatewayId.Ref);
    expect(new Set(used).size).toBe(4);
  });

  test('records connections for a month', () => {
    template.resourceCountIs('AWS::EC2::FlowLog', 1);
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('gives no public address to what starts in a public subnet', () => {
    for (const subnet of Object.values(resourcesOf(template, 'AWS::EC2::Subnet'))) {
      expect(subnet.Properties.MapPublicIpOnLaunch).toBe(false);
    }
  });
});

describe('number of zones', () => {
  test.each([1, 2, 3, 4, 5, 6])('%d zones have that many subnets of each kind', (zones) => {
    const template = networkTemplate({ zones });
    for (const group of ['Public', 'Private', 'Nodes']) expect(cidrs(template, group)).toHaveLength(zones);
  });

  test('a zone added later moves no subnet', () => {
    const subnets = (zones: number): { [id: string]: string } =>
      Object.fromEntries(
        Object.entries(resourcesOf(networkTemplate({ zones }), 'AWS::EC2::Subnet')).map(([id, one]) => [id, one.Properties.CidrBlock]),
      );
    expect(subnets(6)).toMatchObject(subnets(3));
  });

  test('a zone added later leaves the control plane where EKS has fixed it', () => {
    const controlPlane = (zones: number): unknown => {
      const stack = testStack();
      const network = new InferenceNetwork(stack, 'Network', { zones });
      return stack.resolve(network.vpc.selectSubnets(network.controlPlaneSubnets).subnetIds);
    };
    expect(controlPlane(3)).toHaveLength(3);
    expect(controlPlane(6)).toEqual(controlPlane(3));
  });

  test('a fifth zone gets a second secondary block', () => {
    expect(cidrs(networkTemplate({ zones: 5 }), 'Nodes')[4]).toBe('100.65.0.0/18');
  });

  test('no subnets overlap with six zones', () => {
    const template = networkTemplate({ zones: 6 });
    const ranges = ['Public', 'Private', 'Nodes']
      .flatMap((group) => cidrs(template, group))
      .map(rangeOf)
      .sort((a, b) => a.first - b.first);
    ranges.slice(1).forEach((range, i) => expect(range.first).toBeGreaterThan(ranges[i].last));
  });

  test('named zones are used as they are', () => {
    const template = networkTemplate({ availabilityZones: ['eu-west-1c', 'eu-west-1a'] }, testStack({ region: 'eu-west-1' }));
    const zones = Object.values(resourcesOf(template, 'AWS::EC2::Subnet')).map((subnet) => subnet.Properties.AvailabilityZone);
    expect(new Set(zones)).toEqual(new Set(['eu-west-1c', 'eu-west-1a']));
  });

  test('a stack with account and region asks for no lookup', () => {
    const stack = testStack({ account: '111122223333', region: 'us-west-2' });
    new InferenceNetwork(stack, 'Network');
    expect(Stage.of(stack)?.synth().manifest).not.toHaveProperty('missing');
    expect(Object.keys(resourcesOf(Template.fromStack(stack), 'AWS::EC2::Subnet'))).toHaveLength(12);
  });

  test('leaves the zones of the stack as they were', () => {
    const stack = testStack({ region: 'us-west-2' });
    const before = stack.availabilityZones;
    new InferenceNetwork(stack, 'Network');
    expect(stack.availabilityZones).toEqual(before);
  });
});

describe('options', () => {
  test('one NAT gateway for all zones', () => {
    networkTemplate({ natGateways: NatGateways.SINGLE }).resourceCountIs('AWS::EC2::NatGateway', 1);
  });

  test('without a secondary range nodes are in the private subnets', () => {
    const stack = testStack();
    const network = new InferenceNetwork(stack, 'Network', { secondaryCidrs: [], discoveryTag: 'prod' });
    const template = Template.fromStack(stack);
    expect(network.vpc.selectSubnets(network.nodeSubnets).subnetIds).toHaveLength(4);
    template.resourceCountIs('AWS::EC2::VPCCidrBlock', 0);
    expect(network.nodeSubnetTags).toEqual({ 'karpenter.sh/discovery': 'prod' });
    const tagged = Object.values(resourcesOf(template, 'AWS::EC2::Subnet')).filter((subnet) =>
      subnet.Properties.Tags.some((tag: { Key: string; Value: string }) => tag.Key === 'karpenter.sh/discovery' && tag.Value === 'prod'),
    );
    expect(tagged.map((subnet) => subnet.Properties.CidrBlock)).toEqual(cidrs(template, 'Private'));
  });

  test('interface endpoints for everything that nodes call, open to both ranges', () => {
    const template = networkTemplate({ interfaceEndpoints: true });
    const services = Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint'))
      .filter((endpoint) => endpoint.Properties.VpcEndpointType === 'Interface')
      .map((endpoint) => JSON.stringify(endpoint.Properties.ServiceName));
    for (const service of ['ecr.api', 'ecr.dkr', 'sts', 'ec2', 'eks', 'eks-auth', 'ssm', 'sqs', 'logs']) {
      expect(services.filter((name) => name.includes(`.${service}"`))).toHaveLength(1);
    }
    expect(services).toHaveLength(9);
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: ['10.0.0.0/16', '100.64.0.0/16'].map((range) => Match.objectLike({ CidrIp: range, FromPort: 443 })),
    });
  });

  test('flow logs can be left out', () => {
    networkTemplate({ flowLogs: false }).resourceCountIs('AWS::EC2::FlowLog', 0);
  });
});

describe('an existing VPC', () => {
  const stack = testStack();
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
    privateSubnetRouteTableIds: ['rtb-0aaaaaaaaaaaaaaaa', 'rtb-0bbbbbbbbbbbbbbbb'],
  });

  test('is used as it is', () => {
    const network = InferenceNetwork.fromVpc(vpc);
    expect(network.vpc.selectSubnets(network.nodeSubnets).subnetIds).toEqual(['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb']);
    expect(network.nodeSubnetTags).toBeUndefined();
    expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
  });

  test('keeps the tags it is told of', () => {
    expect(InferenceNetwork.fromVpc(vpc, { nodeSubnetTags: { team: 'ml' } }).nodeSubnetTags).toEqual({ team: 'ml' });
  });
});

test.each<[string, string, InferenceNetworkProps, string]>([
  ['no zones', '', { zones: 0 }, "'zones' (0) must be between 1 and 6: write zones: 4"],
  ['seven zones', '', { zones: 7 }, "'zones' (7) must be between 1 and 6: write zones: 6"],
  ['half a zone', '', { zones: 2.5 }, "'zones' (2.5) must be between 1 and 6"],
  ['more zones than us-west-1 has', 'us-west-1', {}, "'zones' (4) is more than us-west-1 has, which is 2: write zones: 2"],
  ['more zones than eu-west-1 has', 'eu-west-1', {}, "'zones' (4) is more than eu-west-1 has, which is 3: write zones: 3"],
  ['zones of another region', 'us-west-2', { availabilityZones: ['us-east-1a'] }, "'availabilityZones' (us-east-1a) is not in us-west-2"],
  ['a zone twice', '', { availabilityZones: ['us-west-2a', 'us-west-2a'] }, 'names a zone twice'],
  ['count and names differ', '', { zones: 3, availabilityZones: ['us-west-2a'] }, "names 1 zones, but 'zones' is 3: leave 'zones' out"],
  ['a range that is none', '', { cidr: '10.0.0/16' }, "'cidr' (10.0.0/16) must be an IPv4 range with a prefix of /16 to /19"],
  ['a range that is too small', '', { cidr: '10.0.0.0/24' }, "'cidr' (10.0.0.0/24) must be an IPv4 range with a prefix of /16 to /19"],
  ['host bits', '', { cidr: '10.0.1.0/16' }, "'cidr' (10.0.1.0/16) has host bits set: write 10.0.0.0/16"],
  ['ranges that overlap', '', { cidr: '100.64.0.0/16' }, "'cidr' and 'secondaryCidrs' overlap (100.64.0.0/16, 100.64.0.0/16)"],
  ['too few secondary ranges', '', { zones: 6, secondaryCidrs: ['100.64.0.0/16'] }, "has room for 4 zones, but 'zones' is 6: add 1 more block"],
])('fails with %s', (_, region, props, message) => {
  expect(() => new InferenceNetwork(testStack(region ? { region } : undefined), 'Network', props)).toThrow(message);
});

test.each(['us-east-1', 'us-west-1', 'ca-central-1'])('warns of the zone in %s that EKS refuses', (region) => {
  const stack = testStack({ region });
  new InferenceNetwork(stack, 'Network', { zones: 2 });
  Annotations.fromStack(stack).hasWarning('/Inference/Network', Match.stringLikeRegexp('UnsupportedAvailabilityZoneException'));
});

test.each<[number, string | undefined]>([
  [2, undefined],
  [3, 'not every region has 3 zones.* or write zones: 2'],
  [4, '4 zones are in ap-northeast-2, eu-west-2, us-east-1, us-west-2 only.* or write zones: 3'],
  [6, '6 zones are in us-east-1 only'],
])('%d zones without a region: warns %s', (zones, warning) => {
  const stack = testStack();
  new InferenceNetwork(stack, 'Network', { zones });
  const annotations = Annotations.fromStack(stack);
  if (warning) annotations.hasWarning('/Inference/Network', Match.stringLikeRegexp(warning));
  else annotations.hasNoWarning('/Inference/Network', Match.anyValue());
});

test('regions with enough zones take four', () => {
  for (const region of ['us-east-1', 'us-west-2', 'ap-northeast-2', 'eu-west-2']) {
    expect(() => new InferenceNetwork(testStack({ region }), 'Network')).not.toThrow();
  }
});

function rangeOf(cidr: string): { first: number; last: number } {
  const [address, prefix] = cidr.split('/');
  const first = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return { first, last: first + 2 ** (32 - Number(prefix)) - 1 };
}
