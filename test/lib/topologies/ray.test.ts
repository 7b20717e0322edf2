import { parse } from 'yaml';
import { Accelerator, FixedReplicas, HpaScaling, type ModelServerChartProps, Parallelism, QueueScaling, Ray, RayUpgrade, Versions, Vllm, Weights } from '../../../lib';
import { manifestsOf, modelServer, theOnly } from '../../fixtures/model-server';

/** A model server on Ray, with one thing changed. */
function onRay(override: Partial<ModelServerChartProps> = {}) {
  return modelServer({ topology: new Ray(), ...override });
}

/** What Ray Serve is told. */
function serveConfigOf(chart: ReturnType<typeof modelServer>) {
  const [application] = parse(theOnly('RayService', chart).spec.serveConfigV2).applications;
  return { application, model: application.args.llm_configs[0] };
}

describe('a model that scales by its requests', () => {
  const scaling = new QueueScaling({ minReplicas: 2, maxReplicas: 6, requestsPerReplica: 24, scaleUpSeconds: 45, scaleDownSeconds: 900 });
  const chart = onRay({ scaling, weights: Weights.s3('s3://weights/qwen') });
  const cluster = theOnly('RayService', chart).spec.rayClusterConfig;
  const [workers] = cluster.workerGroupSpecs;
  const { application, model } = serveConfigOf(chart);

  test('is scaled by Ray Serve, and not by a number that is called so', () => {
    expect(model.deployment_config).toEqual({
      autoscaling_config: {
        min_replicas: 2,
        initial_replicas: 2,
        max_replicas: 6,
        target_ongoing_requests: 24,
        upscale_delay_s: 45,
        downscale_delay_s: 900,
      },
      graceful_shutdown_timeout_s: 60,
    });
  });

  test('gets a worker for each replica, and gives it back', () => {
    expect(cluster.enableInTreeAutoscaling).toBe(true);
    expect(cluster.autoscalerOptions).toMatchObject({ version: 'v2', idleTimeoutSeconds: 60 });
    expect(workers).toMatchObject({ replicas: 2, minReplicas: 2, maxReplicas: 6 });
    expect(workers.template.spec.containers[0].resources.limits['nvidia.com/gpu']).toBe(1);
  });

  test('gets other bounds into effect: KubeRay compares the pods, and not the bounds', () => {
    expect(workers.template.metadata.annotations['cdk-eks-inference/replicas']).toBe('2-6');
  });

  test('installs nothing at the start', () => {
    expect(application.import_path).toBe('ray.serve.llm:build_openai_app');
    expect(JSON.stringify(application)).not.toContain('runtime_env');
    expect(JSON.stringify(application)).not.toContain('pip');
  });

  test('streams its weights from the bucket with the identity of the server', () => {
    expect(model.model_loading_config).toEqual({ model_id: 'Qwen/Qwen3-1.7B', model_source: '/cache/model' });
    expect(model.engine_kwargs).toMatchObject({
      load_format: 'runai_streamer',
      model_weights: expect.stringMatching(/^s3:\/\/weights\/qwen/),
      tensor_parallel_size: 1,
    });
    const [settings] = workers.template.spec.initContainers;
    expect(settings.args.slice(0, 4)).toEqual(['s3', 'sync', model.engine_kwargs.model_weights, '/cache/model']);
    expect(settings.args.join(' ')).toContain('--exclude *.safetensors'); // the weights themselves are streamed
    expect(workers.template.spec.serviceAccountName).toBe('chat');
    expect(workers.template.spec.containers[0].env).toContainEqual({ name: 'AWS_REGION', value: 'us-west-2' });
  });

  test('leaves out what Ray Serve LLM sets and refuses to be told', () => {
    expect(model.engine_kwargs).not.toHaveProperty('model');
    expect(model.engine_kwargs).not.toHaveProperty('served_model_name');
    expect(model.engine_kwargs).not.toHaveProperty('distributed_executor_backend');
  });

  test('has a head without work', () => {
    const head = cluster.headGroupSpec;
    expect(head.rayStartParams['num-cpus']).toBe('0');
    expect(head.template.spec.containers[0].resources.limits).not.toHaveProperty('nvidia.com/gpu');
    expect(theOnly('RayService', chart).spec.excludeHeadPodFromServeSvc).toBe(true);
    expect(head.template.metadata.annotations['karpenter.sh/do-not-disrupt']).toBe('true');
  });

  test('lets the autoscaler reach the API server with an account of KubeRay, and nothing else', () => {
    const head = cluster.headGroupSpec.template.spec;
    expect(head).not.toHaveProperty('serviceAccountName');
    expect(head.automountServiceAccountToken).toBe(true);
    expect(workers.template.spec.automountServiceAccountToken).toBe(false);
  });

  test('hardens every pod', () => {
    for (const { spec } of [cluster.headGroupSpec.template, workers.template]) {
      expect(spec.enableServiceLinks).toBe(false);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.containers[0].securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    }
  });

  test('keeps the home of the image, through which Ray is found', () => {
    expect(workers.template.spec.containers[0].env.map(({ name }: { name: string }) => name)).not.toContain('HOME');
  });

  test('leaves command and restart policy to KubeRay', () => {
    expect(workers.template.spec.containers[0]).not.toHaveProperty('command');
    expect(workers.template.spec).not.toHaveProperty('restartPolicy');
  });

  test('selects by labels that its pods have: the cluster of a RayService has a name nobody knows beforehand', () => {
    expect(JSON.stringify(manifestsOf(chart))).not.toContain('"ray.io/cluster"');
    expect(theOnly('Service', chart).spec.selector).toEqual({
      'app.kubernetes.io/name': 'chat',
      'app.kubernetes.io/component': 'model-server',
      'ray.io/serve': 'true',
      'ray.io/node-type': 'worker',
    });
  });

  test('spreads its workers over zones as a wish', () => {
    expect(workers.template.spec.topologySpreadConstraints).toMatchObject([{ whenUnsatisfiable: 'ScheduleAnyway' }]);
  });

  test('is drained one worker at a time, counted as Kubernetes can count pods of a custom resource', () => {
    expect(theOnly('PodDisruptionBudget', chart).spec).toEqual({
      minAvailable: 1,
      selector: { matchLabels: expect.objectContaining({ 'ray.io/node-type': 'worker' }) },
    });
  });

  test('needs no KEDA', () => {
    expect(manifestsOf(chart).map(({ kind }) => kind)).not.toContain('ScaledObject');
  });

  test('has its metrics where Ray exports them', () => {
    expect(chart.engineConfig.metrics.queued).toBe('ray_vllm_num_requests_waiting');
    expect(chart.engineConfig.metricsPort).toBe(8080);
    expect(theOnly('NetworkPolicy', chart).spec.ingress).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      ports: [{ protocol: 'TCP', port: 8080 }],
    });
  });

  test('lets the operator reach the head', () => {
    expect(theOnly('NetworkPolicy', chart).spec.ingress).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kuberay-system' } } }],
      ports: [{ protocol: 'TCP', port: 8265 }],
    });
  });

  test('takes no requests before its model has run once', () => {
    const { readinessProbe } = workers.template.spec.containers[0];
    expect(readinessProbe.exec.command[2]).toContain('/api/serve/applications/');
    expect(readinessProbe.exec.command[2]).toContain('/-/healthz');
  });
});

