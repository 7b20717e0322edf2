import type { HourlyCost } from '../../lib/cost';
import type { PlannedModel } from '../../lib/plan/planned-model';

/** `$0.80`, `$0.80 to $3.22`, or a dash where a price is not known. */
export function usdText({ minimumUsd, maximumUsd }: HourlyCost): string {
  if (minimumUsd === undefined || maximumUsd === undefined) return 'not known';
  return minimumUsd === maximumUsd ? usd(maximumUsd) : `${usd(minimumUsd)} to ${usd(maximumUsd)}`;
}

/** `$1,234.50`, or without cents `$1,235`. */
export function usd(amount: number, digits = 2): string {
  const [whole, cents] = amount.toFixed(digits).split('.');
  return `$${count(Number(whole))}${cents === undefined ? '' : `.${cents}`}`;
}

/** `2 x p5.48xlarge`. */
export function nodesText({ placement }: PlannedModel): string {
  return `${placement.nodesPerReplica > 1 ? `${placement.nodesPerReplica} x ` : ''}${placement.accelerator}`;
}

/** `1`, or `1 to 4`. */
export function rangeText(minimum: number, maximum: number): string {
  return minimum === maximum ? `${maximum}` : `${minimum} to ${maximum}`;
}

/** `tensor 8, pipeline 2, expert`: the sizes that are not 1. */
export function parallelText({ tensor = 1, pipeline = 1, data = 1, expert = false }: PlannedModel['fit']['parallelism']): string {
  const sizes = [
    ...(pipeline * data === 1 || tensor > 1 ? [`tensor ${tensor}`] : []),
    ...(pipeline > 1 ? [`pipeline ${pipeline}`] : []),
    ...(data > 1 ? [`data ${data}`] : []),
    ...(expert ? ['expert'] : []),
  ];
  return sizes.join(', ');
}

/** `131,072`. */
export function count(value: number): string {
  return `${value}`.replace(/\B(?=(\d{3})+$)/g, ',');
}
