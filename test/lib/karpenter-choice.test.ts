import fc from 'fast-check';
import { Accelerator, AcceleratorKind, NodeLabels } from '../../lib/accelerators';
import { allocatable, capacity } from '../../lib/karpenter/allocatable';
import { instanceRequirements } from '../../lib/karpenter/instance-labels';
import type { NodePoolManifest, PodManifest } from '../../lib/karpenter/manifests';
import { podRequests } from '../../lib/karpenter/pod-demand';
import { quantity } from '../../lib/karpenter/quantity';
import { type LabelCondition, Requirements } from '../../lib/karpenter/requirement';
import { KarpenterChoice, type KarpenterChoiceOptions } from '../../lib/karpenter-choice';

const MIB = 2 ** 20;
const GPU_TAINT = { key: 'nvidia.com/gpu', effect: 'NoSchedule' };
const SHAPE = { localNvme: true, volumeGiB: 20, vmMemoryOverhead: 0.075 };

/** A pod for one L4, with conditions and requests on top. */
function pod(overrides: Partial<PodManifest> = {}, resources: { [resource: string]: string } = {}): PodManifest {
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: Accelerator.G6_XLARGE.nodeRequirements(NodeLabels.KARPENTER) }],
        },
      },
    },
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    containers: [{ resources: { limits: { 'nvidia.com/gpu': '1' }, requests: { cpu: '2', memory: '8Gi', ...resources } } }],
    ...overrides,
  };
}

/** A pod with conditions on labels and nothing else. */
function podWith(...matchExpressions: LabelCondition[]): PodManifest {
  return pod({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } },
  });
}

/** A pool of NVIDIA nodes, with requirements and fields on top. */
function pool(name = 'gpu', requirements: LabelCondition[] = [], spec: Partial<NodePoolManifest['spec']> = {}): NodePoolManifest {
  return {
    metadata: { name },
    spec: {
      template: { spec: { requirements: [is('karpenter.k8s.aws/instance-category', 'g'), ...requirements], taints: [GPU_TAINT] } },
      ...spec,
    },
  };
}

function is(key: string, ...values: string[]): LabelCondition {
  return { key, operator: 'In', values };
}

function types(one: PodManifest, pools: NodePoolManifest[], options?: KarpenterChoiceOptions): string[] {
  return KarpenterChoice.of(one, pools, options).candidates.map(({ instanceType }) => instanceType);
}

