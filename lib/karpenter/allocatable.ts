import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import type { KarpenterChoiceOptions } from '../karpenter-choice';
import type { NodeNetworkInterface } from '../resources/ec2-node-class';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What a node of a type is made with, beyond its hardware. */
export interface NodeShape {
  /** Pods of a node (`kubelet.maxPods`). Absent: as many as the network interfaces have addresses for. */
  readonly maxPods?: number;
  /** Whether images and emptyDirs are on the local NVMe disks (`instanceStorePolicy: RAID0`). */
  readonly localNvme: boolean;
  /** Size of the volume that holds images and emptyDirs, in GiB, where they are not on local NVMe. */
  readonly volumeGiB: number;
  /** Share of a type's memory that never reaches the node (`vmMemoryOverheadPercent`). */
  readonly vmMemoryOverhead: number;
  /** The network interfaces of a node. Absent: all that have addresses, and EFAs as pods ask for them. */
  readonly networkInterfaces?: readonly NodeNetworkInterface[];
  /** Whether memory is reserved for as many pods as there are addresses, whatever `maxPods` says: AL2023, not Bottlerocket. */
  readonly reservesForAddresses?: boolean;
}

/** What Karpenter plans with when its settings say nothing. */
const DEFAULT_VOLUME_GIB = 20;
const DEFAULT_VM_MEMORY_OVERHEAD = 0.075;

/** Shares of the cores that are reserved for the kubelet: 6 % of the first, 1 % of the second, and so on. */
const CPU_RESERVATION = [
  { from: 0, to: 1, share: 0.06 },
  { from: 1, to: 2, share: 0.01 },
  { from: 2, to: 4, share: 0.005 },
  { from: 4, to: Infinity, share: 0.0025 },
];

/** Hard eviction threshold of memory, in bytes, and of disk, as a share. */
const EVICTION_MEMORY = 100 * MIB;
const EVICTION_DISK = 0.1;

/** Addresses for pods on one network interface: those of EC2's sizes, less the interface's own. */
const INTERFACE_ADDRESSES = [63, 49, 29, 14];

/** Memory of a Graviton node that the kernel keeps for contiguous allocations, in MiB. */
const GRAVITON_CMA_MIB = 64;

/** What nodes are made with, with Karpenter's defaults for what is not said. */
export function nodeShape(options: KarpenterChoiceOptions): NodeShape {
  return {
    maxPods: options.maxPods,
    localNvme: options.localNvme ?? true,
    volumeGiB: options.volumeGiB ?? DEFAULT_VOLUME_GIB,
    vmMemoryOverhead: options.vmMemoryOverhead ?? DEFAULT_VM_MEMORY_OVERHEAD,
    networkInterfaces: options.networkInterfaces,
    reservesForAddresses: options.reservesForAddresses ?? false,
  };
}

/** The resources of a node of a type before anything is reserved: what NodePool limits count. */
export function capacity(type: Accelerator, shape: NodeShape): Map<string, number> {
  const memoryMiB = type.memoryMiB - (type.architecture === CpuArchitecture.ARM64 ? GRAVITON_CMA_MIB : 0);
  const gpus = type.kind === AcceleratorKind.NVIDIA && !type.fractional ? type.nodeDevices : 0;
  const neuron = type.isNeuron ? type.nodeDevices : 0;
  const disk = shape.localNvme && type.localNvmeGB > 0 ? type.localNvmeGB * 1e9 : shape.volumeGiB * GIB;
  return new Map([
    ['cpu', type.vcpus],
    ['memory', (memoryMiB - Math.ceil(memoryMiB * shape.vmMemoryOverhead)) * MIB],
    ['ephemeral-storage', disk],
    ['pods', shape.maxPods ?? addressablePods(type, shape)],
    ['nvidia.com/gpu', gpus],
    ['aws.amazon.com/neuron', neuron],
    ['aws.amazon.com/neuroncore', neuron * (type.neuronCoresPerDevice ?? 0)],
    ['vpc.amazonaws.com/efa', shape.networkInterfaces ? efaOnly(shape.networkInterfaces).length : type.efaInterfaces],
  ]);
}

/** The interfaces that carry EFA traffic alone: they have no address. */
export function efaOnly(interfaces: readonly NodeNetworkInterface[]): NodeNetworkInterface[] {
  return interfaces.filter(({ interfaceType }) => interfaceType === 'efa-only');
}

/** Pods that the interfaces of the first network card have addresses for: an EFA-only interface there takes the place of one that has. */
function addressablePods(type: Accelerator, { networkInterfaces = [] }: NodeShape): number {
  const without = efaOnly(networkInterfaces).filter(({ networkCardIndex }) => networkCardIndex === 0).length;
  // two more pods than addresses: the CNI and kube-proxy are on the node's own network
  const addresses = INTERFACE_ADDRESSES.find((count) => (type.addressablePods - 2) % count === 0) ?? 0;
  return type.addressablePods - without * addresses;
}

/**
 * The resources that pods can have on a node of a type: capacity less what the kubelet reserves and the eviction
 * thresholds. Source: Karpenter 1.15, `computeCapacity`, `kubeReservedResources` and `evictionThreshold` in
 * `pkg/providers/instancetype/types.go`.
 *
 * Huge pages are not among them: Karpenter does not know of them unless a NodeOverlay adds them.
 */
export function allocatable(type: Accelerator, shape: NodeShape): Map<string, number> {
  const total = capacity(type, shape);
  const of = (resource: string): number => total.get(resource) ?? 0;
  const reservedPods = shape.reservesForAddresses ? addressablePods(type, shape) : of('pods');
  const reservedMemory = (11 * reservedPods + 255) * MIB;
  return new Map([
    ...total,
    ['cpu', of('cpu') - reservedCpu(of('cpu'))],
    ['memory', of('memory') - reservedMemory - EVICTION_MEMORY],
    ['ephemeral-storage', of('ephemeral-storage') * (1 - EVICTION_DISK) - GIB],
  ]);
}

function reservedCpu(cores: number): number {
  const millicores = CPU_RESERVATION.map(({ from, to, share }) => Math.floor(Math.max(0, Math.min(cores, to) - from) * share * 1000));
  return millicores.reduce((reserved, part) => reserved + part, 0) / 1000;
}
