import { Accelerator, AIBrix, AIBrixRouting, FixedReplicas, HpaScaling, LlamaCpp, type ModelServerChartProps, QueueScaling, SgLang, Vllm } from '../../../lib';
import { type Manifest, manifestsOf, modelServer, theOnly } from '../../fixtures/model-server';

/** A server under AIBrix, with one thing changed. */
function onAIBrix(override: Partial<ModelServerChartProps> = {}) {
  return modelServer({ topology: new AIBrix(), ...override });
}

/** The object of a kind and name. */
function named(kind: string, name: string, chart: ReturnType<typeof modelServer>): Manifest {
  const found = manifestsOf(chart).find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

/** The annotations of an object. */
function annotationsOf(manifest: Manifest): { readonly [key: string]: string } {
  return (manifest.metadata as { annotations?: { [key: string]: string } }).annotations ?? {};
}

describe('a model at the gateway of AIBrix', () => {
  const chart = onAIBrix();
  const deployment = theOnly('Deployment', chart);
  const { template } = deployment.spec;
  const [engine] = template.spec.containers;

  test('has the labels by which AIBrix finds it, on the Deployment and on its pods', () => {
    const expected = {
      'model.aibrix.ai/name': 'chat-aibrix',
      'model.aibrix.ai/port': '8000',
      'model.aibrix.ai/metric-port': '8000', // `metrics-port` is read by nobody
      'model.aibrix.ai/engine': 'vllm',
    };
    expect(deployment.metadata.labels).toMatchObject(expected);
    expect(template.metadata.labels).toMatchObject(expected);
  });

  test('answers to the gateway name, which is a Service on the port of the pods, and to the served name', () => {
    const at = engine.args.indexOf('--served-model-name');
    expect(engine.args.slice(at + 1, at + 3)).toEqual(['chat-aibrix', 'Qwen/Qwen3-1.7B']);
    expect(named('Service', 'chat-aibrix', chart).spec).toMatchObject({ ports: [{ port: 8000, targetPort: 'http' }] });
    expect(chart.servedName).toBe('Qwen/Qwen3-1.7B');
    expect(chart.metricsModelName).toBe('chat-aibrix');
  });

  test('keeps the contract of the endpoint', () => {
    expect(named('Service', 'chat', chart).spec).toEqual(theOnly('Service', modelServer()).spec);
  });

  test('is routed by the strategy of its profile', () => {
    expect(JSON.parse(template.metadata.annotations['model.aibrix.ai/config'])).toEqual({
      defaultProfile: 'default',
      profiles: { default: { routingStrategy: 'least-request' } },
    });
  });

  test('lets the control plane of AIBrix in', () => {
    expect(theOnly('NetworkPolicy', chart).spec.ingress).toContainEqual({
      from: ['aibrix-system', 'envoy-gateway-system'].map((name) => ({
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
      })),
      ports: [{ protocol: 'TCP', port: 8000 }],
    });
  });

  test('has no switch of development', () => {
    expect(JSON.stringify(template)).not.toContain('VLLM_SERVER_DEV_MODE');
  });
});

test('the strategy may be chosen', () => {
  const { template } = theOnly('Deployment', onAIBrix({ topology: new AIBrix({ routing: AIBrixRouting.PREFIX_CACHE }) })).spec;
  expect(template.metadata.annotations['model.aibrix.ai/config']).toContain('"routingStrategy":"prefix-cache"');
  expect(template.metadata.labels['model.aibrix.ai/routing-strategy']).toBe('prefix-cache');
});

describe('AIBrix scales', () => {
  const scaling = new QueueScaling({ maxReplicas: 5, requestsPerReplica: 20, scaleUpSeconds: 10, scaleDownSeconds: 700 });
  const chart = onAIBrix({ scaling });
  const autoscaler = theOnly('PodAutoscaler', chart);

  test('by the requests that run in the pods, under the name that vLLM has since 0.12', () => {
    expect(autoscaler.spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'chat' },
      minReplicas: 1,
      maxReplicas: 5,
      scalingStrategy: 'APA',
      metricsSources: [
        { metricSourceType: 'pod', protocolType: 'http', port: '8000', path: 'metrics', targetMetric: 'num_requests_running', targetValue: '20' },
      ],
    });
  });

  test('with the annotations that its code reads', () => {
    expect(annotationsOf(autoscaler)).toEqual({
      'autoscaling.aibrix.ai/scale-up-cooldown-window': '10s',
      'autoscaling.aibrix.ai/scale-down-cooldown-window': '700s',
    });
  });

  test('alone: the Deployment leaves the number out, and there is no ScaledObject', () => {
    expect(theOnly('Deployment', chart).spec).not.toHaveProperty('replicas');
    expect(manifestsOf(chart).map(({ kind }) => kind)).not.toContain('ScaledObject');
  });

  test('before the engine is full, where its concurrency is limited', () => {
    const limited = theOnly('PodAutoscaler', onAIBrix({ scaling, concurrency: 10 }));
    expect(limited.spec.metricsSources[0].targetValue).toBe('8');
  });
});

