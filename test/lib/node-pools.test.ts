import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration } from 'cdk8s';
import * as fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { Accelerator } from '../../lib/accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../../lib/accelerators/accelerator-kind';
import {
  CapacityReservation,
  CapacityType,
  DeviceSoftware,
  DisruptionReason,
  GpuPool,
  type GpuPoolOptions,
  GravitonPool,
  InferentiaPool,
  type INodePool,
  KarpenterFeatureGate,
  NodeOs,
  type NodeEnvironment,
  type NodePoolConfig,
  NodeProvisioner,
  PlacementGroup,
  TrainiumPool,
  X86Pool,
} from '../../lib/node-pools';
import { Versions } from '../../lib/versions';

const type = (name: string): Accelerator => Accelerator.fromInstanceType(name);
const nameOf = (instance: Accelerator): string => instance.instanceType;

/** A cluster in no known region, so that nothing is checked of what is sold. */
function environment(override: Partial<NodeEnvironment> = {}): NodeEnvironment {
  return { provisioner: NodeProvisioner.KARPENTER, clusterName: 'demo', nodeRoleName: 'demo-node', ...override };
}

function bind(pool: INodePool, override: Partial<NodeEnvironment> = {}): NodePoolConfig {
  return pool.bind({ name: 'pool', environment: environment(override) });
}

const autoMode = { provisioner: NodeProvisioner.EKS_AUTO_MODE };

function requirement(config: NodePoolConfig, key: string): string[] | undefined {
  return config.nodePool.template.spec.requirements.find((candidate) => candidate.key === key)?.values;
}

/** The parts of MIME user data, by content type. */
function mimeParts(userData: string | undefined): { readonly contentType: string; readonly content: string }[] {
  const [head, ...parts] = (userData ?? '').split(/^--\/\/(?:--)?$/m);
  expect(head).toContain('boundary="//"');
  return parts.slice(0, -1).map((part) => {
    const [, contentType, content] = /^\nContent-Type: (\S+)\n\n([\s\S]*)$/.exec(part) ?? [];
    return { contentType, content };
  });
}

const POOLS: [name: string, make: (options?: GpuPoolOptions) => INodePool, taint: string | undefined, limit: [string, string]][] = [
  ['GpuPool', (options) => new GpuPool(options), 'nvidia.com/gpu', ['nvidia.com/gpu', '8']],
  ['GpuPool of p5', (options) => new GpuPool({ families: ['p5'], minDevices: 8, ...options }), 'nvidia.com/gpu', ['nvidia.com/gpu', '8']],
  ['GpuPool of fractions', (options) => new GpuPool({ families: ['g6f', 'gr6f'], ...options }), 'nvidia.com/gpu', ['nvidia.com/gpu', '8']],
  [
    'GpuPool of arm64',
    (options) => new GpuPool({ families: ['g5g'], architecture: CpuArchitecture.ARM64, ...options }),
    'nvidia.com/gpu',
    ['nvidia.com/gpu', '8'],
  ],
  ['InferentiaPool', (options) => new InferentiaPool(options), 'aws.amazon.com/neuron', ['aws.amazon.com/neuron', '12']],
  ['TrainiumPool', (options) => new TrainiumPool(options), 'aws.amazon.com/neuron', ['aws.amazon.com/neuron', '16']],
  ['GravitonPool', (options) => new GravitonPool(options), undefined, ['cpu', '256']],
  ['X86Pool', (options) => new X86Pool(options), undefined, ['cpu', '256']],
];

describe.each(POOLS)('every pool: %s', (_name, make, taint, [limitKey, limit]) => {
  test.each([
    ['Bottlerocket', NodeOs.BOTTLEROCKET, Versions.BOTTLEROCKET_AMI],
    ['AL2023', NodeOs.AL2023, Versions.AL2023_AMI],
  ])('on %s under Karpenter is pinned, capped, tainted and encrypted', (_os, os, ami) => {
    const pool = make({ os });
    const config = bind(pool);
    const { nodePool, ec2NodeClass } = config;

    expect(requirement(config, 'kubernetes.io/arch')).toEqual([pool.architecture]);
    expect(requirement(config, 'karpenter.sh/capacity-type')).toEqual(['reserved', 'on-demand']);
    expect(nodePool.limits).toEqual({ [limitKey]: limit });
    expect(nodePool.template.spec.expireAfter).toBe('Never');
    expect(nodePool.template.spec.terminationGracePeriod).toBeUndefined();
    expect(nodePool.disruption).toEqual({
      consolidationPolicy: 'WhenEmpty',
      consolidateAfter: '10m',
      budgets: [
        expect.objectContaining({ nodes: '100%', reasons: ['Empty'] }),
        expect.objectContaining({ nodes: '1', reasons: ['Drifted', 'Underutilized'] }),
      ],
    });
    expect(nodePool.template.spec.taints).toEqual(taint && [{ key: taint, effect: 'NoSchedule' }]);
    expect(nodePool.template.spec.nodeClassRef).toEqual({ group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'pool' });

    expect(config.autoModeNodeClass).toBeUndefined();
    expect(ec2NodeClass?.amiSelectorTerms).toEqual([{ alias: ami }]);
    expect(ami).toMatch(/@v\d/);
    expect(ec2NodeClass?.role).toBe('demo-node');
    expect(ec2NodeClass?.metadataOptions).toEqual({ httpTokens: 'required', httpPutResponseHopLimit: 1 });
    const volumes = ec2NodeClass?.blockDeviceMappings ?? [];
    expect(volumes.map((volume) => volume.deviceName)).toEqual(os === NodeOs.AL2023 ? ['/dev/xvda'] : ['/dev/xvda', '/dev/xvdb']);
    for (const { ebs } of volumes) expect(ebs).toMatchObject({ encrypted: true, deleteOnTermination: true, volumeType: 'gp3' });
    for (const selector of [ec2NodeClass?.subnetSelectorTerms, ec2NodeClass?.securityGroupSelectorTerms]) {
      expect(selector).toEqual([{ tags: { 'karpenter.sh/discovery': 'demo' } }]);
    }
  });

  test('under EKS Auto Mode uses its labels and node class, or says why it cannot', () => {
    const pool = make();
    if (pool.instanceTypes.some((instance) => instance.fractional)) {
      expect(() => bind(pool, autoMode)).toThrow(/have a fraction of a GPU.*EKS Auto Mode has none: choose whole GPUs, or Karpenter$/);
      return;
    }
    const config = bind(pool, autoMode);
    const { requirements, nodeClassRef, expireAfter, terminationGracePeriod } = config.nodePool.template.spec;

    expect(nodeClassRef).toEqual({ group: 'eks.amazonaws.com', kind: 'NodeClass', name: 'pool' });
    expect(requirements.filter(({ key }) => key.startsWith('karpenter.k8s.aws'))).toEqual([]);
    expect(requirement(config, 'kubernetes.io/arch')).toEqual([pool.architecture]);
    expect([expireAfter, terminationGracePeriod]).toEqual(['480h', '24h']); // together the 21 days that it allows
    expect(config.nodePool.limits).toEqual({ [limitKey]: limit });
    expect(config.ec2NodeClass).toBeUndefined();
    expect(Object.keys(config.autoModeNodeClass ?? {})).not.toContain('userData');
    expect(config.featureGates).toEqual([]);
  });
});

