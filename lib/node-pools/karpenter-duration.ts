import type { Duration } from 'cdk8s';

/**
 * A duration as Karpenter writes it: `10m`, `1h30m`, `90s`.
 *
 * @internal
 */
export function karpenterDuration(duration: Duration): string {
  const seconds = duration.toSeconds();
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ].filter(([amount]) => amount !== 0);
  return parts.length === 0 ? '0s' : parts.map(([amount, unit]) => `${amount}${unit}`).join('');
}
