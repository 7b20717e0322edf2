import { Accelerator, FixedReplicas, Model, type ModelServerChartProps, MultiNode, Parallelism, QueueScaling, Vllm } from '../../../lib';
import { manifestsOf, modelServer, theOnly } from '../../fixtures/model-server';

/** A server whose replicas span two nodes, with one thing changed. */
function multiNode(override: Partial<ModelServerChartProps> = {}) {
  return modelServer({ topology: new MultiNode({ nodes: 2 }), accelerator: Accelerator.P5_48XLARGE, ...override });
}

describe('a replica over two nodes with EFA', () => {
  const chart = multiNode({ scaling: new FixedReplicas(3) });
  const groups = theOnly('LeaderWorkerSet', chart);
  const { leaderTemplate, workerTemplate } = groups.spec.leaderWorkerTemplate;
  const [leader] = leaderTemplate.spec.containers;
  const [worker] = workerTemplate.spec.containers;

  test('is a group of two, and there are three of them', () => {
    expect(groups.spec).toMatchObject({ replicas: 3, leaderWorkerTemplate: { size: 2 } });
  });

  test('starts together and restarts together: the leader is ready only with its workers, and does not notice a lost one', () => {
    expect(groups.spec.startupPolicy).toBe('LeaderCreated');
    expect(groups.spec.leaderWorkerTemplate.restartPolicy).toBe('RecreateGroupOnPodRestart');
  });

  test('leaves its name to the Service: the controller makes a headless Service of the name of the set', () => {
    expect(theOnly('Service', chart).metadata.name).toBe('chat');
    expect(groups.metadata.name).toBe('chat-lws');
  });

  test('keeps a group in one zone on one type, and lets several groups share a zone', () => {
    for (const template of [leaderTemplate, workerTemplate]) {
      expect(template.metadata.annotations).not.toHaveProperty('leaderworkerset.sigs.k8s.io/exclusive-topology');
      expect(template.spec.affinity).not.toHaveProperty('podAntiAffinity');
      expect(template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toEqual([
        { matchExpressions: [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['p5.48xlarge'] }] },
      ]);
    }
    expect(groups.metadata).not.toHaveProperty('annotations');
    expect(workerTemplate.spec.affinity.podAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: {
            matchLabels: {
              'app.kubernetes.io/name': 'chat', 'app.kubernetes.io/component': 'model-server', 'leaderworkerset.sigs.k8s.io/worker-index': '0',
            },
          },
          matchLabelKeys: ['leaderworkerset.sigs.k8s.io/group-key'],
          topologyKey: 'topology.kubernetes.io/zone',
        },
      ],
    });
    expect(leaderTemplate.spec.affinity).not.toHaveProperty('podAffinity');
  });

  test('spreads leaders over zones, softly', () => {
    expect(leaderTemplate.spec.topologySpreadConstraints).toMatchObject([
      { whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { 'leaderworkerset.sigs.k8s.io/worker-index': '0' } } },
    ]);
    expect(workerTemplate.spec).not.toHaveProperty('topologySpreadConstraints');
  });

  test('spreads no leaders where replicas are not to be spread, and keeps each group in one zone', () => {
    const { spec } = theOnly('LeaderWorkerSet', multiNode({ spreadZones: false }));
    const { leaderTemplate: leaders, workerTemplate: workers } = spec.leaderWorkerTemplate;
    expect(leaders.spec).not.toHaveProperty('topologySpreadConstraints');
    expect(workers.spec.affinity.podAffinity).toEqual(workerTemplate.spec.affinity.podAffinity);
  });

  test('asks its workers nothing over HTTP: they open no port', () => {
    expect(worker).not.toHaveProperty('ports');
    expect(worker).not.toHaveProperty('readinessProbe');
    expect(worker).not.toHaveProperty('livenessProbe');
    expect(worker).not.toHaveProperty('startupProbe');
    expect(leader.readinessProbe.httpGet).toEqual({ path: '/health', port: 'http' });
  });

  test('keeps its workers until the leader has finished what it accepted', () => {
    const drain = leader.lifecycle.preStop.sleep.seconds + 60;
    expect(worker.lifecycle.preStop.sleep.seconds).toBe(drain);
    expect(workerTemplate.spec.terminationGracePeriodSeconds).toBeGreaterThan(drain);
  });

  test('numbers its nodes without a shell', () => {
    expect(leader.command).toEqual(['vllm', 'serve']);
    expect(leader.args.join(' ')).toContain('--nnodes $(LWS_GROUP_SIZE) --master-addr $(LWS_LEADER_ADDRESS)');
    expect(leader.args.slice(-2)).toEqual(['--node-rank', '0']);
    expect(worker.args.slice(-3)).toEqual(['--node-rank', '$(LWS_WORKER_INDEX)', '--headless']);
    expect(worker.env).toContainEqual({ name: 'VLLM_HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } });
  });

  test('is one pipeline stage a node, and tensor parallel inside', () => {
    expect(leader.args.join(' ')).toContain('--tensor-parallel-size 8 --pipeline-parallel-size 2');
  });

  test('uses every EFA interface, with the one capability that this needs', () => {
    for (const container of [leader, worker]) {
      expect(container.resources.limits).toMatchObject({ 'nvidia.com/gpu': 8, 'vpc.amazonaws.com/efa': 32 });
      expect(container.resources.requests).toMatchObject(container.resources.limits);
      expect(container.resources.limits).not.toHaveProperty('hugepages-2Mi'); // Karpenter knows no node that has them
      expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['IPC_LOCK'] } });
      expect(container.env).toContainEqual({ name: 'FI_PROVIDER', value: 'efa' });
      expect(container.env).toContainEqual({ name: 'NCCL_SOCKET_IFNAME', value: 'eth0' });
    }
    expect(leader.image).toMatch(/deep-learning-containers/); // the upstream image has no EFA
  });

  test('sends requests to leaders only', () => {
    expect(theOnly('Service', chart).spec.selector).toMatchObject({ 'leaderworkerset.sigs.k8s.io/worker-index': '0' });
    expect(theOnly('Service', chart).spec.ports).toEqual(theOnly('Service', modelServer()).spec.ports);
  });

  test('is not disturbed by node maintenance without need', () => {
    expect(leaderTemplate.metadata.annotations['karpenter.sh/do-not-disrupt']).toBe('true');
    expect(workerTemplate.metadata.annotations['karpenter.sh/do-not-disrupt']).toBe('true');
    expect(theOnly('PodDisruptionBudget', chart).spec).toMatchObject({ maxUnavailable: 1 });
  });
});

