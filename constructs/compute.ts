import type { KarpenterOptions } from './karpenter';
import type { SystemNodeGroupOptions } from './system-node-group';

/** Options of a cluster whose nodes Karpenter starts. */
export interface KarpenterComputeOptions extends KarpenterOptions {
  /**
   * The nodes for controllers.
   *
   * @default - two Graviton nodes
   */
  readonly systemNodes?: SystemNodeGroupOptions;
}

/** Who starts the nodes of a cluster. */
export class Compute {
  /**
   * Karpenter, installed here on a few nodes for controllers. It knows every kind of accelerator, capacity reservations,
   * AMIs, disks and EFA; you upgrade it.
   */
  public static karpenter(options: KarpenterComputeOptions = {}): Compute {
    return new Compute(options);
  }

  /**
   * EKS Auto Mode: EKS starts, patches and replaces nodes, and brings networking, storage and device plugins. It costs
   * about 12 % on top of each instance, and leaves AMIs, disks and kubelet settings to EKS.
   */
  public static autoMode(): Compute {
    return new Compute(undefined);
  }

  private constructor(
    /** Options of Karpenter, absent with EKS Auto Mode. */
    public readonly karpenterOptions?: KarpenterComputeOptions,
  ) {}

  /** Whether EKS Auto Mode starts the nodes. */
  public get isAutoMode(): boolean {
    return this.karpenterOptions === undefined;
  }
}
