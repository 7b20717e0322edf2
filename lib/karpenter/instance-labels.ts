import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { Regions } from '../regions/regions';
import { type LabelCondition, Requirements } from './requirement';

/** Prefixes of the labels that describe the hardware: Karpenter's own, and those of EKS Auto Mode. */
const HARDWARE_PREFIXES = ['karpenter.k8s.aws', 'eks.amazonaws.com'];

/** Facts that Karpenter labels, so that a NodePool need not define them. */
const HARDWARE_FACTS = [
  'category', 'family', 'generation', 'size', 'cpu', 'cpu-manufacturer', 'memory', 'ebs-bandwidth', 'network-bandwidth', 'local-nvme',
  'gpu-name', 'gpu-manufacturer', 'gpu-count', 'gpu-memory', 'accelerator-name', 'accelerator-manufacturer', 'accelerator-count',
  'capability-flex', 'hypervisor', 'tenancy', 'encryption-in-transit-supported', 'cpu-sustained-clock-speed-mhz',
];

const WELL_KNOWN: ReadonlySet<string> = new Set([
  'karpenter.sh/nodepool', 'karpenter.sh/capacity-type', 'kubernetes.io/arch', 'kubernetes.io/os', 'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'topology.k8s.aws/zone-id', 'node.kubernetes.io/windows-build',
  'karpenter.k8s.aws/capacity-reservation-id', 'karpenter.k8s.aws/capacity-reservation-type', 'karpenter.k8s.aws/capacity-reservation-interruptible',
  'karpenter.k8s.aws/placement-group-id', 'karpenter.k8s.aws/placement-group-partition',
  ...HARDWARE_PREFIXES.flatMap((prefix) => HARDWARE_FACTS.map((fact) => `${prefix}/instance-${fact}`)),
]);

/** Whether Karpenter knows a label by itself, so that a pod may ask for it without any NodePool defining it. */
export function isWellKnown(label: string): boolean {
  return WELL_KNOWN.has(label);
}

/** Letters, then the digits of the generation: `p6-b200.48xlarge` is category p, generation 6. */
const CATEGORY_AND_GENERATION = /^([a-z]+)(?:-[0-9]+tb)?([0-9]+)/;

/**
 * The labels that a node of an instance type would have, as Karpenter computes them before it launches one.
 *
 * A fact that a type does not have (the GPU of a Graviton node) is a label that must not exist. Not known here, so
 * never a reason to refuse: clock speed, tenancy, encryption in transit, names of zones. Source: Karpenter 1.15,
 * `computeRequirements` in `pkg/providers/instancetype/types.go`.
 */
export function instanceRequirements(type: Accelerator, region?: string): Requirements {
  const byRegion = computed.get(type) ?? new Map<string | undefined, Requirements>();
  computed.set(type, byRegion);
  const known = byRegion.get(region);
  if (known) return known;
  const requirements = computeRequirements(type, region);
  byRegion.set(region, requirements);
  return requirements;
}

/** A plan asks for the labels of the whole catalogue for each pod and pool. Neither type nor requirements change. */
const computed = new WeakMap<Accelerator, Map<string | undefined, Requirements>>();

function computeRequirements(type: Accelerator, region: string | undefined): Requirements {
  const zoneIds = region === undefined ? undefined : zonesOf(type, region);
  const hardware = Object.entries(hardwareLabels(type));
  return Requirements.of([
    is('node.kubernetes.io/instance-type', type.instanceType),
    is('kubernetes.io/arch', type.architecture),
    is('kubernetes.io/os', 'linux'),
    { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand', 'spot', 'reserved'] },
    ...(region === undefined ? [] : [is('topology.kubernetes.io/region', region)]),
    ...(zoneIds === undefined ? [] : [{ key: 'topology.k8s.aws/zone-id', operator: 'In', values: zoneIds }]),
    ...HARDWARE_PREFIXES.flatMap((prefix) => hardware.map(([fact, value]) => is(`${prefix}/instance-${fact}`, value))),
  ]);
}

/** Zones that sell a type. Absent for a type or a region of which nothing is known: then it may be anywhere. */
function zonesOf(type: Accelerator, region: string): string[] | undefined {
  if (!Regions.isKnown(region) || Regions.selling(type.instanceType).length === 0) return undefined;
  return Regions.zonesSelling(region, type.instanceType);
}

/** The value of a label on a node of a type, where it has exactly one. Absent where it has none, or several. */
export function labelValue(type: Accelerator, label: string): string | undefined {
  if (label === 'node.kubernetes.io/instance-type') return type.instanceType;
  if (label === 'kubernetes.io/arch') return type.architecture;
  const [, fact] = label.split('/instance-');
  return fact === undefined ? undefined : hardwareLabels(type)[fact];
}

function hardwareLabels(type: Accelerator): { readonly [fact: string]: string | undefined } {
  const [, category, generation] = CATEGORY_AND_GENERATION.exec(type.family) ?? [];
  const gpu = type.kind === AcceleratorKind.NVIDIA;
  return {
    category,
    generation,
    family: type.family,
    size: type.size,
    cpu: `${type.vcpus}`,
    ...(type.cpuManufacturer !== undefined && { 'cpu-manufacturer': type.cpuManufacturer }),
    memory: `${type.memoryMiB}`,
    'ebs-bandwidth': positive(type.ebsBandwidthMbps),
    'network-bandwidth': positive(type.networkMbps),
    'local-nvme': positive(type.localNvmeGB),
    'gpu-name': gpu ? type.deviceName : undefined,
    'gpu-manufacturer': gpu ? 'nvidia' : undefined,
    'gpu-count': gpu ? `${type.fractional ? 0 : type.nodeDevices}` : undefined,
    'gpu-memory': gpu ? `${type.deviceMemoryMiB}` : undefined,
    'accelerator-name': type.isNeuron ? type.deviceName : undefined,
    'accelerator-manufacturer': type.isNeuron ? 'aws' : undefined,
    'accelerator-count': type.isNeuron ? `${type.nodeDevices}` : undefined,
    'capability-flex': `${type.family.includes('-flex')}`,
    hypervisor: type.size.startsWith('metal') ? '' : 'nitro',
  };
}

function is(key: string, value: string | undefined): LabelCondition {
  return value === undefined ? { key, operator: 'DoesNotExist' } : { key, operator: 'In', values: [value] };
}

function positive(value: number): string | undefined {
  return value > 0 ? `${value}` : undefined;
}
