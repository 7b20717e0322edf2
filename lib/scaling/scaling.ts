import type { Construct } from 'constructs';
import type { EngineMetrics } from '../engines/engine';
import type { ScaleTarget } from '../topologies/topology';
import type { ScalingSchedule } from './scaling-schedule';

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
   * What an autoscaler that counts requests in flight aims at: for topologies that scale by themselves.
   * @default - the scaling watches something else, and such topologies refuse it
   */
  readonly requests?: RequestTarget;
  /**
   * Times at which there are at least so many replicas.
   * @default - none
   */
  readonly schedules?: ScalingSchedule[];
}

/** What an autoscaler that counts requests in flight aims at. */
export interface RequestTarget {
  /** Requests in flight per replica, running and waiting. */
  readonly inFlight: number;
  /** Seconds that the demand must last before replicas are added. */
  readonly scaleUpSeconds: number;
  /**
   * Seconds that the demand must be low before replicas are removed.
   * @default - ten minutes, or as long as a start may take where that is longer; at most an hour
   */
  readonly scaleDownSeconds?: number;
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
  readonly metricsModelName: string;
  /** The engine's metrics. */
  readonly metrics: EngineMetrics;
  /** What is scaled. */
  readonly target: ScaleTarget;
  /** Seconds a new pod takes to its first answer: scaling down sooner than that would flap. */
  readonly startupSeconds: number;
}
