import type { Discount } from '../cost';
import type { PlannedCluster } from './planned-cluster';
import type { PlannedCost } from './planned-cost';
import type { PlannedModel } from './planned-model';

/**
 * What an app does, before it does it: whether its models fit, which nodes they get, what an hour costs and how long a
 * start takes. Plain data: `inference-plan.json` beside the templates, and what `inference plan --json` prints.
 */
export interface Plan {
  /** Version of this format. It grows when a field goes away or changes its meaning. */
  readonly formatVersion: number;
  /** The cluster. */
  readonly cluster: PlannedCluster;
  /** The models, in the order of the app. */
  readonly models: PlannedModel[];
  /** What everything costs together, the idle cluster included. */
  readonly cost: PlannedCost;
  /** How much less than list price is paid for nodes of pools without a discount of their own. Absent at list price. */
  readonly discount?: Discount;
  /** What is not in any amount. */
  readonly notCounted: string[];
  /** Most that it may cost. Absent without a budget. */
  readonly budget?: PlannedBudget;
  /** What must be changed before the app can run as planned. Empty when nothing. */
  readonly problems: string[];
  /** What to know although it can run. */
  readonly warnings: string[];
}

/** Most that an app may cost. */
export interface PlannedBudget {
  /** Most that everything may cost at its largest, in US dollars an hour. */
  readonly usdPerHour: number;
  /** Whether the cost at its largest is within it. Absent when a price is not known, so that it cannot be checked. */
  readonly kept?: boolean;
}
