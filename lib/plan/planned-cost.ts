import type { HourlyCost } from '../cost';

/** Hourly cost in US dollars, with what it rests on. Amounts are absent where a price is not known. */
export interface PlannedCost extends HourlyCost {
  /** Region of the prices. */
  readonly region: string;
  /** Day of the list prices, or month where the day is not known. Absent where the region has none that are known. */
  readonly priceDate?: string;
  /** Instance types and services whose price in the region is not known. */
  readonly unpriced: string[];
}
