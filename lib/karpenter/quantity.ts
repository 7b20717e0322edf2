const SUFFIXES: { readonly [suffix: string]: number } = {
  '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50,
};

/**
 * A Kubernetes quantity as a number: `500m` is 0.5, `1Gi` is 1073741824.
 *
 * @throws when the text is no quantity
 */
export function quantity(text: string | number): number {
  if (typeof text === 'number') return text;
  const match = /^(-?\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text);
  const factor = match ? SUFFIXES[match[2]] : undefined;
  if (!match || factor === undefined) {
    throw new Error(`'quantity' (${text}) must be a Kubernetes quantity such as 500m or 16Gi`);
  }
  return Number(match[1]) * factor;
}

/** Amounts of resources by name: cores, bytes, devices. */
export type Amounts = ReadonlyMap<string, number>;

/** The amounts of a map of quantities. */
export function amounts(quantities: { readonly [resource: string]: string | number } | undefined): Map<string, number> {
  return new Map(Object.entries(quantities ?? {}).map(([resource, text]) => [resource, quantity(text)]));
}

/** The sum of amounts, resource by resource. */
export function sum(...all: Amounts[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const one of all) for (const [resource, amount] of one) total.set(resource, (total.get(resource) ?? 0) + amount);
  return total;
}

/** The larger of two amounts, resource by resource. */
export function largest(a: Amounts, b: Amounts): Map<string, number> {
  const result = new Map(a);
  for (const [resource, amount] of b) result.set(resource, Math.max(result.get(resource) ?? 0, amount));
  return result;
}

/** The resources that are asked for beyond what there is. */
export function missing(asked: Amounts, available: Amounts): string[] {
  return [...asked].filter(([resource, amount]) => amount > (available.get(resource) ?? 0) + 1e-9).map(([resource]) => resource);
}
