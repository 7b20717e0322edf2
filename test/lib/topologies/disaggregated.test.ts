import { Accelerator, Disaggregated, FixedReplicas, Model, type ModelServerChartProps, Parallelism, QueueScaling, SgLang } from '../../../lib';
import { type Manifest, manifestsOf, modelServer, theOnly } from '../../fixtures/model-server';

/** A server whose prompts and answers are apart, with one thing changed. */
function disaggregated(override: Partial<ModelServerChartProps> = {}) {
  return modelServer({ topology: new Disaggregated(), ...override });
}

/** The object of a kind and name. */
function named(kind: string, name: string, chart: ReturnType<typeof modelServer>): Manifest {
  const found = manifestsOf(chart).find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

/** The value of a flag. */
function flag(name: string, args: string[]): string {
  return args[args.indexOf(name) + 1];
}

describe('two sides that are sized apart', () => {
  const chart = disaggregated({
    scaling: new FixedReplicas(4),
    topology: new Disaggregated({ prefill: { accelerator: Accelerator.G6E_XLARGE, scaling: new FixedReplicas(2) } }),
  });
  const prefill = named('Deployment', 'chat-prefill', chart).spec;
  const decode = named('Deployment', 'chat-decode', chart).spec;
  const [prefillEngine] = prefill.template.spec.containers;
  const [decodeEngine] = decode.template.spec.containers;
  const [sidecar, router] = decode.template.spec.initContainers;

  test('have replicas and instance types of their own', () => {
    expect([prefill.replicas, decode.replicas]).toEqual([2, 4]);
    const gpu = (spec: typeof prefill) => JSON.stringify(spec.template.spec.affinity.nodeAffinity);
    expect(gpu(prefill)).toContain('"l40s"');
    expect(gpu(decode)).toContain('"l4"');
  });

  test('hand the KV cache over by NIXL, each in its role', () => {
    expect(JSON.parse(flag('--kv-transfer-config', prefillEngine.args))).toMatchObject({ kv_connector: 'NixlConnector', kv_role: 'kv_producer' });
    expect(JSON.parse(flag('--kv-transfer-config', decodeEngine.args))).toMatchObject({ kv_connector: 'NixlConnector', kv_role: 'kv_consumer' });
    for (const { env } of [prefillEngine, decodeEngine]) {
      expect(env).toContainEqual({ name: 'VLLM_NIXL_SIDE_CHANNEL_HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } });
      expect(env.map(({ name }: { name: string }) => name)).not.toContain('VLLM_SERVER_DEV_MODE');
    }
  });

  test('never claim the pods of the other', () => {
    expect(prefill.selector.matchLabels['cdk-eks-inference/role']).toBe('prefill');
    expect(decode.selector.matchLabels['cdk-eks-inference/role']).toBe('decode');
  });

  test('work behind a plain Service: each request names the prefill Service, whatever the client wrote', () => {
    expect(theOnlyEndpoint(chart).spec.selector).toMatchObject({ 'cdk-eks-inference/role': 'decode' });
    const config = JSON.parse(flag('--config-yaml', router.args));
    const [listener] = config.static_resources.listeners;
    const [host] = listener.filter_chains[0].filters[0].typed_config.route_config.virtual_hosts;
    expect(host.request_headers_to_add).toEqual([
      { header: { key: 'x-prefiller-host-port', value: 'chat-prefill.inference:80' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    ]);
    expect(named('Service', 'chat-prefill', chart).spec).toMatchObject({
      selector: { 'cdk-eks-inference/role': 'prefill' },
      ports: [{ port: 80, targetPort: 8000 }],
    });
  });

  test('pass a request through router and sidecar to the engine', () => {
    const config = JSON.parse(flag('--config-yaml', router.args)).static_resources;
    const socket = (address: { socket_address: { port_value: number } }) => address.socket_address.port_value;
    expect(router.ports).toEqual([{ name: 'http', containerPort: socket(config.listeners[0].address) }]);
    expect(sidecar.args).toContain(`--port=${socket(config.clusters[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address)}`);
    expect(sidecar.args).toContain(`--vllm-port=${flag('--port', decodeEngine.args)}`);
  });

  test('start router and sidecar before the engine, and end them after it', () => {
    expect(sidecar.restartPolicy).toBe('Always');
    expect(router.restartPolicy).toBe('Always');
    expect(prefill.template.spec).not.toHaveProperty('initContainers');
  });

  test('let clients reach the router only, and Prometheus the engines', () => {
    const { ingress } = theOnly('NetworkPolicy', chart).spec;
    expect(ingress).toContainEqual({ from: [namespace('inference')], ports: [{ protocol: 'TCP', port: 8080 }] });
    expect(ingress).toContainEqual({ from: [namespace('monitoring')], ports: [{ protocol: 'TCP', port: 8000 }] });
    expect(prefillEngine.ports).toEqual([{ name: 'metrics', containerPort: 8000 }]);
  });

  test('stay in one zone where they can', () => {
    expect(decode.template.spec.affinity.podAffinity).toHaveProperty('preferredDuringSchedulingIgnoredDuringExecution');
  });

  test('keep the contract of the endpoint', () => {
    expect(theOnlyEndpoint(chart).spec.ports).toEqual(theOnly('Service', modelServer()).spec.ports);
    expect(chart.servedName).toBe(modelServer().servedName);
    expect(flag('--served-model-name', prefillEngine.args)).toBe(flag('--served-model-name', decodeEngine.args));
  });
});

test('each side scales on its own series', () => {
  const scaling = new QueueScaling({ maxReplicas: 4 });
  const chart = disaggregated({ scaling, topology: new Disaggregated({ prefill: { scaling } }) });
  const query = (name: string) => named('ScaledObject', name, chart).spec.triggers[0].metadata.query;
  expect(query('chat-prefill')).toContain('pod=~"chat-prefill-[a-z0-9]{5,10}-[a-z0-9]{5}"');
  expect(query('chat')).toContain('pod=~"chat-decode-[a-z0-9]{5,10}-[a-z0-9]{5}"');
  expect(named('Deployment', 'chat-prefill', chart).spec).not.toHaveProperty('replicas');
  expect(named('Deployment', 'chat-decode', chart).spec).not.toHaveProperty('replicas');
});

test('a side that scales has its metrics scraped', () => {
  const chart = disaggregated({ topology: new Disaggregated({ prefill: { scaling: new QueueScaling({ maxReplicas: 2 }) } }) });
  expect(theOnly('PodMonitor', chart).spec.podMetricsEndpoints).toMatchObject([{ port: 'metrics' }]);
  expect(manifestsOf(disaggregated()).map(({ kind }) => kind)).not.toContain('PodMonitor');
});

describe('a mixture of experts over two nodes with EFA', () => {
  const topology = new Disaggregated({ decodeNodes: 2, prefill: { parallelism: Parallelism.of({ tensor: 1, data: 8, expert: true }) } });
  const chart = disaggregated({
    topology,
    model: Model.huggingFace('Qwen/Qwen3-235B-A22B-Instruct-2507-FP8'),
    accelerator: Accelerator.P5_48XLARGE,
    parallelism: Parallelism.of({ tensor: 1, pipeline: 1, data: 16, expert: true }),
  });
  const decode = theOnly('LeaderWorkerSet', chart);
  const { leaderTemplate, workerTemplate } = decode.spec.leaderWorkerTemplate;

  test('spreads the experts of decode over a group', () => {
    expect(decode.metadata.name).toBe('chat-decode-lws');
    expect(leaderTemplate.spec.containers[0].args.join(' ')).toContain('--data-parallel-size 16 --enable-expert-parallel');
    expect(topology.requires).toEqual(['leader-worker-set']);
  });

  test('sends requests to the router of the leader, and gives workers none', () => {
    expect(theOnlyEndpoint(chart).spec.selector).toMatchObject({
      'cdk-eks-inference/role': 'decode',
      'leaderworkerset.sigs.k8s.io/worker-index': '0',
    });
    expect(leaderTemplate.spec.initContainers).toHaveLength(2);
    expect(workerTemplate.spec).not.toHaveProperty('initContainers');
  });

  test('keeps leaders in the zone of the other pods, and does not spread them: workers follow', () => {
    const everyPod = { 'app.kubernetes.io/name': 'chat', 'app.kubernetes.io/component': 'model-server' };
    expect(leaderTemplate.spec.affinity.podAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: everyPod }, topologyKey: 'topology.kubernetes.io/zone' }],
    });
    expect(leaderTemplate.spec).not.toHaveProperty('topologySpreadConstraints');
    expect(workerTemplate.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution).toMatchObject([
      { labelSelector: { matchLabels: { 'cdk-eks-inference/role': 'decode', 'leaderworkerset.sigs.k8s.io/worker-index': '0' } } },
    ]);
  });

  test('moves KV cache over EFA with libfabric', () => {
    const [engine] = named('Deployment', 'chat-prefill', chart).spec.template.spec.containers;
    expect(JSON.parse(flag('--kv-transfer-config', engine.args)).kv_connector_extra_config).toEqual({ backends: ['LIBFABRIC'] });
    expect(engine.resources.limits['vpc.amazonaws.com/efa']).toBe(32);
    expect(engine.securityContext.capabilities).toEqual({ drop: ['ALL'], add: ['IPC_LOCK'] });
  });
});

test('EFA keeps both sides in one zone', () => {
  const chart = disaggregated({ accelerator: Accelerator.P5_48XLARGE });
  for (const name of ['chat-prefill', 'chat-decode']) {
    expect(named('Deployment', name, chart).spec.template.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
  }
});

test('a gateway may choose who reads the prompt', () => {
  const chart = disaggregated({ topology: new Disaggregated({ acceptPrefillHeader: true }) });
  const [, router] = named('Deployment', 'chat-decode', chart).spec.template.spec.initContainers;
  expect(flag('--config-yaml', router.args)).toContain('"append_action":"ADD_IF_ABSENT"');
});

test.each<[string, () => unknown, string]>([
  ['half a node', () => new Disaggregated({ decodeNodes: 0.5 }), "'decodeNodes' (0.5) must be a whole number, 1 or more"],
  ['no node of prefill', () => new Disaggregated({ prefill: { nodes: 0 } }), "'prefill.nodes' (0) must be a whole number, 1 or more"],
  ['an engine without NIXL', () => disaggregated({ engine: new SgLang() }), "engine 'sglang' does not hand its KV cache over in this topology: use Vllm"],
  ['CPU nodes', () => disaggregated({ accelerator: Accelerator.M8G_8XLARGE }), "'accelerator' (m8g.8xlarge) cannot hand KV cache over by NIXL"],
  [
    'more ranks of prefill than of decode',
    () => disaggregated({ topology: new Disaggregated({ prefill: { accelerator: Accelerator.G6_12XLARGE } }) }),
    "'tensor' of decode (1) must be a multiple of prefill's (4)",
  ],
  [
    'a prefill that the model does not fit',
    () => disaggregated({ model: Model.huggingFace('Qwen/Qwen3-32B'), accelerator: Accelerator.G6E_48XLARGE, topology: new Disaggregated({ prefill: { accelerator: Accelerator.G6_XLARGE } }) }),
    'does not fit on g6.xlarge',
  ],
])('refuses %s', (_, build, message) => {
  expect(build).toThrow(message);
});

/** The Service that clients use. */
function theOnlyEndpoint(chart: ReturnType<typeof modelServer>): Manifest {
  return named('Service', 'chat', chart);
}

function namespace(name: string) {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}
