import { Accelerator, type AcceleratorAttributes, AcceleratorKind, CpuArchitecture, NodeLabels } from '../../lib/accelerators';

const ALL = Accelerator.catalogue().map((name) => Accelerator.fromInstanceType(name));

/** A type that is not in the catalogue, with one override. */
function attributes(overrides: Partial<AcceleratorAttributes> = {}): AcceleratorAttributes {
  return {
    instanceType: 'g9.xlarge',
    kind: AcceleratorKind.NVIDIA,
    deviceName: 'x1',
    devices: 1,
    deviceMemoryMiB: 50_000,
    vcpus: 4,
    memoryMiB: 16_384,
    ...overrides,
  };
}

describe('the catalogue', () => {
  test.each(ALL.map((type) => [type.instanceType, type] as const))('%s is complete and consistent', (name, type) => {
    expect(`${type.family}.${type.size}`).toBe(name);
    expect(type.vcpus).toBeGreaterThan(0);
    expect(type.memoryMiB).toBeGreaterThanOrEqual(type.vcpus * 1024);
    expect(type.networkMbps).toBeGreaterThan(0);
    expect(type.ebsBandwidthMbps).toBeGreaterThan(0);
    expect(type.devices).toBe(type.nodeDevices);
    if (type.kind === AcceleratorKind.CPU) {
      expect([type.nodeDevices, type.resourceName, type.taintKey]).toEqual([0, undefined, undefined]);
    } else {
      expect(type.nodeDevices).toBeGreaterThan(0);
      expect(type.deviceName).toBeDefined();
      expect(type.deviceMemoryMiB).toBeGreaterThan(2048);
    }
    if (type.isNeuron) expect(type.logicalNeuronCoresPerDevice).toBeLessThanOrEqual(type.neuronCoresPerDevice ?? 0);
    if (type.kind === AcceleratorKind.NVIDIA) expect(type.computeCapability).toMatch(/^\d+\.\d$/);
    for (const region of type.pricedRegions) expect(type.onDemandUsdPerHour(region)).toBeGreaterThan(0);
  });

  test('sizes of a family grow in price with their vCPUs per device', () => {
    const price = (type: Accelerator): number => type.onDemandUsdPerHour('us-east-1') ?? NaN;
    const families = new Set(ALL.map(({ family }) => family));
    for (const family of families) {
      const sizes = ALL.filter((type) => type.family === family && price(type) > 0 && !type.size.startsWith('metal'));
      for (const [index, larger] of sizes.entries()) {
        for (const smaller of sizes.slice(0, index)) {
          if (larger.vcpus > smaller.vcpus && larger.nodeDevices >= smaller.nodeDevices) {
            expect(price(larger)).toBeGreaterThan(price(smaller));
          }
        }
      }
    }
  });

  test('device memory is what EC2 reports, not the number in the name', () => {
    expect(Accelerator.G6_XLARGE.deviceMemoryMiB).toBe(22_888);
    expect(Accelerator.G6E_XLARGE.deviceMemoryMiB).toBe(45_776);
    expect(Accelerator.P5EN_48XLARGE.deviceMemoryMiB).toBe(144_384);
  });

  test('Trainium2 shows half of its cores', () => {
    const { neuronCoresPerDevice, logicalNeuronCoresPerDevice } = Accelerator.TRN2_48XLARGE;
    expect([neuronCoresPerDevice, logicalNeuronCoresPerDevice]).toEqual([8, 4]);
    expect(Accelerator.INF2_XLARGE.logicalNeuronCoresPerDevice).toBe(2);
  });

});

describe('a pod’s devices', () => {
  test('are all of the node, or as many as it takes', () => {
    const two = Accelerator.G6_12XLARGE.withDevices(2);
    expect([two.devices, two.nodeDevices, two.nodeShare]).toEqual([2, 4, 0.5]);
    expect(two.withDevices(4)).toEqual(Accelerator.G6_12XLARGE);
  });

  test.each([0, 5, 1.5])('fails for %p of four', (count) => {
    expect(() => Accelerator.G6_12XLARGE.withDevices(count)).toThrow(
      `'devices' (${count}) must be an integer between 1 and 4, which is what g6.12xlarge has`,
    );
  });

  test('fails for a node without devices', () => {
    expect(() => Accelerator.C8G_4XLARGE.withDevices(1)).toThrow("'devices' (1) cannot be set for c8g.4xlarge: it has no devices");
  });

  test.each([
    [Accelerator.G6_XLARGE, 'nvidia.com/gpu'],
    [Accelerator.INF2_XLARGE, 'aws.amazon.com/neuron'],
    [Accelerator.TRN2_48XLARGE, 'aws.amazon.com/neuron'],
  ])('of %# have a resource and a taint of the same name', (type, name) => {
    expect([type.resourceName, type.taintKey]).toEqual([name, name]);
  });
});

