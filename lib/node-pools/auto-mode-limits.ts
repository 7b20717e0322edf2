import type { Duration } from 'cdk8s';
import type { AcceleratedPoolOptions } from './accelerated-pool-options';

/**
 * Checks that a pool asks nothing of EKS Auto Mode that its NodeClass has no field for. An option that did nothing
 * would be worse than none.
 *
 * @throws naming the option, and why it cannot work
 * @internal
 */
export function checkAutoModeLimits(options: AcceleratedPoolOptions): void {
  const { dataVolume = {}, disruption = {} } = options;
  const without: [prop: string, value: unknown, reason: string][] = [
    ['os', options.os, 'the operating system is Bottlerocket'],
    ['amiAlias', options.amiAlias, 'AWS chooses the AMI'],
    ['userData', options.userData, 'nodes take no user data'],
    ['maxPods', options.maxPods, 'nodes have up to 110 pods'],
    ['instanceStore', options.instanceStore, 'local NVMe is always used'],
    ['parallelPull', options.parallelPull, 'images are pulled in parallel on G, P and Trn types with local NVMe'],
    ['dataVolume.snapshotId', dataVolume.snapshotId, 'the data volume is always empty'],
    ['dataVolume.initializationRateMiBps', dataVolume.initializationRateMiBps, 'the data volume is always empty'],
  ];
  for (const [prop, value, reason] of without) {
    if (value !== undefined) throw new Error(`'${prop}' (${summary(value)}) cannot be set for EKS Auto Mode, where ${reason}: leave it out`);
  }
  requireAtMost('dataVolume.iops', dataVolume.iops, 16_000);
  requireAtMost('dataVolume.throughputMiBps', dataVolume.throughputMiBps, 1_000);

  const hours = hoursOf(disruption.expireAfter, 480) + hoursOf(disruption.terminationGracePeriod, 24);
  if (hours > MAX_LIFETIME_HOURS) {
    throw new Error(
      `'disruption.expireAfter' and 'disruption.terminationGracePeriod' (${hours} hours together) must be at most ` +
        `${MAX_LIFETIME_HOURS} for EKS Auto Mode, which ends nodes after 21 days`,
    );
  }
}

/** Amazon EKS User Guide, "Automate cluster infrastructure with EKS Auto Mode": nodes live 21 days at the most. */
const MAX_LIFETIME_HOURS = 21 * 24;

function hoursOf(duration: Duration | undefined, byDefault: number): number {
  return duration?.toHours({ integral: false }) ?? byDefault;
}

function requireAtMost(prop: string, value: number | undefined, max: number): void {
  if (value !== undefined && value > max) throw new Error(`'${prop}' (${value}) must be at most ${max} for EKS Auto Mode: write ${max}`);
}

function summary(value: unknown): string {
  return String(value).split('\n')[0].slice(0, 40);
}
