import type { ScalingContext } from '../scaling';

/**
 * The series of a metric that belong to one model server: by namespace, pod and, where the engine says it, model.
 *
 * @internal
 */
export function seriesOf(metric: string, { namespace, target, metrics, metricsModelName }: ScalingContext): string {
  const matchers = [`namespace=${text(namespace)}`, `pod=~${text(target.podNames)}`];
  if (metrics.modelLabel) matchers.push(`${metrics.modelLabel}=${text(metricsModelName)}`);
  return `${metric}{${matchers.join(',')}}`;
}

/** A text in PromQL. */
function text(value: string): string {
  return `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}
