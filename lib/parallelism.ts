/** Sizes of the ways to split a model over devices. */
export interface ParallelismSizes {
  /**
   * Devices that share every layer: each holds a slice of its heads and matrices.
   * @default - the smallest power of two that fits
   */
  readonly tensor?: number;

  /**
   * Stages that hold consecutive layers, one after the other.
   * @default - one stage for every node
   */
  readonly pipeline?: number;

  /**
   * Copies of the attention layers in one replica, each with requests of its own.
   * @default 1
   */
  readonly data?: number;

  /**
   * Give each rank whole experts instead of a slice of every expert.
   * @default - only where slicing the experts is impossible
   */
  readonly expert?: boolean;
}

/** How a model is split over devices. Sizes that are not given are chosen by the placement. */
export class Parallelism {
  /**
   * Parallel sizes.
   *
   * @throws when a size is not a positive integer
   */
  public static of(sizes: ParallelismSizes): Parallelism {
    return new Parallelism(sizes);
  }

  /** Devices that share every layer. Absent: chosen by the placement. */
  public readonly tensor?: number;
  /** Stages of consecutive layers. Absent: chosen by the placement. */
  public readonly pipeline?: number;
  /** Copies of the attention layers. Absent: chosen by the placement. */
  public readonly data?: number;
  /** Whether ranks hold whole experts. Absent: chosen by the placement. */
  public readonly expert?: boolean;

  private constructor(sizes: ParallelismSizes) {
    for (const [prop, size] of [['tensor', sizes.tensor], ['pipeline', sizes.pipeline], ['data', sizes.data]] as const) {
      if (size !== undefined && (!Number.isInteger(size) || size < 1)) {
        throw new Error(`'${prop}' (${size}) must be a positive integer`);
      }
    }
    this.tensor = sizes.tensor;
    this.pipeline = sizes.pipeline;
    this.data = sizes.data;
    this.expert = sizes.expert;
  }

  /** Devices that one replica takes: tensor × pipeline × data, counting sizes that are not given as 1. */
  public get devices(): number {
    return (this.tensor ?? 1) * (this.pipeline ?? 1) * (this.data ?? 1);
  }
}
