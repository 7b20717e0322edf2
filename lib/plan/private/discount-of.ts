import type { Discount } from '../../cost';
import { hasFixedNodes, manifestOf, type PoolOnCluster } from './choose-nodes';

/** How much less than list price is paid. */
export interface DiscountsToPlan {
  /** For pools that have none of their own; what is committed, for the system nodes as well. */
  readonly everywhere?: Discount;
  /** For the nodes of a pool, by its name. */
  readonly byPool?: { readonly [pool: string]: Discount };
}

/**
 * What is paid less for the nodes of a pool. Nodes of a pool that buys no spot are none, and those of a pool that buys
 * nothing else are all spot: a Savings Plan takes nothing off them.
 *
 * @internal
 */
export function discountOf(discounts: DiscountsToPlan | undefined, pool: PoolOnCluster | undefined): Discount | undefined {
  const given = (pool && discounts?.byPool?.[pool.name]) ?? discounts?.everywhere;
  if (!given) return undefined;
  const { committed, spot, spotShare } = given;
  if (!pool || !buysSpot(pool)) return committed === undefined ? undefined : { committed };
  return { committed, spot, spotShare: buysOnly(pool, 'spot') ? 1 : spotShare };
}

/**
 * What of the discounts means nothing on this cluster.
 *
 * @internal
 */
export function discountProblems(discounts: DiscountsToPlan | undefined, pools: readonly PoolOnCluster[]): string[] {
  return Object.entries(discounts?.byPool ?? {}).flatMap(([name, { spotShare = 0 }]) => {
    const pool = pools.find((one) => one.name === name);
    if (!pool) return [`the discount of the pool '${name}' has no pool: name one of ${pools.map((one) => one.name).join(', ') || 'those that are added'}`];
    if (spotShare === 0 || buysSpot(pool)) return [];
    const fix = hasFixedNodes(pool) ? 'leave it out' : "leave it out, or let 'capacityTypes' of the pool have spot";
    return [`'spotShare' (${spotShare}) of the discount of the pool '${name}' means nothing, it buys no spot: ${fix}`];
  });
}

function buysSpot(pool: PoolOnCluster): boolean {
  return capacityTypes(pool).includes('spot');
}

function buysOnly(pool: PoolOnCluster, capacityType: string): boolean {
  return capacityTypes(pool).every((one) => one === capacityType);
}

/** Karpenter buys on demand where a NodePool does not say. */
function capacityTypes(pool: PoolOnCluster): readonly string[] {
  const requirements = manifestOf(pool).spec.template.spec.requirements ?? [];
  return requirements.find(({ key }) => key === 'karpenter.sh/capacity-type')?.values ?? ['on-demand'];
}
