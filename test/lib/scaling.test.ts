import fc from 'fast-check';
import { Accelerator, FixedReplicas, HpaScaling, LlamaCpp, type ModelServerChartProps, QueueScaling, type QueueScalingOptions, SingleNode } from '../../lib';
import { manifestsOf, modelServer, theOnly } from '../fixtures/model-server';

/** A server that scales on its queue, with one thing changed. */
function queueScaled(options: Partial<QueueScalingOptions> = {}, server: Partial<ModelServerChartProps> = {}) {
  return modelServer({ scaling: new QueueScaling({ maxReplicas: 4, ...options }), ...server });
}

interface Trigger {
  readonly type: string;
  readonly metricType?: string;
  readonly metadata: { readonly [key: string]: string };
}

/** The triggers of a ScaledObject, by name. */
function triggersOf(chart: ReturnType<typeof modelServer>): { [name: string]: Trigger } {
  return Object.fromEntries(theOnly('ScaledObject', chart).spec.triggers.map((trigger: { name: string }) => [trigger.name, trigger]));
}

describe('scaling on the queue', () => {
  const chart = queueScaled();
  const { spec } = theOnly('ScaledObject', chart);
  const triggers = triggersOf(chart);

  test('sets the replicas of the Deployment, which leaves them out', () => {
    expect(spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'chat' });
    expect(spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 4 });
    expect(theOnly('Deployment', chart).spec).not.toHaveProperty('replicas');
  });

  test('asks for one number: KEDA fails on more than one series', () => {
    for (const { metadata } of Object.values(triggers)) expect(metadata.query).toMatch(/^sum\(.*\)$/);
  });

  test('asks with the label that the engine writes', () => {
    expect(triggers.queue.metadata.query).toBe(
      'sum(vllm:num_requests_waiting{namespace="inference",pod=~"chat-[a-z0-9]{5,10}-[a-z0-9]{5}",model_name="Qwen/Qwen3-1.7B"})',
    );
    expect(triggers.queue.metadata.query).not.toContain('{model=');
  });

  test('counts a replica once for its KV cache, whatever its data parallel ranks', () => {
    expect(triggers['kv-cache'].metadata).toMatchObject({ threshold: '0.9' });
    expect(triggers['kv-cache'].metadata.query).toContain('sum(avg by (pod) (vllm:kv_cache_usage_perc{');
    expect(triggers['kv-cache'].metadata.query).not.toContain('gpu_cache_usage_perc');
  });

  test('takes a lost metric for an error and not for an idle server', () => {
    for (const { metadata, metricType } of Object.values(triggers)) {
      expect(metadata.ignoreNullValues).toBe('false');
      expect(metricType).toBe('AverageValue'); // a fallback works with nothing else
    }
    expect(spec.fallback).toEqual({ failureThreshold: 3, replicas: 1, behavior: 'currentReplicasIfHigher' });
  });

  test('writes no field that KEDA does not know', () => {
    for (const { metadata } of Object.values(triggers)) expect(metadata).not.toHaveProperty('metricName');
  });

  test('removes one replica at a time, and later than one takes to come', () => {
    const slow = theOnly('ScaledObject', queueScaled({}, { startupSeconds: 1500 })).spec;
    const { scaleDown } = slow.advanced.horizontalPodAutoscalerConfig.behavior;
    expect(scaleDown.stabilizationWindowSeconds).toBe(1500);
    expect(scaleDown.policies).toEqual([{ type: 'Pods', value: 1, periodSeconds: 60 }]);
    expect(slow.cooldownPeriod).toBe(1500);
  });

  test('stays within the longest window of Kubernetes', () => {
    const { scaleDown } = theOnly('ScaledObject', queueScaled({}, { startupSeconds: 9000 })).spec.advanced.horizontalPodAutoscalerConfig.behavior;
    expect(scaleDown.stabilizationWindowSeconds).toBe(3600);
  });

  test('has its metrics scraped', () => {
    expect(theOnly('PodMonitor', chart).spec.podMetricsEndpoints).toMatchObject([{ port: 'http', path: '/metrics' }]);
    expect(manifestsOf(queueScaled({}, { podMonitor: false })).map(({ kind }) => kind)).not.toContain('PodMonitor');
  });

  test('names the controllers that it needs', () => {
    expect(new QueueScaling({ maxReplicas: 2 }).requires).toEqual(['keda', 'kube-prometheus-stack']);
    expect(new QueueScaling({ maxReplicas: 2, prometheus: { serverAddress: 'http://prometheus' } }).requires).toEqual(['keda']);
  });
});