describe('instance types', () => {
  test('without options a GPU pool leaves out what serves badly or not at all', () => {
    const families = new Set(new GpuPool().instanceTypes.map((instance) => instance.family));

    expect([...families]).toEqual(['g5', 'g6', 'g6e', 'gr6', 'g7e']);
    for (const instance of new GpuPool().instanceTypes) {
      expect(instance).toMatchObject({ kind: AcceleratorKind.NVIDIA, architecture: CpuArchitecture.AMD64, fractional: false });
      expect(Number(instance.computeCapability)).toBeGreaterThanOrEqual(8); // bfloat16 begins with Ampere
    }
  });

  test('families are told to Karpenter as families, without bare metal', () => {
    const pool = new GravitonPool({ families: ['c8g'] });
    const config = bind(pool);

    expect(requirement(config, 'karpenter.k8s.aws/instance-family')).toEqual(['c8g']);
    expect(requirement(config, 'karpenter.k8s.aws/instance-hypervisor')).toEqual(['nitro']);
    expect(pool.instanceTypes.map((instance) => instance.size)).not.toContain('metal-24xl');
  });

  test('floors are told as the very types that pass them', () => {
    const pool = new GpuPool({ families: ['g6', 'g6e'], minDeviceMemoryMiB: 40_000, minDevices: 4, maxDevices: 4 });

    expect(requirement(bind(pool), 'node.kubernetes.io/instance-type')).toEqual(['g6e.12xlarge', 'g6e.24xlarge']);
    expect(requirement(bind(pool), 'karpenter.k8s.aws/instance-family')).toBeUndefined();
  });

  test('floors of families that the catalogue does not have are told as labels', () => {
    const config = bind(new X86Pool({ families: ['m8i'], minVcpus: 8, minMemoryGiB: 32 }));

    expect(config.nodePool.template.spec.requirements).toEqual(
      expect.arrayContaining([
        { key: 'karpenter.k8s.aws/instance-cpu', operator: 'Gt', values: ['7'] },
        { key: 'karpenter.k8s.aws/instance-memory', operator: 'Gt', values: ['32767'] },
      ]),
    );
  });

  test('types outside the catalogue can be used', () => {
    const newer = Accelerator.of({
      instanceType: 'g9.xlarge', kind: AcceleratorKind.NVIDIA, vcpus: 4, memoryMiB: 16384, devices: 1, deviceMemoryMiB: 65536,
    });

    expect(requirement(bind(new GpuPool({ instanceTypes: [newer] }), { region: 'us-west-2' }), 'node.kubernetes.io/instance-type')).toEqual([
      'g9.xlarge',
    ]);
  });

  test('what a pool says it has is what the floors allow, for any floors', () => {
    const floor = (max: number): fc.Arbitrary<number | undefined> => fc.option(fc.integer({ min: 1, max }), { nil: undefined });
    const bounds = { minVcpus: floor(256), minMemoryGiB: floor(3000), minDevices: floor(10), minDeviceMemoryMiB: floor(200_000) };
    const all = new GpuPool().instanceTypes;
    fc.assert(
      fc.property(fc.record(bounds), ({ minVcpus, minMemoryGiB, minDevices, minDeviceMemoryMiB }) => {
        const allowed = all
          .filter((instance) => instance.vcpus >= (minVcpus ?? 0) && instance.memoryMiB / 1024 >= (minMemoryGiB ?? 0))
          .filter((instance) => instance.nodeDevices >= (minDevices ?? 0) && instance.deviceMemoryMiB >= (minDeviceMemoryMiB ?? 0));
        const make = (): GpuPool => new GpuPool({ minVcpus, minMemoryGiB, minDevices, minDeviceMemoryMiB });

        if (allowed.length === 0) expect(make).toThrow(/lets no instance type in: the largest is g7e\.48xlarge/);
        else expect(make().instanceTypes.map(nameOf)).toEqual(allowed.map(nameOf));
      }),
    );
  });
});

