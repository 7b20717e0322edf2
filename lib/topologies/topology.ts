import type { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import type { EngineConfig, EngineContext, IEngine } from '../engines/engine';
import type { ReplicaBounds } from '../scaling/scaling';
import type { ServingPod } from './serving-pod';

/** Who lays out the pods of a model server. */
export interface ITopology {
  /** The topology's short name: `single-node`, `multi-node`. */
  readonly name: string;
  /** Names of the add-ons whose controllers must run on the cluster. */
  readonly requires: string[];
  /** Nodes that serve one replica together. */
  readonly nodesPerReplica: number;
  /** Whether the topology scales with an autoscaler of its own: the add-ons that the scaling asks for are not needed then. */
  readonly scalesItself: boolean;

  /**
   * Adds the workload to a chart.
   *
   * @throws when the engine cannot run in this topology, naming one that can
   */
  bind(scope: Construct, context: TopologyContext): TopologyConfig;
}

/** Everything a topology may depend on. */
export interface TopologyContext {
  /** Name of the model server and of its objects. */
  readonly name: string;
  /** Namespace of its objects. */
  readonly namespace: string;
  /** Labels of its objects. */
  readonly labels: { readonly [key: string]: string };
  /** Labels that select all its pods. */
  readonly selector: { readonly [key: string]: string };
  /** How many replicas there are, and who decides. */
  readonly replicas: ReplicaBounds;
  /** The engine, for topologies that need more than one container of it. */
  readonly engine: IEngine;
  /** What the engine was bound with. */
  readonly engineContext: EngineContext;
  /** The engine's container. */
  readonly engineConfig: EngineConfig;
  /** Makes the pods. */
  readonly pod: ServingPod;
  /** Seconds a pod may take from its creation to its first answer. */
  readonly startupSeconds: number;
}

/** What a topology has made. */
export interface TopologyConfig {
  /** Labels of the pods that take requests. */
  readonly endpointSelector: { readonly [key: string]: string };
  /**
   * The object whose replicas an autoscaler sets.
   * @default - the topology scales by itself, or not at all
   */
  readonly scaleTarget?: ScaleTarget;
  /**
   * The container that clients and Prometheus meet, where a host other than the engine's own server runs it.
   * @default - the engine's container as it was bound
   */
  readonly engineConfig?: EngineConfig;
  /**
   * The model name in the metrics.
   * @default - the served name
   */
  readonly metricsModelName?: string;
  /**
   * How many pods may be taken away at once.
   * @default - one of the model server's pods
   */
  readonly disruption?: DisruptionTolerance;
  /**
   * Who else may reach the pods, beside clients, Prometheus and the pods themselves.
   * @default - nobody
   */
  readonly ingress?: k8s.NetworkPolicyIngressRule[];
  /**
   * Whom else the pods may reach, beside DNS, HTTPS, the Pod Identity agent and each other.
   * @default - nobody
   */
  readonly egress?: k8s.NetworkPolicyEgressRule[];
}

/** How many pods may be taken away at once by drains and upgrades of nodes. */
export interface DisruptionTolerance {
  /**
   * Pods that must stay. Kubernetes counts this way only where a custom resource without a scale subresource owns the
   * pods: a PodDisruptionBudget with `maxUnavailable` would refuse every drain there. 0 makes a budget that lets all go.
   * @default - one pod may be unavailable
   */
  readonly minAvailable?: number;
  /** Labels that select the pods. */
  readonly selector: { readonly [key: string]: string };
}

/** An object with a scale subresource. */
export interface ScaleTarget {
  /** API version. */
  readonly apiVersion: string;
  /** Kind. */
  readonly kind: string;
  /** Name. */
  readonly name: string;
  /** Regular expression of the names of its pods that report metrics, as `pod` in Prometheus. */
  readonly podNames: string;
}
