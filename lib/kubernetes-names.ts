/**
 * Checks that a value can name a Service: a DNS label (RFC 1123) of at most 63 characters, starting with a letter as
 * Services must (Kubernetes API, DNS label rule of v1 Service).
 *
 * @internal
 */
export function requireDnsLabel(prop: string, value: string): void {
  if (isToken(value)) return;
  if (/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) return;
  throw new Error(
    `'${prop}' (${value}) must be a DNS label: at most 63 lower-case letters, digits and dashes, starting with a letter` +
      (toDnsLabel(value) ? `: write ${toDnsLabel(value)}` : ''),
  );
}

/**
 * The nearest DNS label to a text.
 *
 * @internal
 */
export function toDnsLabel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

/**
 * Whether a text holds a CDK token, whose value is not known yet.
 *
 * @internal
 */
export function isToken(text: string): boolean {
  return text.includes('${Token[');
}
