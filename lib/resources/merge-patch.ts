/** A JSON object. */
type Json = { readonly [field: string]: unknown };

/**
 * An object with a JSON merge patch (RFC 7386) applied: objects are merged, everything else is replaced, and `null`
 * removes a field.
 *
 * @internal
 */
export function mergePatch<T extends object>(target: T, patch: Json = {}): T {
  const merged: { [field: string]: unknown } = { ...(target as Json) };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field];
    else if (isObject(value)) merged[field] = mergePatch(isObject(merged[field]) ? merged[field] : {}, value);
    else merged[field] = value;
  }
  return merged as T; // a patch is the caller's word that the object stays valid
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
