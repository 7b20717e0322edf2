import { Testing } from 'cdk8s';
import { Accelerator, CapacityType, Disaggregated, FixedReplicas, HpaScaling, Model, MultiNode, NodeLabels, QueueScaling, Ray, type ModelServerChartProps, Vllm } from '../../lib';
import { NodeProvisioner } from '../../lib/node-pools/node-environment';
import { GpuPool, X86Pool, type INodePool } from '../../lib/node-pools';
import { Regions } from '../../lib/regions';
import { costText, minutesText, modelSummary } from '../../lib/plan/model-summary';
import { planApp, type ClusterToPlan } from '../../lib/plan/plan-app';
import { planModel, planRefused } from '../../lib/plan/plan-model';
import { podGroupsOf } from '../../lib/plan/private/pod-groups';
import { modelServer } from '../fixtures/model-server';

/** A cluster with one GPU pool, with one thing changed. */
function cluster(override: Partial<ClusterToPlan> = {}, pools: { [name: string]: INodePool } = { gpu: new GpuPool({ families: ['g6', 'g6e', 'p5'] }) }): ClusterToPlan {
  const environment = { provisioner: NodeProvisioner.KARPENTER, clusterName: 'inference', nodeRoleName: 'node', region: override.region };
  return {
    name: 'inference',
    region: 'us-east-1',
    zones: 4,
    daemons: [],
    generalPurposePool: false,
    provisioner: NodeProvisioner.KARPENTER,
    pools: Object.entries(pools).map(([name, pool]) => ({ name, pool, config: pool.bind({ name, environment }) })),
    idle: { natGateways: 0, interfaceEndpoints: 0, systemNodes: 0, volumesGiB: 0 },
    ...override,
  };
}

function planned(props: Partial<ModelServerChartProps> = {}, on: ClusterToPlan = cluster()) {
  return planModel(modelServer(props), on);
}

describe('the pods of a model server', () => {
  const p5 = { model: Model.QWEN3_1_7B, accelerator: Accelerator.P5_48XLARGE };
  test.each<[string, Partial<ModelServerChartProps>, [string, number, number][]]>([
    ['one node', {}, [['server', 1, 1]]],
    ['no replica', { scaling: new FixedReplicas(0) }, [['server', 0, 0]]],
    ['KEDA', { scaling: new QueueScaling({ minReplicas: 2, maxReplicas: 5 }) }, [['server', 2, 5]]],
    ['a HorizontalPodAutoscaler', { scaling: new HpaScaling({ minReplicas: 1, maxReplicas: 3, cpuPercent: 70 }) }, [['server', 1, 3]]],
    ['groups of nodes', { ...p5, topology: new MultiNode({ nodes: 4 }), scaling: new FixedReplicas(2) }, [['leader', 2, 2], ['workers', 6, 6]]],
    ['groups that KEDA scales', { ...p5, topology: new MultiNode({ nodes: 2 }), scaling: new QueueScaling({ maxReplicas: 3 }) }, [['leader', 1, 3], ['workers', 1, 3]]],
    ['a Ray cluster', { topology: new Ray(), scaling: new QueueScaling({ maxReplicas: 4 }) }, [['head', 1, 1], ['workers', 1, 4]]],
    [
      'prefill and decode',
      { topology: new Disaggregated({ prefill: { scaling: new FixedReplicas(3) } }), scaling: new QueueScaling({ maxReplicas: 2 }) },
      [['prefill', 3, 3], ['decode', 1, 2]],
    ],
  ])('%s', (_what, props, expected) => {
    const groups = podGroupsOf(Testing.synth(modelServer(props)) as object[]);
    expect(groups.map(({ role, minimum, maximum }) => [role, minimum, maximum])).toEqual(expected);
  });
});

