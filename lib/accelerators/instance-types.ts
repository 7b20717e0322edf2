import type { AcceleratorAttributes } from './accelerator-attributes';
import { AcceleratorKind, CpuArchitecture } from './accelerator-kind';

const { NVIDIA, INFERENTIA, TRAINIUM, CPU } = AcceleratorKind;
const { AMD64, ARM64 } = CpuArchitecture;

/** Region of the prices below: the only one whose list prices are known here. */
export const PRICE_REGION = 'us-east-1';

/** Day of the prices below. */
export const PRICE_DATE = '2026-07-20';

/**
 * One size of a family: name, vCPUs, memory in GiB, devices, local NVMe in GB, network in Mbps, EFA interfaces,
 * bandwidth to EBS in Mbps, pods that its network interfaces have addresses for and, where AWS publishes one, the
 * on-demand price in US dollars an hour.
 */
type Size = [
  size: string,
  vcpus: number,
  memoryGiB: number,
  devices: number,
  localNvmeGB: number,
  networkMbps: number,
  efaInterfaces: number,
  ebsBandwidthMbps: number,
  addressablePods: number,
  usdPerHour?: number,
];

/** What the sizes of a family have in common. */
interface Family {
  readonly family: string;
  readonly kind: AcceleratorKind;
  readonly architecture: CpuArchitecture;
  readonly cpu: string;
  readonly device?: string;
  readonly deviceMemoryMiB?: number;
  readonly computeCapability?: string;
  readonly fractional?: boolean;
  readonly neuronCoresPerDevice?: number;
  readonly logicalNeuronCoresPerDevice?: number;
  readonly sizes: Size[];
}

/**
 * EC2 types with accelerators, and Graviton for inference on CPU.
 *
 * Source: Karpenter v1.14, website `reference/instance-types.md` (device names, counts and memory as EC2's
 * DescribeInstanceTypes reports them), v1.15 `zz_generated.bandwidth.go`, and its price table for us-east-1, generated
 * 2026-07-20. trn2.3xlarge and trn2u.48xlarge are not in that page: DescribeInstanceTypes as moto 5.2.5 carries it.
 * Makers of processors, and interfaces × (addresses − 1) + 2 for the pods: DescribeInstanceTypes as moto 5.2.5 carries
 * it. Compute capability: NVIDIA's list of CUDA GPUs.
 *
 * Left out, until EC2 describes them: p6e-gb200 (memory of a device unpublished) and trn3.
 */
