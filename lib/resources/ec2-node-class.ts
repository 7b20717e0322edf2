import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';

/** Resources of the account by their tags or their id. */
export interface ResourceSelectorTerm {
  /** Tags that the resource must have. */
  readonly tags?: { readonly [key: string]: string };
  /** Its id. */
  readonly id?: string;
}

/** An AMI. */
export interface AmiSelectorTerm {
  /** Family and version: `bottlerocket@v1.64.0`. The variant follows from the instance type. */
  readonly alias: string;
}

/** A capacity reservation of EC2. */
export interface CapacityReservationSelectorTerm {
  /** Its id, alone: `cr-0123456789abcdef0`. */
  readonly id?: string;
  /** Tags that it must have. */
  readonly tags?: { readonly [key: string]: string };
  /** Account that owns it, twelve digits. */
  readonly ownerID?: string;
}

/** A placement group, by its name or its id. */
export interface PlacementGroupSelector {
  /** Its name. */
  readonly name?: string;
  /** Its id: `pg-0123456789abcdef0`. */
  readonly id?: string;
}

/** One network interface of every node. */
export interface NodeNetworkInterface {
  /** Network card of the instance. */
  readonly networkCardIndex: number;
  /** Device on the card. */
  readonly deviceIndex: number;
  /** `interface`, which has an address, or `efa-only`, which has none. */
  readonly interfaceType: string;
}

/** An EBS volume. */
export interface EbsBlockDevice {
  /** Size: `300Gi`. A snapshot gives its own. */
  readonly volumeSize?: string;
  /** `gp3`. */
  readonly volumeType: string;
  /** Input and output operations a second. */
  readonly iops?: number;
  /** MiB a second. */
  readonly throughput?: number;
  /** Whether it is encrypted. */
  readonly encrypted: boolean;
  /** Key it is encrypted with. */
  readonly kmsKeyID?: string;
  /** Snapshot it starts from. */
  readonly snapshotID?: string;
  /** MiB a second at which the snapshot is read ahead. */
  readonly volumeInitializationRate?: number;
  /** Whether it goes with the node. */
  readonly deleteOnTermination: boolean;
}

/** A volume and where it is attached. */
export interface BlockDeviceMapping {
  /** Device: `/dev/xvdb`. */
  readonly deviceName: string;
  /** The volume. */
  readonly ebs: EbsBlockDevice;
}

/** Access to the instance metadata service. */
export interface NodeMetadataOptions {
  /** `required` for version 2 alone. */
  readonly httpTokens: string;
  /** Network hops that an answer may take: 1 keeps it from pods. */
  readonly httpPutResponseHopLimit: number;
}

/** Settings of the kubelet. */
export interface KubeletSettings {
  /** Pods on a node. */
  readonly maxPods?: number;
}

/** Spec of an EC2NodeClass. */
export interface Ec2NodeClassSpec {
  /** Name of the IAM role of the nodes, or an instance profile. */
  readonly role?: string;
  /** Name of the instance profile, or a role. */
  readonly instanceProfile?: string;
  /** AMIs. */
  readonly amiSelectorTerms: AmiSelectorTerm[];
  /** Subnets. */
  readonly subnetSelectorTerms: ResourceSelectorTerm[];
  /** Security groups. */
  readonly securityGroupSelectorTerms: ResourceSelectorTerm[];
  /** Capacity reservations that may be used. */
  readonly capacityReservationSelectorTerms?: CapacityReservationSelectorTerm[];
  /** Placement group. */
  readonly placementGroupSelector?: PlacementGroupSelector;
  /** Network interfaces of every node. */
  readonly networkInterfaces?: NodeNetworkInterface[];
  /** Volumes. */
  readonly blockDeviceMappings: BlockDeviceMapping[];
  /** `RAID0` joins local NVMe disks and keeps images, logs and emptyDirs on them. */
  readonly instanceStorePolicy?: string;
  /** Instance metadata service. */
  readonly metadataOptions: NodeMetadataOptions;
  /** Kubelet. */
  readonly kubelet?: KubeletSettings;
  /** User data, merged with Karpenter's own. */
  readonly userData?: string;
  /** Tags of instances, volumes and network interfaces. */
  readonly tags?: { readonly [key: string]: string };
}

/** Properties of an EC2NodeClass. */
export interface Ec2NodeClassProps {
  /** Name and labels. */
  readonly metadata: ApiObjectMetadata;
  /** What the nodes are made of. */
  readonly spec: Ec2NodeClassSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** EC2NodeClass of Karpenter's AWS provider (`karpenter.k8s.aws/v1`): what nodes are made of. */
export class Ec2NodeClass extends ApiObject {
  constructor(scope: Construct, id: string, props: Ec2NodeClassProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'karpenter.k8s.aws/v1', kind: 'EC2NodeClass', ...object }, overrides));
  }
}