describe('the nodes of a model server', () => {
  test('are those of its pool, cheapest first, sold in the region', () => {
    const { model } = planned();
    const [pods] = model.placement.pods;
    const prices = pods.instanceTypes.map(({ usdPerHour }) => usdPerHour ?? Infinity);
    expect(model.placement.pools).toEqual(['gpu']);
    expect(pods.instanceTypes[0].instanceType).toBe('g6.xlarge');
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    expect(model.problems).toEqual([]);
  });

  test.each(Regions.all())('in %s are sold there, in the zones that are named', (region) => {
    // given: a pool of every GPU, made where nothing is known of the region
    const on = cluster({}, { gpu: new GpuPool({ families: ['g4dn', 'g5', 'g6', 'g6e', 'p4d', 'p5'] }) });
    const accelerators = [Accelerator.G4DN_XLARGE, Accelerator.G5_XLARGE, Accelerator.G6_XLARGE, Accelerator.P5_48XLARGE];
    for (const accelerator of accelerators) {
      // when
      const { model } = planned({ accelerator }, { ...on, region });
      const types = model.placement.pods.flatMap(({ instanceTypes }) => instanceTypes);
      // then
      for (const { instanceType, zoneIds } of types) {
        expect(Regions.sells(region, instanceType)).toBe(true);
        expect(zoneIds).toEqual(Regions.zonesSelling(region, instanceType));
      }
      if (Regions.sells(region, accelerator.instanceType)) expect(types.length).toBeGreaterThan(0);
      expect(model.problems.length > 0).toBe(types.length === 0);
      expect(model.cost).toMatchObject({ region });
    }
  });

  test('cost what they are, as often as there are replicas', () => {
    const { model } = planned({ scaling: new QueueScaling({ maxReplicas: 3 }) });
    expect(model.cost).toMatchObject({ minimumUsd: 0.8048, typicalUsd: 1.6096, maximumUsd: 2.4144 });
  });

  test('a pod that takes some devices of a node costs its share', () => {
    const on = cluster({}, { gpu: new GpuPool({ instanceTypes: [Accelerator.G6_12XLARGE] }) });
    const { model } = planned({ accelerator: Accelerator.G6_12XLARGE.withDevices(1) }, on);
    expect(model.placement.pods[0].instanceTypes).toEqual([expect.objectContaining({ instanceType: 'g6.12xlarge', nodeShare: 0.25 })]);
    expect(model.cost.maximumUsd).toBeCloseTo(4.6016 / 4, 3);
  });

  test('of a pool with fixed nodes cost nothing more than the pool', () => {
    // given
    const on = cluster({}, { fixed: new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE], replicas: 3 }) });
    // when
    const plan = planApp({ cluster: on, models: [planned({}, on)] });
    // then
    expect(plan.models[0].cost.maximumUsd).toBe(0);
    expect(plan.cluster.pools[0]).toMatchObject({ fixedNodes: 3, cost: { minimumUsd: 2.4144, maximumUsd: 2.4144 } });
    expect(plan.cost.maximumUsd).toBeCloseTo(2.4144 + 0.1, 4); // and the control plane
  });

  test('without a pool for them are a problem', () => {
    const on = cluster({}, { gpu: new GpuPool({ families: ['g5'] }) });
    expect(planned({}, on).model.problems).toEqual([expect.stringContaining("no node can come for its pods 'server': NodePool 'gpu'")]);
  });

  test('that a pool outside the catalogue may bring are only a warning', () => {
    const on = cluster({}, { gpu: new GpuPool({ families: ['g6'] }), x86: new X86Pool() });
    const { model } = planned({ topology: new Ray(), scaling: new QueueScaling({ maxReplicas: 2 }) }, on);
    expect(model.problems).toEqual([]);
    expect(model.warnings).toContainEqual("the nodes of its pods 'head' and their price are not known: they are left to the pool 'x86'");
  });
});

