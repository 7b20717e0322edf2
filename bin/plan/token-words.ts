import type { PlannedModel } from '../../lib/plan/planned-model';
import { count, usd } from './words';

/** `$0.22`: what a million generated tokens cost. Absent until a rate was measured. */
export function tokenCostText({ tokenCost }: PlannedModel): string | undefined {
  if (!tokenCost) return undefined;
  return tokenCost.usdPerMillionTokens === undefined ? 'not known' : usd(tokenCost.usdPerMillionTokens);
}

/** Where the rates are from, a line for each model that has one. */
export function tokenSources(models: readonly PlannedModel[]): string[] {
  return models.flatMap(({ name, tokenCost }) =>
    tokenCost ? [`${name}: ${count(Math.round(tokenCost.outputTokensPerSecond))} tokens a second of a replica${tokenCost.source ? ` (${tokenCost.source})` : ''}`] : [],
  );
}

/** Engines that answer with something else. */
const WITHOUT_TOKENS = ['diffusers', 'text-embeddings'];

/** How to get the cost of a million tokens, for the models that have none. Empty when none is missing. */
export function howToMeasure(models: readonly PlannedModel[]): string {
  const unmeasured = models.filter(({ tokenCost, fit, engine }) => !tokenCost && fit.fits && !WITHOUT_TOKENS.includes(engine));
  const [first] = unmeasured;
  if (!first) return '';
  const names = unmeasured.length > 3 ? `${unmeasured.length} models` : unmeasured.map(({ name }) => name).join(', ');
  const example = `throughput: { file: benchmarks.json, instanceType: ${first.placement.accelerator} }`;
  return `$ per million tokens of ${names}: not measured yet. Run a Benchmark against ${unmeasured.length > 1 ? 'each' : 'it'} and write its result file under the model: ${example}`;
}