describe('fails in the words of the user', () => {
  const reservation = CapacityReservation.id('cr-0a1b');
  test.each<[string, () => unknown, string | RegExp]>([
    ['unknown family', () => new GpuPool({ families: ['g66'] }), /^'families' has 'g66', which is not known: did you mean g6, /],
    ['unknown x86 family', () => new X86Pool({ families: ['m7x'] }), /^'families' has 'm7x', which is not known: did you mean m7a, /],
    ['arm64 family in an amd64 pool', () => new GpuPool({ families: ['g5g'] }), /^'families' has g5g\.xlarge, which is arm64, but the GpuPool is amd64: /],
    ['arm64 type in an amd64 pool', () => new GpuPool({ instanceTypes: [type('g5g.xlarge')] }), /^'instanceTypes' has g5g\.xlarge, which is arm64/],
    ['arm64 family in an x86 pool', () => new X86Pool({ families: ['c8g'] }), /^'families' has c8g\.medium, which is arm64, but the X86Pool is amd64/],
    ['arm64 without a family', () => new GpuPool({ architecture: CpuArchitecture.ARM64 }), /write families: \['g5g'\]$/],
    [
      'a kind in the pool of another',
      () => new TrainiumPool({ families: ['inf2'] }),
      "'families' has inf2.xlarge, which is inferentia, but a TrainiumPool holds trainium: use InferentiaPool",
    ],
    ['no family', () => new GpuPool({ families: [] }), "'families' ([]) must name at least one: leave it out for the default"],
    [
      'families and types',
      () => new GpuPool({ families: ['g6'], instanceTypes: [type('g6.xlarge')] }),
      "'families' and 'instanceTypes' cannot both be set: leave one of them out",
    ],
    [
      'impossible floor',
      () => new GpuPool({ families: ['g6'], minDeviceMemoryMiB: 40_000 }),
      "'minDeviceMemoryMiB' (40000) lets no instance type in: the largest is g6.48xlarge (8 devices of 22888 MiB, 192 vCPUs, 768 GiB)",
    ],
    ['floor of 0', () => new GpuPool({ minDevices: 0 }), "'minDevices' (0) must be a positive integer: leave it out for no bound"],
    ['device floor without devices', () => new GravitonPool({ minDevices: 1 } as object), /^'minDevices' \(1\) lets no instance type in/],

    ['negative limit', () => new GpuPool({ limits: { devices: -1 } }), "'limits.devices' (-1) must be an integer of at least 0: write 0"],
    ['broken limit', () => new GpuPool({ limits: { vcpus: 1.5 } }), "'limits.vcpus' (1.5) must be an integer of at least 0: write 2"],
    ['NaN limit', () => new GpuPool({ limits: { nodes: NaN } }), "'limits.nodes' (NaN) must be an integer of at least 0: write 0"],
    ['no limit', () => new GpuPool({ limits: {} }), /^'limits' \(\{\}\) must cap at least one of devices, vcpus, memoryGiB and nodes/],
    ['device limit without devices', () => new GravitonPool({ limits: { devices: 4 } }), /^'limits\.devices' \(4\) cannot be set .* use 'limits\.vcpus'$/],
    [
      'limit below one node',
      () => new GpuPool({ families: ['p5'], minDevices: 8, limits: { devices: 4 } }),
      "'limits.devices' (4) is below the 8 of the smallest instance type, so no node can come: write 8 or more",
    ],

    ['no capacity type', () => new GpuPool({ capacityTypes: [] }), /^'capacityTypes' \(\[\]\) must name at least one/],
    ['twice', () => new GpuPool({ capacityTypes: [CapacityType.SPOT, CapacityType.SPOT] }), "'capacityTypes' (spot, spot) names one twice"],
    ['reserved without reservations', () => new GpuPool({ capacityTypes: [CapacityType.RESERVED] }), /^'capacityTypes' \(reserved\) needs 'reservations'/],
    ['blocks without reservations', () => new GpuPool({ capacityBlocksOnly: true }), /^'capacityBlocksOnly' \(true\) needs 'reservations'/],
    [
      'reservations unused',
      () => new GpuPool({ reservations: [reservation], capacityTypes: [CapacityType.ON_DEMAND] }),
      "'reservations' need CapacityType.RESERVED in 'capacityTypes' (on-demand): add it, or leave 'capacityTypes' out",
    ],
    [
      'blocks and on-demand',
      () =>
        new GpuPool({ reservations: [reservation], capacityBlocksOnly: true, capacityTypes: [CapacityType.RESERVED, CapacityType.SPOT] }),
      "'capacityBlocksOnly' (true) allows no other 'capacityTypes' (reserved, spot): leave them out",
    ],
    ['reservation id', () => CapacityReservation.id('r-1'), "'reservationId' (r-1) must be the id of a capacity reservation, such as cr-0123456789abcdef0"],
    ['reservation without tags', () => CapacityReservation.tags({}), /must have at least one tag/],
    ['reservation owner', () => CapacityReservation.tags({ team: 'a' }, '12'), "'ownerAccount' (12) must be an AWS account of twelve digits"],
    ['placement group id', () => PlacementGroup.id('mine'), "'groupId' (mine) must be the id of a placement group, such as pg-0123456789abcdef0"],

    ['negative replicas', () => new GpuPool({ replicas: -2 }), "'replicas' (-2) must be an integer of at least 0: write 0"],
    ['replicas with weight', () => new GpuPool({ replicas: 1, weight: 5 }), /^'weight' \(5\) cannot be set with 'replicas' \(1\)/],
    ['replicas with device limit', () => new GpuPool({ replicas: 1, limits: { devices: 8 } }), /^'limits\.devices' \(8\) cannot be set with 'replicas' \(1\)/],
    ['replicas above the limit', () => new GpuPool({ replicas: 3, limits: { nodes: 2 } }), /^'limits\.nodes' \(2\) must be at least 'replicas' \(3\)/],
    ['weight', () => new GpuPool({ weight: 101 }), "'weight' (101) must be an integer between 1 and 100: write 100"],
    ['max pods', () => new GpuPool({ maxPods: 0 }), "'maxPods' (0) must be an integer between 1 and 737: write 1"],

    ['AMI of another system', () => new GpuPool({ amiAlias: 'al2023@v20261003' }), /^'amiAlias' \(al2023@v20261003\) must begin with bottlerocket@/],
    ['AMI not pinned', () => new GpuPool({ amiAlias: 'bottlerocket@latest' }), /is not pinned, so every release would replace the nodes: write bottlerocket@v/],
    ['AMI without a version', () => new GpuPool({ amiAlias: 'bottlerocket' }), /must name a release: write bottlerocket@v/],
    ['AMI before SOCI', () => new GpuPool({ amiAlias: 'bottlerocket@v1.45.0' }), /is older than bottlerocket@v1\.46\.0 and cannot pull in parallel/],
    ['AL2023 before SOCI', () => new GpuPool({ os: NodeOs.AL2023, amiAlias: 'al2023@v20250801' }), /is older than al2023@v20250821/],
    ['Bottlerocket settings', () => bind(new GpuPool({ userData: '#!/bin/bash\necho' })), /^'userData' must be TOML for Bottlerocket: /],
    [
      'Bottlerocket table',
      () => bind(new GpuPool({ userData: '[kubernetes]\nmax-pods = 20\n' })),
      "'userData' has [kubernetes], but Bottlerocket reads only [settings]: write [settings.kubernetes]",
    ],
    ['AL2023 TOML', () => bind(new GpuPool({ os: NodeOs.AL2023, userData: '[settings]' })), /^'userData' must be a shell script .*, got '\[settings\]'$/],
    ['AL2023 MIME', () => bind(new GpuPool({ os: NodeOs.AL2023, userData: '#!/bin/sh\n--//\n' })), /without the MIME boundary --\/\/$/],

    ['tiny volume', () => new GpuPool({ dataVolume: { sizeGiB: 4 } }), "'dataVolume.sizeGiB' (4) must be an integer between 20 and 59000: write 20"],
    [
      'throughput beyond iops',
      () => new GpuPool({ dataVolume: { iops: 3000, throughputMiBps: 1000 } }),
      "'dataVolume.throughputMiBps' (1000) must be at most a quarter of 'dataVolume.iops' (3000): write iops: 4000",
    ],
    ['snapshot id', () => new GpuPool({ dataVolume: { snapshotId: 'vol-1' } }), /must be the id of a snapshot/],
    ['rate without a snapshot', () => new GpuPool({ dataVolume: { initializationRateMiBps: 200 } }), /needs 'dataVolume\.snapshotId'/],
    [
      'snapshot under local NVMe',
      () => new GpuPool({ instanceStore: true, dataVolume: { snapshotId: 'snap-0a' } }),
      "'instanceStore' (true) would hide the images of 'dataVolume.snapshotId' under local NVMe: leave one of them out",
    ],

    ['label of the provisioner', () => new GpuPool({ labels: { 'karpenter.sh/nodepool': 'x' } }), /^'labels' has karpenter\.sh\/nodepool, which is set by/],
    ['device plugin on Bottlerocket', () => new GpuPool({ labels: { 'nvidia.com/gpu.present': 'true' } }), /would bring the NVIDIA device plugin to Bottlerocket/],
    ['no zone', () => new GpuPool({ zones: [] }), /^'zones' \(\[\]\) must name at least one/],
    ['zone name as id', () => new GpuPool({ zoneIds: ['us-west-2a'] }), /^'zoneIds' has us-west-2a, which is no zone id such as usw2-az1/],
    [
      'zone outside the cluster',
      () => bind(new GpuPool({ zones: ['us-west-2d'] }), { zones: ['us-west-2a', 'us-west-2b'] }),
      "'zones' has us-west-2d, but the cluster spans us-west-2a, us-west-2b: choose among these",
    ],
    ['budget', () => new GpuPool({ disruption: { budgets: [{ nodes: 'one' }] } }), /^'disruption\.budgets\.nodes' \(one\) must be a number of nodes or a percentage/],
    [
      'schedule without duration',
      () => new GpuPool({ disruption: { budgets: [{ nodes: '0', schedule: '0 9 * * 1-5' }] } }),
      "'disruption.budgets.schedule' must be set together with 'disruption.budgets.duration'",
    ],
    [
      'broken minutes',
      () => new GpuPool({ disruption: { budgets: [{ nodes: '0', schedule: '@daily', duration: Duration.seconds(90) }] } }),
      "'disruption.budgets.duration' (90 s) must be whole minutes",
    ],
    ['pool name', () => new GpuPool().bind({ name: 'GPU_1', environment: environment() }), /^'name' \(GPU_1\) must be a DNS label.*: write gpu-1$/],

    ['EFA where there is none', () => bind(new InferentiaPool({ efa: true })), /^'efa' \(true\) cannot be had on inf2\.xlarge, inf2\.8xlarge/],
    [
      'EFA of several layouts',
      () => bind(new GpuPool({ families: ['p5'], efa: true })),
      "'efa' (true) needs types with the same network cards, got p5.4xlarge has 1, p5.48xlarge has 32: make a pool for each",
    ],
  ])('%s', (_name, make, message) => {
    expect(make).toThrow(typeof message === 'string' ? new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) : message);
  });

  test.each<[prop: string, options: GpuPoolOptions]>([
    ['os', { os: NodeOs.BOTTLEROCKET }],
    ['amiAlias', { amiAlias: 'bottlerocket@v1.64.0' }],
    ['userData', { userData: '[settings]' }],
    ['maxPods', { maxPods: 20 }],
    ['instanceStore', { instanceStore: false }],
    ['parallelPull', { parallelPull: true }],
    ['dataVolume.snapshotId', { dataVolume: { snapshotId: 'snap-0a' } }],
    ['dataVolume.initializationRateMiBps', { dataVolume: { snapshotId: 'snap-0a', initializationRateMiBps: 200 } }],
  ])("EKS Auto Mode has no '%s'", (prop, options) => {
    expect(() => bind(new GpuPool(options))).not.toThrow();
    const named = prop.startsWith('dataVolume') ? 'dataVolume.snapshotId' : prop;
    expect(() => bind(new GpuPool(options), autoMode)).toThrow(new RegExp(`^'${named}' \\(.*\\) cannot be set for EKS Auto Mode, where .*: leave it out$`));
  });

  test.each<[string, GpuPoolOptions, string]>([
    ['iops', { dataVolume: { iops: 20_000 } }, "'dataVolume.iops' (20000) must be at most 16000 for EKS Auto Mode: write 16000"],
    ['age', { disruption: { expireAfter: Duration.hours(500) } }, "'disruption.expireAfter' and 'disruption.terminationGracePeriod' (524 hours together) must be at most 504 for EKS Auto Mode, which ends nodes after 21 days"],
  ])('EKS Auto Mode bounds %s', (_name, options, message) => {
    expect(() => bind(new GpuPool(options))).not.toThrow();
    expect(() => bind(new GpuPool(options), autoMode)).toThrow(message);
  });
});

