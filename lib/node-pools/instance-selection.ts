import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, type CpuArchitecture } from '../accelerators/accelerator-kind';
import { catalogueTypes } from '../accelerators/catalogue-types';
import type { NodeLabels } from '../accelerators/node-labels';
import { nearestNames } from '../nearest-names';
import type { NodeRequirement } from '../resources/node-pool';
import type { AcceleratedPoolOptions } from './accelerated-pool-options';

/** The kind of pool that instance types are chosen for. */
export interface InstanceSelectionProps {
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

/** The classes of pools, to name the right one. */
const POOLS: { readonly [kind in AcceleratorKind]: string } = {
  [AcceleratorKind.NVIDIA]: 'GpuPool',
  [AcceleratorKind.INFERENTIA]: 'InferentiaPool',
  [AcceleratorKind.TRAINIUM]: 'TrainiumPool',
  [AcceleratorKind.CPU]: 'GravitonPool or X86Pool',
};

/**
 * Which instance types a pool lets in: families without bare metal, or types by name, above the floors.
 *
 * What Karpenter is told is the same set that the rest of the pool is made for: families where no floor cuts into
 * them, otherwise the types one by one.
 *
 * @internal
 */
export class InstanceSelection {
  /** The types, as far as the catalogue has them. */
  public readonly types: Accelerator[];
  private readonly families: string[];
  private readonly byType: boolean;

  constructor(private readonly props: InstanceSelectionProps) {
    const { options } = props;
    if (options.families && options.instanceTypes) {
      throw new Error("'families' and 'instanceTypes' cannot both be set: leave one of them out");
    }
    requireSome('families', options.families);
    requireSome('instanceTypes', options.instanceTypes);
    for (const floor of ['minVcpus', 'minMemoryGiB', 'minDevices', 'maxDevices', 'minDeviceMemoryMiB'] as const) {
      const value = options[floor];
      if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
        throw new Error(`'${floor}' (${value}) must be a positive integer: leave it out for no bound`);
      }
    }

    this.families = options.families ?? props.defaultFamilies;
    const candidates = options.instanceTypes ?? this.families.flatMap((family) => this.typesOf(family));
    candidates.forEach((type) => this.requireRightKind(type));
    this.types = candidates.filter((type) => this.passes(type));
    this.byType = options.instanceTypes !== undefined || this.types.length < candidates.length;
    if (this.types.length === 0 && candidates.length > 0) {
      throw new Error(`${this.floors()} lets no instance type in: the largest is ${describe(largest(candidates))}`);
    }
  }

  /** The requirements that let exactly these types in. */
  public requirements(labels: NodeLabels): NodeRequirement[] {
    if (this.byType) {
      return [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: this.types.map((type) => type.instanceType) }];
    }
    const { minVcpus, minMemoryGiB } = this.props.options;
    return [
      { key: labels.instanceLabel('family'), operator: 'In', values: this.families },
      { key: labels.instanceLabel('hypervisor'), operator: 'In', values: ['nitro'] }, // bare metal has none
      // the floors of families that the catalogue does not have; `Gt` since older releases have no `Gte`
      ...atLeast(labels.instanceLabel('cpu'), minVcpus),
      ...atLeast(labels.instanceLabel('memory'), minMemoryGiB && minMemoryGiB * 1024),
    ];
  }

  private typesOf(family: string): Accelerator[] {
    const types = catalogueTypes().filter((type) => type.family === family);
    if (types.length === 0 && !this.props.uncataloguedFamilies?.includes(family)) {
      const known = [...new Set(catalogueTypes().filter((type) => type.kind === this.props.kind).map((type) => type.family))];
      const nearest = nearestNames(family, this.props.uncataloguedFamilies ?? known);
      throw new Error(
        `'families' has '${family}', which is not known: did you mean ${nearest.join(', ')}? ` +
          "For a family that is missing, pass 'instanceTypes' made by Accelerator.of()",
      );
    }
    return types.filter((type) => !type.size.startsWith('metal'));
  }

  private requireRightKind(type: Accelerator): void {
    const { pool, kind, architecture, options } = this.props;
    const prop = options.instanceTypes ? 'instanceTypes' : 'families';
    if (type.kind !== kind) {
      throw new Error(`'${prop}' has ${type.instanceType}, which is ${type.kind}, but a ${pool} holds ${kind}: use ${POOLS[type.kind]}`);
    }
    if (type.architecture !== architecture) {
      throw new Error(
        `'${prop}' has ${type.instanceType}, which is ${type.architecture}, but the ${pool} is ${architecture}: ` +
          'images run on one architecture only, so make another pool for it',
      );
    }
  }

  private passes(type: Accelerator): boolean {
    const { minVcpus = 0, minMemoryGiB = 0, minDevices = 0, maxDevices = Infinity, minDeviceMemoryMiB = 0 } = this.props.options;
    return (
      type.vcpus >= minVcpus &&
      type.memoryMiB >= minMemoryGiB * 1024 &&
      type.nodeDevices >= minDevices &&
      type.nodeDevices <= maxDevices &&
      type.deviceMemoryMiB >= minDeviceMemoryMiB
    );
  }

  private floors(): string {
    const { minVcpus, minMemoryGiB, minDevices, maxDevices, minDeviceMemoryMiB } = this.props.options;
    return Object.entries({ minVcpus, minMemoryGiB, minDevices, maxDevices, minDeviceMemoryMiB })
      .filter(([, value]) => value !== undefined)
      .map(([prop, value]) => `'${prop}' (${value})`)
      .join(' with ');
  }
}

function atLeast(key: string, floor: number | undefined): NodeRequirement[] {
  return floor === undefined ? [] : [{ key, operator: 'Gt', values: [`${floor - 1}`] }];
}

function requireSome(prop: string, values: unknown[] | undefined): void {
  if (values?.length === 0) throw new Error(`'${prop}' ([]) must name at least one: leave it out for the default`);
}

function largest(types: Accelerator[]): Accelerator {
  const memory = (type: Accelerator): number => type.nodeDevices * type.deviceMemoryMiB || type.memoryMiB;
  return types.reduce((best, type) => (memory(type) > memory(best) ? type : best));
}

function describe(type: Accelerator): string {
  const devices = type.nodeDevices > 0 ? `${type.nodeDevices} devices of ${type.deviceMemoryMiB} MiB, ` : '';
  return `${type.instanceType} (${devices}${type.vcpus} vCPUs, ${type.memoryMiB / 1024} GiB)`;
}