describe('a start', () => {
  const start = (pool: INodePool, props: Partial<ModelServerChartProps> = {}, override: Partial<ClusterToPlan> = {}) =>
    planned(props, cluster(override, { gpu: pool })).model.coldStart;
  const image = ({ stages }: { stages: { name: string; seconds: number; limitedBy: string }[] }) => stages.find(({ name }) => name === 'image');

  test('pulls layer by layer where the pool turns parallel pull off, and says what that costs', () => {
    // given
    const [on, off] = [true, false].map((parallelPull) => start(new GpuPool({ families: ['g6'], parallelPull })));
    // then
    expect([on.parallelPull, off.parallelPull]).toEqual([true, false]);
    expect(image(on)).toMatchObject({ limitedBy: 'local NVMe' });
    expect(image(off)?.seconds).toBe((image(on)?.seconds ?? 0) + 85); // 8500 MB of image at 100 MB a second, one layer after the other
    expect(off.totalSeconds).toBeGreaterThan(on.totalSeconds + 60);
    expect(off.totalSeconds).toBe(off.unoptimised.totalSeconds); // from the hub, as this model is
    expect(on.optimised).toEqual(off.optimised);
  });

  test('writes to the volume of the pool where local NVMe is off', () => {
    const volume = (throughputMiBps: number) =>
      start(new GpuPool({ families: ['g6'], instanceStore: false, dataVolume: { throughputMiBps, sizeGiB: 100 } }));
    expect(image(volume(125))).toMatchObject({ limitedBy: 'root volume', seconds: Math.round((8500 * 2.2) / (125 * 1.048576)) });
    expect(image(volume(125))?.seconds).toBeGreaterThan(image(volume(1000))?.seconds ?? Infinity);
  });

  test('waits for no node where the pool has fixed ones', () => {
    expect(start(new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE], replicas: 1 })).stages[0]).toMatchObject({ name: 'node', seconds: 0 });
  });

  test('pulls in parallel under EKS Auto Mode where its nodes do: G, P and Trn types with local NVMe', () => {
    const auto = (instanceType: string) => {
      const accelerator = Accelerator.fromInstanceType(instanceType);
      const environment = { provisioner: NodeProvisioner.EKS_AUTO_MODE, clusterName: 'inference', nodeRoleName: 'node', region: 'us-east-1' };
      const pool = new GpuPool({ instanceTypes: [accelerator] });
      const pools = [{ name: 'gpu', pool, config: pool.bind({ name: 'gpu', environment }) }];
      const chart = modelServer({ accelerator, nodeLabels: NodeLabels.EKS_AUTO_MODE });
      return planModel(chart, { ...cluster(), pools }).model.coldStart.parallelPull;
    };
    expect(auto('g6.xlarge')).toBe(true);
    expect(auto('p5.48xlarge')).toBe(true);
  });
});

describe('what DaemonSets take of a node', () => {
  const memoryOf = (type: Accelerator) => `${type.memoryMiB}Mi`;
  const everywhere = { tolerations: [{ operator: 'Exists' }] };

  test('is taken from every pod', () => {
    // given: one that leaves no room for anything
    const daemons = [{ ...everywhere, containers: [{ resources: { requests: { memory: memoryOf(Accelerator.G6_XLARGE) } } }] }];
    const on = cluster({ daemons }, { gpu: new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE] }) });
    // then
    expect(planned({}, on).model.problems).toEqual([expect.stringContaining('g6.xlarge lacks memory')]);
  });

  test('is taken only where they can be', () => {
    const daemons = [{ containers: [{ resources: { requests: { memory: memoryOf(Accelerator.G6_XLARGE) } } }] }]; // tolerates no taint
    expect(planned({}, cluster({ daemons })).model.problems).toEqual([]);
  });
});

