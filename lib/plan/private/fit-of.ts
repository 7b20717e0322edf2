import type { Parallelism, ParallelismSizes } from '../../parallelism';
import type { Placement } from '../../placement';
import type { PlacementAlternative } from '../../placement-request';
import { Regions } from '../../regions/regions';
import type { PlannedAlternative, PlannedFit } from '../planned-fit';
import { hundredth } from './rounding';

/** Alternatives that are worth reading. */
const MOST_ALTERNATIVES = 5;

/**
 * What a placement says, as data.
 *
 * @internal
 */
export function fitOf(placement: Placement, region: string | undefined): PlannedFit {
  const known = region !== undefined && Regions.isKnown(region) ? region : undefined;
  const alternatives = placement.fits ? [] : placement.alternatives({ region: known }).slice(0, MOST_ALTERNATIVES);
  return {
    fits: placement.fits,
    known: placement.known,
    problems: placement.problems,
    memory: {
      deviceGiB: hundredth(placement.deviceGiB),
      budgetGiB: hundredth(placement.budgetGiB),
      weightsGiB: hundredth(placement.weightsGiB),
      kvCacheGiB: hundredth(placement.kvCacheGiB),
      activationsGiB: hundredth(placement.activationsGiB),
      graphsGiB: hundredth(placement.graphsGiB),
      runtimeGiB: hundredth(placement.runtimeGiB),
      loraGiB: hundredth(placement.loraGiB),
      draftGiB: hundredth(placement.draftGiB),
      freeGiB: hundredth(placement.freeGiB),
    },
    marginGiB: hundredth(placement.marginGiB),
    plannedContextLength: placement.plannedContextLength,
    concurrency: placement.concurrency,
    maxContextLength: placement.maxContextLength,
    maxConcurrency: placement.maxConcurrency,
    parallelism: sizesOf(placement.parallelism),
    reason: placement.reason,
    alternatives: alternatives.map(alternativeOf),
  };
}

/**
 * An alternative, as data.
 *
 * @internal
 */
export function alternativeOf({ parallelism, marginGiB, ...rest }: PlacementAlternative): PlannedAlternative {
  return { ...rest, parallelism: sizesOf(parallelism), marginGiB: hundredth(marginGiB) };
}

function sizesOf({ tensor, pipeline, data, expert }: Parallelism): ParallelismSizes {
  return { tensor, pipeline, data, expert };
}