describe('a fixed number of replicas', () => {
  const chart = onRay({ scaling: new FixedReplicas(3) });
  const cluster = theOnly('RayService', chart).spec.rayClusterConfig;

  test('has as many workers and no autoscaler', () => {
    expect(serveConfigOf(chart).model.deployment_config).toMatchObject({ num_replicas: 3 });
    expect(serveConfigOf(chart).model.deployment_config).not.toHaveProperty('autoscaling_config');
    expect(cluster.enableInTreeAutoscaling).toBe(false);
    expect(cluster).not.toHaveProperty('autoscalerOptions');
    expect(cluster.workerGroupSpecs[0]).toMatchObject({ replicas: 3, minReplicas: 3, maxReplicas: 3 });
    expect(cluster.headGroupSpec.template.spec.automountServiceAccountToken).toBe(false);
  });
});

test('the disruption budget of one replica lets it go: its node could never be drained otherwise', () => {
  expect(theOnly('PodDisruptionBudget', onRay()).spec.minAvailable).toBe(0);
});

test('replicas go later than one takes to come, where nothing else is said', () => {
  const chart = onRay({ scaling: new QueueScaling({ maxReplicas: 2 }), startupSeconds: 1700 });
  expect(serveConfigOf(chart).model.deployment_config.autoscaling_config.downscale_delay_s).toBe(1700);
});

test('the Service is the same as on a single node, but for the pods behind it', () => {
  const service = (chart: ReturnType<typeof modelServer>) => theOnly('Service', chart);
  expect(service(onRay()).metadata.name).toBe(service(modelServer()).metadata.name);
  expect(service(onRay()).spec.ports).toEqual(service(modelServer()).spec.ports);
  expect(onRay().servedName).toBe(modelServer().servedName);
});