const FAMILIES: Family[] = [
  {
    family: 'g4dn', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 't4', deviceMemoryMiB: 16384, computeCapability: '7.5',
    sizes: [
      ['xlarge',           4,    16,   1,    125,     5000,   0,    3500,   29,      0.526],
      ['2xlarge',          8,    32,   1,    225,    10000,   0,    3500,   29,      0.752],
      ['4xlarge',         16,    64,   1,    225,    20000,   0,    4750,   29,      1.204],
      ['8xlarge',         32,   128,   1,    900,    50000,   1,    9500,   58,      2.176],
      ['12xlarge',        48,   192,   4,    900,    50000,   1,    9500,  234,      3.912],
      ['16xlarge',        64,   256,   1,    900,    50000,   1,    9500,   58,      4.352],
      ['metal',           96,   384,   8,   1800,   100000,   1,   19000,  737,      7.824],
    ],
  },
  {
    family: 'g5', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'a10g', deviceMemoryMiB: 22888, computeCapability: '8.6',
    sizes: [
      ['xlarge',           4,    16,   1,    250,     2500,   0,    3500,   58,      1.006],
      ['2xlarge',          8,    32,   1,    450,     5000,   0,    3500,   58,      1.212],
      ['4xlarge',         16,    64,   1,    600,    10000,   0,    4750,  234,      1.624],
      ['8xlarge',         32,   128,   1,    900,    25000,   1,   16000,  234,      2.448],
      ['12xlarge',        48,   192,   4,   3800,    40000,   1,   16000,  737,      5.672],
      ['16xlarge',        64,   256,   1,   1900,    25000,   1,   16000,  234,      4.096],
      ['24xlarge',        96,   384,   4,   3800,    50000,   1,   19000,  737,      8.144],
      ['48xlarge',       192,   768,   8,   7600,   100000,   1,   19000,  345,     16.288],
    ],
  },
  {
    family: 'g5g', kind: NVIDIA, architecture: ARM64, cpu: 'aws', device: 't4g', deviceMemoryMiB: 16384, computeCapability: '7.5',
    sizes: [
      ['xlarge',           4,     8,   1,      0,     1250,   0,    4750,   58,       0.42],
      ['2xlarge',          8,    16,   1,      0,     2500,   0,    4750,   58,      0.556],
      ['4xlarge',         16,    32,   1,      0,     5000,   0,    4750,  234,      0.828],
      ['8xlarge',         32,    64,   1,      0,    12000,   0,    9500,  234,      1.372],
      ['16xlarge',        64,   128,   2,      0,    25000,   0,   19000,  737,      2.744],
      ['metal',           64,   128,   2,      0,    25000,   0,   19000,  737,      2.744],
    ],
  },
  {
    family: 'g6', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4', deviceMemoryMiB: 22888, computeCapability: '8.9',
    sizes: [
      ['xlarge',           4,    16,   1,    250,     2500,   0,    5000,   58,     0.8048],
      ['2xlarge',          8,    32,   1,    450,     5000,   0,    5000,   58,     0.9776],
      ['4xlarge',         16,    64,   1,    600,    10000,   0,    8000,  234,     1.3232],
      ['8xlarge',         32,   128,   1,    900,    25000,   1,   16000,  234,     2.0144],
      ['12xlarge',        48,   192,   4,   3760,    40000,   1,   20000,  234,     4.6016],
      ['16xlarge',        64,   256,   1,   1880,    25000,   1,   20000,  737,     3.3968],
      ['24xlarge',        96,   384,   4,   3760,    50000,   1,   30000,  737,     6.6752],
      ['48xlarge',       192,   768,   8,   7520,   100000,   1,   60000,  737,    13.3504],
    ],
  },
  {
    family: 'g6e', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l40s', deviceMemoryMiB: 45776, computeCapability: '8.9',
    sizes: [
      ['xlarge',           4,    32,   1,    250,     2500,   0,    5000,   58,      1.861],
      ['2xlarge',          8,    64,   1,    450,     5000,   0,    5000,   58,    2.24208],
      ['4xlarge',         16,   128,   1,    600,    20000,   0,    8000,  234,    3.00424],
      ['8xlarge',         32,   256,   1,    900,    25000,   1,   16000,  234,    4.52856],
      ['12xlarge',        48,   384,   4,   3800,   100000,   1,   20000,  292,   10.49264],
      ['16xlarge',        64,   512,   1,   1900,    35000,   1,   20000,  737,    7.57719],
      ['24xlarge',        96,   768,   4,   3800,   200000,   2,   30000,  492,   15.06559],
      ['48xlarge',       192,  1536,   8,   7600,   400000,   4,   60000,  492,   30.13118],
    ],
  },
  {
    family: 'gr6', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4', deviceMemoryMiB: 22888, computeCapability: '8.9',
    sizes: [
      ['4xlarge',         16,   128,   1,    600,    10000,   0,    8000,  234,     1.5392],
      ['8xlarge',         32,   256,   1,    900,    25000,   1,   16000,  234,     2.4464],
    ],
  },
  {
    family: 'g6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 2861, computeCapability: '8.9', fractional: true,
    sizes: [
      ['large',            2,     8,   1,    100,     1500,   0,    5000,   20,      0.202],
      ['xlarge',           4,    16,   1,    100,     2500,   0,    5000,   58,     0.2375],
    ],
  },
  {
    family: 'g6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 5722, computeCapability: '8.9', fractional: true,
    sizes: [
      ['2xlarge',          8,    32,   1,    200,     5000,   0,    5000,   58,      0.475],
    ],
  },
  {
    family: 'g6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 11444, computeCapability: '8.9', fractional: true,
    sizes: [
      ['4xlarge',         16,    64,   1,    450,    10000,   0,    6000,  234,       0.95],
    ],
  },
  {
    family: 'gr6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 11444, computeCapability: '8.9', fractional: true,
    sizes: [
      ['4xlarge',         16,   128,   1,    450,    10000,   0,    8000,  234,      1.066],
    ],
  },
  {
    family: 'g7', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'rtx-pro-4500',
    deviceMemoryMiB: 32768, computeCapability: '12.0',
    sizes: [
      ['2xlarge',          8,    32,   1,    440,    40000,   0,    8000,  254,       2.52],
      ['4xlarge',         16,    64,   1,    875,    80000,   0,    8000,  506,    3.04208],
      ['8xlarge',         32,   128,   1,    930,   100000,   1,   16000,  632,    4.08624],
      ['12xlarge',        48,   192,   2,   1900,   175000,   1,   20000,  758,    7.12832],
      ['24xlarge',        96,   384,   4,   3800,   350000,   1,   40000, 1514,   14.25664],
      ['48xlarge',       192,   768,   8,   7600,   700000,   2,   80000,  758,   28.51328],
    ],
  },
  {
    family: 'g7e', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'rtx-pro-server-6000',
    deviceMemoryMiB: 98304, computeCapability: '12.0',
    sizes: [
      ['2xlarge',          8,    64,   1,   1900,    50000,   0,    5000,  254,    3.36312],
      ['4xlarge',         16,   128,   1,   1900,    50000,   0,    8000,  506,    3.99816],
      ['8xlarge',         32,   256,   1,   1900,   100000,   1,   16000,  506,    5.26824],
      ['12xlarge',        48,   512,   2,   3800,   400000,   1,   25000,  632,    8.28608],
      ['24xlarge',        96,  1024,   4,   7600,   800000,   2,   50000,  632,   16.57216],
      ['48xlarge',       192,  2048,   8,  15200,  1600000,   4,  100000,  632,   33.14432],
    ],
  },
  {
    family: 'p4d', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'a100', deviceMemoryMiB: 40960, computeCapability: '8.0',
    sizes: [
      ['24xlarge',        96,  1152,   8,   8000,   400000,   4,   19000,  737,  21.957642],
    ],
  },
  {
    family: 'p4de', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'a100', deviceMemoryMiB: 81920, computeCapability: '8.0',
    sizes: [
      ['24xlarge',        96,  1152,   8,   8000,   400000,   4,   19000,  737,   27.44705],
    ],
  },
  {
    family: 'p5', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'h100', deviceMemoryMiB: 81920, computeCapability: '9.0',
    sizes: [
      ['4xlarge',         16,   256,   1,   3800,   100000,   1,   10000,  118,       6.88],
      ['48xlarge',       192,  2048,   8,  30400,  3200000,  32,   80000,  100,      55.04],
    ],
  },
  {
    family: 'p5e', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'h200', deviceMemoryMiB: 144384, computeCapability: '9.0',
    sizes: [
      ['48xlarge',       192,  2048,   8,  30400,  3200000,  32,   80000,  100],
    ],
  },
  {
    family: 'p5en', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'h200', deviceMemoryMiB: 144384, computeCapability: '9.0',
    sizes: [
      ['48xlarge',       192,  2048,   8,  30400,  3200000,  16,  100000,  198,     63.296],
    ],
  },
  {
    family: 'p6-b200', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'b200',
    deviceMemoryMiB: 183359, computeCapability: '10.0',
    sizes: [
      ['48xlarge',       192,  2048,   8,  30400,  3200000,   8,  100000,  198,   113.9328],
    ],
  },
  {
    family: 'p6-b300', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'b300',
    deviceMemoryMiB: 275040, computeCapability: '10.3',
    sizes: [
      ['48xlarge',       192,  4096,   8,  30400,  6400000,  16,  100000,  198,    142.416],
    ],
  },
  {
    family: 'inf1', kind: INFERENTIA, architecture: AMD64, cpu: 'intel', device: 'inferentia',
    deviceMemoryMiB: 8192, neuronCoresPerDevice: 4,
    sizes: [
      ['xlarge',           4,     8,   1,      0,     5000,   0,    4750,   38,      0.228],
      ['2xlarge',          8,    16,   1,      0,     5000,   0,    4750,   38,      0.362],
      ['6xlarge',         24,    48,   4,      0,    25000,   0,    4750,  234,       1.18],
      ['24xlarge',        96,   192,  16,      0,   100000,   1,   19000,  321,      4.721],
    ],
  },
  {
    family: 'inf2', kind: INFERENTIA, architecture: AMD64, cpu: 'amd', device: 'inferentia2',
    deviceMemoryMiB: 32768, neuronCoresPerDevice: 2,
    sizes: [
      ['xlarge',           4,    16,   1,      0,     2083,   0,   10000,   58,     0.7582],
      ['8xlarge',         32,   128,   1,      0,    16667,   0,   10000,  234,    1.96786],
      ['24xlarge',        96,   384,   6,      0,    50000,   0,   30000,  737,    6.49063],
      ['48xlarge',       192,   768,  12,      0,   100000,   0,   60000,  737,   12.98127],
    ],
  },
  {
    family: 'trn1', kind: TRAINIUM, architecture: AMD64, cpu: 'intel', device: 'trainium',
    deviceMemoryMiB: 32768, neuronCoresPerDevice: 2,
    sizes: [
      ['2xlarge',          8,    32,   1,    474,     3125,   0,   20000,   58,    1.34375],
      ['32xlarge',       128,   512,  16,   7600,   800000,   8,   80000,  247,       21.5],
    ],
  },
  {
    family: 'trn1n', kind: TRAINIUM, architecture: AMD64, cpu: 'intel', device: 'trainium',
    deviceMemoryMiB: 32768, neuronCoresPerDevice: 2,
    sizes: [
      ['32xlarge',       128,   512,  16,   7600,  1600000,  16,   80000,  247,      24.78],
    ],
  },
  {
    family: 'trn2', kind: TRAINIUM, architecture: AMD64, cpu: 'intel', device: 'trainium2',
    deviceMemoryMiB: 98304, neuronCoresPerDevice: 8, logicalNeuronCoresPerDevice: 4,
    sizes: [
      ['48xlarge',       192,  2048,  16,   7600,  3200000,  16,   80000,  100],
      ['3xlarge',         12,   128,   1,    470,   200000,   1,    5000,   30],
    ],
  },
  {
    family: 'trn2u', kind: TRAINIUM, architecture: AMD64, cpu: 'intel', device: 'trainium2',
    deviceMemoryMiB: 98304, neuronCoresPerDevice: 8, logicalNeuronCoresPerDevice: 4,
    sizes: [
      ['48xlarge',       192,  2048,  16,   7600,  3200000,  16,   80000,  100],
    ],
  },
  {
    family: 'c7g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     2,   0,      0,      520,   0,   10000,    8,     0.0363],
      ['large',            2,     4,   0,      0,      937,   0,   10000,   29,     0.0725],
      ['xlarge',           4,     8,   0,      0,     1876,   0,   10000,   58,      0.145],
      ['2xlarge',          8,    16,   0,      0,     3750,   0,   10000,   58,       0.29],
      ['4xlarge',         16,    32,   0,      0,     7500,   0,   10000,  234,       0.58],
      ['8xlarge',         32,    64,   0,      0,    15000,   0,   10000,  234,       1.16],
      ['12xlarge',        48,    96,   0,      0,    22500,   0,   15000,  234,       1.74],
      ['16xlarge',        64,   128,   0,      0,    30000,   1,   20000,  737,       2.32],
      ['metal',           64,   128,   0,      0,    30000,   1,   20000,  737,       2.32],
    ],
  },
  {
    family: 'c8g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     2,   0,      0,      520,   0,   10000,    8,    0.03988],
      ['large',            2,     4,   0,      0,      937,   0,   10000,   29,    0.07976],
      ['xlarge',           4,     8,   0,      0,     1875,   0,   10000,   58,    0.15952],
      ['2xlarge',          8,    16,   0,      0,     3750,   0,   10000,   58,    0.31904],
      ['4xlarge',         16,    32,   0,      0,     7500,   0,   10000,  234,    0.63808],
      ['8xlarge',         32,    64,   0,      0,    15000,   0,   10000,  234,    1.27616],
      ['12xlarge',        48,    96,   0,      0,    22500,   0,   15000,  234,    1.91424],
      ['16xlarge',        64,   128,   0,      0,    30000,   0,   20000,  737,    2.55232],
      ['24xlarge',        96,   192,   0,      0,    40000,   1,   30000,  737,    3.82848],
      ['metal-24xl',      96,   192,   0,      0,    40000,   1,   30000,  737,    4.21133],
      ['48xlarge',       192,   384,   0,      0,    50000,   1,   40000,  737,    7.65696],
      ['metal-48xl',     192,   384,   0,      0,    50000,   1,   40000,  737,    7.65696],
    ],
  },
  {
    family: 'm7g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     4,   0,      0,      520,   0,   10000,    8,     0.0408],
      ['large',            2,     8,   0,      0,      937,   0,   10000,   29,     0.0816],
      ['xlarge',           4,    16,   0,      0,     1876,   0,   10000,   58,     0.1632],
      ['2xlarge',          8,    32,   0,      0,     3750,   0,   10000,   58,     0.3264],
      ['4xlarge',         16,    64,   0,      0,     7500,   0,   10000,  234,     0.6528],
      ['8xlarge',         32,   128,   0,      0,    15000,   0,   10000,  234,     1.3056],
      ['12xlarge',        48,   192,   0,      0,    22500,   0,   15000,  234,     1.9584],
      ['16xlarge',        64,   256,   0,      0,    30000,   1,   20000,  737,     2.6112],
      ['metal',           64,   256,   0,      0,    30000,   1,   20000,  737,     2.6112],
    ],
  },
  {
    family: 'm8g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     4,   0,      0,      520,   0,   10000,    8,    0.04488],
      ['large',            2,     8,   0,      0,      937,   0,   10000,   29,    0.08976],
      ['xlarge',           4,    16,   0,      0,     1875,   0,   10000,   58,    0.17952],
      ['2xlarge',          8,    32,   0,      0,     3750,   0,   10000,   58,    0.35904],
      ['4xlarge',         16,    64,   0,      0,     7500,   0,   10000,  234,    0.71808],
      ['8xlarge',         32,   128,   0,      0,    15000,   0,   10000,  234,    1.43616],
      ['12xlarge',        48,   192,   0,      0,    22500,   0,   15000,  234,    2.15424],
      ['16xlarge',        64,   256,   0,      0,    30000,   0,   20000,  737,    2.87232],
      ['24xlarge',        96,   384,   0,      0,    40000,   1,   30000,  737,    4.30848],
      ['metal-24xl',      96,   384,   0,      0,    40000,   1,   30000,  737,    4.73933],
      ['48xlarge',       192,   768,   0,      0,    50000,   1,   40000,  737,    8.61696],
      ['metal-48xl',     192,   768,   0,      0,    50000,   1,   40000,  737,    8.61696],
    ],
  },
  {
    family: 'r8g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     8,   0,      0,      520,   0,   10000,    8,    0.05891],
      ['large',            2,    16,   0,      0,      937,   0,   10000,   29,    0.11782],
      ['xlarge',           4,    32,   0,      0,     1875,   0,   10000,   58,    0.23564],
      ['2xlarge',          8,    64,   0,      0,     3750,   0,   10000,   58,    0.47128],
      ['4xlarge',         16,   128,   0,      0,     7500,   0,   10000,  234,    0.94256],
      ['8xlarge',         32,   256,   0,      0,    15000,   0,   10000,  234,    1.88512],
      ['12xlarge',        48,   384,   0,      0,    22500,   0,   15000,  234,    2.82768],
      ['16xlarge',        64,   512,   0,      0,    30000,   0,   20000,  737,    3.77024],
      ['24xlarge',        96,   768,   0,      0,    40000,   1,   30000,  737,    5.65536],
      ['metal-24xl',      96,   768,   0,      0,    40000,   1,   30000,  737,     6.2209],
      ['48xlarge',       192,  1536,   0,      0,    50000,   1,   40000,  737,   11.31072],
      ['metal-48xl',     192,  1536,   0,      0,    50000,   1,   40000,  737,   11.31072],
    ],
  },
];

