import type { Accelerator } from '../lib/accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../lib/accelerators/accelerator-kind';
import type { INodePool, NodePoolConfig } from '../lib/node-pools/node-pool';

/** Whether nodes of a pool can run the pods of a model server on an accelerator. */
export function canServe(pool: INodePool, accelerator: Accelerator): boolean {
  if (pool.kind !== accelerator.kind || pool.architecture !== accelerator.architecture) return false;
  const uncatalogued = pool.instanceTypes.length === 0;
  return uncatalogued || pool.instanceTypes.some((type) => isSameHardware(type, accelerator) && hasRoomFor(type, accelerator));
}

/** Whether a pool takes capacity that is reserved, which is in one zone. */
export function usesReservations({ ec2NodeClass, autoModeNodeClass }: NodePoolConfig): boolean {
  const terms = ec2NodeClass?.capacityReservationSelectorTerms ?? autoModeNodeClass?.capacityReservationSelectorTerms ?? [];
  return terms.length > 0;
}

/** As pods choose their nodes: NVIDIA GPUs by name and memory, everything else by family. */
function isSameHardware(type: Accelerator, accelerator: Accelerator): boolean {
  if (accelerator.kind !== AcceleratorKind.NVIDIA) return type.family === accelerator.family;
  if (accelerator.deviceName === undefined) return type.instanceType === accelerator.instanceType;
  return type.deviceName === accelerator.deviceName && type.deviceMemoryMiB === accelerator.deviceMemoryMiB;
}

function hasRoomFor(type: Accelerator, accelerator: Accelerator): boolean {
  return (
    type.nodeDevices === accelerator.nodeDevices &&
    type.vcpus >= accelerator.vcpus * accelerator.nodeShare &&
    type.memoryMiB >= accelerator.memoryMiB * accelerator.nodeShare
  );
}

/** The pool that brings an accelerator, as it is written in an app. */
export function poolFor(accelerator: Accelerator): string {
  return `new ${poolClassOf(accelerator)}({ families: ['${accelerator.family}'] })`;
}

function poolClassOf({ kind, architecture }: Accelerator): string {
  switch (kind) {
    case AcceleratorKind.NVIDIA:
      return 'GpuPool';
    case AcceleratorKind.INFERENTIA:
      return 'InferentiaPool';
    case AcceleratorKind.TRAINIUM:
      return 'TrainiumPool';
    case AcceleratorKind.CPU:
      return architecture === CpuArchitecture.ARM64 ? 'GravitonPool' : 'X86Pool';
  }
}
