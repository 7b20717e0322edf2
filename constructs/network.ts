import { Annotations, Fn, Names, RemovalPolicy, Stack, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, Dependable, type IDependable } from 'constructs';
import { Regions } from '../lib/regions';
import { InterfaceEndpoints } from './interface-endpoints';
import { SubnetGroup, ZonalSubnets } from './network-cidrs';

/** How nodes in private subnets reach the internet. */
export enum NatGateways {
  /**
   * One NAT gateway a zone: the loss of a zone costs the others nothing, and traffic stays in its zone.
   *
   * About 33 USD a month each in us-east-1, 131 USD for four zones, and 0.045 USD a GB.
   */
  PER_ZONE = 'PerZone',
  /**
   * One NAT gateway for all zones: about 33 USD a month in us-east-1, and 0.045 USD a GB, plus 0.02 USD a GB from the
   * other zones. Its zone is a single point of failure for every image pull and download that is not in S3.
   */
  SINGLE = 'Single',
}

/** Where an inference cluster lives: one made here, or an existing VPC. */
export interface IInferenceNetwork {
  /** The VPC. */
  readonly vpc: ec2.IVpc;

  /** Where EKS puts the interfaces of its control plane, for as long as the cluster lives. */
  readonly controlPlaneSubnets: ec2.SubnetSelection;

  /** Where nodes and pods live. */
  readonly nodeSubnets: ec2.SubnetSelection;

  /** What nodes and functions in the private subnets need before they can work: routes, NAT, endpoints. */
  readonly connectivity: IDependable;

  /**
   * Tags by which the node subnets are found.
   *
   * @default - they are named by id
   */
  readonly nodeSubnetTags?: { readonly [key: string]: string };
}

/** Options of an existing VPC. */
export interface ExistingNetworkOptions {
  /**
   * Where nodes and pods live.
   *
   * @default - the VPC's private subnets with a way out
   */
  readonly nodeSubnets?: ec2.SubnetSelection;

  /**
   * Where EKS puts the interfaces of its control plane, in at least two zones.
   *
   * @default - the VPC's private subnets with a way out
   */
  readonly controlPlaneSubnets?: ec2.SubnetSelection;

  /**
   * Tags that the node subnets have, and no other subnet of the account has.
   *
   * @default - they are named by id
   */
  readonly nodeSubnetTags?: { readonly [key: string]: string };
}

/** Properties of a network. */
export interface InferenceNetworkProps {
  /**
   * How many Availability Zones to use, 1 to 6.
   *
   * Accelerators are often sold in some zones of a region only, so more zones mean more capacity. EKS itself needs two.
   * us-east-1 has six zones; us-west-2, ap-northeast-2 and eu-west-2 have four; us-west-1 has two; the others three.
   *
   * Zones can be added to a running cluster, but EKS never adds one to its control plane, which is in the first three:
   * begin with three if there may be more one day.
   *
   * @default - the number of 'availabilityZones', or 4
   */
  readonly zones?: number;

  /**
   * The zones by name, for example `['us-west-2a', 'us-west-2b']`.
   *
   * Zone names differ between accounts. Name them when EKS refuses one (it has no control plane in use1-az3, usw1-az2
   * and cac1-az3), or when the capacity you reserved is in certain zones.
   *
   * @default - the region's first zones, found at deployment: no account and no lookup is needed at synth
   */
  readonly availabilityZones?: string[];

  /**
   * The VPC's range, /16 to /19: load balancers, endpoints and the control plane's interfaces live in it.
   *
   * @default - 10.0.0.0/16: a private /19 (8,187 addresses) and a public /24 in each zone
   */
  readonly cidr?: string;

  /**
   * Secondary ranges for nodes and pods, each a quarter a zone, so that pods do not use up routable addresses.
   *
   * Four zones fit in a block. `[]` puts nodes and pods into the private subnets of 'cidr'.
   *
   * @default - 100.64.0.0/16, and 100.65.0.0/16 with five or six zones: 16,379 addresses a zone
   */
  readonly secondaryCidrs?: string[];

  /**
   * How nodes reach the internet.
   *
   * @default NatGateways.PER_ZONE
   */
  readonly natGateways?: NatGateways;

  /**
   * Reach ECR, STS, EC2, EKS, EKS Pod Identity, SSM, SQS and CloudWatch Logs inside the VPC. S3 always is.
   *
   * Nine endpoints cost about 66 USD a month in each zone, 263 USD in four, and save NAT charges on image pulls from ECR.
   *
   * @default false - these services are reached through NAT
   */
  readonly interfaceEndpoints?: boolean;

  /**
   * Record the connections of the VPC in CloudWatch Logs, kept for a month.
   *
   * @default true - 0.50 USD a GB of records; a quiet cluster writes some hundred MB a month
   */
  readonly flowLogs?: boolean;

