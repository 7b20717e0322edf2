import type { Duration } from 'aws-cdk-lib';

/** How Karpenter treats what pods prefer but do not require. */
export enum PreferencePolicy {
  /** Preferences count when a node is chosen; they are dropped only when nothing fits. */
  RESPECT = 'Respect',
  /** Preferences do not count: fewer and cheaper nodes. */
  IGNORE = 'Ignore',
}

/** Settings of the Karpenter controller. */
export interface KarpenterSettings {
  /**
   * How long to wait for more pending pods before nodes are chosen.
   *
   * @default Duration.seconds(1)
   */
  readonly batchIdle?: Duration;

  /**
   * The longest time to collect pending pods.
   *
   * @default Duration.seconds(10)
   */
  readonly batchMax?: Duration;

  /**
   * Share of a node's memory that the hypervisor and the kernel take, above 0 and below 1. The plan counts with it too,
   * unless it is known at deployment only.
   *
   * @default 0.075
   */
  readonly vmMemoryOverhead?: number;

  /**
   * How preferences of pods are treated.
   *
   * @default PreferencePolicy.RESPECT
   */
  readonly preferences?: PreferencePolicy;

  /**
   * The VPC has no way out: do not ask for prices, which have no endpoint in a VPC.
   *
   * @default false
   */
  readonly isolatedVpc?: boolean;

  /**
   * Do not start nodes in a zone that Amazon Application Recovery Controller has shifted away from.
   *
   * @default false
   */
  readonly zonalShift?: boolean;
}

/** Features of the Karpenter controller that are not generally available. */
export interface KarpenterFeatureGates {
  /**
   * Use On-Demand Capacity Reservations and Capacity Blocks that a pool selects (beta).
   *
   * @default true
   */
  readonly reservedCapacity?: boolean;

  /**
   * Pools with a fixed number of nodes (alpha). Has no effect without such a pool.
   *
   * @default true
   */
  readonly staticCapacity?: boolean;

  /**
   * Replace nodes that the node monitoring agent finds broken (alpha). Model servers on them are moved.
   *
   * @default false
   */
  readonly nodeRepair?: boolean;

  /**
   * Reboot a node instead of replacing it where that clears the fault of the GPU (alpha). Needs 'nodeRepair'.
   *
   * @default false
   */
  readonly rebootForRepair?: boolean;

  /**
   * Prices and resources that EC2 does not report, such as shares of a GPU (alpha).
   *
   * @default - on when a node pool needs it
   */
  readonly nodeOverlay?: boolean;

  /**
   * Nodes kept ready for pods that do not exist yet (alpha).
   *
   * @default false
   */
  readonly capacityBuffer?: boolean;

  /**
   * Replace spot nodes by cheaper spot nodes (alpha).
   *
   * @default false
   */
  readonly spotToSpotConsolidation?: boolean;

  /**
   * Count devices that pods claim by Dynamic Resource Allocation, NVIDIA GPUs and EFA (alpha, Kubernetes 1.34 or newer).
   *
   * @default false
   */
  readonly dynamicResourceAllocation?: boolean;
}
