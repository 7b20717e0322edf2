import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';

/** What a ScaledObject scales: anything with a scale subresource. */
export interface ScaledObjectTarget {
  /** API version. */
  readonly apiVersion: string;
  /** Kind. */
  readonly kind: string;
  /** Name. */
  readonly name: string;
}

/** Credentials of a trigger. */
export interface ScaleTriggerAuthentication {
  /** Name of a TriggerAuthentication in the same namespace. */
  readonly name: string;
}

/** One signal to scale on. */
export interface ScaleTrigger {
  /** `prometheus` or `cron`. */
  readonly type: string;
  /** Name of the trigger, unique in its object. */
  readonly name: string;
  /** `AverageValue` divides by the replicas; `Value` does not. */
  readonly metricType?: string;
  /** Settings of the trigger. All of them are texts. */
  readonly metadata: { readonly [setting: string]: string };
  /** Credentials. */
  readonly authenticationRef?: ScaleTriggerAuthentication;
}

/** What to do while a trigger fails. */
export interface ScaleFallback {
  /** Failures in a row before it holds. */
  readonly failureThreshold: number;
  /** Replicas. */
  readonly replicas: number;
  /** `static`, `currentReplicas`, `currentReplicasIfHigher` or `currentReplicasIfLower`. */
  readonly behavior: string;
}

/** How fast the HorizontalPodAutoscaler that KEDA makes goes. */
export interface ScaledObjectHpa {
  /** Speed in both directions. */
  readonly behavior: k8s.HorizontalPodAutoscalerBehaviorV2;
}

/** Further settings. */
export interface ScaledObjectAdvanced {
  /** The HorizontalPodAutoscaler that KEDA makes. */
  readonly horizontalPodAutoscalerConfig: ScaledObjectHpa;
}

/** Spec of a ScaledObject. */
export interface ScaledObjectSpec {
  /** What is scaled. */
  readonly scaleTargetRef: ScaledObjectTarget;
  /** Seconds between two looks at the triggers while there are no replicas. */
  readonly pollingInterval: number;
  /** Seconds without demand before the last replica goes. */
  readonly cooldownPeriod: number;
  /** Fewest replicas. */
  readonly minReplicaCount: number;
  /** Most replicas. */
  readonly maxReplicaCount: number;
  /** Further settings. */
  readonly advanced: ScaledObjectAdvanced;
  /** What to do while a trigger fails. */
  readonly fallback?: ScaleFallback;
  /** The signals: the one that asks for the most replicas wins. */
  readonly triggers: ScaleTrigger[];
}

/** Properties of a ScaledObject. */
export interface ScaledObjectProps {
  /** Name, namespace and labels. */
  readonly metadata: ApiObjectMetadata;
  /** What is scaled, and on what. */
  readonly spec: ScaledObjectSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** ScaledObject of KEDA (`keda.sh/v1alpha1`): replicas by signals from outside Kubernetes. */
export class ScaledObject extends ApiObject {
  constructor(scope: Construct, id: string, props: ScaledObjectProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', ...object }, overrides));
  }
}
