import { Accelerator, FixedReplicas, Model, NodeLabels, Vllm, Weights } from '../../../lib';
import { manifestsOf, modelServer, theOnly } from '../../fixtures/model-server';

describe('the endpoint', () => {
  test('is one Service named after the model server, port 80 to the port named http', () => {
    const service = theOnly('Service', modelServer());
    expect(service.metadata).toMatchObject({ name: 'chat', namespace: 'inference' });
    expect(service.spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
  });

  test('selects the pods of the Deployment', () => {
    const chart = modelServer();
    const { spec } = theOnly('Deployment', chart);
    expect(spec.template.metadata.labels).toMatchObject(theOnly('Service', chart).spec.selector);
    expect(spec.selector.matchLabels).toEqual(chart.selector);
  });

  test('is told to clients without a path', () => {
    expect(modelServer().endpoint).toBe('http://chat.inference');
  });
});

describe('the pod', () => {
  const chart = modelServer();
  const { spec } = theOnly('Deployment', chart);
  const pod = spec.template.spec;
  const [engine] = pod.containers;

  test('gets no service links and no token of the API server', () => {
    expect(pod).toMatchObject({ enableServiceLinks: false, automountServiceAccountToken: false, serviceAccountName: 'chat' });
  });

  test('knows its region, which Pod Identity does not tell', () => {
    expect(engine.env).toContainEqual({ name: 'AWS_REGION', value: 'us-west-2' });
  });

  test('has shared memory that counts towards its memory limit', () => {
    expect(pod.volumes).toContainEqual({ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } });
    expect(engine.volumeMounts).toContainEqual({ name: 'shm', mountPath: '/dev/shm' });
    expect(parseInt(engine.resources.limits.memory, 10)).toBeGreaterThan(1);
  });

  test('asks for its devices, tolerates their taint and names them, not the instance type', () => {
    expect(engine.resources.limits['nvidia.com/gpu']).toBe(1);
    expect(engine.resources.requests['nvidia.com/gpu']).toBe(1);
    expect(pod.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
    const terms = pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    expect(terms[0].matchExpressions).toContainEqual({ key: 'karpenter.k8s.aws/instance-gpu-name', operator: 'In', values: ['l4'] });
    expect(terms[0].matchExpressions).toContainEqual({ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] });
  });

  test('has as much memory as limit as it asks for', () => {
    expect(engine.resources.limits.memory).toBe(engine.resources.requests.memory);
  });

  test('has time to start: 15 minutes and 18 seconds a GiB at least, and a rollout waits longer than that', () => {
    const seconds = engine.startupProbe.failureThreshold * engine.startupProbe.periodSeconds;
    expect(seconds).toBeGreaterThanOrEqual(900);
    expect(spec.progressDeadlineSeconds).toBeGreaterThan(seconds);
  });

  test('is probed on /health by the name of the port', () => {
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      expect(engine[probe].httpGet).toEqual({ path: '/health', port: 'http' });
    }
  });

  test('leaves the endpoints before it stops, and lives until requests in flight are done', () => {
    const pause = engine.lifecycle.preStop.sleep.seconds;
    const drain = Number(engine.args[engine.args.indexOf('--shutdown-timeout') + 1]);
    expect(pause).toBe(15);
    expect(drain).toBe(60);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pause + drain + 5);
  });

  test('runs as the user of the image, with no more rights than Pod Security restricted allows', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true, runAsUser: 2000, runAsGroup: 0, fsGroup: 0, seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(engine.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    expect(engine.securityContext.readOnlyRootFilesystem).toBeUndefined();
  });

  test('runs vLLM as process 1, without a shell', () => {
    expect(engine.command).toEqual(['vllm', 'serve']);
    expect(engine.args[0]).toBe('Qwen/Qwen3-1.7B');
  });

  test('says how long a context may be, as a plain number', () => {
    expect(engine.args[engine.args.indexOf('--max-model-len') + 1]).toMatch(/^\d+$/);
  });

  test('is spread over zones softly: an instance type may be sold in fewer zones than the cluster has', () => {
    expect(pod.topologySpreadConstraints).toMatchObject([
      { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ]);
  });
});

