import { ON_DEMAND_PRICES } from './on-demand-prices';

/**
 * The region that has a price for every type that has one anywhere: shown where no region is asked for.
 *
 * @internal
 */
export const PRICE_REGION = 'us-east-1';

type Prices = { readonly [region: string]: number };

let byType: ReadonlyMap<string, Prices> | undefined;

/**
 * On-demand list prices of a type of the catalogue, by region. Worked out for all types at the first question.
 *
 * @internal
 */
export function listPricesOf(instanceType: string): Prices {
  byType ??= readPrices();
  return byType.get(instanceType) ?? {};
}

/**
 * When the prices of a region were published: a day, or a month where the day is not known. Absent where no price is known.
 *
 * @internal
 */
export function priceDateOf(region: string): string | undefined {
  return ON_DEMAND_PRICES[region]?.date;
}

/** Something that has a price in some regions. */
interface Priced {
  onDemandUsdPerHour(region: string): number | undefined;
}

/**
 * The region to order types by the prices of: the one asked for where it has a price for each of them. Where one is
 * missing, prices of two regions would be compared, so it is the region whose list is complete.
 *
 * @internal
 */
export function orderingRegion(types: Iterable<Priced>, region = PRICE_REGION): string {
  return [...types].every((type) => type.onDemandUsdPerHour(region) !== undefined) ? region : PRICE_REGION;
}

/**
 * The price to order types by, of that region. A type without one is last.
 *
 * @internal
 */
export function orderingPrice(types: readonly Priced[], region?: string): (type: Priced) => number {
  const ordering = orderingRegion(types, region);
  return (type) => type.onDemandUsdPerHour(ordering) ?? Infinity;
}

function readPrices(): ReadonlyMap<string, Prices> {
  const all = new Map<string, { [region: string]: number }>();
  for (const [region, { prices }] of Object.entries(ON_DEMAND_PRICES)) {
    for (const [family, sizes] of prices) {
      const words = sizes.split(' ');
      for (let at = 0; at < words.length; at += 2) {
        const type = `${family}.${words[at]}`;
        const known = all.get(type);
        if (known) known[region] = Number(words[at + 1]);
        else all.set(type, { [region]: Number(words[at + 1]) });
      }
    }
  }
  return all;
}
