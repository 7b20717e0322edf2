import type { Construct } from 'constructs';
import { ScaledObject, type ScaleTrigger } from '../resources/scaled-object';
import { TriggerAuthentication } from '../resources/trigger-authentication';
import type { PrometheusSource } from './prometheus-source';
import { requireBounds } from './private/bounds';
import { scalingBehavior, settleSeconds } from './private/behavior';
import { seriesOf } from './private/series';
import type { IScaling, ReplicaBounds, ScalingContext } from './scaling';
import type { ScalingSchedule } from './scaling-schedule';

/** A signal that is still there when no replica is: without one, the first request would wake nothing. */
export interface ActivationSignal {
  /** PromQL that gives one number, for instance requests of the last minutes at the gateway. */
  readonly query: string;
  /**
   * The server wakes when the number is above this.
   * @default 0
   */
  readonly threshold?: number;
}

/** Options of scaling on the engine's queue. */
export interface QueueScalingOptions {
  /**
   * Fewest replicas. 0 needs `activation`.
   * @default 1
   */
  readonly minReplicas?: number;
  /** Most replicas. */
  readonly maxReplicas: number;
  /**
   * Waiting requests per replica above which replicas are added.
   * @default 5
   */
  readonly queuedPerReplica?: number;
  /**
   * Share of the KV cache in use per replica above which replicas are added, 0 to 1. Engines that do not report it are
   * scaled on the queue alone.
   * @default 0.9
   */
  readonly kvCacheUsage?: number;
  /**
   * Requests in flight per replica, running and waiting, for topologies that count requests themselves instead of
   * reading the engine's metrics (Ray, AIBrix).
   * @default 16
   */
  readonly requestsPerReplica?: number;
  /**
   * Seconds that demand must last before replicas are added.
   * @default 30
   */
  readonly scaleUpSeconds?: number;
  /**
   * Seconds that demand must be low before replicas are removed.
   * @default - ten minutes, or as long as a start may take where that is longer; at most an hour
   */
  readonly scaleDownSeconds?: number;
  /**
   * What wakes the server from no replicas.
   * @default - there is always at least one replica
   */
  readonly activation?: ActivationSignal;
  /**
   * Times at which there are at least so many replicas.
   * @default - none
   */
  readonly schedules?: ScalingSchedule[];
  /**
   * Where the metrics are.
   * @default - the add-on kube-prometheus-stack
   */
  readonly prometheus?: PrometheusSource;
}

/**
 * Replicas by what waits in the engine and by how full its KV cache is, with KEDA.
 *
 * The queries are sums (KEDA refuses more than one series), an empty answer is an error and not zero (series vanish
 * with Prometheus, and zero would remove replicas), and while the signal fails the replicas stay as they are: a server
 * without replicas is not woken then.
 */
export class QueueScaling implements IScaling {
  public readonly replicas: ReplicaBounds;
  public readonly requires: string[];

  /**
   * @throws when the bounds or a threshold make no sense, or when 0 replicas are asked for without a signal that wakes
   */
  constructor(private readonly options: QueueScalingOptions) {
    const { maxReplicas, activation, kvCacheUsage, queuedPerReplica, requestsPerReplica } = options;
    const minReplicas = options.minReplicas ?? 1;
    requireBounds(minReplicas, maxReplicas);
    if (minReplicas === 0 && !activation) {
      throw new Error(
        "'minReplicas' (0) needs a signal that is there without replicas, and the engine's metrics are not: " +
          "set 'activation' to a query on the gateway's requests, or 'minReplicas' to 1",
      );
    }
    if (kvCacheUsage !== undefined && !(kvCacheUsage > 0 && kvCacheUsage <= 1)) {
      throw new Error(`'kvCacheUsage' (${kvCacheUsage}) must be above 0 and at most 1: it is a share`);
    }
    requirePositive('queuedPerReplica', queuedPerReplica);
    requirePositive('requestsPerReplica', requestsPerReplica);
    for (const { replicas } of options.schedules ?? []) {
      if (replicas > maxReplicas) {
        throw new Error(`'replicas' (${replicas}) of a schedule must be at most 'maxReplicas' (${maxReplicas})`);
      }
    }
    this.requires = options.prometheus ? ['keda'] : ['keda', 'kube-prometheus-stack'];
    this.replicas = {
      min: minReplicas,
      max: maxReplicas,
      autoscaled: true,
      schedules: options.schedules,
      requests: {
        inFlight: requestsPerReplica ?? 16,
        scaleUpSeconds: options.scaleUpSeconds ?? 30,
        scaleDownSeconds: options.scaleDownSeconds,
      },
    };
  }

