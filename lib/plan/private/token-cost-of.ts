import type { ThroughputProfile } from '../../cost';
import { usdPerMillionTokens } from '../../private/rates';
import type { PlannedCost } from '../planned-cost';
import type { PlannedReplicas } from '../planned-model';
import type { PlannedTokenCost } from '../planned-token-cost';
import { dollars, hundredth } from './rounding';

/**
 * What a million tokens cost with the most replicas, everything that serves them included: the head of a Ray cluster,
 * the pods that read prompts.
 *
 * @internal
 */
export function tokenCostOf(
  { outputTokensPerSecond, source }: ThroughputProfile,
  { maximumUsd }: PlannedCost,
  { maximum }: PlannedReplicas,
): PlannedTokenCost {
  const known = maximumUsd !== undefined && maximum > 0;
  return {
    outputTokensPerSecond: hundredth(outputTokensPerSecond),
    source,
    usdPerMillionTokens: known ? dollars(usdPerMillionTokens(maximumUsd, outputTokensPerSecond * maximum)) : undefined,
  };
}