  /**
   * Value of the tag `karpenter.sh/discovery` on the node subnets, unique in the account and region.
   *
   * @default - the construct path of the network; the name of the cluster where `InferenceCluster` makes the network
   */
  readonly discoveryTag?: string;
}

/**
 * A VPC for inference: zones enough to find capacity, addresses enough for pods, and S3 without NAT.
 *
 * Weights come from S3 over a gateway endpoint, which costs nothing and is not limited by a NAT gateway.
 */
export class InferenceNetwork extends Construct implements IInferenceNetwork {
  /**
   * Uses a VPC that exists.
   *
   * Its subnets are not tagged or changed. Give it an S3 gateway endpoint, and tag its subnets `kubernetes.io/role/elb`
   * and `kubernetes.io/role/internal-elb` if load balancers shall find them.
   */
  public static fromVpc(vpc: ec2.IVpc, options: ExistingNetworkOptions = {}): IInferenceNetwork {
    return new ExistingNetwork(vpc, options);
  }

  public readonly vpc: ec2.IVpc;
  public readonly controlPlaneSubnets: ec2.SubnetSelection;
  public readonly nodeSubnets: ec2.SubnetSelection;
  public readonly connectivity: IDependable;
  public readonly nodeSubnetTags?: { readonly [key: string]: string };

  constructor(scope: Construct, id: string, props: InferenceNetworkProps = {}) {
    super(scope, id);
    const zones = this.zonesOf(props);
    const secondaryCidrs = props.secondaryCidrs ?? ['100.64.0.0/16', '100.65.0.0/16'].slice(0, zones.length > 4 ? 2 : 1);
    const hasSecondary = secondaryCidrs.length > 0;
    const cidr = props.cidr ?? '10.0.0.0/16';
    const nodeGroup = hasSecondary ? SubnetGroup.NODES : SubnetGroup.PRIVATE;

    const vpc = withoutZoneLookup(
      Stack.of(this),
      () =>
        new ec2.Vpc(this, 'Vpc', {
          availabilityZones: zones,
          ipAddresses: new ZonalSubnets(cidr, secondaryCidrs, zones.length),
          natGateways: props.natGateways === NatGateways.SINGLE ? 1 : zones.length,
          subnetConfiguration: [
            { name: SubnetGroup.PUBLIC, subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
            { name: SubnetGroup.PRIVATE, subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
            ...(hasSecondary ? [{ name: nodeGroup, subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }] : []),
          ],
          gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
          restrictDefaultSecurityGroup: true,
        }),
    );
    this.vpc = vpc;
    this.controlPlaneSubnets = { subnets: this.subnetsOf(SubnetGroup.PRIVATE).slice(0, CONTROL_PLANE_ZONES) };
    this.nodeSubnets = { subnetGroupName: nodeGroup };

    this.attachSecondaryRanges(secondaryCidrs);
    this.nodeSubnetTags = { 'karpenter.sh/discovery': props.discoveryTag ?? Names.uniqueResourceName(this, { separator: '-' }) };
    this.tagSubnets();
    if (props.interfaceEndpoints) {
      new InterfaceEndpoints(this, 'Endpoints', {
        vpc: this.vpc,
        subnets: { subnetGroupName: SubnetGroup.PRIVATE },
        clientCidrs: [cidr, ...secondaryCidrs],
      });
    }
    if (props.flowLogs ?? true) this.recordConnections();

    this.connectivity = this;
    dependOnSubnetsOnly(vpc);
  }

  private subnetsOf(group: SubnetGroup): ec2.ISubnet[] {
    return this.vpc.selectSubnets({ subnetGroupName: group }).subnets;
  }

  private zonesOf(props: InferenceNetworkProps): string[] {
    const named = props.availabilityZones;
    const count = props.zones ?? named?.length ?? 4;
    if (!Number.isInteger(count) || count < 1 || count > 6) {
      throw new Error(`'zones' (${count}) must be between 1 and 6: write zones: ${count > 6 ? 6 : 4}`);
    }
    if (named && named.length !== count) {
      throw new Error(
        `'availabilityZones' (${named.join(', ')}) names ${named.length} zones, but 'zones' is ${count}: leave 'zones' out`,
      );
    }
    if (named && new Set(named).size !== named.length) {
      throw new Error(`'availabilityZones' (${named.join(', ')}) names a zone twice: name each zone once`);
    }
    this.checkRegion(count, named);
    return named ?? Array.from({ length: count }, (_, i) => Fn.select(i, Fn.getAzs()));
  }

  private checkRegion(count: number, named?: string[]): void {
    const region = Stack.of(this).region;
    if (Token.isUnresolved(region) && !named) this.warnOfFewerZones(count);
    if (Token.isUnresolved(region) || !Regions.isKnown(region)) return;
    const available = Regions.zoneIds(region).length;
    if (available < count) {
      throw new Error(`'zones' (${count}) is more than ${region} has, which is ${available}: write zones: ${available}`);
    }
    const foreign = named?.find((zone) => !Token.isUnresolved(zone) && !zone.startsWith(region));
    if (foreign) {
      throw new Error(`'availabilityZones' (${foreign}) is not in ${region}, the region of the stack: write ${region}a`);
    }
    const refused = ZONES_WITHOUT_CONTROL_PLANE[region];
    if (refused && !named) {
      Annotations.of(this).addWarningV2(
        'cdk-eks-inference:zoneWithoutControlPlane',
        `EKS has no control plane in ${refused}, and which zone name that is differs between accounts: ` +
          `if the deployment ends with UnsupportedAvailabilityZoneException, name the others in 'availabilityZones'`,
      );
    }
  }

  private warnOfFewerZones(count: number): void {
    const zonesIn = (region: string): number => Regions.zoneIds(region).length;
    const enough = Regions.all().filter((region) => zonesIn(region) >= count);
    if (enough.length === Regions.all().length) return;
    const where = count > 3 ? `${count} zones are in ${enough.join(', ')} only` : `not every region has ${count} zones`;
    Annotations.of(this).addWarningV2(
      'cdk-eks-inference:zonesOfUnknownRegion',
      `${where}, and the region of the stack is known at deployment only: a deployment elsewhere fails, ` +
        `so set 'env' of the stack to its region, or write zones: ${count > 3 ? 3 : 2}`,
    );
  }

  private attachSecondaryRanges(cidrs: readonly string[]): void {
    const blocks = cidrs.map(
      (cidrBlock, i) => new ec2.CfnVPCCidrBlock(this, `SecondaryRange${i + 1}`, { vpcId: this.vpc.vpcId, cidrBlock }),
    );
    if (blocks.length === 0) return;
    for (const subnet of this.vpc.selectSubnets(this.nodeSubnets).subnets) subnet.node.addDependency(...blocks);
  }

  private tagSubnets(): void {
    for (const subnet of this.vpc.publicSubnets) Tags.of(subnet).add('kubernetes.io/role/elb', '1');
    for (const subnet of this.subnetsOf(SubnetGroup.PRIVATE)) {
      Tags.of(subnet).add('kubernetes.io/role/internal-elb', '1');
    }
    for (const subnet of this.vpc.selectSubnets(this.nodeSubnets).subnets) {
      Object.entries(this.nodeSubnetTags ?? {}).forEach(([key, value]) => Tags.of(subnet).add(key, value));
    }
  }

  private recordConnections(): void {
    const logGroup = new logs.LogGroup(this, 'FlowLogGroup', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup) });
  }
}

