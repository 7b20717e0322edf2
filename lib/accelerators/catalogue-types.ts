import { Accelerator } from './accelerator';

let types: readonly Accelerator[] | undefined;

/**
 * Every type of the catalogue, made at the first question and kept, so that what is worked out for a type stays with it.
 *
 * @internal
 */
export function catalogueTypes(): readonly Accelerator[] {
  return (types ??= Accelerator.catalogue().map((name) => Accelerator.fromInstanceType(name)));
}
