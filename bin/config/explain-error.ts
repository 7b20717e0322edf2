import type { ErrorObject } from 'ajv';
import { closest } from 'fastest-levenshtein';

/**
 * The one error of a failed validation that says most, in a user's words: the path, what was got, what is allowed,
 * and the nearest right word.
 *
 * A value that may have several shapes fails against each of them. The deepest error belongs to the shape that was
 * meant; of two equally deep ones an unknown key says more than a wrong type.
 */
export function explainError(errors: readonly ErrorObject[], config: unknown): string {
  const told = errors.filter((error) => !['anyOf', 'oneOf', 'if'].includes(error.keyword));
  const [best] = [...told].sort((a, b) => depth(b) - depth(a) || rank(a) - rank(b));
  if (!best) return 'the config file does not match the schema';
  const sameKind = told.filter((error) => error.instancePath === best.instancePath && error.keyword === best.keyword);
  return sentence(best, sameKind, valueAt(config, best.instancePath));
}

/** Keywords from the one that says most to the one that says least. */
const TELLING = ['additionalProperties', 'required', 'enum', 'const', 'type'];

function rank(error: ErrorObject): number {
  const place = TELLING.indexOf(error.keyword);
  return place < 0 ? 2 : place;
}

function depth(error: ErrorObject): number {
  const segments = error.instancePath.split('/').length;
  return error.keyword === 'additionalProperties' ? segments + 1 : segments;
}

function sentence(error: ErrorObject, sameKind: readonly ErrorObject[], value: unknown): string {
  const path = pathOf(error.instancePath);
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty);
      const allowed = allowedKeys(sameKind);
      return `'${path ? `${path}.` : ''}${key}' is not known${suggestion(key, allowed)}: allowed here are ${allowed.join(', ')}`;
    }
    case 'required':
      return `'${path ? `${path}.` : ''}${String(error.params.missingProperty)}' is missing: add it`;
    case 'enum':
    case 'const': {
      const allowed = sameKind.flatMap((one) => one.params.allowedValues ?? [one.params.allowedValue]).map(String);
      return `'${path}' (${show(value)}) must be one of ${allowed.join(', ')}${suggestion(String(value), allowed)}`;
    }
    case 'type': {
      const types = [...new Set(sameKind.map((one) => String(one.params.type)))];
      return `'${path || 'the config file'}' (${show(value)}) must be ${types.map(article).join(' or ')}`;
    }
    case 'minimum':
    case 'maximum':
      return `'${path}' (${show(value)}) must be ${range(error.parentSchema)}`;
    case 'exclusiveMinimum':
      return `'${path}' (${show(value)}) must be more than ${String(error.params.limit)}`;
    default:
      return `'${path}' (${show(value)}) ${error.message ?? 'is not allowed'}`;
  }
}

/** The keys that the failed shapes do allow. Needs the validator's `verbose` option. */
function allowedKeys(errors: readonly ErrorObject[]): string[] {
  return [...new Set(errors.flatMap((error) => Object.keys(error.parentSchema?.properties ?? {})))].sort();
}

function range(schema: ErrorObject['parentSchema']): string {
  const { minimum, maximum } = schema ?? {};
  if (minimum !== undefined && maximum !== undefined) return `between ${minimum} and ${maximum}`;
  return minimum !== undefined ? `at least ${minimum}` : `at most ${maximum}`;
}

function suggestion(word: string, allowed: readonly string[]): string {
  return allowed.length > 0 ? `, did you mean '${closest(word, allowed)}'?` : '';
}

function pathOf(pointer: string): string {
  return pointer.split('/').slice(1).map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~')).join('.');
}

function valueAt(config: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => (value as { [key: string]: unknown } | undefined)?.[key.replace(/~1/g, '/')], config);
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