describe('scaling to zero', () => {
  const chart = queueScaled({ minReplicas: 0, activation: { query: 'sum(rate(gateway_requests[5m]))' } });
  const triggers = triggersOf(chart);

  test('wakes by a signal that is there without replicas', () => {
    expect(triggers.activation.metadata).toMatchObject({
      query: 'clamp_max(sum(rate(gateway_requests[5m])), 1)',
      activationThreshold: '0',
      threshold: '1',
    });
  });

  test('takes the end of the series for what it is: an error would keep the last replica', () => {
    expect(triggers.queue.metadata.query).toMatch(/ or vector\(0\)$/);
    expect(triggers['kv-cache'].metadata.query).toMatch(/ or vector\(0\)$/);
  });
});

test('schedules hold a number of replicas', () => {
  const schedules = [{ start: '0 8 * * 1-5', end: '0 18 * * 1-5', replicas: 3, timezone: 'Europe/Vienna' }];
  expect(triggersOf(queueScaled({ schedules }))['schedule-0']).toEqual({
    type: 'cron',
    name: 'schedule-0',
    metadata: { start: '0 8 * * 1-5', end: '0 18 * * 1-5', timezone: 'Europe/Vienna', desiredReplicas: '3' },
  });
});

test('Amazon Managed Prometheus is asked with the identity of KEDA', () => {
  const chart = queueScaled({ prometheus: { serverAddress: 'https://aps-workspaces.us-west-2.amazonaws.com/workspaces/ws-1', awsRegion: 'us-west-2' } });
  expect(theOnly('TriggerAuthentication', chart).spec).toEqual({ podIdentity: { provider: 'aws' } });
  expect(triggersOf(chart).queue).toMatchObject({ authenticationRef: { name: 'chat' }, metadata: { awsRegion: 'us-west-2' } });
});

test('quotes in a name do not end the text of a query', () => {
  const { query } = triggersOf(queueScaled({}, { servedName: 'a"} or up{b="' })).queue.metadata;
  expect(query).toContain('model_name="a\\"} or up{b=\\""');
});

test('two servers of one model in a namespace count their own pods', () => {
  const pods = (name: string) => new RegExp(`^(?:${/pod=~"([^"]*)"/.exec(triggersOf(queueScaled({}, { name })).queue.metadata.query)?.[1]})$`);
  expect('chat-7d9f8b6c5d-x2x4z').toMatch(pods('chat'));
  expect('chat-large-7d9f8b6c5d-x2x4z').not.toMatch(pods('chat'));
  expect('chat-large-7d9f8b6c5d-x2x4z').toMatch(pods('chat-large'));
});

test('an engine without a KV cache metric is scaled on its queue alone', () => {
  const chart = queueScaled({}, { engine: new LlamaCpp({ file: 'model.gguf' }), accelerator: Accelerator.M8G_8XLARGE });
  expect(Object.keys(triggersOf(chart))).toEqual(['queue']);
  expect(triggersOf(chart).queue.metadata.query).toContain('llamacpp:requests_deferred');
});