test('the parsers of tools and reasoning come along', () => {
  const { model } = serveConfigOf(onRay({ engine: new Vllm({ toolCallParser: 'hermes', reasoningParser: 'qwen3' }) }));
  expect(model.engine_kwargs).toMatchObject({ enable_auto_tool_choice: true, tool_call_parser: 'hermes', reasoning_parser: 'qwen3' });
});

test('the control store can live outside the head', () => {
  const gcsStore = { address: 'rediss://state.cache.amazonaws.com:6380', password: { secretName: 'ray-state', key: 'token' } };
  const chart = onRay({ topology: new Ray({ gcsStore }) });
  expect(theOnly('RayService', chart).spec.rayClusterConfig.gcsFaultToleranceOptions).toEqual({
    redisAddress: 'rediss://state.cache.amazonaws.com:6380',
    redisPassword: { valueFrom: { secretKeyRef: { name: 'ray-state', key: 'token' } } },
  });
  expect(theOnly('NetworkPolicy', chart).spec.egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 6380 }] });
});

test('a change builds a second cluster, or leaves the first alone', () => {
  const upgrade = (topology: Ray) => theOnly('RayService', onRay({ topology })).spec.upgradeStrategy;
  expect(upgrade(new Ray())).toEqual({ type: 'NewCluster' });
  expect(upgrade(new Ray({ upgrade: RayUpgrade.NONE }))).toEqual({ type: 'None' });
});

test('adapters are loaded from a bucket when they are asked for', () => {
  const { model } = serveConfigOf(onRay({ topology: new Ray({ loraPath: 's3://weights/adapters' }) }));
  expect(model.lora_config).toEqual({ dynamic_lora_loading_path: 's3://weights/adapters' });
});

test('another image says which Ray is in it', () => {
  const chart = onRay({ topology: new Ray({ image: 'acme/ray-llm:1', rayVersion: '2.60.0' }) });
  const cluster = theOnly('RayService', chart).spec.rayClusterConfig;
  expect(cluster.rayVersion).toBe('2.60.0');
  expect(cluster.headGroupSpec.template.spec.containers[0].image).toBe('acme/ray-llm:1');
  expect(cluster.workerGroupSpecs[0].template.spec.containers[0].image).toBe('acme/ray-llm:1');
  expect(theOnly('RayService', onRay()).spec.rayClusterConfig.rayVersion).toBe(Versions.RAY);
});

test.each<[string, () => unknown, string]>([
  ['an image without its Ray', () => new Ray({ image: 'acme/ray:1' }), "'image' (acme/ray:1) needs 'rayVersion'"],
  ['adapters on a disk', () => new Ray({ loraPath: '/adapters' }), "'loraPath' (/adapters) must be a folder in a bucket"],
  ['a store without a port', () => onRay({ topology: new Ray({ gcsStore: { address: 'redis' } }) }), "'address' (redis) of 'gcsStore' must end with its port: write redis:6379"],
  ['CPU nodes', () => onRay({ accelerator: Accelerator.M8G_8XLARGE }), "'accelerator' (m8g.8xlarge) has no image of Ray Serve LLM"],
  ['an image of the engine', () => onRay({ engine: new Vllm({ image: 'acme/vllm:1' }) }), "'image' (acme/vllm:1) of the engine is not used by Ray: set 'image' and 'rayVersion' of Ray"],
  [
    'data parallel ranks',
    () => onRay({ accelerator: Accelerator.G6_12XLARGE, parallelism: Parallelism.of({ tensor: 2, data: 2 }) }),
    "'data' (2) must be 1 in Ray",
  ],
  ['a signal that Ray does not see', () => onRay({ scaling: new HpaScaling({ maxReplicas: 2, cpuPercent: 80 }) }), 'Ray scales by the requests in flight'],
  [
    'schedules',
    () => onRay({ scaling: new QueueScaling({ maxReplicas: 2, schedules: [{ start: '0 8 * * *', end: '0 18 * * *', replicas: 2 }] }) }),
    "'schedules' are not known to Ray",
  ],
  [
    'no workers',
    () => onRay({ scaling: new QueueScaling({ minReplicas: 0, maxReplicas: 2, activation: { query: 'sum(requests)' } }) }),
    "'minReplicas' (0) must be at least 1 in Ray",
  ],
  [
    'adapters of the engine',
    () => onRay({ engine: new Vllm({ lora: { adapters: [{ name: 'sql', source: 'acme/sql' }] } }) }),
    "'lora.adapters' of the engine are not served by Ray",
  ],
  ['a long name', () => onRay({ name: 'a'.repeat(48) }), 'must have at most 47 characters in Ray'],
])('refuses %s', (_, build, message) => {
  expect(build).toThrow(message);
});
