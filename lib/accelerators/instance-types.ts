import type { AcceleratorAttributes } from './accelerator-attributes';
import { AcceleratorKind, CpuArchitecture } from './accelerator-kind';
import { listPricesOf } from './list-prices';

const { NVIDIA, INFERENTIA, TRAINIUM, CPU } = AcceleratorKind;
const { AMD64, ARM64 } = CpuArchitecture;

/**
 * One size of a family: name, vCPUs, memory in GiB, devices, local NVMe in GB, network in Mbps, EFA interfaces,
 * bandwidth to EBS in Mbps, and pods that its network interfaces have addresses for. Prices: on-demand-prices.ts.
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
 * DescribeInstanceTypes reports them), and v1.15 `zz_generated.bandwidth.go`. trn2.3xlarge and trn2u.48xlarge are not in
 * that page: DescribeInstanceTypes as moto 5.2.5 carries it. Makers of processors, and interfaces × (addresses − 1) + 2
 * for the pods: DescribeInstanceTypes as moto 5.2.5 carries it. Compute capability: NVIDIA's list of CUDA GPUs.
 *
 * Left out, until EC2 describes them: p6e-gb200 (memory of a device unpublished) and trn3.
 */
const FAMILIES: Family[] = [
  {
    family: 'g4dn', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 't4', deviceMemoryMiB: 16384, computeCapability: '7.5',
    sizes: [
      ['xlarge',           4,    16,   1,    125,     5000,   0,    3500,   29],
      ['2xlarge',          8,    32,   1,    225,    10000,   0,    3500,   29],
      ['4xlarge',         16,    64,   1,    225,    20000,   0,    4750,   29],
      ['8xlarge',         32,   128,   1,    900,    50000,   1,    9500,   58],
      ['12xlarge',        48,   192,   4,    900,    50000,   1,    9500,  234],
      ['16xlarge',        64,   256,   1,    900,    50000,   1,    9500,   58],
      ['metal',           96,   384,   8,   1800,   100000,   1,   19000,  737],
    ],
  },
  {
    family: 'g5', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'a10g', deviceMemoryMiB: 22888, computeCapability: '8.6',
    sizes: [
      ['xlarge',           4,    16,   1,    250,     2500,   0,    3500,   58],
      ['2xlarge',          8,    32,   1,    450,     5000,   0,    3500,   58],
      ['4xlarge',         16,    64,   1,    600,    10000,   0,    4750,  234],
      ['8xlarge',         32,   128,   1,    900,    25000,   1,   16000,  234],
      ['12xlarge',        48,   192,   4,   3800,    40000,   1,   16000,  737],
      ['16xlarge',        64,   256,   1,   1900,    25000,   1,   16000,  234],
      ['24xlarge',        96,   384,   4,   3800,    50000,   1,   19000,  737],
      ['48xlarge',       192,   768,   8,   7600,   100000,   1,   19000,  345],
    ],
  },
  {
    family: 'g5g', kind: NVIDIA, architecture: ARM64, cpu: 'aws', device: 't4g', deviceMemoryMiB: 16384, computeCapability: '7.5',
    sizes: [
      ['xlarge',           4,     8,   1,      0,     1250,   0,    4750,   58],
      ['2xlarge',          8,    16,   1,      0,     2500,   0,    4750,   58],
      ['4xlarge',         16,    32,   1,      0,     5000,   0,    4750,  234],
      ['8xlarge',         32,    64,   1,      0,    12000,   0,    9500,  234],
      ['16xlarge',        64,   128,   2,      0,    25000,   0,   19000,  737],
      ['metal',           64,   128,   2,      0,    25000,   0,   19000,  737],
    ],
  },
  {
    family: 'g6', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4', deviceMemoryMiB: 22888, computeCapability: '8.9',
    sizes: [
      ['xlarge',           4,    16,   1,    250,     2500,   0,    5000,   58],
      ['2xlarge',          8,    32,   1,    450,     5000,   0,    5000,   58],
      ['4xlarge',         16,    64,   1,    600,    10000,   0,    8000,  234],
      ['8xlarge',         32,   128,   1,    900,    25000,   1,   16000,  234],
      ['12xlarge',        48,   192,   4,   3760,    40000,   1,   20000,  234],
      ['16xlarge',        64,   256,   1,   1880,    25000,   1,   20000,  737],
      ['24xlarge',        96,   384,   4,   3760,    50000,   1,   30000,  737],
      ['48xlarge',       192,   768,   8,   7520,   100000,   1,   60000,  737],
    ],
  },
  {
    family: 'g6e', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l40s', deviceMemoryMiB: 45776, computeCapability: '8.9',
    sizes: [
      ['xlarge',           4,    32,   1,    250,     2500,   0,    5000,   58],
      ['2xlarge',          8,    64,   1,    450,     5000,   0,    5000,   58],
      ['4xlarge',         16,   128,   1,    600,    20000,   0,    8000,  234],
      ['8xlarge',         32,   256,   1,    900,    25000,   1,   16000,  234],
      ['12xlarge',        48,   384,   4,   3800,   100000,   1,   20000,  292],
      ['16xlarge',        64,   512,   1,   1900,    35000,   1,   20000,  737],
      ['24xlarge',        96,   768,   4,   3800,   200000,   2,   30000,  492],
      ['48xlarge',       192,  1536,   8,   7600,   400000,   4,   60000,  492],
    ],
  },
  {
    family: 'gr6', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4', deviceMemoryMiB: 22888, computeCapability: '8.9',
    sizes: [
      ['4xlarge',         16,   128,   1,    600,    10000,   0,    8000,  234],
      ['8xlarge',         32,   256,   1,    900,    25000,   1,   16000,  234],
    ],
  },
  {
    family: 'g6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 2861, computeCapability: '8.9', fractional: true,
    sizes: [
      ['large',            2,     8,   1,    100,     1500,   0,    5000,   20],
      ['xlarge',           4,    16,   1,    100,     2500,   0,    5000,   58],
    ],
  },
  {
    family: 'g6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 5722, computeCapability: '8.9', fractional: true,
    sizes: [
      ['2xlarge',          8,    32,   1,    200,     5000,   0,    5000,   58],
    ],
  },
  {
    family: 'g6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 11444, computeCapability: '8.9', fractional: true,
    sizes: [
      ['4xlarge',         16,    64,   1,    450,    10000,   0,    6000,  234],
    ],
  },
  {
    family: 'gr6f', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'l4',
    deviceMemoryMiB: 11444, computeCapability: '8.9', fractional: true,
    sizes: [
      ['4xlarge',         16,   128,   1,    450,    10000,   0,    8000,  234],
    ],
  },
  {
    family: 'g7', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'rtx-pro-4500',
    deviceMemoryMiB: 32768, computeCapability: '12.0',
    sizes: [
      ['2xlarge',          8,    32,   1,    440,    40000,   0,    8000,  254],
      ['4xlarge',         16,    64,   1,    875,    80000,   0,    8000,  506],
      ['8xlarge',         32,   128,   1,    930,   100000,   1,   16000,  632],
      ['12xlarge',        48,   192,   2,   1900,   175000,   1,   20000,  758],
      ['24xlarge',        96,   384,   4,   3800,   350000,   1,   40000, 1514],
      ['48xlarge',       192,   768,   8,   7600,   700000,   2,   80000,  758],
    ],
  },
  {
    family: 'g7e', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'rtx-pro-server-6000',
    deviceMemoryMiB: 98304, computeCapability: '12.0',
    sizes: [
      ['2xlarge',          8,    64,   1,   1900,    50000,   0,    5000,  254],
      ['4xlarge',         16,   128,   1,   1900,    50000,   0,    8000,  506],
      ['8xlarge',         32,   256,   1,   1900,   100000,   1,   16000,  506],
      ['12xlarge',        48,   512,   2,   3800,   400000,   1,   25000,  632],
      ['24xlarge',        96,  1024,   4,   7600,   800000,   2,   50000,  632],
      ['48xlarge',       192,  2048,   8,  15200,  1600000,   4,  100000,  632],
    ],
  },
  {
    family: 'p4d', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'a100', deviceMemoryMiB: 40960, computeCapability: '8.0',
    sizes: [
      ['24xlarge',        96,  1152,   8,   8000,   400000,   4,   19000,  737],
    ],
  },
  {
    family: 'p4de', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'a100', deviceMemoryMiB: 81920, computeCapability: '8.0',
    sizes: [
      ['24xlarge',        96,  1152,   8,   8000,   400000,   4,   19000,  737],
    ],
  },
  {
    family: 'p5', kind: NVIDIA, architecture: AMD64, cpu: 'amd', device: 'h100', deviceMemoryMiB: 81920, computeCapability: '9.0',
    sizes: [
      ['4xlarge',         16,   256,   1,   3800,   100000,   1,   10000,  118],
      ['48xlarge',       192,  2048,   8,  30400,  3200000,  32,   80000,  100],
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
      ['48xlarge',       192,  2048,   8,  30400,  3200000,  16,  100000,  198],
    ],
  },
  {
    family: 'p6-b200', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'b200',
    deviceMemoryMiB: 183359, computeCapability: '10.0',
    sizes: [
      ['48xlarge',       192,  2048,   8,  30400,  3200000,   8,  100000,  198],
    ],
  },
  {
    family: 'p6-b300', kind: NVIDIA, architecture: AMD64, cpu: 'intel', device: 'b300',
    deviceMemoryMiB: 275040, computeCapability: '10.3',
    sizes: [
      ['48xlarge',       192,  4096,   8,  30400,  6400000,  16,  100000,  198],
    ],
  },
  {
    family: 'inf1', kind: INFERENTIA, architecture: AMD64, cpu: 'intel', device: 'inferentia',
    deviceMemoryMiB: 8192, neuronCoresPerDevice: 4,
    sizes: [
      ['xlarge',           4,     8,   1,      0,     5000,   0,    4750,   38],
      ['2xlarge',          8,    16,   1,      0,     5000,   0,    4750,   38],
      ['6xlarge',         24,    48,   4,      0,    25000,   0,    4750,  234],
      ['24xlarge',        96,   192,  16,      0,   100000,   1,   19000,  321],
    ],
  },
  {
    family: 'inf2', kind: INFERENTIA, architecture: AMD64, cpu: 'amd', device: 'inferentia2',
    deviceMemoryMiB: 32768, neuronCoresPerDevice: 2,
    sizes: [
      ['xlarge',           4,    16,   1,      0,     2083,   0,   10000,   58],
      ['8xlarge',         32,   128,   1,      0,    16667,   0,   10000,  234],
      ['24xlarge',        96,   384,   6,      0,    50000,   0,   30000,  737],
      ['48xlarge',       192,   768,  12,      0,   100000,   0,   60000,  737],
    ],
  },
  {
    family: 'trn1', kind: TRAINIUM, architecture: AMD64, cpu: 'intel', device: 'trainium',
    deviceMemoryMiB: 32768, neuronCoresPerDevice: 2,
    sizes: [
      ['2xlarge',          8,    32,   1,    474,     3125,   0,   20000,   58],
      ['32xlarge',       128,   512,  16,   7600,   800000,   8,   80000,  247],
    ],
  },
  {
    family: 'trn1n', kind: TRAINIUM, architecture: AMD64, cpu: 'intel', device: 'trainium',
    deviceMemoryMiB: 32768, neuronCoresPerDevice: 2,
    sizes: [
      ['32xlarge',       128,   512,  16,   7600,  1600000,  16,   80000,  247],
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
      ['medium',           1,     2,   0,      0,      520,   0,   10000,    8],
      ['large',            2,     4,   0,      0,      937,   0,   10000,   29],
      ['xlarge',           4,     8,   0,      0,     1876,   0,   10000,   58],
      ['2xlarge',          8,    16,   0,      0,     3750,   0,   10000,   58],
      ['4xlarge',         16,    32,   0,      0,     7500,   0,   10000,  234],
      ['8xlarge',         32,    64,   0,      0,    15000,   0,   10000,  234],
      ['12xlarge',        48,    96,   0,      0,    22500,   0,   15000,  234],
      ['16xlarge',        64,   128,   0,      0,    30000,   1,   20000,  737],
      ['metal',           64,   128,   0,      0,    30000,   1,   20000,  737],
    ],
  },
  {
    family: 'c8g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     2,   0,      0,      520,   0,   10000,    8],
      ['large',            2,     4,   0,      0,      937,   0,   10000,   29],
      ['xlarge',           4,     8,   0,      0,     1875,   0,   10000,   58],
      ['2xlarge',          8,    16,   0,      0,     3750,   0,   10000,   58],
      ['4xlarge',         16,    32,   0,      0,     7500,   0,   10000,  234],
      ['8xlarge',         32,    64,   0,      0,    15000,   0,   10000,  234],
      ['12xlarge',        48,    96,   0,      0,    22500,   0,   15000,  234],
      ['16xlarge',        64,   128,   0,      0,    30000,   0,   20000,  737],
      ['24xlarge',        96,   192,   0,      0,    40000,   1,   30000,  737],
      ['metal-24xl',      96,   192,   0,      0,    40000,   1,   30000,  737],
      ['48xlarge',       192,   384,   0,      0,    50000,   1,   40000,  737],
      ['metal-48xl',     192,   384,   0,      0,    50000,   1,   40000,  737],
    ],
  },
  {
    family: 'm7g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     4,   0,      0,      520,   0,   10000,    8],
      ['large',            2,     8,   0,      0,      937,   0,   10000,   29],
      ['xlarge',           4,    16,   0,      0,     1876,   0,   10000,   58],
      ['2xlarge',          8,    32,   0,      0,     3750,   0,   10000,   58],
      ['4xlarge',         16,    64,   0,      0,     7500,   0,   10000,  234],
      ['8xlarge',         32,   128,   0,      0,    15000,   0,   10000,  234],
      ['12xlarge',        48,   192,   0,      0,    22500,   0,   15000,  234],
      ['16xlarge',        64,   256,   0,      0,    30000,   1,   20000,  737],
      ['metal',           64,   256,   0,      0,    30000,   1,   20000,  737],
    ],
  },
  {
    family: 'm8g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     4,   0,      0,      520,   0,   10000,    8],
      ['large',            2,     8,   0,      0,      937,   0,   10000,   29],
      ['xlarge',           4,    16,   0,      0,     1875,   0,   10000,   58],
      ['2xlarge',          8,    32,   0,      0,     3750,   0,   10000,   58],
      ['4xlarge',         16,    64,   0,      0,     7500,   0,   10000,  234],
      ['8xlarge',         32,   128,   0,      0,    15000,   0,   10000,  234],
      ['12xlarge',        48,   192,   0,      0,    22500,   0,   15000,  234],
      ['16xlarge',        64,   256,   0,      0,    30000,   0,   20000,  737],
      ['24xlarge',        96,   384,   0,      0,    40000,   1,   30000,  737],
      ['metal-24xl',      96,   384,   0,      0,    40000,   1,   30000,  737],
      ['48xlarge',       192,   768,   0,      0,    50000,   1,   40000,  737],
      ['metal-48xl',     192,   768,   0,      0,    50000,   1,   40000,  737],
    ],
  },
  {
    family: 'r8g', kind: CPU, architecture: ARM64, cpu: 'aws',
    sizes: [
      ['medium',           1,     8,   0,      0,      520,   0,   10000,    8],
      ['large',            2,    16,   0,      0,      937,   0,   10000,   29],
      ['xlarge',           4,    32,   0,      0,     1875,   0,   10000,   58],
      ['2xlarge',          8,    64,   0,      0,     3750,   0,   10000,   58],
      ['4xlarge',         16,   128,   0,      0,     7500,   0,   10000,  234],
      ['8xlarge',         32,   256,   0,      0,    15000,   0,   10000,  234],
      ['12xlarge',        48,   384,   0,      0,    22500,   0,   15000,  234],
      ['16xlarge',        64,   512,   0,      0,    30000,   0,   20000,  737],
      ['24xlarge',        96,   768,   0,      0,    40000,   1,   30000,  737],
      ['metal-24xl',      96,   768,   0,      0,    40000,   1,   30000,  737],
      ['48xlarge',       192,  1536,   0,      0,    50000,   1,   40000,  737],
      ['metal-48xl',     192,  1536,   0,      0,    50000,   1,   40000,  737],
    ],
  },
];

/** Every type of the catalogue, by name. */
export const INSTANCE_TYPES: ReadonlyMap<string, AcceleratorAttributes> = new Map(
  FAMILIES.flatMap((family) => family.sizes.map((size) => attributes(family, size))).map((type) => [type.instanceType, type]),
);

function attributes(family: Family, size: Size): AcceleratorAttributes {
  const [name, vcpus, memoryGiB, devices, localNvmeGB, networkMbps, efaInterfaces, ebsBandwidthMbps, addressablePods] = size;
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
    get onDemandUsdPerHour() {
      return listPricesOf(this.instanceType);
    },
  };
}
