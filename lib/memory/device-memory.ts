import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { allocatable } from '../karpenter/allocatable';

const BYTES_PER_GIB = 1024 ** 3;
const MIB_PER_GIB = 1024;

/**
 * Memory that a program sees on a device, in GiB, where it was measured: less than EC2 reports, because the driver and
 * error correction keep a part.
 *
 * Source: `total_gpu_memory` of vLLM start-up logs and `nvidia-smi`.
 */
const VISIBLE_GIB: { readonly [device: string]: number } = {
  t4: 14.56,
  t4g: 14.56,
  a10g: 22.07,
  l4: 22.03,
  l40s: 44.39,
  a100: 79.15,
  h100: 79.18,
  h200: 139.8,
  b200: 178.35,
};

/** Share that is visible on devices that were not measured: the smallest of the measured ones since Ampere, rounded down. */
const VISIBLE_SHARE = 0.98;

/** Memory that DaemonSets take on every node (networking, volumes, device plugin, monitoring), in GiB. */
const DAEMONS_GIB = 0.5;

/** Share of a type's memory that never reaches the node (Karpenter's `vmMemoryOverheadPercent`). */
const VM_MEMORY_OVERHEAD = 0.075;

/** Memory of one device as programs see it, in GiB. 0 without devices. */
export function visibleDeviceGiB(accelerator: Accelerator): number {
  const reported = accelerator.deviceMemoryMiB / MIB_PER_GIB;
  const measured = VISIBLE_GIB[accelerator.deviceName ?? ''];
  // One name can stand for several memory sizes (a100: 40 and 80 GiB), so the measurement counts only near its size.
  return measured !== undefined && Math.abs(measured / reported - 1) < 0.12 ? measured : reported * VISIBLE_SHARE;
}

/** Memory of the node that the pod can have, in GiB: its share of what Karpenter plans with, less DaemonSets. */
export function allocatableHostGiB(accelerator: Accelerator): number {
  const node = allocatable(accelerator, { localNvme: true, volumeGiB: 0, vmMemoryOverhead: VM_MEMORY_OVERHEAD });
  return Math.max(0, ((node.get('memory') ?? 0) / BYTES_PER_GIB - DAEMONS_GIB) * accelerator.nodeShare);
}

/** What holds one rank of the model: a GPU, a logical NeuronCore, or the node itself. */
export interface RankHost {
  /** Ranks that a pod can have on one node. */
  readonly ranksPerNode: number;
  /** Memory of one rank, in GiB. */
  readonly memoryGiB: number;
}

/** The ranks that an accelerator has room for. */
export function rankHost(accelerator: Accelerator): RankHost {
  if (accelerator.kind === AcceleratorKind.CPU) {
    return { ranksPerNode: 1, memoryGiB: allocatableHostGiB(accelerator) };
  }
  const cores = accelerator.isNeuron ? (accelerator.logicalNeuronCoresPerDevice ?? 1) : 1;
  return { ranksPerNode: accelerator.devices * cores, memoryGiB: visibleDeviceGiB(accelerator) / cores };
}
