import { minutesText } from '../../lib/plan/model-summary';
import type { Plan } from '../../lib/plan/plan';
import type { PlannedModel } from '../../lib/plan/planned-model';
import { discountWords } from './discount-words';
import { plainTable } from './plain-table';
import { howToMeasure, tokenCostText, tokenSources } from './token-words';
import { nodesText, parallelText, rangeText, usd, usdText } from './words';

/** Widest line that is still read as one table. */
const WIDE = 150;

/**
 * A plan for people: a table, and what to know. Plain text without colours, so a file and a terminal get the same.
 *
 * @param columns width of the terminal; absent when the output is a file
 */
export function renderTable(plan: Plan, columns = WIDE): string {
  const parts = [heading(plan), modelsTable(plan, columns), costTable(plan), ...refusals(plan), notes(plan)];
  return parts.filter((part) => part !== '').join('\n\n').replace(/ +$/gm, '');
}

function heading({ cluster }: Plan): string {
  const where = cluster.region ?? 'a region that is only known at deployment';
  const compute = cluster.provisioner === 'karpenter' ? 'Karpenter' : 'EKS Auto Mode';
  return `cluster ${cluster.name}: ${where}, ${cluster.zones} zones, nodes by ${compute}`;
}

function modelsTable({ models }: Plan, columns: number): string {
  if (models.length === 0) return 'no models yet: add one under models';
  if (columns < 110) return models.map(card).join('\n');
  const table = plainTable(['name', 'model', 'engine', 'topology', 'nodes', 'parallel', 'spare GiB', 'replicas', '$/h', 'first answer', 'endpoint']);
  for (const model of models) {
    table.push([
      model.name,
      model.model,
      model.engine,
      model.topology,
      nodesText(model),
      parallelText(model.fit.parallelism),
      spare(model),
      rangeText(model.replicas.minimum, model.replicas.maximum),
      usdText(model.cost),
      minutesText(model.coldStart.totalSeconds),
      model.endpoint,
    ]);
  }
  return table.toString();
}

/** One model in lines, for narrow terminals. */
function card(model: PlannedModel): string {
  const { minimum, maximum } = model.replicas;
  return [
    `${model.name}: ${model.model}, ${model.engine}, ${model.topology}`,
    `  ${nodesText(model)}, ${parallelText(model.fit.parallelism)}, spare GiB: ${spare(model)}, replicas: ${rangeText(minimum, maximum)}`,
    `  $/h: ${usdText(model.cost)}, first answer after ${minutesText(model.coldStart.totalSeconds)}, ${model.endpoint}`,
  ].join('\n');
}

function spare({ fit }: PlannedModel): string {
  return fit.fits ? fit.marginGiB.toFixed(1) : `${fit.marginGiB.toFixed(1)}, DOES NOT FIT`;
}

function costTable(plan: Plan): string {
  const { cluster, models, cost, budget, notCounted } = plan;
  const unknown = `no price is known in ${cost.region} for ${cost.unpriced.join(', ')}`;
  const rows = [
    ['cluster without models', cluster.cost] as const,
    ...models.map((model) => [model.name, model.cost] as const),
    ['together', cost] as const,
  ].filter(([, { maximumUsd }]) => maximumUsd !== undefined);
  if (rows.length === 0) return `cost: ${unknown}`;
  const tokens = new Map(models.map((model) => [model.name, tokenCostText(model)]));
  const measured = models.some(({ tokenCost }) => tokenCost);
  const table = plainTable(['$/h', 'fewest replicas', 'usual', 'most replicas', ...(measured ? ['$/million tokens'] : [])]);
  for (const [name, amounts] of rows) {
    const hourly = [amounts.minimumUsd, amounts.typicalUsd, amounts.maximumUsd].map((amount) => usd(amount ?? 0));
    table.push([name, ...hourly, ...(measured ? [tokens.get(name) ?? ''] : [])]);
  }
  const region = cluster.region ? cost.region : `${cost.region}, since the app names no region`;
  return [
    table.toString(),
    `on-demand list prices of ${region}, ${rows[0][1].priceDate}${discountWords(plan)}; not counted: ${notCounted.join('; ')}`,
    ...(cost.maximumUsd === undefined ? [`${unknown}, so there is no total`] : []),
    ...tokenSources(models),
    ...[howToMeasure(models)].filter((line) => line !== ''),
    ...(budget ? [`budget: ${usd(budget.usdPerHour)}/h, ${budget.kept ? 'kept' : 'PASSED'}`] : []),
  ].join('\n');
}

/** For each model that does not fit: where it would. */
function refusals({ models }: Plan): string[] {
  return models
    .filter(({ fit }) => !fit.fits)
    .map(({ name, model, fit }) => {
      if (fit.alternatives.length === 0) {
        return `${name}: no instance type holds ${model} as asked: lower 'contextLength' or 'concurrency', or choose a quantized model`;
      }
      const table = plainTable(['instance type', 'nodes', 'parallel', 'spare GiB', '$/h']);
      for (const one of fit.alternatives) {
        table.push([
          one.instanceType,
          one.nodes,
          parallelText(one.parallelism),
          one.marginGiB.toFixed(1),
          one.usdPerHour === undefined ? 'not known' : usd(one.usdPerHour),
        ]);
      }
      return `${name}: the cheapest that hold ${model}\n${table.toString()}`;
    });
}

function notes({ problems, warnings }: Plan): string {
  return [...problems.map((problem) => `error: ${problem}`), ...warnings.map((warning) => `warning: ${warning}`)].join('\n');
}
