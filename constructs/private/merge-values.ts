import { Token } from 'aws-cdk-lib';

type Values = { readonly [key: string]: unknown };

/** The one merge rule of Helm values: maps deep, everything else replaced. Tokens are values, not maps. */
export function mergeValues(base: Values, over: Values = {}): Values {
  const merged: { [key: string]: unknown } = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const present = merged[key];
    merged[key] = isMap(present) && isMap(value) ? mergeValues(present, value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Token.isUnresolved(value);
}
