import type { PlannedAlternative } from './planned-fit';

/** Which instance types hold a model, cheapest first: what `inference fit --json` prints. */
export interface FitAnswer {
  /** Repository id of the model. */
  readonly model: string;
  /** Longest prompt plus answer that was asked for, in tokens. Absent: a useful one, as far as the model allows. */
  readonly contextLength?: number;
  /** Requests in flight that were asked for. */
  readonly concurrency: number;
  /** Region that was asked for. Absent: any. */
  readonly region?: string;
  /** Region of the prices. */
  readonly priceRegion: string;
  /** Day of the list prices, or month where the day is not known. Absent where the region has none that are known. */
  readonly priceDate?: string;
  /** The instance types. Empty when none holds it. */
  readonly instanceTypes: FittingInstanceType[];
  /** What to know although they hold it. */
  readonly warnings: string[];
}

/** An instance type that holds a model. */
export interface FittingInstanceType extends PlannedAlternative {
  /** Ids of the zones that sell it. Absent without a region. */
  readonly zoneIds?: string[];
}
