import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import type { NodeNetworkInterface, PlacementGroupSelector, ResourceSelectorTerm } from './ec2-node-class';
import { mergePatch } from './merge-patch';

/** The disk of images, logs and emptyDirs. On types with local NVMe those are on that instead. */
export interface AutoModeEphemeralStorage {
  /** Size: `300Gi`. */
  readonly size: string;
  /** Input and output operations a second. */
  readonly iops: number;
  /** MiB a second. */
  readonly throughput: number;
  /** Key it is encrypted with. */
  readonly kmsKeyID?: string;
}

/** A capacity reservation of EC2. */
export interface AutoModeCapacityReservationTerm {
  /** Its id, alone: `cr-0123456789abcdef0`. */
  readonly id?: string;
  /** Tags that it must have. */
  readonly tags?: { readonly [key: string]: string };
  /** Account that owns it, twelve digits. */
  readonly owner?: string;
}

/** One network interface of every node. */
export interface AutoModeNetworkInterface extends NodeNetworkInterface {
  /** Prefixes of 16 addresses for pods, on the first network card only. Nodes get no more after launch. */
  readonly secondaryIPv4PrefixCount?: number;
}

/** Network settings beyond subnets and security groups. */
export interface AutoModeAdvancedNetworking {
  /** Network interfaces of every node. */
  readonly networkInterfaces?: AutoModeNetworkInterface[];
}

/** Spec of a NodeClass. */
export interface AutoModeNodeClassSpec {
  /** Name of the IAM role of the nodes, or an instance profile. */
  readonly role?: string;
  /** Name of the instance profile, or a role. */
  readonly instanceProfile?: string;
  /** Subnets. */
  readonly subnetSelectorTerms: ResourceSelectorTerm[];
  /** Security groups. */
  readonly securityGroupSelectorTerms: ResourceSelectorTerm[];
  /** Disk. */
  readonly ephemeralStorage: AutoModeEphemeralStorage;
  /** Capacity reservations that may be used. */
  readonly capacityReservationSelectorTerms?: AutoModeCapacityReservationTerm[];
  /** Placement group. */
  readonly placementGroupSelector?: PlacementGroupSelector;
  /** Network interfaces. */
  readonly advancedNetworking?: AutoModeAdvancedNetworking;
  /** Tags of instances, volumes and network interfaces. */
  readonly tags?: { readonly [key: string]: string };
}

/** Properties of a NodeClass. */
export interface AutoModeNodeClassProps {
  /** Name and labels. */
  readonly metadata: ApiObjectMetadata;
  /** What the nodes are made of. */
  readonly spec: AutoModeNodeClassSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** NodeClass of EKS Auto Mode (`eks.amazonaws.com/v1`): what nodes are made of. AMI, kubelet and user data are AWS's. */
export class AutoModeNodeClass extends ApiObject {
  constructor(scope: Construct, id: string, props: AutoModeNodeClassProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'eks.amazonaws.com/v1', kind: 'NodeClass', ...object }, overrides));
  }
}
