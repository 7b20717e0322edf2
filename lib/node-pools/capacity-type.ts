/** How the capacity of a node is bought. Karpenter prefers them in this order: reserved, spot, on-demand. */
export enum CapacityType {
  /** Capacity reservations and Capacity Blocks, which the pool must name. */
  RESERVED = 'reserved',
  /** Kept until you let it go. */
  ON_DEMAND = 'on-demand',
  /** Cheaper, and taken back on two minutes' notice: less than a large model needs to finish its answers and load again. */
  SPOT = 'spot',
}
