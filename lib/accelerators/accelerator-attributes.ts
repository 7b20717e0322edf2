import type { AcceleratorKind, CpuArchitecture } from './accelerator-kind';

/** The facts of an EC2 instance type that inference depends on. */
export interface AcceleratorAttributes {
  /** The EC2 instance type: `g6e.12xlarge`. */
  readonly instanceType: string;

  /** What computes. */
  readonly kind: AcceleratorKind;

  /**
   * Processor architecture of the node, hence of the container image.
   * @default CpuArchitecture.AMD64
   */
  readonly architecture?: CpuArchitecture;

  /**
   * Name of the device as Karpenter labels it: `l40s`, `h100`, `inferentia2`.
   * @default - unknown: pods select the instance type itself
   */
  readonly deviceName?: string;

  /**
   * Devices in the node.
   * @default 0
   */
  readonly devices?: number;

  /**
   * Memory of one device in MiB as EC2 reports it, which is what Karpenter labels. It is not the number in the name:
   * a "24 GB" L4 has 22888 MiB.
   * @default 0 - without devices the model lives in the node's memory
   */
  readonly deviceMemoryMiB?: number;

  /**
   * The device is a slice of a GPU. EC2 counts no device on such a node, so Karpenter finds no room for a pod that
   * asks for one until a NodeOverlay adds `nvidia.com/gpu: 1`.
   * @default false
   */
  readonly fractional?: boolean;

  /** vCPUs of the node. */
  readonly vcpus: number;

  /** Memory of the node in MiB. */
  readonly memoryMiB: number;

  /**
   * Local NVMe in GB, all disks together.
   * @default 0 - disks are EBS only
   */
  readonly localNvmeGB?: number;

  /**
   * Network bandwidth in Mbps: the baseline, for types that burst.
   * @default 0 - unknown
   */
  readonly networkMbps?: number;

  /**
   * Elastic Fabric Adapters the node can have.
   * @default 0
   */
  readonly efaInterfaces?: number;

  /**
   * Bandwidth to EBS in Mbps, at its highest.
   * @default 0 - unknown
   */
  readonly ebsBandwidthMbps?: number;

  /**
   * Pods that the node's network interfaces have addresses for: interfaces × (addresses − 1) + 2.
   * @default 110
   */
  readonly addressablePods?: number;

  /**
   * Who made the processor: `intel`, `amd` or `aws`.
   * @default - unknown
   */
  readonly cpuManufacturer?: string;

  /**
   * Physical NeuronCores of one Neuron device.
   * @default - not a Neuron device
   */
  readonly neuronCoresPerDevice?: number;

  /**
   * NeuronCores of one device as programs see them: Trainium2 joins two physical cores into one (LNC=2).
   * @default - as many as there are physical cores
   */
  readonly logicalNeuronCoresPerDevice?: number;

  /**
   * CUDA compute capability: `8.9`. It decides which number formats the hardware computes in.
   * @default - not a CUDA device, or unknown
   */
  readonly computeCapability?: string;

  /**
   * On-demand list price in US dollars an hour, by region.
   * @default - no price is known in any region
   */
  readonly onDemandUsdPerHour?: { readonly [region: string]: number };
}