describe('one model on several instance types', () => {
  const topology = new AIBrix({ pools: [{ accelerator: Accelerator.G6E_XLARGE, scaling: new FixedReplicas(2) }] });
  const chart = onAIBrix({ topology });
  const first = named('Deployment', 'chat', chart);
  const second = named('Deployment', 'chat-g6e-xlarge', chart);

  test('is one model at the gateway and one endpoint', () => {
    expect(first.spec.template.metadata.labels['model.aibrix.ai/name']).toBe('chat-aibrix');
    expect(second.spec.template.metadata.labels['model.aibrix.ai/name']).toBe('chat-aibrix');
    const selector = named('Service', 'chat', chart).spec.selector;
    for (const { spec } of [first, second]) expect(spec.template.metadata.labels).toMatchObject(selector);
  });

  test('runs in Deployments that do not claim the pods of each other', () => {
    expect(first.spec.selector.matchLabels['cdk-eks-inference/pool']).toBe('main');
    expect(second.spec.selector.matchLabels['cdk-eks-inference/pool']).toBe('g6e-xlarge');
    expect(second.spec.replicas).toBe(2);
    expect(JSON.stringify(second.spec.template.spec.affinity)).toContain('"l40s"');
  });
});

describe('LoRA adapters', () => {
  const engine = new Vllm({ lora: { runtimeUpdates: true, maxAdapters: 4 } });
  const adapters = [
    { name: 'sql', source: 'huggingface://acme/qwen-sql' },
    { name: 'law', source: '/adapters/law', everywhere: false },
  ];
  const chart = onAIBrix({ engine, topology: new AIBrix({ adapters }) });

  test('are loaded into the running pods that allow it', () => {
    expect(named('ModelAdapter', 'sql', chart).spec).toEqual({
      baseModel: 'chat-aibrix',
      podSelector: { matchLabels: { 'model.aibrix.ai/name': 'chat-aibrix', 'adapter.model.aibrix.ai/enabled': 'true' } },
      artifactURL: 'huggingface://acme/qwen-sql',
    });
    expect(named('ModelAdapter', 'law', chart).spec.replicas).toBe(1);
    expect(theOnly('Deployment', chart).spec.template.metadata.labels['adapter.model.aibrix.ai/enabled']).toBe('true');
  });

  test('have labels of their own, by which the gateway routes to them', () => {
    expect(named('ModelAdapter', 'sql', chart).metadata.labels).toMatchObject({ 'model.aibrix.ai/name': 'sql', 'model.aibrix.ai/port': '8000' });
  });
});

describe('prefill and decode', () => {
  const chart = onAIBrix({ topology: new AIBrix({ disaggregation: { prefillReplicas: 2 } }), scaling: new FixedReplicas(3) });
  const storm = theOnly('StormService', chart).spec;

  test('are roles of one set, sized apart', () => {
    expect(storm.replicas).toBe(1);
    expect(storm.template.spec.roles.map(({ name, replicas }: { name: string; replicas: number }) => [name, replicas])).toEqual([
      ['prefill', 2],
      ['decode', 3],
    ]);
    for (const role of storm.template.spec.roles) {
      expect(role.template.metadata.annotations['model.aibrix.ai/config']).toContain('"routingStrategy":"pd"');
      expect(role.template.spec.containers[0].args.join(' ')).toContain('NixlConnector');
    }
  });

  test('are not named as a Service: AIBrix makes a headless one of their name', () => {
    const services = manifestsOf(chart).filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
    expect(services).not.toContain(theOnly('StormService', chart).metadata.name);
  });

  test('are told from those of the same name in another namespace, where AIBrix looks too', () => {
    expect(storm.selector.matchLabels['cdk-eks-inference/namespace']).toBe(theOnly('StormService', chart).metadata.namespace);
    expect(storm.template.metadata.labels).toEqual(storm.selector.matchLabels);
  });

  test('take requests at decode, and are drained one at a time', () => {
    expect(named('Service', 'chat', chart).spec.selector).toMatchObject({ 'role-name': 'decode' });
    expect(theOnly('PodDisruptionBudget', chart).spec).toMatchObject({ minAvailable: 2, selector: { matchLabels: { 'role-name': 'decode' } } });
  });
});