/** Every type of the catalogue, by name. */
export const INSTANCE_TYPES: ReadonlyMap<string, AcceleratorAttributes> = new Map(
  FAMILIES.flatMap((family) => family.sizes.map((size) => attributes(family, size))).map((type) => [type.instanceType, type]),
);

function attributes(family: Family, size: Size): AcceleratorAttributes {
  const [name, vcpus, memoryGiB, devices, localNvmeGB, networkMbps, efaInterfaces, ebsBandwidthMbps, addressablePods, usdPerHour] =
    size;
  return {
    instanceType: `${family.family}.${name}`,
    kind: family.kind,
    architecture: family.architecture,
    deviceName: family.device,
    devices,
    deviceMemoryMiB: family.deviceMemoryMiB ?? 0,
    fractional: family.fractional,
    vcpus,
    memoryMiB: memoryGiB * 1024,
    localNvmeGB,
    networkMbps,
    efaInterfaces,
    ebsBandwidthMbps,
    addressablePods,
    cpuManufacturer: family.cpu,
    neuronCoresPerDevice: family.neuronCoresPerDevice,
    logicalNeuronCoresPerDevice: family.logicalNeuronCoresPerDevice,
    computeCapability: family.computeCapability,
    onDemandUsdPerHour: usdPerHour === undefined ? {} : { [PRICE_REGION]: usdPerHour },
  };
}
