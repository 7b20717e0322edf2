import type { KarpenterChoiceOptions } from '../karpenter-choice';
import type { NodePoolConfig } from '../node-pools/node-pool';
import { Regions } from '../regions/regions';
import type { AmiSelectorTerm, Ec2NodeClassSpec } from '../resources/ec2-node-class';
import { mergePatch } from '../resources/merge-patch';
import { quantity } from './quantity';

/**
 * What Karpenter plans the nodes of a pool with, as its node class and its overlay say it.
 *
 * @internal
 */
export function choiceOptionsOf(config: NodePoolConfig, region: string | undefined): KarpenterChoiceOptions {
  const { nodeOverlay } = config;
  const overlaid = nodeOverlay?.requirements.find(({ key }) => key === 'node.kubernetes.io/instance-type')?.values ?? [];
  return {
    ...(config.ec2NodeClass ? ofNodeClass(mergePatch({ spec: config.ec2NodeClass }, config.nodeClassOverrides).spec) : ofAutoMode(config)),
    region: region !== undefined && Regions.isKnown(region) ? region : undefined,
    overlays: nodeOverlay?.capacity && Object.fromEntries(overlaid.map((type) => [type, { ...nodeOverlay.capacity }])),
  };
}

function ofNodeClass(nodeClass: Ec2NodeClassSpec): KarpenterChoiceOptions {
  const runsAl2023 = nodeClass.amiSelectorTerms.some(({ alias }: Partial<AmiSelectorTerm>) => alias?.startsWith('al2023@'));
  return {
    localNvme: nodeClass.instanceStorePolicy !== undefined,
    volumeGiB: imageVolumeGiB(nodeClass, runsAl2023 ? '/dev/xvda' : '/dev/xvdb'),
    maxPods: nodeClass.kubelet?.maxPods,
    networkInterfaces: nodeClass.networkInterfaces,
    reservesForAddresses: runsAl2023,
  };
}

/** Size of the volume with images and emptyDirs. Absent where its snapshot decides it: then Karpenter plans with its default. */
function imageVolumeGiB({ blockDeviceMappings }: Ec2NodeClassSpec, device: string): number | undefined {
  return gibibytes(blockDeviceMappings.find(({ deviceName }) => deviceName === device)?.ebs.volumeSize);
}

/** Pods, and GiB of the volume, of a node of EKS Auto Mode that says nothing else. It always uses local NVMe. */
function ofAutoMode({ autoModeNodeClass }: NodePoolConfig): KarpenterChoiceOptions {
  return { localNvme: true, volumeGiB: gibibytes(autoModeNodeClass?.ephemeralStorage?.size) ?? 80, maxPods: 110 };
}

function gibibytes(size: string | undefined): number | undefined {
  return size === undefined ? undefined : quantity(size) / 1024 ** 3;
}