test('KV cache can live in the memory of other pods', () => {
  const chart = onAIBrix({ topology: new AIBrix({ kvCache: { engineImage: 'acme/vllm-aibrix:1', replicas: 2, memoryGiB: 64 } }) });
  const cache = theOnly('KVCache', chart);
  const [engine] = theOnly('Deployment', chart).spec.template.spec.containers;
  expect(annotationsOf(cache)).toEqual({ 'kvcache.orchestration.aibrix.ai/backend': 'infinistore' });
  expect(cache.spec.cache).toMatchObject({ replicas: 2, resources: { limits: { memory: '64Gi' } } });
  expect(engine.image).toBe('acme/vllm-aibrix:1');
  expect(engine.args.slice(-2)).toEqual(['--kv-transfer-config', '{"kv_connector":"AIBrixOffloadingConnectorV1Type3","kv_role":"kv_both"}']);
  expect(engine.env).toContainEqual({ name: 'AIBRIX_KV_CACHE_OL_META_SERVICE_URL', value: `redis://${cache.metadata.name}-redis:6379` });
  const cachePods = { podSelector: { matchLabels: { 'kvcache.orchestration.aibrix.ai/name': cache.metadata.name } } };
  const policies = manifestsOf(chart).filter(({ kind }) => kind === 'NetworkPolicy');
  const [server, own] = ['chat', cache.metadata.name].map((name) => policies.find(({ metadata }) => metadata.name === name)?.spec);
  expect(server.egress).toContainEqual({ to: [cachePods] });
  expect(own).toMatchObject({ ...cachePods, policyTypes: ['Ingress', 'Egress'] });
  expect(own.ingress).toEqual([{ from: [cachePods, { podSelector: server.podSelector }] }]);
});

test('two servers of one model in a namespace share no name', () => {
  const names = (name: string) => manifestsOf(onAIBrix({ name })).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  const first = names('chat');
  expect(names('code').filter((name) => first.includes(name))).toEqual([]);
});

test('SGLang is known to AIBrix as well', () => {
  const { template } = theOnly('Deployment', onAIBrix({ engine: new SgLang() })).spec;
  expect(template.metadata.labels['model.aibrix.ai/engine']).toBe('sglang');
});

test.each<[string, () => unknown, string]>([
  ['a gateway name that is no DNS label', () => new AIBrix({ modelName: 'Qwen/Qwen3' }), "'modelName' (Qwen/Qwen3) must be a DNS label"],
  ['the name of the Service of the server', () => onAIBrix({ topology: new AIBrix({ modelName: 'chat' }) }), "'modelName' (chat) is the name of the model server's own Service"],
  ['an adapter in a bucket', () => new AIBrix({ adapters: [{ name: 'sql', source: 's3://b/sql' }] }), "'source' (s3://b/sql) of the adapter 'sql' must be huggingface://owner/name"],
  [
    'an adapter named as the model server, whose Service it would take',
    () => onAIBrix({ engine: new Vllm({ lora: { runtimeUpdates: true } }), topology: new AIBrix({ adapters: [{ name: 'chat', source: '/chat' }] }) }),
    "'name' (chat) of an adapter is the name of a Service of the model server",
  ],
  [
    'adapters that the engine does not take while it runs',
    () => onAIBrix({ topology: new AIBrix({ adapters: [{ name: 'sql', source: '/sql' }] }) }),
    'write new Vllm({ lora: { runtimeUpdates: true } })',
  ],
  ['no prefill', () => new AIBrix({ disaggregation: { prefillReplicas: 0 } }), "'prefillReplicas' (0) must be a whole number, 1 or more"],
  [
    'pools of pods that do one half',
    () => new AIBrix({ disaggregation: { prefillReplicas: 1 }, pools: [{ accelerator: Accelerator.G6E_XLARGE }] }),
    "'disaggregation' excludes 'pools'",
  ],
  [
    'a pool twice',
    () => onAIBrix({ topology: new AIBrix({ pools: [{ accelerator: Accelerator.G6E_XLARGE }, { accelerator: Accelerator.G6E_XLARGE }] }) }),
    "'pools' has 'g6e.xlarge' twice",
  ],
  ['an unknown engine', () => onAIBrix({ engine: new LlamaCpp({ file: 'model.gguf' }), accelerator: Accelerator.M8G_8XLARGE }), "engine 'llama-cpp' is not known to AIBrix"],
  ['a signal that AIBrix does not see', () => onAIBrix({ scaling: new HpaScaling({ maxReplicas: 2, cpuPercent: 80 }) }), 'AIBrix scales by the requests in the pods'],
  [
    'an autoscaled role',
    () => onAIBrix({ topology: new AIBrix({ disaggregation: { prefillReplicas: 1 } }), scaling: new QueueScaling({ maxReplicas: 2 }) }),
    'fix the replicas, or use Disaggregated',
  ],
])('refuses %s', (_, build, message) => {
  expect(build).toThrow(message);
});