test('replaces a group at a time, or starts the new one first', () => {
  const rollout = (surge: boolean) =>
    theOnly('LeaderWorkerSet', multiNode({ topology: new MultiNode({ nodes: 2, surge }) })).spec.rolloutStrategy;
  expect(rollout(false).rollingUpdateConfiguration).toEqual({ maxUnavailable: 1, maxSurge: 0 });
  expect(rollout(true).rollingUpdateConfiguration).toEqual({ maxUnavailable: 0, maxSurge: 1 });
});

test('an autoscaler owns the number of groups, and counts leaders', () => {
  const chart = multiNode({ scaling: new QueueScaling({ maxReplicas: 4 }) });
  expect(theOnly('LeaderWorkerSet', chart).spec).not.toHaveProperty('replicas');
  const scaled = theOnly('ScaledObject', chart).spec;
  expect(scaled.scaleTargetRef).toEqual({ apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name: 'chat-lws' });
  expect(scaled.triggers[0].metadata.query).toContain('pod=~"chat-lws-[0-9]+"');
});

test('types without EFA get neither interfaces nor capabilities', () => {
  const groups = theOnly('LeaderWorkerSet', multiNode({ accelerator: Accelerator.fromInstanceType('g6.xlarge') }));
  const [leader] = groups.spec.leaderWorkerTemplate.leaderTemplate.spec.containers;
  expect(leader.resources.limits).not.toHaveProperty('vpc.amazonaws.com/efa');
  expect(leader.securityContext.capabilities).toEqual({ drop: ['ALL'] });
});

test('huge pages are asked for when the nodes have them', () => {
  const groups = theOnly('LeaderWorkerSet', multiNode({ topology: new MultiNode({ nodes: 2, hugePagesMiB: 5120 }) }));
  expect(groups.spec.leaderWorkerTemplate.workerTemplate.spec.containers[0].resources.limits['hugepages-2Mi']).toBe('5120Mi');
});

test('two servers in a namespace share no name', () => {
  const names = (name: string) => manifestsOf(multiNode({ name })).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  const first = names('chat');
  expect(names('code').filter((name) => first.includes(name))).toEqual([]);
});

test('the split may be given', () => {
  const groups = theOnly('LeaderWorkerSet', multiNode({ parallelism: Parallelism.of({ tensor: 16, pipeline: 1 }) }));
  expect(groups.spec.leaderWorkerTemplate.workerTemplate.spec.containers[0].args.join(' ')).toContain('--tensor-parallel-size 16');
});

test('data parallel ranks meet at the address of the leader, as its name cannot be listened on', () => {
  const model = Model.huggingFace('Qwen/Qwen3-235B-A22B-Instruct-2507-FP8');
  const parallelism = Parallelism.of({ tensor: 1, pipeline: 1, data: 16, expert: true });
  const { leaderTemplate, workerTemplate } = theOnly('LeaderWorkerSet', multiNode({ model, parallelism })).spec.leaderWorkerTemplate;
  expect(leaderTemplate.spec.containers[0].args.join(' ')).toContain('--data-parallel-address $(VLLM_HOST_IP)');
  expect(workerTemplate.spec.containers[0].args).not.toContain('--data-parallel-address'); // they go to the name
});

test.each([
  ['one node', () => new MultiNode({ nodes: 1 }), "'nodes' (1) must be a whole number, 2 or more: for one node use SingleNode"],
  ['half a huge page', () => new MultiNode({ nodes: 2, hugePagesMiB: 5 }), "'hugePagesMiB' (5) must be a multiple of 2: huge pages have 2 MiB"],
  [
    'an engine without groups',
    () => multiNode({ accelerator: Accelerator.C8G_4XLARGE, engine: new Vllm() }),
    "engine 'vllm' serves from one node only on 'c8g.4xlarge'",
  ],
  [
    'a part of a node',
    () => multiNode({ accelerator: Accelerator.P5_48XLARGE.withDevices(4) }),
    "'accelerator' takes 4 of the 8 devices of 'p5.48xlarge'",
  ],
  ['a name too long for the labels of pods', () => multiNode({ name: 'a'.repeat(48) }), 'must have at most 46 characters'],
])('refuses %s', (_, build, message) => {
  expect(build).toThrow(message);
});
