import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';

/** What a PodAutoscaler scales. */
export interface PodAutoscalerTarget {
  /** API version. */
  readonly apiVersion: string;
  /** Kind. */
  readonly kind: string;
  /** Name. */
  readonly name: string;
}

/** Where a metric is read. */
export interface PodAutoscalerMetricSource {
  /** `pod`, `resource`, `custom` or `external`. */
  readonly metricSourceType: string;
  /** `http` or `https`. */
  readonly protocolType: string;
  /** Port of the pods. */
  readonly port: string;
  /** Path of the metrics, without the first slash. */
  readonly path: string;
  /** AIBrix's name of the metric: `num_requests_running`. */
  readonly targetMetric: string;
  /** Its value per pod that the autoscaler aims at. */
  readonly targetValue: string;
}

/** Spec of a PodAutoscaler. */
export interface PodAutoscalerSpec {
  /** What is scaled. */
  readonly scaleTargetRef: PodAutoscalerTarget;
  /** Fewest replicas. */
  readonly minReplicas: number;
  /** Most replicas. */
  readonly maxReplicas: number;
  /** `APA`, `KPA` or `HPA`. */
  readonly scalingStrategy: string;
  /** The metric: AIBrix reads one. */
  readonly metricsSources: PodAutoscalerMetricSource[];
}

/** Properties of a PodAutoscaler. */
export interface PodAutoscalerProps {
  /** Name, namespace, labels, and the annotations that set tolerances and windows. */
  readonly metadata: ApiObjectMetadata;
  /** What is scaled, and on what. */
  readonly spec: PodAutoscalerSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** PodAutoscaler of AIBrix (`autoscaling.aibrix.ai/v1alpha1`): asks the pods themselves how busy they are. */
export class PodAutoscaler extends ApiObject {
  constructor(scope: Construct, id: string, props: PodAutoscalerProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'autoscaling.aibrix.ai/v1alpha1', kind: 'PodAutoscaler', ...object }, overrides));
  }
}
