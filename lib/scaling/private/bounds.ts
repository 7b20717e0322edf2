/**
 * Checks the bounds of an autoscaler.
 *
 * @internal
 */
export function requireBounds(minReplicas: number, maxReplicas: number): void {
  if (!Number.isInteger(minReplicas) || minReplicas < 0) {
    throw new Error(`'minReplicas' (${minReplicas}) must be a whole number, 0 or more`);
  }
  if (!Number.isInteger(maxReplicas) || maxReplicas < 1) {
    throw new Error(`'maxReplicas' (${maxReplicas}) must be a whole number, 1 or more`);
  }
  if (minReplicas > maxReplicas) {
    throw new Error(`'minReplicas' (${minReplicas}) must be at most 'maxReplicas' (${maxReplicas})`);
  }
}
