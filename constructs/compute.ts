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

/** Options of a cluster whose nodes EKS Auto Mode starts. */
export interface AutoModeComputeOptions {
  /**
   * Keep the built-in pool `general-purpose`: x86 nodes on demand for pods that ask for nothing special, without a limit
   * on how many. Without it such pods, model servers on x86 among them, need a pool of yours.
   *
   * @default true
   */
  readonly generalPurposePool?: boolean;
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
  public static autoMode(options: AutoModeComputeOptions = {}): Compute {
    return new Compute(undefined, options);
  }

  private constructor(
    /** Options of Karpenter, absent with EKS Auto Mode. */
    public readonly karpenterOptions?: KarpenterComputeOptions,
    /** Options of EKS Auto Mode, absent with Karpenter. */
    public readonly autoModeOptions?: AutoModeComputeOptions,
  ) {}

  /** Whether EKS Auto Mode starts the nodes. */
  public get isAutoMode(): boolean {
    return this.autoModeOptions !== undefined;
  }

  /** The node pools that EKS brings: none with Karpenter. */
  public get builtInPools(): string[] {
    if (!this.autoModeOptions) return [];
    return (this.autoModeOptions.generalPurposePool ?? true) ? ['system', 'general-purpose'] : ['system'];
  }
}
