import { ColdStart, type ColdStartRequest } from '../../cold-start';
import { Weights } from '../../models/weights';
import type { PlannedColdStart, PlannedStart } from '../planned-cold-start';

/** A bucket of no account: only that weights come from S3 matters for the time they take. */
const ANY_BUCKET = Weights.s3('s3://weights/model');

/**
 * What a start takes, and what it would take without and with everything that makes it faster.
 *
 * @internal
 */
export function coldStartOf(request: ColdStartRequest): PlannedColdStart {
  return {
    ...startOf(request),
    parallelPull: request.fastImagePull ?? false,
    weightsFrom: request.weights.source,
    unoptimised: startOf({ ...request, weights: Weights.hub(), fastImagePull: false }),
    optimised: startOf({ ...request, weights: ANY_BUCKET, fastImagePull: true }),
  };
}

function startOf(request: ColdStartRequest): PlannedStart {
  const { totalSeconds, limitingStage, stages } = ColdStart.estimate(request);
  return {
    totalSeconds: Math.round(totalSeconds),
    limitingStage: limitingStage.name,
    stages: stages.map(({ name, seconds, limitedBy }) => ({ name, seconds: Math.round(seconds), limitedBy })),
  };
}