describe('weights', () => {
  test('from S3 are streamed with a bounded buffer and without the hub', () => {
    const [engine] = theOnly('Deployment', modelServer({ weights: Weights.s3('s3://weights/models/Qwen/Qwen3-1.7B/main/') })).spec.template.spec
      .containers;
    expect(engine.args[0]).toBe('s3://weights/models/Qwen/Qwen3-1.7B/main/');
    expect(engine.args).toEqual(expect.arrayContaining(['--load-format', 'runai_streamer']));
    const env = Object.fromEntries(engine.env.map((one: { name: string; value: string }) => [one.name, one.value]));
    expect(env.HF_HUB_OFFLINE).toBe('1');
    expect(Number(env.RUNAI_STREAMER_MEMORY_LIMIT)).toBeGreaterThan(0);
    expect(Number(env.RUNAI_STREAMER_MEMORY_LIMIT) / 1024 ** 3).toBeLessThan(parseInt(engine.resources.limits.memory, 10));
  });

  test('from the hub take a token from a Secret, never from the template', () => {
    const chart = modelServer({ weights: Weights.hub({ token: { secretName: 'hf' } }) });
    expect(theOnly('Deployment', chart).spec.template.spec.containers[0].env).toContainEqual({
      name: 'HF_TOKEN',
      valueFrom: { secretKeyRef: { name: 'hf', key: 'token' } },
    });
  });

  test('on a volume are mounted read-only', () => {
    const { spec } = theOnly('Deployment', modelServer({ weights: Weights.volume({ claimName: 'models', path: 'qwen' }) })).spec.template;
    expect(spec.containers[0].args[0]).toBe('/models/qwen');
    expect(spec.containers[0].volumeMounts).toContainEqual({ name: 'weights', mountPath: '/models', readOnly: true });
  });
});

describe('the rest', () => {
  test('keeps all but one replica through a drain', () => {
    expect(theOnly('PodDisruptionBudget', modelServer()).spec.maxUnavailable).toBe(1);
  });

  test('refuses all traffic but what is drawn', () => {
    const { spec } = theOnly('NetworkPolicy', modelServer({ allowedNamespaces: ['gateway'] }));
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateway' } } }],
      ports: [{ protocol: 'TCP', port: 8000 }],
    });
    expect(JSON.stringify(spec.egress)).toContain('169.254.170.23/32');
  });

  test('lets nobody in where no namespace is allowed', () => {
    const { spec } = theOnly('NetworkPolicy', modelServer({ allowedNamespaces: [] }));
    for (const { from } of spec.ingress) expect(from.length).toBeGreaterThan(0); // a rule without peers is for everybody
  });

  test('collides in nothing with another model of the namespace', () => {
    const names = (name: string) => manifestsOf(modelServer({ name })).map((object) => `${object.kind}/${object.metadata.name}`);
    expect(names('one').filter((name) => names('two').includes(name))).toEqual([]);
  });

  test('finds nodes of Auto Mode and of managed groups by their own labels', () => {
    const key = (nodeLabels: NodeLabels) =>
      theOnly('Deployment', modelServer({ nodeLabels })).spec.template.spec.affinity.nodeAffinity
        .requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions.map((one: { key: string }) => one.key);
    expect(key(NodeLabels.EKS_AUTO_MODE)).toContain('eks.amazonaws.com/instance-gpu-name');
    expect(key(NodeLabels.INSTANCE_TYPE)).toContain('node.kubernetes.io/instance-type');
  });
});

describe('fails', () => {
  test.each([
    ['a name that is no DNS label', { name: 'Chat_1' }, /'name' \(Chat_1\) must be a DNS label.*write chat-1/],
    ['a model too large for the devices', { model: Model.LLAMA_3_3_70B }, /meta-llama\/Llama-3.3-70B-Instruct/],
  ])('%s', (_what, override, message) => {
    expect(() => modelServer(override)).toThrow(message);
  });

  test.each([
    ['a negative number of replicas', () => new FixedReplicas(-1), "'replicas' (-1) must be a whole number, 0 or more"],
    ['more than all of the memory', () => new Vllm({ gpuMemoryUtilization: 1.2 }), "'gpuMemoryUtilization' (1.2) must be above 0"],
    ['a LoRA rank that vLLM has no kernel for', () => new Vllm({ lora: { maxRank: 12 } }), "'lora.maxRank' (12) must be one of"],
    ['an instance type that does not exist', () => Accelerator.fromInstanceType('g6.xlrge'), 'g6.xlarge'],
    ['weights that are in no bucket', () => Weights.s3('https://x'), "'uri' (https://x) must start with s3://"],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(message);
  });
});
