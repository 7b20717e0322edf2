import { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { scalingBehavior, settleSeconds } from './private/behavior';
import { requireBounds } from './private/bounds';
import type { IScaling, ReplicaBounds, ScalingContext } from './scaling';

/** A metric that an adapter serves to Kubernetes. */
export interface AdaptedMetric {
  /** Its name in the metrics API: `vllm_num_requests_waiting`. Adapters rename colons. */
  readonly name: string;
  /** Its mean per replica that the autoscaler aims at. */
  readonly averageValue: number;
  /**
   * Labels that select it, for metrics that are not about pods.
   * @default - all series of the name
   */
  readonly labels?: { readonly [key: string]: string };
}

/** Options of scaling with Kubernetes' own autoscaler. */
export interface HpaScalingOptions {
  /**
   * Fewest replicas, at least 1.
   * @default 1
   */
  readonly minReplicas?: number;
  /** Most replicas. */
  readonly maxReplicas: number;
  /**
   * CPU in use that the autoscaler aims at, in percent of the request. Says something on CPU nodes only: a busy GPU
   * leaves the CPU idle.
   * @default - CPU is not looked at
   */
  readonly cpuPercent?: number;
  /**
   * A metric of the pods, from the custom metrics API.
   * @default - none
   */
  readonly podMetric?: AdaptedMetric;
  /**
   * A metric of something else, from the external metrics API.
   * @default - none
   */
  readonly externalMetric?: AdaptedMetric;
  /**
   * Seconds that demand must last before replicas are added.
   * @default 30
   */
  readonly scaleUpSeconds?: number;
  /**
   * Seconds that demand must be low before replicas are removed, at most 3600.
   * @default - ten minutes, or as long as a start may take where that is longer
   */
  readonly scaleDownSeconds?: number;
}

/**
 * Replicas with Kubernetes' own HorizontalPodAutoscaler: on CPU, or on metrics that an adapter serves. Clusters without
 * KEDA use this; it never scales to zero.
 */
export class HpaScaling implements IScaling {
  public readonly requires: string[] = [];
  public readonly replicas: ReplicaBounds;

  /**
   * @throws when the bounds make no sense, or nothing is given to scale on
   */
  constructor(private readonly options: HpaScalingOptions) {
    const minReplicas = options.minReplicas ?? 1;
    requireBounds(minReplicas, options.maxReplicas);
    if (minReplicas === 0) {
      throw new Error("'minReplicas' (0) must be at least 1: the signals of a HorizontalPodAutoscaler end with the pods; use QueueScaling with 'activation'");
    }
    if (options.cpuPercent === undefined && !options.podMetric && !options.externalMetric) {
      throw new Error("HpaScaling has nothing to scale on: set 'cpuPercent', 'podMetric' or 'externalMetric'");
    }
    if (options.cpuPercent !== undefined && !(Number.isInteger(options.cpuPercent) && options.cpuPercent > 0)) {
      throw new Error(`'cpuPercent' (${options.cpuPercent}) must be a whole number above 0`);
    }
    if (options.scaleDownSeconds !== undefined && !(options.scaleDownSeconds >= 0 && options.scaleDownSeconds <= 3600)) {
      throw new Error(`'scaleDownSeconds' (${options.scaleDownSeconds}) must be between 0 and 3600`);
    }
    this.replicas = { min: minReplicas, max: options.maxReplicas, autoscaled: true };
  }

  public bind(scope: Construct, { name, namespace, labels, target, startupSeconds }: ScalingContext): void {
    const { options } = this;
    new k8s.KubeHorizontalPodAutoscalerV2(scope, 'HorizontalPodAutoscaler', {
      metadata: { name, namespace, labels: { ...labels } },
      spec: {
        scaleTargetRef: { apiVersion: target.apiVersion, kind: target.kind, name: target.name },
        minReplicas: this.replicas.min,
        maxReplicas: this.replicas.max,
        metrics: this.metrics(),
        behavior: scalingBehavior(options.scaleUpSeconds ?? 30, options.scaleDownSeconds ?? settleSeconds(startupSeconds)),
      },
    });
  }

  private metrics(): k8s.MetricSpecV2[] {
    const { cpuPercent, podMetric, externalMetric } = this.options;
    return [
      ...(cpuPercent === undefined
        ? []
        : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuPercent } } }]),
      ...(podMetric ? [{ type: 'Pods', pods: adapted(podMetric) }] : []),
      ...(externalMetric ? [{ type: 'External', external: adapted(externalMetric) }] : []),
    ];
  }
}

function adapted({ name, averageValue, labels }: AdaptedMetric): k8s.ExternalMetricSourceV2 {
  return {
    metric: { name, selector: labels && { matchLabels: { ...labels } } },
    target: { type: 'AverageValue', averageValue: k8s.Quantity.fromNumber(averageValue) },
  };
}