/** EKS fixes the zones of a control plane when it is made, and asks for two: with three, zones of nodes can be added later. */
const CONTROL_PLANE_ZONES = 3;

/** Zones where EKS puts no control plane, by region. */
const ZONES_WITHOUT_CONTROL_PLANE: { readonly [region: string]: string } = {
  'ca-central-1': 'cac1-az3',
  'us-east-1': 'use1-az3',
  'us-west-1': 'usw1-az2',
};

/** A VPC that is not ours: nothing in it is tagged or changed. */
class ExistingNetwork implements IInferenceNetwork {
  public readonly controlPlaneSubnets: ec2.SubnetSelection;
  public readonly nodeSubnets: ec2.SubnetSelection;
  public readonly connectivity: IDependable;
  public readonly nodeSubnetTags?: { readonly [key: string]: string };

  constructor(
    public readonly vpc: ec2.IVpc,
    options: ExistingNetworkOptions,
  ) {
    const withEgress = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
    this.controlPlaneSubnets = options.controlPlaneSubnets ?? withEgress;
    this.nodeSubnets = options.nodeSubnets ?? withEgress;
    this.connectivity = vpc;
    this.nodeSubnetTags = options.nodeSubnetTags;
  }
}

/**
 * `ec2.Vpc` asks the stack for its zones even when it is given some, which makes the CLI look them up: a synth without
 * credentials would fail in a stack that names its account.
 */
function withoutZoneLookup<T>(stack: Stack, create: () => T): T {
  Object.defineProperty(stack, 'availabilityZones', { configurable: true, get: () => [] });
  try {
    return create();
  } finally {
    Reflect.deleteProperty(stack, 'availabilityZones'); // the getter of the class shows again
  }
}

/**
 * `eks.Cluster` depends on the whole VPC when its endpoint is private, so the control plane (about nine minutes) would
 * wait for the NAT gateways (about two), which it does not need. Nodes and functions do: they depend on `connectivity`.
 */
function dependOnSubnetsOnly(vpc: ec2.Vpc): void {
  const subnets = [...vpc.publicSubnets, ...vpc.privateSubnets].map((subnet) => subnet.node.findChild('Subnet'));
  Dependable.implement(vpc, { dependencyRoots: subnets });
}
