import type { PlannedCost } from './planned-cost';
import type { PlannedModel, PlannedReplicas } from './planned-model';

/**
 * A planned model in one line, for outputs, descriptions and pull requests: `fits g6.xlarge with 14.1 GiB to spare,
 * 1 replica, $0.80/h in us-east-1 on 2026-07-20, first answer after 4:10`.
 */
export function modelSummary({ fit, placement, replicas, cost, coldStart }: PlannedModel): string {
  const nodes = placement.nodesPerReplica > 1 ? `${placement.nodesPerReplica} x ` : '';
  const holds = fit.fits ? `fits ${nodes}${placement.accelerator} with ${fit.marginGiB.toFixed(1)} GiB to spare` : `does not fit ${nodes}${placement.accelerator}`;
  return [holds, replicasText(replicas), costText(cost), `first answer after ${minutesText(coldStart.totalSeconds)}`].join(', ');
}

/** `2 replicas`, or `1 to 4 replicas`. */
export function replicasText({ minimum, maximum }: PlannedReplicas): string {
  const count = minimum === maximum ? `${maximum}` : `${minimum} to ${maximum}`;
  return `${count} ${minimum === maximum && maximum === 1 ? 'replica' : 'replicas'}`;
}

/** `$0.80/h in us-east-1 on 2026-07-20`, or `$0.80 to $3.22/h …`; says so where a price is not known. */
export function costText({ minimumUsd, maximumUsd, region, priceDate, unpriced }: PlannedCost): string {
  if (minimumUsd === undefined || maximumUsd === undefined) return `no price is known in ${region} for ${unpriced.join(', ')}`;
  const amount = minimumUsd === maximumUsd ? `$${maximumUsd.toFixed(2)}` : `$${minimumUsd.toFixed(2)} to $${maximumUsd.toFixed(2)}`;
  return `${amount}/h in ${region} on ${priceDate}`;
}

/** Seconds as `4:10`. */
export function minutesText(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