test('what does not fit is planned as well, with what would hold it in the region', () => {
  // given
  const props = { name: 'big', namespace: 'inference', model: Model.huggingFace('meta-llama/Llama-3.3-70B-Instruct'), engine: new Vllm(), accelerator: Accelerator.G6_XLARGE };
  // when
  const { model } = planRefused(props, { region: 'sa-east-1' });
  // then
  expect(model.fit.fits).toBe(false);
  expect(model.fit.marginGiB).toBeLessThan(-100);
  expect(model.problems[0]).toContain('does not fit on g6.xlarge');
  expect(model.fit.alternatives.map(({ usdPerHour }) => usdPerHour)).toEqual(model.fit.alternatives.map(() => undefined));
  expect(model.endpoint).toBe('http://big.inference');
});

describe('in words', () => {
  test('a model in one line', () => {
    expect(modelSummary(planned().model)).toBe('fits g6.xlarge with 14.1 GiB to spare, 1 replica, $0.80/h in us-east-1 on 2026-07-20, first answer after 4:28');
  });

  test('a cost that is not known says so', () => {
    expect(costText({ region: 'eu-west-2', unpriced: ['g6.xlarge'] })).toBe('no price is known in eu-west-2 for g6.xlarge');
  });

  test.each([[0, '0:00'], [59.6, '1:00'], [61, '1:01'], [3600, '60:00']])('%s seconds are %s', (seconds, words) => {
    expect(minutesText(seconds)).toBe(words);
  });
});

test('planning twice gives the same bytes', () => {
  const bytes = (): string => JSON.stringify(planApp({ cluster: cluster(), models: [planned(), planned({ topology: new Ray() })], budgetUsdPerHour: 5 }));
  expect(bytes()).toBe(bytes());
});

test('an app without models costs what the cluster does', () => {
  const { cost, cluster: { cost: idle }, models } = planApp({ cluster: cluster(), models: [] });
  expect(models).toEqual([]);
  expect(cost).toEqual(idle);
});

describe('a discount', () => {
  const pools = {
    'on-demand': new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND] }),
    mixed: new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND, CapacityType.SPOT] }),
    spot: new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.SPOT] }),
  };
  /** What an hour of one g6.xlarge of a pool costs, as a share of its list price. */
  function share(pool: keyof typeof pools, discounts: ClusterToPlan['discounts']): number {
    const list = planned({}, cluster({}, { [pool]: pools[pool] })).model.cost.maximumUsd ?? NaN;
    return (planned({}, cluster({ discounts }, { [pool]: pools[pool] })).model.cost.maximumUsd ?? NaN) / list;
  }
  const everywhere = { committed: 0.3, spot: 0.6, spotShare: 0.5 };

  test.each<[keyof typeof pools, string, number]>([
    ['on-demand', 'only what is committed', 0.7],
    ['mixed', 'by the share of spot', 0.5 * 0.7 + 0.5 * 0.4],
    ['spot', 'only what spot saves', 0.4],
  ])('for the whole app is taken off a pool of %s nodes: %s', (pool, _what, expected) => {
    expect(share(pool, { everywhere })).toBeCloseTo(expected, 3);
  });

  test('of a pool goes before that of the app', () => {
    expect(share('on-demand', { everywhere, byPool: { 'on-demand': { committed: 0.1 } } })).toBeCloseTo(0.9, 3);
    expect(share('on-demand', { everywhere, byPool: { 'on-demand': {} } })).toBe(1);
  });

  test('is taken off fixed nodes, and what is committed off the system nodes', () => {
    // given
    const idle = { natGateways: 0, interfaceEndpoints: 0, systemNodes: 2, systemInstanceType: 'm8g.8xlarge', volumesGiB: 0 };
    const fixed = { fixed: new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE], replicas: 3 }) };
    const costs = (discounts: ClusterToPlan['discounts']) => planApp({ cluster: cluster({ idle, discounts }, fixed), models: [] });
    const [list, less] = [costs(undefined), costs({ everywhere })];
    const controlPlane = 0.1; // a service, not an instance
    // then
    expect(less.cluster.pools[0].cost.maximumUsd).toBeCloseTo((list.cluster.pools[0].cost.maximumUsd ?? 0) * 0.7, 3);
    expect((less.cost.maximumUsd ?? 0) - controlPlane).toBeCloseTo(((list.cost.maximumUsd ?? 0) - controlPlane) * 0.7, 2);
    expect(less).toMatchObject({ discount: everywhere, cluster: { pools: [{ discount: { committed: 0.3 } }] } });
    expect(list.discount).toBeUndefined();
  });

  test.each<[string, ClusterToPlan['discounts'], string]>([
    ['of no pool', { byPool: { gpuu: { committed: 0.1 } } }, "the discount of the pool 'gpuu' has no pool: name one of gpu"],
    [
      'for spot where none is bought',
      { byPool: { gpu: { spotShare: 0.5, spot: 0.6 } } },
      "'spotShare' (0.5) of the discount of the pool 'gpu' means nothing, it buys no spot: leave it out, or let 'capacityTypes' of the pool have spot",
    ],
  ])('%s is a problem', (_what, discounts, problem) => {
    const on = cluster({ discounts }, { gpu: pools['on-demand'] });
    expect(planApp({ cluster: on, models: [planned({}, on)] }).problems).toEqual([problem]);
  });
});

