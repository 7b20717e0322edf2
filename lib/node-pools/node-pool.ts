import type { Accelerator } from '../accelerators/accelerator';
import type { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import type { AutoModeNodeClassSpec } from '../resources/auto-mode-node-class';
import type { Ec2NodeClassSpec } from '../resources/ec2-node-class';
import type { KarpenterNodePoolSpec } from '../resources/node-pool';
import type { NodeOverlaySpec } from '../resources/node-overlay';
import type { NodeEnvironment } from './node-environment';

/** Software without which pods do not get the devices of a pool's nodes. */
export enum DeviceSoftware {
  /** Advertises `nvidia.com/gpu`. Bottlerocket and EKS Auto Mode bring their own. */
  NVIDIA_DEVICE_PLUGIN = 'nvidia-device-plugin',
  /** Advertises `aws.amazon.com/neuron`. EKS Auto Mode brings its own. */
  NEURON_DEVICE_PLUGIN = 'neuron-device-plugin',
  /** Advertises `vpc.amazonaws.com/efa`. */
  EFA_DEVICE_PLUGIN = 'efa-device-plugin',
}

/** Alpha features of Karpenter that a pool needs switched on in the controller's settings. */
export enum KarpenterFeatureGate {
  /** Pools with a fixed number of nodes. */
  STATIC_CAPACITY = 'StaticCapacity',
  /** Resources and prices that EC2 does not report. */
  NODE_OVERLAY = 'NodeOverlay',
}

/** Which nodes may come: one strategy for each kind of hardware. */
export interface INodePool {
  /** What computes in the nodes. */
  readonly kind: AcceleratorKind;

  /** Processor architecture of the nodes. A pool has one. */
  readonly architecture: CpuArchitecture;

  /** The instance types that may come, as far as the catalogue has them: none for x86 without accelerators. */
  readonly instanceTypes: Accelerator[];

  /**
   * What the pool is on one cluster.
   *
   * @throws when an option cannot work there, or when the region sells none of the instance types
   */
  bind(context: NodePoolContext): NodePoolConfig;
}

/** Where a pool is made. */
export interface NodePoolContext {
  /** Name of the NodePool and of its node class. */
  readonly name: string;
  /** The cluster. */
  readonly environment: NodeEnvironment;
}

/** What a pool is on one cluster: the objects to apply, and what has to be there for them to work. */
export interface NodePoolConfig {
  /** Spec of the NodePool. */
  readonly nodePool: KarpenterNodePoolSpec;

  /**
   * Spec of the node class under Karpenter.
   * @default - the pool is for EKS Auto Mode
   */
  readonly ec2NodeClass?: Ec2NodeClassSpec;

  /**
   * Spec of the node class under EKS Auto Mode.
   * @default - the pool is for Karpenter
   */
  readonly autoModeNodeClass?: AutoModeNodeClassSpec;

  /**
   * Fields to merge into the NodePool as a JSON merge patch.
   * @default - none
   */
  readonly nodePoolOverrides?: { readonly [field: string]: unknown };

  /**
   * Fields to merge into the node class as a JSON merge patch.
   * @default - none
   */
  readonly nodeClassOverrides?: { readonly [field: string]: unknown };

  /**
   * Resources of the nodes that EC2 does not report: fractions of a GPU.
   * @default - EC2 reports what the nodes have
   */
  readonly nodeOverlay?: NodeOverlaySpec;

  /**
   * Whether the nodes pull and unpack the layers of an image in parallel: what the time of a start depends on.
   * @default - not known; EKS Auto Mode decides it for each instance type
   */
  readonly parallelPull?: boolean;

  /** Device software that must run on the nodes. */
  readonly requires: DeviceSoftware[];

  /** Feature gates that must be on in the Karpenter controller. */
  readonly featureGates: KarpenterFeatureGate[];

  /** What may disappoint but is not wrong. */
  readonly warnings: NodePoolWarning[];
}

/** Something to know of a pool. The construct hands it on as a warning that can be acknowledged. */
export interface NodePoolWarning {
  /** Stable id, without the library's prefix: `fewer-zones`. */
  readonly id: string;
  /** What it is, and what to do about it. */
  readonly message: string;
}