describe('what a pod for one L4 gets', () => {
  test('is the cheapest node with an L4, then the larger ones', () => {
    const choice = KarpenterChoice.of(pod(), [pool()]);
    expect(choice.cheapest).toEqual({ instanceType: 'g6.xlarge', nodePool: 'gpu', usdPerHour: 0.8048 });
    const names = choice.candidates.map(({ instanceType }) => instanceType);
    expect(names.slice(0, 3)).toEqual(['g6.xlarge', 'g6.2xlarge', 'g6.4xlarge']);
    expect(names).not.toContain('gr6.4xlarge'); // its category is gr, not g
    expect(names).not.toContain('g6e.xlarge');
    expect(names).not.toContain('g6f.xlarge'); // EC2 counts no GPU there
  });

  test('is larger when it asks for more than a node has left', () => {
    expect(types(pod({}, { memory: '14Gi' }), [pool()])[0]).toBe('g6.2xlarge');
    expect(types(pod({}, { cpu: '3900m' }), [pool()])[0]).toBe('g6.xlarge');
    expect(types(pod({}, { cpu: '3950m' }), [pool()])[0]).toBe('g6.2xlarge');
  });

  test('is larger when the DaemonSets take the rest', () => {
    const daemon: PodManifest = {
      tolerations: [{ operator: 'Exists' }],
      containers: [{ resources: { requests: { cpu: '500m' } } }],
    };
    const asking = pod({}, { cpu: '3500m' });
    expect(types(asking, [pool()])[0]).toBe('g6.xlarge');
    expect(types(asking, [pool()], { daemons: [daemon] })[0]).toBe('g6.2xlarge');
  });

  test('DaemonSets that cannot be on the node take nothing', () => {
    const untolerant: PodManifest = { containers: [{ resources: { requests: { cpu: '500m' } } }] };
    const elsewhere: PodManifest = {
      ...untolerant,
      tolerations: [{ operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
    };
    expect(types(pod({}, { cpu: '3500m' }), [pool()], { daemons: [untolerant, elsewhere] })[0]).toBe('g6.xlarge');
  });

  test('has one more device when it asks for two', () => {
    const two = { ...podWith(is('karpenter.k8s.aws/instance-gpu-name', 'l4')), containers: [{ resources: { limits: { 'nvidia.com/gpu': 2 } } }] };
    expect(types(two, [pool()])).toEqual(['g6.12xlarge', 'g6.24xlarge', 'g6.48xlarge']);
  });

  test('is only what the region sells, without a price of another region', () => {
    const cheapest = (region: string): unknown => KarpenterChoice.of(pod(), [pool()], { region }).cheapest;
    expect(cheapest('sa-east-1')).toEqual({ instanceType: 'g6.xlarge', nodePool: 'gpu', usdPerHour: undefined });
    expect(cheapest('eu-central-1')).toEqual({ instanceType: 'g6.xlarge', nodePool: 'gpu', usdPerHour: 1.0064 });
    expect(KarpenterChoice.of(pod(), [pool()], { region: 'me-south-1' }).problems[0]).toMatch(/no known instance type has the labels/);
  });

  test('is anything where nothing is known of the region', () => {
    expect(types(pod(), [pool()], { region: 'us-gov-west-1' })).toEqual(types(pod(), [pool()]));
  });

  test('is only what one of the zones sells', () => {
    const everywhere = types(pod(), [pool()], { region: 'us-east-1' });
    const here = types(pod(), [pool()], { region: 'us-east-1', zoneIds: ['use1-az3'] });
    expect(here.length).toBeLessThan(everywhere.length);
    expect(types(podWith(is('topology.k8s.aws/zone-id', 'use1-az4')), [pool()], { region: 'us-east-1' }).length).toBeGreaterThan(0);
  });
});

describe('every accelerator of the catalogue', () => {
  const devices = Accelerator.catalogue()
    .map((name) => Accelerator.fromInstanceType(name))
    .filter((type) => !type.fractional && type.nodeDevices > 0);

  test.each(devices.map((type) => [type.instanceType, type] as const))('%s is what a pod for its devices can get', (name, type) => {
    const asking: PodManifest = {
      ...podWith(...type.nodeRequirements(NodeLabels.KARPENTER)),
      tolerations: [{ operator: 'Exists' }],
      containers: [{ resources: { limits: { [type.resourceName ?? '']: type.nodeDevices } } }],
    };
    const open: NodePoolManifest = { metadata: { name: 'open' }, spec: { template: { spec: {} } } };
    expect(types(asking, [open])).toContain(name);
  });
});

describe('conditions on labels', () => {
  const memory = 'karpenter.k8s.aws/instance-gpu-memory';
  test.each<[LabelCondition, string, string]>([
    [{ key: memory, operator: 'Gt', values: ['22887'] }, 'g6.xlarge', 'g4dn.xlarge'],
    [{ key: memory, operator: 'Gt', values: ['22888'] }, 'g6e.xlarge', 'g6.xlarge'],
    [{ key: memory, operator: 'Gte', values: ['22888'] }, 'g6.xlarge', 'g4dn.xlarge'],
    [{ key: memory, operator: 'Lt', values: ['22888'] }, 'g4dn.xlarge', 'g6.xlarge'],
    [{ key: memory, operator: 'Lte', values: ['22888'] }, 'g6.xlarge', 'g6e.xlarge'],
    [{ key: 'karpenter.k8s.aws/instance-family', operator: 'NotIn', values: ['g6', 'gr6'] }, 'g5.xlarge', 'g6.xlarge'],
    [{ key: 'karpenter.k8s.aws/instance-local-nvme', operator: 'Exists' }, 'g6.xlarge', 'g5g.xlarge'],
    [{ key: 'karpenter.k8s.aws/instance-local-nvme', operator: 'DoesNotExist' }, 'g5g.xlarge', 'g6.xlarge'],
    [{ key: 'karpenter.k8s.aws/instance-cpu-manufacturer', operator: 'In', values: ['amd'] }, 'g6.xlarge', 'g4dn.xlarge'],
    [{ key: 'karpenter.k8s.aws/instance-generation', operator: 'Gt', values: ['5'] }, 'g6.xlarge', 'g5.xlarge'],
    [{ key: 'eks.amazonaws.com/instance-gpu-name', operator: 'In', values: ['l4'] }, 'g6.xlarge', 'g5.xlarge'],
    [{ key: 'beta.kubernetes.io/arch', operator: 'In', values: ['arm64'] }, 'g5g.2xlarge', 'g6.xlarge'],
    [{ key: 'karpenter.k8s.aws/instance-accelerator-name', operator: 'NotIn', values: ['inferentia2'] }, 'g6.xlarge', 'inf2.xlarge'],
  ])('%j allows %s and not %s', (condition, allowed, refused) => {
    const small = { ...podWith(condition), containers: [{ resources: { limits: { 'nvidia.com/gpu': 1 } } }] };
    const names = types(small, [pool()]);
    expect(names).toContain(allowed);
    expect(names).not.toContain(refused);
  });

  test('a label of the pool’s own must be set there, unless it must not be', () => {
    const asking = podWith(is('team', 'search'));
    const labelled = pool();
    const withLabel: NodePoolManifest = {
      ...labelled,
      spec: { template: { ...labelled.spec.template, metadata: { labels: { team: 'search' } } } },
    };
    expect(KarpenterChoice.of(asking, [labelled]).problems).toEqual([
      "NodePool 'gpu': the pod asks for the label team, which the pool does not set",
    ]);
    expect(KarpenterChoice.of(asking, [withLabel]).schedulable).toBe(true);
    expect(KarpenterChoice.of(podWith({ key: 'team', operator: 'DoesNotExist' }), [labelled]).schedulable).toBe(true);
    expect(KarpenterChoice.of(podWith({ key: 'team', operator: 'NotIn', values: ['ads'] }), [labelled]).schedulable).toBe(true);
    expect(KarpenterChoice.of(podWith(is('team', 'ads')), [withLabel]).problems[0]).toMatch(/agree on no value of team/);
  });

  test('the terms of an affinity are tried in order', () => {
    const term = (name: string) => ({ matchExpressions: [is('karpenter.k8s.aws/instance-gpu-name', name)] });
    const either = (...names: string[]): PodManifest =>
      pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: names.map(term) } } } });
    expect(types(either('l40s', 'l4'), [pool()])[0]).toBe('g6e.xlarge');
    expect(types(either('h100', 'l4'), [pool()])[0]).toBe('g6.xlarge');
  });

  test.each<[LabelCondition, RegExp]>([
    [
      { key: 'a', operator: 'Near', values: ['1'] },
      /'operator' \(Near\) of a must be one of In, NotIn, Exists, DoesNotExist, Gt, Gte, Lt, Lte/,
    ],
    [{ key: 'a', operator: 'Gt', values: ['many'] }, /'values' \(many\) of a must be exactly one whole number with the operator Gt/],
    [{ key: 'a', operator: 'Lt', values: ['1', '2'] }, /exactly one whole number/],
  ])('fails for %j', (condition, message) => {
    expect(() => KarpenterChoice.of(podWith(condition), [pool()])).toThrow(message);
  });
});

