import type { Construct } from 'constructs';
import type { IScaling, ReplicaBounds, ScalingContext } from './scaling';

/** The same number of replicas at all times. */
export class FixedReplicas implements IScaling {
  public readonly requires: string[] = [];
  public readonly replicas: ReplicaBounds;

  /**
   * @param count number of replicas
   * @throws when the count is no whole number, or below 0
   */
  constructor(count: number) {
    if (!Number.isInteger(count) || count < 0) throw new Error(`'replicas' (${count}) must be a whole number, 0 or more`);
    this.replicas = { min: count, max: count, autoscaled: false };
  }

  public bind(_scope: Construct, _context: ScalingContext): void {
    // nothing watches a fixed number
  }
}