describe('node requirements', () => {
  const requirements = (type: Accelerator, labels: NodeLabels): { [key: string]: string[] } =>
    Object.fromEntries(type.nodeRequirements(labels).map(({ key, operator, values }) => [`${key} ${operator}`, values ?? []]));

  test('NVIDIA: the device and how many the node has, whatever its other size', () => {
    expect(requirements(Accelerator.G6E_12XLARGE, NodeLabels.KARPENTER)).toEqual({
      'kubernetes.io/arch In': ['amd64'],
      'karpenter.k8s.aws/instance-gpu-name In': ['l40s'],
      'karpenter.k8s.aws/instance-gpu-count In': ['4'],
    });
  });

  test('an A100 also by its memory, since 40 and 80 GiB have one name', () => {
    expect(requirements(Accelerator.P4D_24XLARGE, NodeLabels.KARPENTER)).toMatchObject({
      'karpenter.k8s.aws/instance-gpu-memory In': ['40960'],
    });
    expect(requirements(Accelerator.fromInstanceType('p4de.24xlarge'), NodeLabels.KARPENTER)).toMatchObject({
      'karpenter.k8s.aws/instance-gpu-memory In': ['81920'],
    });
  });

  test('EKS Auto Mode has labels of its own', () => {
    expect(requirements(Accelerator.P5_48XLARGE, NodeLabels.EKS_AUTO_MODE)).toEqual({
      'kubernetes.io/arch In': ['amd64'],
      'eks.amazonaws.com/instance-gpu-name In': ['h100'],
      'eks.amazonaws.com/instance-gpu-count In': ['8'],
    });
  });

  test('Neuron: the family and how many chips the node has; CPU: the family', () => {
    expect(requirements(Accelerator.INF2_48XLARGE, NodeLabels.KARPENTER)).toEqual({
      'kubernetes.io/arch In': ['amd64'],
      'karpenter.k8s.aws/instance-family In': ['inf2'],
      'karpenter.k8s.aws/instance-accelerator-count In': ['12'],
    });
    expect(requirements(Accelerator.C8G_4XLARGE, NodeLabels.KARPENTER)).toEqual({
      'kubernetes.io/arch In': ['arm64'],
      'karpenter.k8s.aws/instance-family In': ['c8g'],
    });
  });

  test.each(ALL.map((type) => [type.instanceType, type] as const))(
    '%s in a managed node group: the type and the architecture',
    (name, type) => {
      expect(requirements(type, NodeLabels.INSTANCE_TYPE)).toEqual({
        'kubernetes.io/arch In': [type.architecture],
        'node.kubernetes.io/instance-type In': [name],
      });
    },
  );

  test('a GPU without a known name: the type', () => {
    expect(requirements(Accelerator.of(attributes({ deviceName: undefined })), NodeLabels.KARPENTER)).toEqual({
      'kubernetes.io/arch In': ['amd64'],
      'node.kubernetes.io/instance-type In': ['g9.xlarge'],
    });
  });

  test('fails for a hardware label that nobody sets', () => {
    expect(() => NodeLabels.INSTANCE_TYPE.instanceLabel('gpu-name')).toThrow(
      "label 'instance-gpu-name' is not set on nodes outside Karpenter and EKS Auto Mode: select 'node.kubernetes.io/instance-type' instead",
    );
  });
});

describe('what the catalogue does not have', () => {
  test('can be given', () => {
    const type = Accelerator.of(attributes({ architecture: CpuArchitecture.ARM64, onDemandUsdPerHour: { 'us-west-2': 2 } }));
    expect(type).toMatchObject({
      instanceType: 'g9.xlarge',
      family: 'g9',
      size: 'xlarge',
      architecture: 'arm64',
      devices: 1,
      efaInterfaces: 0,
    });
    expect(type.onDemandUsdPerHour('us-west-2')).toBe(2);
  });

  test.each([
    ['g6.3xlarge', /'instanceType' \(g6\.3xlarge\) is not in the catalogue: did you mean g6\.2xlarge, g6\.4xlarge, g6\.8xlarge/],
    ['p5', /did you mean p5/],
    ['q6.xlarge', /did you mean .*g6\.xlarge/],
  ])('fails for %p, naming the nearest', (name, message) => {
    expect(() => Accelerator.fromInstanceType(name)).toThrow(message);
  });

  test.each<[string, Partial<AcceleratorAttributes>, RegExp]>([
    ['no instance type', { instanceType: 'L40S' }, /'instanceType' \(L40S\) must be an EC2 instance type such as g6e\.12xlarge/],
    ['no devices', { devices: 0 }, /'devices' \(0\) of g9\.xlarge must be a positive integer/],
    ['no device memory', { deviceMemoryMiB: undefined }, /'deviceMemoryMiB' \(0\) of g9\.xlarge must be a positive integer/],
    ['no vCPUs', { vcpus: 0 }, /'vcpus' \(0\)/],
    ['half a MiB', { memoryMiB: 0.5 }, /'memoryMiB' \(0\.5\)/],
    ['Neuron without cores', { kind: AcceleratorKind.TRAINIUM }, /'neuronCoresPerDevice' \(0\)/],
    ['CPU with devices', { kind: AcceleratorKind.CPU }, /'devices' \(1\) must be 0 for g9\.xlarge: its 'kind' is cpu/],
  ])('fails with %s', (_name, overrides, message) => {
    expect(() => Accelerator.of(attributes(overrides))).toThrow(message);
  });
});
