import type { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-34';
import type { Accelerator } from '../accelerators/accelerator';
import type { CapacityReservation } from './capacity-reservation';
import type { CapacityType } from './capacity-type';
import type { NodeOs } from './node-os';
import type { PlacementGroup } from './placement-group';

/** What the nodes of a pool may be together. Karpenter launches no node that would pass a limit. */
export interface NodePoolLimits {
  /**
   * Accelerator devices.
   * @default - not limited by devices
   */
  readonly devices?: number;
  /**
   * vCPUs.
   * @default - not limited by vCPUs
   */
  readonly vcpus?: number;
  /**
   * Memory of the nodes in GiB.
   * @default - not limited by memory
   */
  readonly memoryGiB?: number;
  /**
   * Nodes.
   * @default - not limited by number; a static pool: one more than `replicas`, so that a node can be replaced
   */
  readonly nodes?: number;
}

/** Why Karpenter wants to remove a node. */
export enum DisruptionReason {
  /** No pod but those of DaemonSets is on it. */
  EMPTY = 'Empty',
  /** It is no longer what its pool says: another AMI, other user data. */
  DRIFTED = 'Drifted',
  /** Its pods would fit on fewer or cheaper nodes. */
  UNDERUTILIZED = 'Underutilized',
}

/** How many nodes may be disrupted at once, and when. */
export interface DisruptionBudget {
  /** A number of nodes, `1`, or a share of the pool, `10%`. `0` forbids disruption while the budget holds. */
  readonly nodes: string;
  /**
   * When the budget begins to hold: a cron expression in UTC. It needs a `duration`.
   * @default - it holds always
   */
  readonly schedule?: string;
  /**
   * How long the budget holds from each time of its schedule, in whole minutes.
   * @default - it holds always
   */
  readonly duration?: Duration;
  /**
   * What it is for.
   * @default - every reason
   */
  readonly reasons?: DisruptionReason[];
}

/**
 * When nodes go that nobody asked to go. The defaults never take a node with a serving pod for a better price: only
 * empty nodes are removed, and no node is too old.
 *
 * A change of the pool (a newer AMI) still replaces its nodes: one at a time, the new node first, and pods leave by
 * their own grace period and PodDisruptionBudget. Nodes under a group of several nodes or the head of a Ray cluster stay
 * until their pods go or `terminationGracePeriod` is over.
 */
export interface NodeDisruption {
  /**
   * How long a node stays empty before it is removed. A warm node has the image and compiled kernels of the model.
   * @default Duration.minutes(10)
   */
  readonly consolidateAfter?: Duration;
  /**
   * How many nodes may be disrupted at once. Of several budgets the strictest that holds counts.
   * @default - every empty node, and of the others one at a time
   */
  readonly budgets?: DisruptionBudget[];
  /**
   * Age at which a node is drained by force, without a replacement first.
   * @default - never; EKS Auto Mode ends nodes after 21 days at the latest, so there 20 days and a day to drain
   */
  readonly expireAfter?: Duration;
  /**
   * How long a drain may wait for pods. After it they are deleted, whatever their PodDisruptionBudgets say.
   * @default - as long as it takes; under EKS Auto Mode 24 hours
   */
  readonly terminationGracePeriod?: Duration;
}

/** The volume that holds images, logs and emptyDirs on nodes without local NVMe. It is gp3 and encrypted. */
export interface DataVolume {
  /**
   * Size in GiB.
   * @default - 300 on accelerated pools, 200 on others, 50 where images are on local NVMe; the size of the snapshot if there is one
   */
  readonly sizeGiB?: number;
  /**
   * Input and output operations a second.
   * @default - 16000 where images are pulled in parallel onto it, otherwise 3000
   */
  readonly iops?: number;
  /**
   * MiB a second, at most a quarter of `iops`. Unpacking an image in parallel is slower than in sequence below 600.
   * @default - 1000 where images are pulled in parallel onto it, otherwise 125
   */
  readonly throughputMiBps?: number;
  /**
   * Key that the volumes of the node are encrypted with: its ARN, id or alias.
   * @default - the account's key for EBS
   */
  readonly kmsKeyId?: string;
  /**
   * Snapshot of a data volume with images in it, taken from a node with the same operating system and the same
   * `parallelPull`: another snapshotter does not see the images. Local NVMe would hide it and stays unused.
   * @default - the volume is empty
   */
  readonly snapshotId?: string;
  /**
   * MiB a second at which EBS reads the snapshot ahead, 100 to 300. It is billed for each volume.
   * @default - blocks are read from the snapshot when they are first used, which is slow
   */
  readonly initializationRateMiBps?: number;
}

/** Options that every node pool has. */
export interface NodePoolOptions {
  /**
   * Instance families that may come: `['g6', 'g6e']`.
   * @default - the families that fit the kind of pool
   */
  readonly families?: string[];
  /**
   * Instance types that may come, instead of families.
   * @default - every type of the families, but bare metal
   */
  readonly instanceTypes?: Accelerator[];
  /**
   * vCPUs that a node must have at least.
   * @default - any number
   */
  readonly minVcpus?: number;
  /**
   * Memory in GiB that a node must have at least.
   * @default - any amount
   */
  readonly minMemoryGiB?: number;

  /**
   * How capacity may be bought.
   * @default - the reservations, then on-demand; reservations alone with `capacityBlocksOnly`
   */
  readonly capacityTypes?: CapacityType[];
  /**
   * On-Demand Capacity Reservations and Capacity Blocks to use. Each is in one zone, and Karpenter chooses the zone of
   * pods that are spread or stay together before it looks at how a node is bought: keep the pool to the zones of its
   * reservations by `zones` or `zoneIds`. Model servers of an InferenceCluster that such a pool serves are not spread over
   * zones, unless they say so.
   * @default - none
   */
  readonly reservations?: CapacityReservation[];
  /**
   * Only take Capacity Blocks. Their nodes are drained from 40 minutes before the block ends.
   * @default false
   */
  readonly capacityBlocksOnly?: boolean;
  /**
   * A fixed number of nodes, there whether pods ask for them or not (feature gate StaticCapacity). A pool cannot change
   * between fixed and free: give it another name.
   * @default - nodes come and go with the pods
   */
  readonly replicas?: number;
  /**
   * What the nodes may be together. It caps the spend.
   * @default - as many devices as the largest type has, at least 8; 256 vCPUs without accelerators
   */
  readonly limits?: NodePoolLimits;
  /**
   * Preference against other pools for the same pods, 1 to 100: the highest is tried first.
   * @default - none
   */
  readonly weight?: number;

  /**
   * Availability Zones by name: `us-west-2a`.
   * @default - the zones of the cluster's subnets
   */
  readonly zones?: string[];
  /**
   * Availability Zones by id, which mean the same zone in every account: `usw2-az1`.
   * @default - the zones of the cluster's subnets
   */
  readonly zoneIds?: string[];
  /**
   * Placement group of the nodes.
   * @default - none
   */
  readonly placementGroup?: PlacementGroup;

  /**
   * Labels of the nodes, besides those that Karpenter sets.
   * @default - none
   */
  readonly labels?: { readonly [key: string]: string };
  /**
   * Taints of the nodes, besides that of the accelerator.
   * @default - none
   */
  readonly taints?: k8s.Taint[];
  /**
   * When nodes are removed.
   * @default - when they have been empty for ten minutes
   */
  readonly disruption?: NodeDisruption;

  /**
   * Operating system. Not with EKS Auto Mode.
   * @default NodeOs.BOTTLEROCKET
   */
  readonly os?: NodeOs;
  /**
   * AMI: family and pinned version, `bottlerocket@v1.64.0`. Not with EKS Auto Mode.
   * @default - the version this library was tested with
   */
  readonly amiAlias?: string;
  /**
   * Volume of images, logs and emptyDirs.
   * @default - sized for the images of inference engines
   */
  readonly dataVolume?: DataVolume;
  /**
   * Keep images, logs and emptyDirs on local NVMe where a type has it. Not with EKS Auto Mode, which always does.
   * @default - true, unless the data volume starts from a snapshot
   */
  readonly instanceStore?: boolean;
  /**
   * Pull and unpack the layers of an image in parallel (SOCI snapshotter, no index needed). Not with EKS Auto Mode,
   * which does so by itself on G, P and Trn types with local NVMe.
   * @default - true with accelerators, whose images have several GiB
   */
  readonly parallelPull?: boolean;
  /**
   * Pods on a node. Not with EKS Auto Mode, which allows 110.
   * @default - what the network interfaces of the type have addresses for
   */
  readonly maxPods?: number;
  /**
   * User data to add. Not with EKS Auto Mode.
   *
   * - Bottlerocket: settings as TOML, which win over those of the pool. Karpenter's own win over both.
   * - AL2023: a shell script that begins with `#!`, or a NodeConfig as YAML.
   * @default - none
   */
  readonly userData?: string;
  /**
   * Tags of instances, volumes and network interfaces, besides those of the provisioner (`karpenter.sh/nodepool`, …).
   * @default - none
   */
  readonly tags?: { readonly [key: string]: string };

  /**
   * Fields to merge into the NodePool as a JSON merge patch (RFC 7386), for what has no property here.
   * @default - none
   */
  readonly nodePoolOverrides?: { readonly [field: string]: unknown };
  /**
   * Fields to merge into the node class as a JSON merge patch (RFC 7386), for what has no property here.
   * @default - none
   */
  readonly nodeClassOverrides?: { readonly [field: string]: unknown };
}
