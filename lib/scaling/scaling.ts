import type { Construct } from 'constructs';
import type { EngineMetrics } from '../engines/engine';
import type { ScaleTarget } from '../topologies/topology';

/** How many replicas a model server has, and who decides. */
export interface IScaling {
  /** The bounds of the replicas. */
  readonly replicas: ReplicaBounds;
  /** Names of the add-ons whose controllers must run on the cluster. */
  readonly requires: string[];

  /** Adds the autoscaler to a chart, if there is one. */
  bind(scope: Construct, context: ScalingContext): void;
}

/** The bounds of the replicas. */
export interface ReplicaBounds {
  /** Fewest replicas. */
  readonly min: number;
  /** Most replicas. */
  readonly max: number;
  /** Whether an autoscaler sets the number: then the workload must not. */
  readonly autoscaled: boolean;
  /**
   * Requests in flight per replica that the autoscaler aims at, for topologies that scale by themselves.
   * @default - the topology's own target
   */
  readonly targetPerReplica?: number;
}

/** Everything an autoscaler may depend on. */
export interface ScalingContext {
  /** Name of the model server. */
  readonly name: string;
  /** Namespace of its objects. */
  readonly namespace: string;
  /** Labels of its objects. */
  readonly labels: { readonly [key: string]: string };
  /** The model name in the metrics. */
  readonly servedName: string;
  /** The engine's metrics. */
  readonly metrics: EngineMetrics;
  /** What is scaled. */
  readonly target: ScaleTarget;
  /** Seconds a new pod takes to its first answer: scaling down sooner than that would flap. */
  readonly startupSeconds: number;
}
