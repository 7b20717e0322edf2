import { Accelerator } from '../../accelerators/accelerator';
import { KarpenterChoice } from '../../karpenter-choice';
import { choiceOptionsOf } from '../../karpenter/choice-options';
import type { NodePoolManifest, PodManifest } from '../../karpenter/manifests';
import { podRequests } from '../../karpenter/pod-demand';
import type { NodePoolConfig } from '../../node-pools/node-pool';
import { Regions } from '../../regions/regions';
import { mergePatch } from '../../resources/merge-patch';
import type { PlannedInstanceType } from '../planned-placement';
import { priceRegionOf } from './price-region';

/** A pool that is planned with: what was asked for, and what it is on the cluster. */
export interface PoolOnCluster {
  /** Name of the NodePool. */
  readonly name: string;
  /** What it is on the cluster. */
  readonly config: NodePoolConfig;
}

/** What makes nodes, and what is on each of them. */
export interface ClusterNodes {
  /** The pools. */
  readonly pools: readonly PoolOnCluster[];
  /** Region. Absent when it is only known at deployment. */
  readonly region?: string;
  /** Pods of the DaemonSets. */
  readonly daemons: readonly PodManifest[];
  /** Share of a type's memory that Karpenter does not count on. Absent: its own default. */
  readonly vmMemoryOverhead?: number;
}

/** Where the nodes of a pod come from. */
export interface ChosenNodes {
  /** The instance types that the pod can get, cheapest first. Empty when it would stay pending. */
  readonly instanceTypes: PlannedInstanceType[];
  /** Why no pool makes a node for the pod. Empty when one does. */
  readonly problems: string[];
}

/**
 * The pool that makes a node for a pod, and the instance types it can be: pools with fixed nodes first, which cost
 * nothing more, then as Karpenter tries them: by weight, of the same weight the last by name first.
 *
 * @internal
 */
export function chooseNodes(pod: PodManifest, { pools, region, daemons, vmMemoryOverhead }: ClusterNodes): ChosenNodes {
  const problems: string[] = [];
  for (const pool of inOrder(pools)) {
    const options = { ...choiceOptionsOf(pool.config, region), daemons: [...daemons], vmMemoryOverhead };
    const choice = KarpenterChoice.of(pod, [asFree(manifestOf(pool))], options);
    if (choice.schedulable) {
      const instanceTypes = choice.candidates.map(({ instanceType }) => ({ ...planned(instanceType, pod, region), pool: pool.name }));
      return { instanceTypes, problems: [] };
    }
    problems.push(...choice.problems);
  }
  return { instanceTypes: [], problems: problems.length > 0 ? problems : ['there is no node pool'] };
}

/**
 * The NodePool as it is applied.
 *
 * @internal
 */
export function manifestOf({ name, config }: PoolOnCluster): NodePoolManifest {
  const { metadata, spec } = mergePatch({ metadata: { name }, spec: config.nodePool }, config.nodePoolOverrides);
  return { metadata, spec: { ...spec, limits: spec.limits && { ...spec.limits } } };
}

/**
 * Whether the nodes of a pool are there whether pods ask for them or not.
 *
 * @internal
 */
export function hasFixedNodes({ config }: PoolOnCluster): boolean {
  return config.nodePool.replicas !== undefined;
}

/** What of a type goes to one pod, and where it is sold. */
function planned(instanceType: string, pod: PodManifest, region: string | undefined): Omit<PlannedInstanceType, 'pool'> {
  const type = Accelerator.fromInstanceType(instanceType);
  const known = region !== undefined && Regions.isKnown(region);
  return {
    instanceType,
    nodeShare: shareOf(type, pod),
    usdPerHour: type.onDemandUsdPerHour(priceRegionOf(region)),
    zoneIds: known ? Regions.zonesSelling(region, instanceType) : undefined,
  };
}

/** Devices are not shared, so they decide which part of a node is a pod's. Without devices it is the whole node. */
function shareOf(type: Accelerator, pod: PodManifest): number {
  const devices = type.resourceName === undefined ? 0 : (podRequests(pod).get(type.resourceName) ?? 0);
  return devices > 0 && type.nodeDevices > 0 ? devices / type.nodeDevices : 1;
}

function inOrder(pools: readonly PoolOnCluster[]): PoolOnCluster[] {
  const fixed = (pool: PoolOnCluster): number => (hasFixedNodes(pool) ? 1 : 0);
  const weight = (pool: PoolOnCluster): number => pool.config.nodePool.weight ?? 0;
  return [...pools].sort((a, b) => fixed(b) - fixed(a) || weight(b) - weight(a) || (a.name < b.name ? 1 : -1));
}

/** Karpenter's choice is about nodes to come; which types a fixed pool consists of follows the same rules. */
function asFree(pool: NodePoolManifest): NodePoolManifest {
  return { ...pool, spec: { ...pool.spec, replicas: undefined } };
}
