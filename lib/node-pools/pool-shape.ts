import { AcceleratorKind, type CpuArchitecture } from '../accelerators/accelerator-kind';
import type { AcceleratedPoolOptions } from './accelerated-pool-options';
import { InstanceSelection } from './instance-selection';
import { NodeOs } from './node-os';
import { checkNodePoolOptions } from './node-pool-checks';

/** What a class of pools fixes, and what its user chose. */
export interface PoolShapeProps {
  /** Class of the pool, for messages. */
  readonly pool: string;
  readonly kind: AcceleratorKind;
  readonly architecture: CpuArchitecture;
  /** Families that come without being named. */
  readonly defaultFamilies: string[];
  /** Families that can be named although the catalogue of accelerators does not have them. */
  readonly uncataloguedFamilies?: string[];
  readonly options: AcceleratedPoolOptions;
}

/**
 * What a pool is, wherever it is made: the part that all classes of pools share, checked when the pool is made.
 *
 * @internal
 */
export class PoolShape {
  public readonly kind: AcceleratorKind;
  public readonly architecture: CpuArchitecture;
  public readonly options: AcceleratedPoolOptions;
  public readonly selection: InstanceSelection;
  /** Taint, and resource, of the devices; none without accelerators. */
  public readonly taintKey?: string;

  constructor(props: PoolShapeProps) {
    checkNodePoolOptions(props.options, props.kind !== AcceleratorKind.CPU);
    this.kind = props.kind;
    this.architecture = props.architecture;
    this.options = props.options;
    this.selection = new InstanceSelection(props);
    this.taintKey = this.selection.types[0]?.taintKey;
    this.requireRoomForOneNode();
  }

  /** Whether the pool has accelerators. */
  public get accelerated(): boolean {
    return this.kind !== AcceleratorKind.CPU;
  }

  /** Whether nodes that Karpenter launches run Bottlerocket. */
  public get runsBottlerocket(): boolean {
    return (this.options.os ?? NodeOs.BOTTLEROCKET) === NodeOs.BOTTLEROCKET;
  }

  /** Whether images are pulled in parallel on nodes that Karpenter launches. */
  public get parallelPull(): boolean {
    return this.options.parallelPull ?? this.accelerated;
  }

  /** A limit of 0 closes a pool on purpose; a smaller one than its smallest node is a mistake. */
  private requireRoomForOneNode(): void {
    const { types } = this.selection;
    const { devices, vcpus } = this.options.limits ?? {};
    const smallest = { devices: Math.min(...types.map((type) => type.nodeDevices)), vcpus: Math.min(...types.map((type) => type.vcpus)) };
    for (const [name, value, least] of [
      ['devices', devices, smallest.devices],
      ['vcpus', vcpus, smallest.vcpus],
    ] as const) {
      if (types.length > 0 && value !== undefined && value > 0 && value < least) {
        throw new Error(`'limits.${name}' (${value}) is below the ${least} of the smallest instance type, so no node can come: write ${least} or more`);
      }
    }
  }
}
