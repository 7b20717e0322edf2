import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { NodeLabels } from '../accelerators/node-labels';
import { isToken, requireDnsLabel } from '../kubernetes-names';
import type { NodeOverlaySpec } from '../resources/node-overlay';
import { autoModeNodeClassSpec } from './auto-mode-node-class-spec';
import { checkAutoModeLimits } from './auto-mode-limits';
import { ec2NodeClassSpec } from './ec2-node-class-spec';
import { efaInterfaces } from './efa-interfaces';
import { NodeProvisioner } from './node-environment';
import { DeviceSoftware, KarpenterFeatureGate, type NodePoolConfig, type NodePoolContext, type NodePoolWarning } from './node-pool';
import { nodePoolSpec } from './node-pool-spec';
import { NodeStorage } from './node-storage';
import { checkOfferings } from './offerings-check';
import type { PoolShape } from './pool-shape';

/**
 * What a pool is on one cluster.
 *
 * @throws when an option cannot work there, or when the region sells none of the instance types
 * @internal
 */
export function bindNodePool(shape: PoolShape, context: NodePoolContext): NodePoolConfig {
  const { name, environment } = context;
  const { options, selection } = shape;
  const autoMode = environment.provisioner === NodeProvisioner.EKS_AUTO_MODE;
  requireDnsLabel('name', name);
  if (autoMode) checkAutoModeLimits(options);
  requireZonesOfCluster(shape, context);
  const soldWarnings = checkOfferings(shape.kind, selection.types, options, environment);

  const parallelPull = autoMode ? shape.accelerated : shape.parallelPull;
  const storage = new NodeStorage(selection.types, options, shape.accelerated, parallelPull);
  const interfaces = efaInterfaces(selection.types, options.efa);
  const labels = autoMode ? NodeLabels.EKS_AUTO_MODE : NodeLabels.KARPENTER;
  const nodeClassRef = autoMode
    ? { group: 'eks.amazonaws.com', kind: 'NodeClass', name }
    : { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name };
  const nodeOverlay = fractionalGpuOverlay(shape, context);

  return {
    nodePool: nodePoolSpec(shape, environment.provisioner, labels, nodeClassRef),
    ec2NodeClass: autoMode ? undefined : ec2NodeClassSpec(shape, environment, storage, interfaces),
    autoModeNodeClass: autoMode ? autoModeNodeClassSpec(shape, environment, storage, interfaces) : undefined,
    nodePoolOverrides: options.nodePoolOverrides,
    nodeClassOverrides: options.nodeClassOverrides,
    nodeOverlay,
    parallelPull: autoMode ? undefined : parallelPull,
    requires: deviceSoftware(shape, autoMode, interfaces !== undefined),
    featureGates: autoMode
      ? []
      : [
          ...(options.replicas === undefined ? [] : [KarpenterFeatureGate.STATIC_CAPACITY]),
          ...(nodeOverlay ? [KarpenterFeatureGate.NODE_OVERLAY] : []),
        ],
    warnings: [...soldWarnings, ...reservationWarnings(shape), ...(autoMode ? [] : hardwareWarnings(shape, storage))],
  };
}

function requireZonesOfCluster(shape: PoolShape, { environment }: NodePoolContext): void {
  const clusterZones = environment.zones ?? [];
  if (clusterZones.length === 0 || clusterZones.some(isToken)) return;
  const missing = shape.options.zones?.find((zone) => !isToken(zone) && !clusterZones.includes(zone));
  if (missing) throw new Error(`'zones' has ${missing}, but the cluster spans ${clusterZones.join(', ')}: choose among these`);
}

/** EC2 counts no GPU on fractional types, so no pod that asks for one would bring a node. */
function fractionalGpuOverlay(shape: PoolShape, { name, environment }: NodePoolContext): NodeOverlaySpec | undefined {
  const fractional = shape.selection.types.filter((type) => type.fractional).map((type) => type.instanceType);
  if (fractional.length === 0) return undefined;
  if (environment.provisioner === NodeProvisioner.EKS_AUTO_MODE) {
    throw new Error(
      `${fractional.join(', ')} have a fraction of a GPU, which only a NodeOverlay makes known to pods, and EKS Auto Mode has none: ` +
        'choose whole GPUs, or Karpenter',
    );
  }
  return {
    requirements: [
      { key: 'karpenter.sh/nodepool', operator: 'In', values: [name] }, // overlays of two pools must not meet
      { key: 'node.kubernetes.io/instance-type', operator: 'In', values: fractional },
    ],
    capacity: { 'nvidia.com/gpu': '1' },
  };
}

function deviceSoftware(shape: PoolShape, autoMode: boolean, efa: boolean): DeviceSoftware[] {
  const software: DeviceSoftware[] = [];
  if (shape.kind === AcceleratorKind.NVIDIA && !autoMode && !shape.runsBottlerocket) software.push(DeviceSoftware.NVIDIA_DEVICE_PLUGIN);
  if (shape.taintKey === 'aws.amazon.com/neuron' && !autoMode) software.push(DeviceSoftware.NEURON_DEVICE_PLUGIN);
  if (efa) software.push(DeviceSoftware.EFA_DEVICE_PLUGIN);
  return software;
}

/** Karpenter 1.15 chooses the zone of pods that look for each other first, and then buys what that zone has. */
function reservationWarnings({ options }: PoolShape): NodePoolWarning[] {
  if (!options.reservations?.length || options.zones?.length || options.zoneIds?.length) return [];
  return [
    {
      id: 'reservations-without-zone',
      message:
        "'reservations' are in one zone each, and the pool is in all: a disaggregated server, whose sides stay together, may come into another " +
        'zone and leave them unused, and the workers of a group wait for the node of their leader: write the zones of the reservations as ' +
        'zones or zoneIds',
    },
  ];
}

/** 600 MiB/s, below which unpacking in parallel is slower than in sequence (EKS best practices for SOCI). */
const PARALLEL_UNPACK_MBPS = (600 * 8 * 1024 * 1024) / 1_000_000;

function hardwareWarnings(shape: PoolShape, storage: NodeStorage): NodePoolWarning[] {
  const { types } = shape.selection;
  const warnings: NodePoolWarning[] = [];
  const list = (some: typeof types): string => some.map((type) => type.instanceType).join(', ');
  if (types.some((type) => type.family === 'g7')) {
    warnings.push({
      id: 'g7-driver',
      message: 'g7 needs NVIDIA driver 595 or newer, and the EKS AMIs carry 580: bring an AMI by nodeClassOverrides, or use g7e',
    });
  }
  if (storage.mixed && shape.accelerated) {
    const without = types.filter((type) => type.localNvmeGB === 0);
    warnings.push({
      id: 'mixed-instance-store',
      message:
        `${list(without)} have no local NVMe and other types of the pool have: all nodes get a fast EBS volume, and images are ` +
        'pulled as fast as on the slowest type. Make two pools to pay for the volume only where it is used',
    });
  }
  const slow = types.filter((type) => !(storage.instanceStore && type.localNvmeGB > 0) && type.ebsBandwidthMbps < PARALLEL_UNPACK_MBPS);
  if (shape.parallelPull && slow.length > 0) {
    warnings.push({
      id: 'slow-image-disk',
      message: `${list(slow)} reach less than 600 MiB/s on EBS, where pulling in parallel can be slower: set parallelPull: false, or choose larger types`,
    });
  }
  return warnings;
}