  public bind(scope: Construct, context: ScalingContext): void {
    const { options } = this;
    const { name, namespace, labels } = context;
    const scaleDownSeconds = options.scaleDownSeconds ?? settleSeconds(context.startupSeconds);
    const authentication = this.authentication(scope, context);

    new ScaledObject(scope, 'ScaledObject', {
      metadata: { name, namespace, labels: { ...labels } },
      spec: {
        scaleTargetRef: { apiVersion: context.target.apiVersion, kind: context.target.kind, name: context.target.name },
        pollingInterval: 15,
        cooldownPeriod: scaleDownSeconds,
        minReplicaCount: this.replicas.min,
        maxReplicaCount: this.replicas.max,
        advanced: {
          horizontalPodAutoscalerConfig: { behavior: scalingBehavior(options.scaleUpSeconds ?? 30, scaleDownSeconds) },
        },
        fallback: { failureThreshold: 3, replicas: Math.max(1, this.replicas.min), behavior: 'currentReplicasIfHigher' },
        triggers: [
          ...this.queries(context).map(({ trigger, query, threshold, activationThreshold }) => ({
            type: 'prometheus',
            name: trigger,
            metricType: 'AverageValue',
            metadata: {
              serverAddress: options.prometheus?.serverAddress ?? 'http://kube-prometheus-stack-prometheus.monitoring:9090',
              query,
              threshold: String(threshold),
              activationThreshold: String(activationThreshold),
              ignoreNullValues: 'false',
              ...(options.prometheus?.awsRegion && { awsRegion: options.prometheus.awsRegion }),
            },
            authenticationRef: authentication === undefined ? undefined : { name: authentication },
          })),
          ...(options.schedules ?? []).map(cronTrigger),
        ],
      },
    });
  }

  private queries(context: ScalingContext): TriggerQuery[] {
    const { activation, queuedPerReplica, kvCacheUsage } = this.options;
    const { metrics } = context;
    // with no replicas the engine's series are gone for a good reason: an error would keep the last replica
    const orZero = this.replicas.min === 0 ? ' or vector(0)' : '';
    const threshold = queuedPerReplica ?? 5;
    if (!metrics.queued) {
      throw new Error(`the engine of '${context.name}' does not report its queue: scale it with HpaScaling, or fix its replicas`);
    }
    const queries: TriggerQuery[] = [
      { trigger: 'queue', query: `sum(${seriesOf(metrics.queued, context)})${orZero}`, threshold, activationThreshold: 0 },
    ];
    if (metrics.kvCacheUsage) {
      // one share for each data parallel rank: a replica counts once, by their mean
      const query = `sum(avg by (pod) (${seriesOf(metrics.kvCacheUsage, context)}))${orZero}`;
      queries.push({ trigger: 'kv-cache', query, threshold: kvCacheUsage ?? 0.9, activationThreshold: 0 });
    }
    if (activation) {
      const activationThreshold = activation.threshold ?? 0;
      // it only wakes: how many replicas there are beyond the first is for the engine's own metrics to say
      queries.push({ trigger: 'activation', query: `clamp_max(${activation.query}, ${activationThreshold + 1})`, threshold: activationThreshold + 1, activationThreshold });
    }
    return queries;
  }

  private authentication(scope: Construct, { name, namespace, labels }: ScalingContext): string | undefined {
    const { prometheus } = this.options;
    if (prometheus?.authenticationName !== undefined || prometheus?.awsRegion === undefined) return prometheus?.authenticationName;
    new TriggerAuthentication(scope, 'ScalingAuthentication', {
      metadata: { name, namespace, labels: { ...labels } },
      spec: { podIdentity: { provider: 'aws' } },
    });
    return name;
  }
}

interface TriggerQuery {
  readonly trigger: string;
  readonly query: string;
  readonly threshold: number;
  readonly activationThreshold: number;
}

function cronTrigger({ start, end, timezone, replicas }: ScalingSchedule, index: number): ScaleTrigger {
  return {
    type: 'cron',
    name: `schedule-${index}`,
    metadata: { start, end, timezone: timezone ?? 'Etc/UTC', desiredReplicas: String(replicas) },
  };
}

function requirePositive(prop: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0)) throw new Error(`'${prop}' (${value}) must be above 0`);
}
