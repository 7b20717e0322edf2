import { Accelerator } from '../../accelerators/accelerator';
import { Cost, type ClusterCostItem, type CostItem } from '../../cost';
import type { PodManifest } from '../../karpenter/manifests';
import { podRequests } from '../../karpenter/pod-demand';
import type { PlannedCost } from '../planned-cost';
import type { PlannedInstanceType, PlannedPods } from '../planned-placement';
import { priceRegionOf } from './price-region';
import { dollars } from './rounding';

/**
 * What nodes, and a cluster, cost an hour.
 *
 * @internal
 */
export function costOf(region: string | undefined, items: readonly CostItem[], cluster?: ClusterCostItem): PlannedCost {
  const { total, unpriced, priceDate, region: priceRegion } = Cost.estimate({ region: priceRegionOf(region), items: [...items], cluster });
  return {
    minimumUsd: dollars(total.minimumUsd),
    typicalUsd: dollars(total.typicalUsd),
    maximumUsd: dollars(total.maximumUsd),
    region: priceRegion,
    priceDate: unpriced.length > 0 && total.maximumUsd === undefined ? undefined : priceDate,
    unpriced,
  };
}

/**
 * Nodes to be costed, and the pool they come from.
 *
 * @internal
 */
export interface PooledItem {
  /** The nodes. */
  readonly item: CostItem;
  /** The pool. Absent when none brings them. */
  readonly pool?: string;
}

/**
 * The nodes of pods, of the cheapest type that they can get. Where none is known, pods with devices are taken to get
 * what was asked for, and pods without are left out.
 *
 * @internal
 */
export function itemsOf(server: string, pod: PodManifest, planned: PlannedPods, asked: Accelerator): PooledItem[] {
  const { role, minimum, maximum, instanceTypes: [likely] } = planned;
  const nodes = { name: `${server} ${role}`, minimum, maximum };
  if (likely) return [{ item: { ...nodes, accelerator: shareOf(likely) }, pool: likely.pool }];
  const devices = asked.resourceName === undefined ? asked.nodeDevices : (podRequests(pod).get(asked.resourceName) ?? 0);
  return devices === asked.devices ? [{ item: { ...nodes, accelerator: asked } }] : [];
}

/** The type with as many devices as the pod takes. */
function shareOf({ instanceType, nodeShare }: PlannedInstanceType): Accelerator {
  const type = Accelerator.fromInstanceType(instanceType);
  return type.nodeDevices === 0 ? type : type.withDevices(Math.round(type.nodeDevices * nodeShare));
}
