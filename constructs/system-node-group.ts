import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { Regions } from '../lib/regions';
import { NodeRole } from './node-role';

/** Options of the system node group. */
export interface SystemNodeGroupOptions {
  /**
   * Instance types in order of preference, all of one architecture.
   *
   * @default - m7g.large where the region has it, then m6g.large: Graviton, about 60 USD a month each in us-east-1
   */
  readonly instanceTypes?: ec2.InstanceType[];

  /**
   * How many nodes run. Nothing scales them: Karpenter cannot make the nodes it runs on itself.
   *
   * @default 2 - Karpenter's two replicas never share a node
   */
  readonly nodes?: number;

  /**
   * Size of each node's data volume, for images and logs, in GiB.
   *
   * @default 50
   */
  readonly dataVolumeSizeGiB?: number;

  /**
   * AMI release, for example `1.64.0-…`.
   *
   * @default - the release that EKS recommends when the group is made; later ones are rolled out on request only
   */
  readonly releaseVersion?: string;

  /**
   * Keep other pods away with the taint `CriticalAddonsOnly`.
   *
   * @default true - only pods that tolerate the taint run here
   */
  readonly tainted?: boolean;
}

/** Properties of the system node group. */
export interface SystemNodeGroupProps extends SystemNodeGroupOptions {
  /** The cluster. */
  readonly cluster: eks.ICluster;

  /**
   * Where the nodes are.
   *
   * @default - the private subnets of the cluster's VPC
   */
  readonly subnets?: ec2.SubnetSelection;

  /**
   * Role of the nodes.
   *
   * @default - a new role that can pull images, join, and give the VPC CNI its permissions
   */
  readonly nodeRole?: iam.IRole;
}

/**
 * A few small nodes for the controllers of the cluster: Karpenter, CoreDNS and the add-ons.
 *
 * They are Bottlerocket on Graviton, need no node that Karpenter could take away, and are repaired by EKS.
 */
export class SystemNodeGroup extends Construct {
  /** Label of the nodes. */
  public static readonly LABEL = 'cdk-eks-inference/nodes';

  /** Value of the label. */
  public static readonly LABEL_VALUE = 'system';

  /** Taint of the nodes; the charts of most controllers tolerate it. */
  public static readonly TAINT = 'CriticalAddonsOnly';

  /** The node group. */
  public readonly nodeGroup: eks.Nodegroup;

  /** Role of the nodes. */
  public readonly nodeRole: iam.IRole;

  /** The instance type that is tried first. */
  public readonly instanceType: ec2.InstanceType;

  /** How many nodes run. */
  public readonly nodes: number;

  /** Volumes of each node, in GiB. */
  public readonly volumesGiB: number;

  constructor(scope: Construct, id: string, props: SystemNodeGroupProps) {
    super(scope, id);
    const nodes = props.nodes ?? 2;
    if (!Token.isUnresolved(nodes) && (!Number.isInteger(nodes) || nodes < 1 || nodes > 100)) {
      throw new Error(`'nodes' (${nodes}) of the system node group must be between 1 and 100: write nodes: 2`);
    }
    const dataVolumeSizeGiB = props.dataVolumeSizeGiB ?? 50;
    if (!Token.isUnresolved(dataVolumeSizeGiB) && dataVolumeSizeGiB < 20) {
      throw new Error(`'dataVolumeSizeGiB' (${dataVolumeSizeGiB}) must be at least 20, or images do not fit: write 50`);
    }
    const instanceTypes = props.instanceTypes ?? gravitonTypes(Stack.of(this).region);
    const launchTemplate = this.launchTemplate(dataVolumeSizeGiB);
    this.instanceType = instanceTypes[0];
    this.nodes = nodes;
    this.volumesGiB = SYSTEM_VOLUME_GIB + dataVolumeSizeGiB;

    this.nodeRole = props.nodeRole ?? new NodeRole(this, 'NodeRole');
    this.nodeGroup = new eks.Nodegroup(this, 'NodeGroup', {
      cluster: props.cluster,
      subnets: props.subnets,
      nodeRole: this.nodeRole,
      instanceTypes,
      amiType: amiTypeOf(instanceTypes),
      releaseVersion: props.releaseVersion,
      launchTemplateSpec: { id: launchTemplate.ref, version: launchTemplate.attrLatestVersionNumber },
      minSize: nodes,
      desiredSize: nodes,
      maxSize: nodes + 1, // room for the replacement while a node is repaired or updated
      maxUnavailable: 1,
      forceUpdate: false,
      enableNodeAutoRepair: true,
      labels: { [SystemNodeGroup.LABEL]: SystemNodeGroup.LABEL_VALUE },
      taints:
        (props.tainted ?? true)
          ? [{ key: SystemNodeGroup.TAINT, value: 'true', effect: eks.TaintEffect.NO_SCHEDULE }]
          : undefined,
    });
  }

  /** Encrypted disks, and an instance metadata service that pods cannot reach: they have Pod Identity. */
  private launchTemplate(dataVolumeSizeGiB: number): ec2.CfnLaunchTemplate {
    const encrypted = { encrypted: true, volumeType: 'gp3', deleteOnTermination: true };
    return new ec2.CfnLaunchTemplate(this, 'LaunchTemplate', {
      launchTemplateData: {
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          { deviceName: '/dev/xvda', ebs: { ...encrypted, volumeSize: SYSTEM_VOLUME_GIB } }, // Bottlerocket's own, read-only
          { deviceName: '/dev/xvdb', ebs: { ...encrypted, volumeSize: dataVolumeSizeGiB } },
        ],
        tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
          resourceType,
          tags: [{ key: 'Name', value: this.node.path }],
        })),
      },
    });
  }
}

/** Size of Bottlerocket's system volume, in GiB. */
const SYSTEM_VOLUME_GIB = 4;

/** Every region has m6g, a few have no m7g yet. EKS refuses a list with a type that its region does not have. */
function gravitonTypes(region: string): ec2.InstanceType[] {
  const hasM7g = !Regions.isKnown(region) || Regions.sells(region, 'm7g.large');
  return (hasM7g ? ['m7g.large', 'm6g.large'] : ['m6g.large']).map((type) => new ec2.InstanceType(type));
}

function amiTypeOf(instanceTypes: readonly ec2.InstanceType[]): eks.NodegroupAmiType {
  const architectures = new Set(instanceTypes.map((type) => type.architecture));
  if (architectures.size !== 1) {
    throw new Error(
      `'instanceTypes' (${instanceTypes.join(', ')}) of the system node group must all be Graviton or all be x86: ` +
        'leave the others out',
    );
  }
  return architectures.has(ec2.InstanceArchitecture.ARM_64)
    ? eks.NodegroupAmiType.BOTTLEROCKET_ARM_64
    : eks.NodegroupAmiType.BOTTLEROCKET_X86_64;
}