describe('a million tokens', () => {
  const throughputs = { [modelServer().serverName]: { outputTokensPerSecond: 1000, instanceType: 'g6.xlarge', source: 'benchmarks.json' } };

  test('cost what all replicas cost while they generate them', () => {
    const { model } = planned({ scaling: new QueueScaling({ maxReplicas: 3 }) }, cluster({ throughputs }));
    expect(model.tokenCost).toEqual({ outputTokensPerSecond: 1000, source: 'benchmarks.json', usdPerMillionTokens: 0.2236 }); // 0.8048 / 3.6
  });

  test('cost their part of what serves all replicas: the pods that read prompts', () => {
    // given: one node that reads prompts, at most two that answer
    const topology = new Disaggregated({ prefill: { scaling: new FixedReplicas(1) } });
    const { model } = planned({ topology, scaling: new QueueScaling({ maxReplicas: 2 }) }, cluster({ throughputs }));
    // then
    expect(model.cost.maximumUsd).toBeCloseTo(3 * 0.8048, 3);
    expect(model.tokenCost?.usdPerMillionTokens).toBeCloseTo((3 * 0.8048) / 7.2, 3);
  });

  test('have no cost without a rate, a replica or a price', () => {
    expect(planned().model.tokenCost).toBeUndefined();
    expect(planned({ scaling: new FixedReplicas(0) }, cluster({ throughputs })).model.tokenCost?.usdPerMillionTokens).toBeUndefined();
    const unpriced = planned({}, cluster({ throughputs, region: 'sa-east-1' })).model;
    expect(unpriced.cost.maximumUsd).toBeUndefined();
    expect(unpriced.tokenCost).toEqual({ outputTokensPerSecond: 1000, source: 'benchmarks.json', usdPerMillionTokens: undefined });
  });

  test('have none at a rate of another instance type, which is a warning', () => {
    const elsewhere = { [modelServer().serverName]: { outputTokensPerSecond: 1000, instanceType: 'p5.48xlarge' } };
    const { model } = planned({}, cluster({ throughputs: elsewhere }));
    expect(model.tokenCost).toBeUndefined();
    expect(model.warnings).toEqual([expect.stringContaining('was measured on p5.48xlarge and the server runs on g6.xlarge: measure it there')]);
  });

  test('of a server that is not there are a problem', () => {
    const on = cluster({ throughputs: { chatt: { outputTokensPerSecond: 1, instanceType: 'g6.xlarge' } } });
    const { problems } = planApp({ cluster: on, models: [planned({}, on)] });
    expect(problems).toEqual([`the throughput of 'chatt' has no model server: name one of ${modelServer().serverName}`]);
  });
});
