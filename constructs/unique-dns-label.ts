import { Names } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * A name for a Kubernetes object from a construct's path, with a hash that tells equal ids in two stacks apart.
 *
 * @param construct what the object is made for
 * @param prefix a letter put before a path that begins with none, as names of Services must
 * @internal
 */
export function uniqueDnsLabel(construct: Construct, prefix: string): string {
  const name = Names.uniqueResourceName(construct, { maxLength: 38, separator: '-', allowedSpecialCharacters: '-' }).toLowerCase();
  return /^[a-z]/.test(name) ? name : `${prefix}-${name}`;
}
