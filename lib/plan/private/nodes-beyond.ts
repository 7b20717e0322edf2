import { Accelerator } from '../../accelerators/accelerator';
import { AcceleratorKind } from '../../accelerators/accelerator-kind';
import type { PodManifest } from '../../karpenter/manifests';
import { podRequests, podRequirements, untolerated } from '../../karpenter/pod-demand';
import { Requirements } from '../../karpenter/requirement';
import type { INodePool } from '../../node-pools/node-pool';
import { manifestOf, type ClusterNodes, type PoolOnCluster } from './choose-nodes';

/** A pool, with what was asked for. */
export interface DescribedPool extends PoolOnCluster {
  /** Which nodes may come. */
  readonly pool: INodePool;
}

/** What makes nodes, nodes that nothing is known of here included. */
export interface AllNodes extends ClusterNodes {
  /** The pools. */
  readonly pools: readonly DescribedPool[];
  /** Whether EKS Auto Mode's pool `general-purpose` is on: x86 nodes for pods that ask for nothing special. */
  readonly generalPurposePool: boolean;
}

const GENERAL_PURPOSE = Requirements.of([{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }]);

/**
 * Who may bring a node for a pod that no known instance type suits. Absent when nobody can, so that the pod stays pending.
 *
 * @param accelerator the instance type that was asked for
 * @internal
 */
export function nodesBeyond(pod: PodManifest, accelerator: Accelerator, { pools, generalPurposePool }: AllNodes): string | undefined {
  const asksDevices = hasDevices(pod);
  const isItsOwn = asksDevices || accelerator.kind === AcceleratorKind.CPU;
  if (isItsOwn && !Accelerator.catalogue().includes(accelerator.instanceType)) return `${accelerator.instanceType}, which is not in the catalogue`;
  if (!asksDevices && generalPurposePool && podRequirements(pod).some((asked) => GENERAL_PURPOSE.conflicts(asked).length === 0)) {
    return 'the pool general-purpose of EKS Auto Mode';
  }
  const open = pools.find(
    (one) =>
      one.pool.instanceTypes.length === 0 &&
      (one.pool.kind !== AcceleratorKind.CPU || !asksDevices) &&
      !untolerated(pod, manifestOf(one).spec.template.spec.taints ?? []),
  );
  return open && `the pool '${open.name}'`;
}

/**
 * Whether a pod asks for accelerators.
 *
 * @internal
 */
export function hasDevices(pod: PodManifest): boolean {
  const requests = podRequests(pod);
  return DEVICES.some((resource) => (requests.get(resource) ?? 0) > 0);
}

const DEVICES = ['nvidia.com/gpu', 'aws.amazon.com/neuron'];
