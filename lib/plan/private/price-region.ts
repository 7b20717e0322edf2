import { PRICE_REGION } from '../../accelerators/list-prices';

/**
 * The region whose prices a plan shows: the cluster's own. A cluster whose region is only known at deployment is shown
 * at the prices that are known; one region's prices never stand for another's.
 *
 * @internal
 */
export function priceRegionOf(region: string | undefined): string {
  return region ?? PRICE_REGION;
}
