import type { NodePoolOptions } from './node-pool-options';

/** Options of a pool with accelerators. */
export interface AcceleratedPoolOptions extends NodePoolOptions {
  /**
   * Devices that a node must have at least. A floor of 8 keeps p5.4xlarge out of a pool of p5.
   * @default - any number
   */
  readonly minDevices?: number;
  /**
   * Devices that a node may have at most.
   * @default - any number
   */
  readonly maxDevices?: number;
  /**
   * Memory in MiB that each device must have at least, as EC2 reports it: 22888 for the "24 GB" of L4 and A10G.
   * @default - any amount
   */
  readonly minDeviceMemoryMiB?: number;
  /**
   * Launch nodes with all their Elastic Fabric Adapters. The first interface has the address, all others are EFA-only
   * and take none. All types of the pool must have the same network cards.
   *
   * Without it, Karpenter attaches adapters that take an address each, to nodes whose pods ask for
   * `vpc.amazonaws.com/efa`.
   * @default - true where all types have the same two or more adapters
   */
  readonly efa?: boolean;
}