describe("Kubernetes' own autoscaler", () => {
  test('scales on CPU, and on what an adapter serves', () => {
    const scaling = new HpaScaling({
      maxReplicas: 3,
      cpuPercent: 70,
      podMetric: { name: 'vllm_num_requests_waiting', averageValue: 5 },
      externalMetric: { name: 'queue', averageValue: 2.5, labels: { team: 'chat' } },
    });
    const { spec } = theOnly('HorizontalPodAutoscaler', modelServer({ scaling }));
    expect(spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'chat' },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        { type: 'Pods', pods: { metric: { name: 'vllm_num_requests_waiting' }, target: { type: 'AverageValue', averageValue: 5 } } },
        { type: 'External', external: { metric: { name: 'queue', selector: { matchLabels: { team: 'chat' } } }, target: { averageValue: 2.5 } } },
      ],
    });
    expect(spec.behavior.scaleDown.stabilizationWindowSeconds).toBeGreaterThanOrEqual(600);
  });

  test('owns the number of replicas', () => {
    const chart = modelServer({ scaling: new HpaScaling({ maxReplicas: 3, cpuPercent: 70 }) });
    expect(theOnly('Deployment', chart).spec).not.toHaveProperty('replicas');
  });
});

test('a fixed number is written down', () => {
  const chart = modelServer({ scaling: new FixedReplicas(3), topology: new SingleNode() });
  expect(theOnly('Deployment', chart).spec.replicas).toBe(3);
  expect(manifestsOf(chart).map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
});

test('bounds in order are taken, and no others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (minReplicas, maxReplicas) => {
      const build = () => new QueueScaling({ minReplicas, maxReplicas });
      if (minReplicas <= maxReplicas) expect(build().replicas).toMatchObject({ min: minReplicas, max: maxReplicas, autoscaled: true });
      else expect(build).toThrow(`'minReplicas' (${minReplicas}) must be at most 'maxReplicas' (${maxReplicas})`);
    }),
  );
});

test.each<[string, () => unknown, string]>([
  ['half a replica', () => new FixedReplicas(0.5), "'replicas' (0.5) must be a whole number, 0 or more"],
  ['fewer than none', () => new QueueScaling({ minReplicas: -1, maxReplicas: 2 }), "'minReplicas' (-1) must be a whole number, 0 or more"],
  ['no most', () => new QueueScaling({ maxReplicas: 0 }), "'maxReplicas' (0) must be a whole number, 1 or more"],
  ['zero without a signal', () => new QueueScaling({ minReplicas: 0, maxReplicas: 2 }), "set 'activation' to a query on the gateway's requests, or 'minReplicas' to 1"],
  ['a share in percent', () => new QueueScaling({ maxReplicas: 2, kvCacheUsage: 90 }), "'kvCacheUsage' (90) must be above 0 and at most 1: it is a share"],
  ['an empty queue', () => new QueueScaling({ maxReplicas: 2, queuedPerReplica: 0 }), "'queuedPerReplica' (0) must be above 0"],
  [
    'a schedule above the most',
    () => new QueueScaling({ maxReplicas: 2, schedules: [{ start: '0 8 * * *', end: '0 9 * * *', replicas: 3 }] }),
    "'replicas' (3) of a schedule must be at most 'maxReplicas' (2)",
  ],
  ['nothing to scale on', () => new HpaScaling({ maxReplicas: 2 }), "set 'cpuPercent', 'podMetric' or 'externalMetric'"],
  ['zero with an HPA', () => new HpaScaling({ minReplicas: 0, maxReplicas: 2, cpuPercent: 50 }), "'minReplicas' (0) must be at least 1"],
  ['half a percent', () => new HpaScaling({ maxReplicas: 2, cpuPercent: 0.5 }), "'cpuPercent' (0.5) must be a whole number above 0"],
  ['a window of two hours', () => new HpaScaling({ maxReplicas: 2, cpuPercent: 50, scaleDownSeconds: 7200 }), "'scaleDownSeconds' (7200) must be between 0 and 3600"],
])('refuses %s', (_, build, message) => {
  expect(build).toThrow(message);
});