describe('which pool', () => {
  test('is the heaviest that can, then the last by name', () => {
    const used = (...pools: NodePoolManifest[]): string | undefined => KarpenterChoice.of(pod(), pools).cheapest?.nodePool;
    expect(used(pool('b'), pool('a'))).toBe('b');
    expect(used(pool('a'), pool('b', [], { weight: 10 }))).toBe('b');
    expect(used(pool('a', [is('karpenter.k8s.aws/instance-family', 'g5')], { weight: 10 }), pool('b'))).toBe('b');
  });

  test('is never one whose nodes are fixed in number', () => {
    expect(KarpenterChoice.of(pod(), [pool('reserved', [], { replicas: 2 })]).problems).toEqual([
      'there is no NodePool that makes nodes for pods',
    ]);
  });

  test.each<[string, Partial<NodePoolManifest['spec']>, boolean]>([
    ['one GPU', { limits: { 'nvidia.com/gpu': 1 } }, true],
    ['no GPU', { limits: { 'nvidia.com/gpu': 0 } }, false],
    ['four cores', { limits: { cpu: '4' } }, true],
    ['three cores', { limits: { cpu: '3' } }, false],
    ['8 GiB', { limits: { memory: '8Gi' } }, false],
    ['one node', { limits: { nodes: '1' } }, true],
    ['no node', { limits: { nodes: '0' } }, false],
  ])('with a limit of %s', (_name, spec, schedulable) => {
    const choice = KarpenterChoice.of(pod(), [pool('gpu', [], spec)]);
    expect(choice.schedulable).toBe(schedulable);
    if (!schedulable) expect(choice.problems[0]).toMatch(/beyond its limits/);
  });

  test('a limit leaves only the nodes that are within it', () => {
    expect(types(pod(), [pool('gpu', [], { limits: { cpu: '8' } })])).toEqual(['g6.xlarge', 'g6.2xlarge']);
  });

  test('minValues asks for a choice of types', () => {
    const flexible = (minValues: number): NodePoolManifest =>
      pool('gpu', [{ key: 'karpenter.k8s.aws/instance-family', operator: 'In', values: ['g6', 'g6e'], minValues }]);
    expect(KarpenterChoice.of(pod(), [flexible(1)]).schedulable).toBe(true);
    expect(KarpenterChoice.of(pod(), [flexible(2)]).problems[0]).toMatch(
      /'minValues' \(2\) of karpenter\.k8s\.aws\/instance-family is more than the 1 values of types that suit/,
    );
  });
});

