import type { Accelerator } from '../accelerators/accelerator';

/**
 * The error of an engine that has no build for an accelerator.
 *
 * @internal
 */
export function unsupportedAccelerator(engine: string, accelerator: Accelerator, works: string): Error {
  return new Error(`'accelerator' (${accelerator.instanceType}) has no build of ${engine}: ${works}`);
}

/**
 * Refuses options that a build of an engine does not have, instead of ignoring them.
 *
 * @param where the engine and where it runs, as in "vllm on trn2"
 * @param options the options by name; those that are undefined or false are not asked for
 * @throws when one is asked for
 * @internal
 */
export function refuseOptions(where: string, options: { readonly [name: string]: unknown }, fix: string): void {
  const asked = Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name]) => `'${name}'`);
  if (asked.length > 0) throw new Error(`${asked.join(' and ')} cannot be used with ${where}: ${fix}`);
}