describe('regions', () => {
  test('a pool of which nothing is sold names families that are, and regions', () => {
    expect(() => bind(new GpuPool({ families: ['p5en'] }), { region: 'af-south-1' })).toThrow(
      /^'families' \(p5en\) are not sold in af-south-1: af-south-1 has g4dn.*; they are sold in .*us-west-2/,
    );
    expect(() => bind(new TrainiumPool(), { region: 'af-south-1' })).toThrow(/: af-south-1 has no trainium; they are sold in .*us-east-1/);
  });

  test('the words hold what is true: the families named are sold there, the regions sell it', () => {
    const message = (): string => {
      try {
        bind(new GpuPool({ families: ['p5en'] }), { region: 'af-south-1' });
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const [, here, elsewhere] = /af-south-1 has (.*); they are sold in (.*)$/.exec(message()) ?? [];

    for (const family of here.split(', ').filter((name) => name !== 'g6f' && name !== 'gr6f')) {
      expect(() => bind(new GpuPool({ families: [family] }), { region: 'af-south-1' })).not.toThrow();
    }
    for (const region of elsewhere.split(', ')) expect(() => bind(new GpuPool({ families: ['p5en'] }), { region })).not.toThrow();
  });

  test('zones that sell nothing of the pool are refused', () => {
    const pool = new TrainiumPool({ families: ['trn1'], zoneIds: ['usw2-az3'] });

    expect(() => bind(pool, { region: 'us-west-2' })).toThrow("'zoneIds' (usw2-az3) sell none of 'families' (trn1): in us-west-2 they are sold in usw2-az");
    expect(requirement(bind(new GpuPool({ zoneIds: ['usw2-az1'] }), { region: 'us-west-2' }), 'topology.k8s.aws/zone-id')).toEqual(['usw2-az1']);
  });

  test('fewer zones than the cluster spans are said', () => {
    const zones = ['us-west-2a', 'us-west-2b', 'us-west-2c', 'us-west-2d'];
    const pool = new GpuPool({ families: ['p5en'] });

    expect(bind(pool, { region: 'us-west-2', zones }).warnings).toEqual([
      { id: 'fewer-zones', message: expect.stringMatching(/^'families' \(p5en\) are sold in 3 zones of us-west-2 .*, but 4 are spanned: /) },
    ]);
    expect(bind(pool, { region: 'us-west-2', zones: zones.slice(0, 3) }).warnings).toEqual([]);
    expect(bind(new GpuPool(), { region: 'us-west-2', zones }).warnings).toEqual([]);
  });

  test('types that are named and not sold are said', () => {
    const pool = new GpuPool({ instanceTypes: [type('g4dn.xlarge'), type('p5en.48xlarge')] });

    expect(bind(pool, { region: 'af-south-1' }).warnings).toContainEqual({
      id: 'unsold-types',
      message: "p5en.48xlarge are not sold in af-south-1: leave them out of 'instanceTypes'",
    });
  });

  test.each([['${Token[AWS.Region.4]}'], ['mars-north-1'], [undefined]])('region %s is not checked', (region) => {
    expect(bind(new TrainiumPool(), { region, zones: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }).warnings).toEqual([]);
  });
});

describe('images', () => {
  const tuning = (pool: INodePool): object => {
    const { settings } = parseToml(bind(pool).ec2NodeClass?.userData ?? '') as { settings: { [name: string]: { [name: string]: object } } };
    return settings['container-runtime-plugins']['soci-snapshotter'];
  };

  test('Bottlerocket pulls in parallel on every accelerated pool', () => {
    expect(parseToml(bind(new GpuPool()).ec2NodeClass?.userData ?? '')).toEqual({
      settings: {
        kubernetes: { 'device-ownership-from-security-context': true },
        'container-runtime': { snapshotter: 'soci' },
        'container-runtime-plugins': {
          'soci-snapshotter': {
            'pull-mode': 'parallel-pull-unpack',
            'parallel-pull-unpack': {
              'max-concurrent-downloads-per-image': 20,
              'concurrent-download-chunk-size': '16mb',
              'max-concurrent-unpacks-per-image': 12,
              'discard-unpacked-layers': true,
            },
          },
        },
      },
    });
    for (const pool of [new InferentiaPool(), new TrainiumPool()]) expect(tuning(pool)).toMatchObject({ 'pull-mode': 'parallel-pull-unpack' });
  });

  test.each<[string, GpuPoolOptions, string, number]>([
    ['a slow network', { families: ['g6'] }, '16mb', 12],
    ['a fast network onto NVMe', { instanceTypes: [type('g6e.48xlarge'), type('g7e.48xlarge')] }, '32mb', 32],
    ['a fast network onto EBS', { instanceTypes: [type('g6e.48xlarge')], instanceStore: false }, '16mb', 12],
    ['P5', { families: ['p5'], minDevices: 8 }, '64mb', 48],
    ['P5 beside a slower type', { families: ['p5'] }, '32mb', 32],
  ])('is set for %s', (_name, options, chunk, unpacks) => {
    expect(tuning(new GpuPool(options))).toMatchObject({
      'parallel-pull-unpack': { 'concurrent-download-chunk-size': chunk, 'max-concurrent-unpacks-per-image': unpacks },
    });
  });

  test('settings of the user win over those of the pool and keep the rest', () => {
    const userData = '[settings.container-runtime-plugins.soci-snapshotter.parallel-pull-unpack]\nmax-concurrent-unpacks-per-image = 3\n[settings.ntp]\ntime-servers = ["169.254.169.123"]\n';

    expect(parseToml(bind(new GpuPool({ userData })).ec2NodeClass?.userData ?? '')).toMatchObject({
      settings: {
        ntp: { 'time-servers': ['169.254.169.123'] },
        'container-runtime-plugins': {
          'soci-snapshotter': { 'parallel-pull-unpack': { 'max-concurrent-unpacks-per-image': 3, 'max-concurrent-downloads-per-image': 20 } },
        },
      },
    });
  });

  test('AL2023 pulls in parallel with what its AMI has by itself', () => {
    const [nodeConfig, ...others] = mimeParts(bind(new GpuPool({ os: NodeOs.AL2023 })).ec2NodeClass?.userData);

    expect(nodeConfig.contentType).toBe('application/node.eks.aws');
    expect(parseYaml(nodeConfig.content)).toEqual({
      apiVersion: 'node.eks.aws/v1alpha1',
      kind: 'NodeConfig',
      spec: { featureGates: { FastImagePull: true } },
    });
    expect(others).toEqual([]);
  });

  test('AL2023 on the largest types edits the snapshotter: the script runs, and only where the file is', () => {
    // the file as nodeadm writes it (amazon-eks-ami, nodeadm/internal/containerd/snapshotter)
    const written = [
      '[pull_modes.parallel_pull_unpack]',
      'enable = true',
      'concurrent_download_chunk_size = "16mb"',
      'discard_unpacked_layers = true',
      'max_concurrent_downloads = -1',
      'max_concurrent_downloads_per_image = 20',
      'max_concurrent_unpacks = -1',
      'max_concurrent_unpacks_per_image = 12',
    ].join('\n');
    const pool = new GpuPool({ os: NodeOs.AL2023, families: ['p5'], minDevices: 8 });
    const [, script] = mimeParts(bind(pool).ec2NodeClass?.userData);
    const folder = mkdtempSync(join(tmpdir(), 'soci-'));
    try {
      const config = join(folder, 'config.toml');
      const run = (): void => void execFileSync('bash', ['-c', script.content.replace('/etc/soci-snapshotter-grpc/config.toml', config)]);
      run(); // no file: FastImagePull is ignored on small types
      writeFileSync(config, written);
      run();

      expect(script.contentType).toBe('text/x-shellscript');
      expect(parseToml(readFileSync(config, 'utf8'))).toEqual({
        pull_modes: {
          parallel_pull_unpack: {
            enable: true,
            concurrent_download_chunk_size: '64mb',
            discard_unpacked_layers: true,
            max_concurrent_downloads: -1,
            max_concurrent_downloads_per_image: 30,
            max_concurrent_unpacks: -1,
            max_concurrent_unpacks_per_image: 48,
          },
        },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['a script', '#!/bin/bash\ndnf install -y htop\n', 'text/x-shellscript'],
    ['a NodeConfig', 'apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    flags: ["--v=4"]\n', 'application/node.eks.aws'],
  ])('AL2023 takes %s of the user as a part of its own', (_name, userData, contentType) => {
    const parts = mimeParts(bind(new GravitonPool({ os: NodeOs.AL2023, userData })).ec2NodeClass?.userData);

    expect(parts).toEqual([{ contentType, content: expect.stringContaining(userData.trimEnd()) }]);
  });

  test('pools without accelerators pull in sequence unless asked', () => {
    expect(bind(new GravitonPool()).ec2NodeClass?.userData).toBeUndefined();
    expect(bind(new X86Pool({ os: NodeOs.AL2023 })).ec2NodeClass?.userData).toBeUndefined();
    expect(tuning(new GravitonPool({ parallelPull: true }))).toMatchObject({ 'pull-mode': 'parallel-pull-unpack' });
    expect(bind(new GpuPool({ parallelPull: false })).ec2NodeClass?.userData).not.toContain('soci');
  });
});

describe('disks', () => {
  const data = (pool: INodePool): object => bind(pool).ec2NodeClass?.blockDeviceMappings.at(-1)?.ebs ?? {};

  test('local NVMe holds images where all types have it, and the volume stays small', () => {
    expect(bind(new GpuPool()).ec2NodeClass?.instanceStorePolicy).toBe('RAID0');
    expect(data(new GpuPool())).toMatchObject({ volumeSize: '50Gi', iops: 3000, throughput: 125 });
  });

  test('without local NVMe the volume is large and fast', () => {
    expect(bind(new InferentiaPool()).ec2NodeClass?.instanceStorePolicy).toBeUndefined();
    expect(data(new InferentiaPool())).toMatchObject({ volumeSize: '300Gi', iops: 16_000, throughput: 1000 });
    expect(data(new GpuPool({ instanceStore: false }))).toMatchObject({ volumeSize: '300Gi', iops: 16_000, throughput: 1000 });
    expect(data(new GravitonPool())).toMatchObject({ volumeSize: '200Gi', iops: 3000, throughput: 125 });
  });

  test('a pool of both uses what each node has, and says what that costs', () => {
    const plain = Accelerator.of({
      instanceType: 'g6x.xlarge', kind: AcceleratorKind.NVIDIA, vcpus: 4, memoryMiB: 16384, devices: 1, deviceMemoryMiB: 22888, ebsBandwidthMbps: 10_000,
    });
    const config = bind(new GpuPool({ instanceTypes: [plain, type('g6.xlarge')] }));

    expect(config.ec2NodeClass?.instanceStorePolicy).toBe('RAID0');
    expect(config.ec2NodeClass?.blockDeviceMappings.at(-1)?.ebs).toMatchObject({ volumeSize: '300Gi', iops: 16_000, throughput: 1000 });
    expect(config.warnings).toEqual([{ id: 'mixed-instance-store', message: expect.stringMatching(/^g6x\.xlarge have no local NVMe/) }]);
  });

  test('a disk on which parallel unpacking is slower is said', () => {
    const pool = new InferentiaPool({ families: ['inf1'] });

    expect(bind(pool).warnings).toEqual([
      { id: 'slow-image-disk', message: expect.stringMatching(/^inf1\.xlarge, inf1\.2xlarge, inf1\.6xlarge reach less than 600 MiB\/s/) },
    ]);
    expect(bind(new InferentiaPool({ families: ['inf1'], parallelPull: false })).warnings).toEqual([]);
  });

  test('a snapshot brings its own size and is not hidden by local NVMe', () => {
    const pool = new GpuPool({ dataVolume: { snapshotId: 'snap-0a1b', initializationRateMiBps: 300, kmsKeyId: 'alias/nodes' } });
    const volumes = bind(pool).ec2NodeClass?.blockDeviceMappings ?? [];

    expect(bind(pool).ec2NodeClass?.instanceStorePolicy).toBeUndefined();
    expect(volumes[0].ebs.snapshotID).toBeUndefined();
    expect(volumes[1].ebs).toMatchObject({ snapshotID: 'snap-0a1b', volumeInitializationRate: 300, kmsKeyID: 'alias/nodes' });
    expect(volumes[1].ebs.volumeSize).toBeUndefined();
  });

  test.each<[GpuPoolOptions['dataVolume'], number, number]>([
    [{ throughputMiBps: 2000 }, 8000, 2000],
    [{ iops: 3000 }, 3000, 125],
    [{ sizeGiB: 500, iops: 6000, throughputMiBps: 700 }, 6000, 700],
  ])('a volume of %p is one that EC2 makes', (dataVolume, iops, throughput) => {
    expect(data(new GpuPool({ dataVolume }))).toMatchObject({ iops, throughput });
  });

  test('EKS Auto Mode gets the same disk', () => {
    expect(bind(new InferentiaPool(), autoMode).autoModeNodeClass?.ephemeralStorage).toMatchObject({ size: '300Gi', iops: 16_000, throughput: 1000 });
    expect(bind(new GpuPool({ dataVolume: { sizeGiB: 400, kmsKeyId: 'k' } }), autoMode).autoModeNodeClass?.ephemeralStorage).toMatchObject({
      size: '400Gi',
      kmsKeyID: 'k',
    });
  });
});

describe('EFA', () => {
  test('every type with several adapters has an address on one interface and none on the others', () => {
    const several = Accelerator.catalogue().map(type).filter((instance) => instance.efaInterfaces > 1);
    expect(several.length).toBeGreaterThan(10);
    for (const instance of several) {
      const Pool = instance.kind === AcceleratorKind.NVIDIA ? GpuPool : TrainiumPool;
      const pool = new Pool({ instanceTypes: [instance] });
      const interfaces = bind(pool).ec2NodeClass?.networkInterfaces ?? [];

      expect(interfaces[0]).toEqual({ networkCardIndex: 0, deviceIndex: 0, interfaceType: 'interface' });
      expect(interfaces.slice(1).map((one) => one.interfaceType)).toEqual(Array(instance.efaInterfaces).fill('efa-only'));
      expect(new Set(interfaces.map((one) => `${one.networkCardIndex}/${one.deviceIndex}`)).size).toBe(interfaces.length);
      expect(new Set(interfaces.slice(1).map((one) => one.networkCardIndex)).size).toBe(instance.efaInterfaces); // one EFA a card
      expect(bind(pool).requires).toContain(DeviceSoftware.EFA_DEVICE_PLUGIN);
    }
  });

  test('P6-B300 has no adapter on its first card', () => {
    const interfaces = bind(new GpuPool({ families: ['p6-b300'] })).ec2NodeClass?.networkInterfaces ?? [];

    expect(interfaces).toHaveLength(17);
    expect(interfaces.filter((one) => one.networkCardIndex === 0)).toHaveLength(1);
    expect(interfaces.at(-1)).toEqual({ networkCardIndex: 16, deviceIndex: 0, interfaceType: 'efa-only' });
  });

  test('types with different cards, or one adapter, are left to what pods ask for', () => {
    expect(bind(new GpuPool()).ec2NodeClass?.networkInterfaces).toBeUndefined();
    expect(bind(new GpuPool({ families: ['p5'] })).ec2NodeClass?.networkInterfaces).toBeUndefined();
    expect(bind(new GpuPool({ instanceTypes: [type('g6.8xlarge')] })).ec2NodeClass?.networkInterfaces).toBeUndefined();
    expect(bind(new GpuPool({ instanceTypes: [type('g6.8xlarge')], efa: true })).ec2NodeClass?.networkInterfaces).toHaveLength(2);
    expect(bind(new GpuPool({ families: ['p5en'], efa: false })).ec2NodeClass?.networkInterfaces).toBeUndefined();
  });

  test('EKS Auto Mode has addresses for pods on the first card only', () => {
    const interfaces = bind(new GpuPool({ families: ['p5en'] }), autoMode).autoModeNodeClass?.advancedNetworking?.networkInterfaces ?? [];

    expect(interfaces).toHaveLength(17);
    expect(interfaces[0]).toMatchObject({ interfaceType: 'interface', secondaryIPv4PrefixCount: 2 });
    for (const one of interfaces.slice(1)) expect(one.secondaryIPv4PrefixCount).toBeUndefined();
  });
});

describe('capacity', () => {
  test('reservations are chosen by id or tags, in the words of each node class', () => {
    const pool = new GpuPool({ reservations: [CapacityReservation.id('cr-0a'), CapacityReservation.tags({ team: 'a' }, '123456789012')] });

    expect(bind(pool).ec2NodeClass?.capacityReservationSelectorTerms).toEqual([{ id: 'cr-0a' }, { tags: { team: 'a' }, ownerID: '123456789012' }]);
    expect(bind(pool, autoMode).autoModeNodeClass?.capacityReservationSelectorTerms).toEqual([
      { id: 'cr-0a' },
      { tags: { team: 'a' }, owner: '123456789012' },
    ]);
  });

  test.each([{}, autoMode])('reservations are in a zone, which the pool should be kept to', (mode) => {
    const warnings = (options: GpuPoolOptions) => bind(new GpuPool({ families: ['g6'], ...options }), mode).warnings.map(({ id }) => id);
    const reservations = [CapacityReservation.id('cr-0a')];

    expect(warnings({ reservations })).toContain('reservations-without-zone');
    expect(warnings({ reservations, zones: ['us-west-2b'] })).not.toContain('reservations-without-zone');
    expect(warnings({ reservations, zoneIds: ['usw2-az1'] })).not.toContain('reservations-without-zone');
    expect(warnings({})).not.toContain('reservations-without-zone');
  });

  test.each([
    ['karpenter.k8s.aws', {}],
    ['eks.amazonaws.com', autoMode],
  ])('Capacity Blocks alone are taken, by the label of %s', (prefix, mode) => {
    const config = bind(new GpuPool({ families: ['p5en'], reservations: [CapacityReservation.id('cr-0a')], capacityBlocksOnly: true }), mode);

    expect(requirement(config, 'karpenter.sh/capacity-type')).toEqual(['reserved']);
    expect(requirement(config, `${prefix}/capacity-reservation-type`)).toEqual(['capacity-block']);
  });

  test('spot comes only when it is named', () => {
    const pool = new GpuPool({ capacityTypes: [CapacityType.SPOT, CapacityType.ON_DEMAND] });

    expect(requirement(bind(pool), 'karpenter.sh/capacity-type')).toEqual(['spot', 'on-demand']);
  });

  test('a fixed pool has room to replace a node and needs a feature gate', () => {
    const config = bind(new GpuPool({ families: ['p5en'], replicas: 2 }));

    expect(config.nodePool).toMatchObject({ replicas: 2, limits: { nodes: '3' } });
    expect(config.nodePool.weight).toBeUndefined();
    expect(config.featureGates).toEqual([KarpenterFeatureGate.STATIC_CAPACITY]);
    expect(bind(new GpuPool({ families: ['p5en'], replicas: 2, limits: { nodes: 2 } })).nodePool.limits).toEqual({ nodes: '2' });
  });

  test('limits are what is said, and nothing besides', () => {
    const limits = { devices: 16, vcpus: 512, memoryGiB: 2048, nodes: 4 };

    expect(bind(new GpuPool({ limits })).nodePool.limits).toEqual({ 'nvidia.com/gpu': '16', cpu: '512', memory: '2048Gi', nodes: '4' });
    expect(bind(new TrainiumPool({ limits: { vcpus: 192 } })).nodePool.limits).toEqual({ cpu: '192' });
    expect(bind(new GpuPool({ limits: { devices: 0 } })).nodePool.limits).toEqual({ 'nvidia.com/gpu': '0' });
  });

  test('fractions of a GPU are made known to Karpenter, for this pool only', () => {
    const config = bind(new GpuPool({ families: ['g6f', 'g6'] }));

    expect(config.nodeOverlay).toEqual({
      requirements: [
        { key: 'karpenter.sh/nodepool', operator: 'In', values: ['pool'] },
        { key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['g6f.large', 'g6f.xlarge', 'g6f.2xlarge', 'g6f.4xlarge'] },
      ],
      capacity: { 'nvidia.com/gpu': '1' },
    });
    expect(config.featureGates).toEqual([KarpenterFeatureGate.NODE_OVERLAY]);
    expect(bind(new GpuPool()).nodeOverlay).toBeUndefined();
  });
});

describe('nodes', () => {
  test('options reach the objects', () => {
    const config = bind(
      new GpuPool({
        zones: ['us-west-2a'],
        placementGroup: PlacementGroup.named('close'),
        labels: { team: 'search' },
        taints: [{ key: 'team', value: 'search', effect: 'NoSchedule' }],
        weight: 50,
        maxPods: 30,
        tags: { CostCenter: '42' },
        amiAlias: 'bottlerocket@v1.63.0',
        nodePoolOverrides: { spec: { weight: 60 } },
        nodeClassOverrides: { spec: { detailedMonitoring: true } },
        disruption: {
          consolidateAfter: Duration.minutes(90),
          expireAfter: Duration.days(30),
          terminationGracePeriod: Duration.hours(2),
          budgets: [{ nodes: '0', schedule: '0 8 * * 1-5', duration: Duration.hours(10), reasons: [DisruptionReason.DRIFTED] }],
        },
      }),
      { subnetTags: { Tier: 'gpu' }, securityGroupTags: { Name: 'nodes' }, instanceProfileName: 'demo-profile' },
    );

    expect(requirement(config, 'topology.kubernetes.io/zone')).toEqual(['us-west-2a']);
    expect(config.nodePool.template.metadata?.labels).toMatchObject({ team: 'search' });
    expect(config.nodePool.template.spec.taints).toEqual([
      { key: 'nvidia.com/gpu', effect: 'NoSchedule' },
      { key: 'team', value: 'search', effect: 'NoSchedule' },
    ]);
    expect(config.nodePool.template.spec).toMatchObject({ expireAfter: '720h', terminationGracePeriod: '2h' });
    expect(config.nodePool.weight).toBe(50);
    expect(config.nodePool.disruption).toEqual({
      consolidationPolicy: 'WhenEmpty',
      consolidateAfter: '1h30m',
      budgets: [{ nodes: '0', schedule: '0 8 * * 1-5', duration: '10h', reasons: ['Drifted'] }],
    });
    expect(config.ec2NodeClass).toMatchObject({
      instanceProfile: 'demo-profile',
      placementGroupSelector: { name: 'close' },
      kubelet: { maxPods: 30 },
      tags: { CostCenter: '42' },
      amiSelectorTerms: [{ alias: 'bottlerocket@v1.63.0' }],
      subnetSelectorTerms: [{ tags: { Tier: 'gpu' } }],
      securityGroupSelectorTerms: [{ tags: { Name: 'nodes' } }],
    });
    expect(config.ec2NodeClass?.role).toBeUndefined();
    expect(config.nodePoolOverrides).toEqual({ spec: { weight: 60 } });
    expect(config.nodeClassOverrides).toEqual({ spec: { detailedMonitoring: true } });
  });

  test.each<[string, INodePool, Partial<NodeEnvironment>, DeviceSoftware[]]>([
    ['GPUs on Bottlerocket', new GpuPool(), {}, []],
    ['GPUs on AL2023', new GpuPool({ os: NodeOs.AL2023 }), {}, [DeviceSoftware.NVIDIA_DEVICE_PLUGIN]],
    ['GPUs under EKS Auto Mode', new GpuPool(), autoMode, []],
    ['Inferentia', new InferentiaPool(), {}, [DeviceSoftware.NEURON_DEVICE_PLUGIN]],
    ['Trainium under EKS Auto Mode', new TrainiumPool(), autoMode, []],
    ['P5en under EKS Auto Mode', new GpuPool({ families: ['p5en'] }), autoMode, [DeviceSoftware.EFA_DEVICE_PLUGIN]],
    ['Graviton', new GravitonPool(), {}, []],
  ])('%s needs its device software', (_name, pool, mode, software) => {
    expect(bind(pool, mode).requires).toEqual(software);
  });

  test('the GPU operator brings no second device plugin to Bottlerocket', () => {
    const operands = { 'nvidia.com/gpu.deploy.operands': 'false' };

    expect(bind(new GpuPool()).nodePool.template.metadata?.labels).toEqual(operands);
    expect(bind(new GpuPool(), autoMode).nodePool.template.metadata?.labels).toEqual(operands);
    expect(bind(new GpuPool({ os: NodeOs.AL2023 })).nodePool.template.metadata).toBeUndefined();
    expect(bind(new TrainiumPool()).nodePool.template.metadata).toBeUndefined();
  });

  test('a GPU that the driver of the AMI does not know is said', () => {
    expect(bind(new GpuPool({ families: ['g7'] })).warnings).toEqual([{ id: 'g7-driver', message: expect.stringContaining('driver 595') }]);
  });
});