describe('taints', () => {
  test.each<[string, PodManifest['tolerations'], boolean]>([
    ['nothing', undefined, false],
    ['the key', [{ key: 'nvidia.com/gpu', operator: 'Exists' }], true],
    ['everything', [{ operator: 'Exists' }], true],
    ['another key', [{ key: 'aws.amazon.com/neuron', operator: 'Exists' }], false],
    ['another effect', [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoExecute' }], false],
    ['the empty value', [{ key: 'nvidia.com/gpu' }], true],
    ['another value', [{ key: 'nvidia.com/gpu', value: 'present' }], false],
  ])('a pod that tolerates %s', (_name, tolerations, schedulable) => {
    const choice = KarpenterChoice.of(pod({ tolerations }), [pool()]);
    expect(choice.schedulable).toBe(schedulable);
    if (!schedulable) expect(choice.problems).toEqual(["NodePool 'gpu': the pod does not tolerate its taint nvidia.com/gpu:NoSchedule"]);
  });

  test('a preference stops no pod', () => {
    const soft: NodePoolManifest = {
      metadata: { name: 'soft' },
      spec: { template: { spec: { taints: [{ key: 'batch', effect: 'PreferNoSchedule' }] } } },
    };
    expect(KarpenterChoice.of(pod(), [soft]).schedulable).toBe(true);
  });
});

describe('resources', () => {
  test('that a pod can have are Karpenter’s, to the byte', () => {
    // g6.xlarge: 16384 MiB less ceil(7.5 %), 11 MiB for each of 58 pods and 255 MiB, 100 MiB for eviction;
    // four cores less 60m + 10m + 10m
    const available = allocatable(Accelerator.G6_XLARGE, SHAPE);
    expect(available.get('memory')).toBe((16_384 - 1229 - (11 * 58 + 255) - 100) * MIB);
    expect(available.get('cpu')).toBeCloseTo(3.92);
    expect(available.get('pods')).toBe(58);
    expect(available.get('nvidia.com/gpu')).toBe(1);
    expect(available.get('ephemeral-storage')).toBe(250e9 * 0.9 - 2 ** 30);
  });

  // https://karpenter.sh/v1.14/reference/instance-types/. All 130 types of the catalogue that the page has agree with it.
  test.each<[string, { [resource: string]: string }]>([
    ['g4dn.xlarge', { cpu: '3920m', memory: '14481Mi', 'nvidia.com/gpu': '1', pods: '29' }],
    ['g5g.xlarge', { cpu: '3920m', memory: '6525Mi', 'nvidia.com/gpu': '1', pods: '58' }],
    ['g6.xlarge', { cpu: '3920m', memory: '14162Mi', 'nvidia.com/gpu': '1', pods: '58' }],
    ['g6.48xlarge', { cpu: '191450m', memory: '718987Mi', 'nvidia.com/gpu': '8', pods: '737', 'vpc.amazonaws.com/efa': '1' }],
    ['g6e.12xlarge', { cpu: '47810m', memory: '360157Mi', 'nvidia.com/gpu': '4', pods: '292', 'vpc.amazonaws.com/efa': '1' }],
    ['p4d.24xlarge', { cpu: '95690m', memory: '1082712Mi', 'nvidia.com/gpu': '8', pods: '737', 'vpc.amazonaws.com/efa': '4' }],
    ['p5.48xlarge', { cpu: '191450m', memory: '1938410Mi', 'nvidia.com/gpu': '8', pods: '100', 'vpc.amazonaws.com/efa': '32' }],
    ['p6-b300.48xlarge', { cpu: '191450m', memory: '3877198Mi', 'nvidia.com/gpu': '8', pods: '198', 'vpc.amazonaws.com/efa': '16' }],
    ['inf2.48xlarge', { cpu: '191450m', memory: '718987Mi', 'aws.amazon.com/neuron': '12', 'aws.amazon.com/neuroncore': '24', pods: '737' }],
    ['trn2.48xlarge', { cpu: '191450m', memory: '1938410Mi', 'aws.amazon.com/neuron': '16', 'aws.amazon.com/neuroncore': '128' }],
    ['c8g.medium', { cpu: '940m', memory: '1392Mi', pods: '8' }],
    ['m8g.48xlarge', { cpu: '191450m', memory: '718928Mi', pods: '737', 'vpc.amazonaws.com/efa': '1' }],
  ])('of %s are those of Karpenter’s own page', (name, published) => {
    const available = allocatable(Accelerator.fromInstanceType(name), SHAPE);
    for (const [resource, text] of Object.entries(published)) expect(available.get(resource)).toBeCloseTo(quantity(text));
  });

  test('of a Graviton node lack 64 MiB more', () => {
    expect(capacity(Accelerator.C8G_4XLARGE, SHAPE).get('memory')).toBe((32_704 - Math.ceil(32_704 * 0.075)) * MIB);
  });

  test('with fewer pods reserve less', () => {
    const few = allocatable(Accelerator.G6_XLARGE, { ...SHAPE, maxPods: 20 });
    expect(few.get('memory')).toBe((16_384 - 1229 - (11 * 20 + 255) - 100) * MIB);
  });

  test('of Neuron are counted in devices and physical cores', () => {
    const trn2 = capacity(Accelerator.TRN2_48XLARGE, SHAPE);
    expect([trn2.get('aws.amazon.com/neuron'), trn2.get('aws.amazon.com/neuroncore'), trn2.get('nvidia.com/gpu')]).toEqual([16, 128, 0]);
  });

  test('of init containers count where they are larger, and beside the others where they stay', () => {
    const container = (cpu: string, restartPolicy?: string) => ({ restartPolicy, resources: { requests: { cpu } } });
    const requested = (initContainers: PodManifest['initContainers']): number | undefined =>
      podRequests({ containers: [container('1'), container('500m')], initContainers }).get('cpu');
    expect(requested([])).toBe(1.5);
    expect(requested([container('1')])).toBe(1.5);
    expect(requested([container('3')])).toBe(3);
    expect(requested([container('1', 'Always')])).toBe(2.5);
  });

  test('of a type that the catalogue does not have are considered when it is given', () => {
    const x86 = Accelerator.of({ instanceType: 'm7i.xlarge', kind: AcceleratorKind.CPU, vcpus: 4, memoryMiB: 16_384 });
    const open: NodePoolManifest = { metadata: { name: 'x86' }, spec: { template: { spec: { requirements: [is('kubernetes.io/arch', 'amd64')] } } } };
    const small: PodManifest = {
      nodeSelector: { 'karpenter.k8s.aws/instance-family': 'm7i' },
      containers: [{ resources: { requests: { cpu: '2' } } }],
    };
    expect(KarpenterChoice.of(small, [open]).problems[0]).toMatch(/no known instance type has the labels/);
    expect(types(small, [open], { moreTypes: [x86] })).toEqual(['m7i.xlarge']);
    expect(types(small, [open], { moreTypes: [x86], region: 'us-east-1', zoneIds: ['use1-az1'] })).toEqual(['m7i.xlarge']);
  });

  test('huge pages are unknown to Karpenter until an overlay adds them', () => {
    const containers = [{ resources: { limits: { 'nvidia.com/gpu': 8, 'hugepages-2Mi': '5120Mi' } } }];
    const efa = { ...podWith(is('karpenter.k8s.aws/instance-gpu-name', 'l4')), containers };
    expect(KarpenterChoice.of(efa, [pool()]).problems[0]).toMatch(/no known instance type has room: g6\.48xlarge lacks hugepages-2Mi/);
    expect(types(efa, [pool()], { overlays: { 'g6.48xlarge': { 'hugepages-2Mi': '10Gi' } } })).toEqual(['g6.48xlarge']);
  });

  test('a slice of a GPU needs an overlay too', () => {
    const slice = { ...podWith(is('node.kubernetes.io/instance-type', 'g6f.xlarge')) };
    expect(KarpenterChoice.of(slice, [pool()]).schedulable).toBe(false);
    expect(types(slice, [pool()], { overlays: { 'g6f.xlarge': { 'nvidia.com/gpu': '1' } } })).toEqual(['g6f.xlarge']);
  });

  test('local disks or the volume hold what containers write', () => {
    const writing = pod({}, { 'ephemeral-storage': '100Gi' });
    expect(types(writing, [pool()])[0]).toBe('g6.xlarge');
    expect(types(writing, [pool()], { localNvme: false })).toEqual([]);
    expect(types(writing, [pool()], { localNvme: false, volumeGiB: 200 })[0]).toBe('g6.xlarge');
  });

  test.each<[string | number, number]>([
    ['500m', 0.5],
    ['2', 2],
    [3, 3],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['10M', 1e7],
    ['5120Mi', 5 * 2 ** 30],
  ])('%p is %p', (text, number) => {
    expect(quantity(text)).toBeCloseTo(number);
  });

  test.each(['1 Gi', '1GiB', '', 'x'])('fails for the quantity %p', (text) => {
    expect(() => quantity(text)).toThrow(`'quantity' (${text}) must be a Kubernetes quantity such as 500m or 16Gi`);
  });
});

describe('properties', () => {
  const key = 'k';
  const value = fc.integer({ min: 0, max: 9 }).map(String);
  const condition = fc.oneof(
    fc.record({ key: fc.constant(key), operator: fc.constantFrom('In', 'NotIn'), values: fc.array(value, { minLength: 1, maxLength: 4 }) }),
    fc.record({ key: fc.constant(key), operator: fc.constantFrom('Gt', 'Gte', 'Lt', 'Lte'), values: fc.tuple(value) }),
    fc.record({ key: fc.constant(key), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  );
  const holds = (one: LabelCondition, label: string): boolean => {
    const [bound] = (one.values ?? []).map(Number);
    switch (one.operator) {
      case 'In':
        return one.values?.includes(label) ?? false;
      case 'NotIn':
        return !(one.values?.includes(label) ?? false);
      case 'Gt':
        return Number(label) > bound;
      case 'Gte':
        return Number(label) >= bound;
      case 'Lt':
        return Number(label) < bound;
      case 'Lte':
        return Number(label) <= bound;
      default:
        return one.operator === 'Exists';
    }
  };

  test('a label suits conditions exactly when it suits each of them', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), value, (conditions, label) => {
        const suits = Requirements.of([is(key, label)]).conflicts(Requirements.of(conditions)).length === 0;
        expect(suits).toBe(conditions.every((one) => holds(one, label)));
      }),
    );
  });

  test('a larger request never gets a type that a smaller one does not', () => {
    const amount = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(amount, amount, amount, (cpu, memory, more) => {
        const small = types(pod({}, { cpu: `${cpu}`, memory: `${memory}Gi` }), [pool()]);
        const large = types(pod({}, { cpu: `${cpu + more}`, memory: `${memory + more}Gi` }), [pool()]);
        expect(small).toEqual(expect.arrayContaining(large));
      }),
      { numRuns: 30 },
    );
  });

  test('every type is compatible with its own labels', () => {
    for (const type of Accelerator.catalogue().map((name) => Accelerator.fromInstanceType(name))) {
      const own = Requirements.of(type.nodeRequirements(NodeLabels.KARPENTER));
      expect(instanceRequirements(type).conflicts(own)).toEqual([]);
    }
  });
});
