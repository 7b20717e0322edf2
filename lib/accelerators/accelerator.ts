import type { k8s } from 'cdk8s-plus-34';
import { nearestNames } from '../nearest-names';
import type { AcceleratorAttributes } from './accelerator-attributes';
import { AcceleratorKind, CpuArchitecture } from './accelerator-kind';
import { INSTANCE_TYPES } from './instance-types';
import { priceDateOf } from './list-prices';
import type { NodeLabels } from './node-labels';

/**
 * An EC2 instance type seen by its devices: NVIDIA GPUs, Neuron chips, or none.
 *
 * Popular types are members. `Accelerator.fromInstanceType()` has the whole catalogue, and `Accelerator.of()` takes what
 * the catalogue does not know yet.
 */
export class Accelerator {
  /** 1 NVIDIA T4 (16 GiB), the cheapest x86 GPU. No bfloat16, no FP8. */
  public static readonly G4DN_XLARGE = Accelerator.fromInstanceType('g4dn.xlarge');
  /** 1 NVIDIA A10G (22 GiB). */
  public static readonly G5_XLARGE = Accelerator.fromInstanceType('g5.xlarge');
  /** 1 NVIDIA A10G (22 GiB), 32 GiB in the node. */
  public static readonly G5_2XLARGE = Accelerator.fromInstanceType('g5.2xlarge');
  /** 4 NVIDIA A10G (22 GiB each). */
  public static readonly G5_12XLARGE = Accelerator.fromInstanceType('g5.12xlarge');
  /** 1 NVIDIA L4 (22 GiB), the usual first GPU. */
  public static readonly G6_XLARGE = Accelerator.fromInstanceType('g6.xlarge');
  /** 1 NVIDIA L4 (22 GiB), 32 GiB in the node. */
  public static readonly G6_2XLARGE = Accelerator.fromInstanceType('g6.2xlarge');
  /** 4 NVIDIA L4 (22 GiB each). */
  public static readonly G6_12XLARGE = Accelerator.fromInstanceType('g6.12xlarge');
  /** 8 NVIDIA L4 (22 GiB each). */
  public static readonly G6_48XLARGE = Accelerator.fromInstanceType('g6.48xlarge');
  /** 1 NVIDIA L40S (44 GiB). */
  public static readonly G6E_XLARGE = Accelerator.fromInstanceType('g6e.xlarge');
  /** 1 NVIDIA L40S (44 GiB), 64 GiB in the node. */
  public static readonly G6E_2XLARGE = Accelerator.fromInstanceType('g6e.2xlarge');
  /** 4 NVIDIA L40S (44 GiB each). */
  public static readonly G6E_12XLARGE = Accelerator.fromInstanceType('g6e.12xlarge');
  /** 8 NVIDIA L40S (44 GiB each), 4 EFA interfaces. */
  public static readonly G6E_48XLARGE = Accelerator.fromInstanceType('g6e.48xlarge');
  /** 1 NVIDIA RTX PRO 6000 Blackwell (96 GiB). */
  public static readonly G7E_2XLARGE = Accelerator.fromInstanceType('g7e.2xlarge');
  /** 8 NVIDIA RTX PRO 6000 Blackwell (96 GiB each), without NVLink. */
  public static readonly G7E_48XLARGE = Accelerator.fromInstanceType('g7e.48xlarge');
  /** 8 NVIDIA A100 (40 GiB each). */
  public static readonly P4D_24XLARGE = Accelerator.fromInstanceType('p4d.24xlarge');
  /** 1 NVIDIA H100 (80 GiB). */
  public static readonly P5_4XLARGE = Accelerator.fromInstanceType('p5.4xlarge');
  /** 8 NVIDIA H100 (80 GiB each), 32 EFA interfaces. */
  public static readonly P5_48XLARGE = Accelerator.fromInstanceType('p5.48xlarge');
  /** 8 NVIDIA H200 (141 GiB each), 16 EFA interfaces. */
  public static readonly P5EN_48XLARGE = Accelerator.fromInstanceType('p5en.48xlarge');
  /** 8 NVIDIA B200 (179 GiB each). */
  public static readonly P6_B200_48XLARGE = Accelerator.fromInstanceType('p6-b200.48xlarge');
  /** 8 NVIDIA B300 (268 GiB each). */
  public static readonly P6_B300_48XLARGE = Accelerator.fromInstanceType('p6-b300.48xlarge');
  /** 1 Inferentia2 chip (32 GiB, 2 cores). */
  public static readonly INF2_XLARGE = Accelerator.fromInstanceType('inf2.xlarge');
  /** 12 Inferentia2 chips (32 GiB each). */
  public static readonly INF2_48XLARGE = Accelerator.fromInstanceType('inf2.48xlarge');
  /** 16 Trainium chips (32 GiB each). */
  public static readonly TRN1_32XLARGE = Accelerator.fromInstanceType('trn1.32xlarge');
  /** 16 Trainium2 chips (96 GiB each). */
  public static readonly TRN2_48XLARGE = Accelerator.fromInstanceType('trn2.48xlarge');
  /** Graviton4, 16 vCPUs, 32 GiB: small models without a GPU. */
  public static readonly C8G_4XLARGE = Accelerator.fromInstanceType('c8g.4xlarge');
  /** Graviton4, 32 vCPUs, 128 GiB: small models without a GPU. */
  public static readonly M8G_8XLARGE = Accelerator.fromInstanceType('m8g.8xlarge');

  /**
   * An instance type by its facts, for what the catalogue does not have.
   *
   * @throws when a fact contradicts another: devices without memory, Neuron devices without cores
   */
  public static of(attributes: AcceleratorAttributes): Accelerator {
    return new Accelerator(attributes, attributes.devices ?? 0);
  }

  /**
   * An instance type of the catalogue by its EC2 name, such as `g6e.12xlarge`.
   *
   * @throws when the catalogue does not have it, naming the nearest that it has
   */
  public static fromInstanceType(name: string): Accelerator {
    const attributes = INSTANCE_TYPES.get(name);
    if (!attributes) {
      throw new Error(
        `'instanceType' (${name}) is not in the catalogue: did you mean ${nearestTypes(name)}? ` +
          'For a type that is missing, use Accelerator.of()',
      );
    }
    return new Accelerator(attributes, attributes.devices ?? 0);
  }

  /** Every instance type of the catalogue, by name. */
  public static catalogue(): string[] {
    return [...INSTANCE_TYPES.keys()];
  }

  /**
   * When the prices that the catalogue has of a region were published: a day, or a month where the day is not known.
   * Absent where it has none.
   */
  public static priceDate(region: string): string | undefined {
    return priceDateOf(region);
  }

  /** The EC2 instance type: `g6e.12xlarge`. */
  public readonly instanceType: string;
  /** What comes before the dot: `g6e`. */
  public readonly family: string;
  /** What comes after the dot: `12xlarge`. */
  public readonly size: string;
  /** What computes. */
  public readonly kind: AcceleratorKind;
  /** Processor architecture of the node. */
  public readonly architecture: CpuArchitecture;
  /** Name of the device as Karpenter labels it: `l40s`. Absent on CPU nodes. */
  public readonly deviceName?: string;
  /** Devices that a pod takes. */
  public readonly devices: number;
  /** Devices that the node has. */
  public readonly nodeDevices: number;
  /** Memory of one device in MiB, as EC2 reports it. 0 on CPU nodes. */
  public readonly deviceMemoryMiB: number;
  /** Whether the device is a slice of a GPU, which EC2 and Karpenter count as no device. */
  public readonly fractional: boolean;
  /** vCPUs of the node. */
  public readonly vcpus: number;
  /** Memory of the node in MiB. */
  public readonly memoryMiB: number;
  /** Local NVMe in GB, all disks together. */
  public readonly localNvmeGB: number;
  /** Network bandwidth in Mbps. */
  public readonly networkMbps: number;
  /** Elastic Fabric Adapters the node can have. */
  public readonly efaInterfaces: number;
  /** Bandwidth to EBS in Mbps. */
  public readonly ebsBandwidthMbps: number;
  /** Pods that the node's network interfaces have addresses for. */
  public readonly addressablePods: number;
  /** Who made the processor: `intel`, `amd` or `aws`. */
  public readonly cpuManufacturer?: string;
  /** Physical NeuronCores of one device. Absent without Neuron. */
  public readonly neuronCoresPerDevice?: number;
  /** NeuronCores of one device as programs see them. Absent without Neuron. */
  public readonly logicalNeuronCoresPerDevice?: number;
  /** CUDA compute capability: `8.9`. */
  public readonly computeCapability?: string;

  private readonly attributes: AcceleratorAttributes;

  private constructor(attributes: AcceleratorAttributes, devices: number) {
    validate(attributes);
    [this.family, this.size] = attributes.instanceType.split('.');
    this.attributes = attributes;
    this.instanceType = attributes.instanceType;
    this.kind = attributes.kind;
    this.architecture = attributes.architecture ?? CpuArchitecture.AMD64;
    this.deviceName = attributes.deviceName;
    this.devices = devices;
    this.nodeDevices = attributes.devices ?? 0;
    this.deviceMemoryMiB = attributes.deviceMemoryMiB ?? 0;
    this.fractional = attributes.fractional ?? false;
    this.vcpus = attributes.vcpus;
    this.memoryMiB = attributes.memoryMiB;
    this.localNvmeGB = attributes.localNvmeGB ?? 0;
    this.networkMbps = attributes.networkMbps ?? 0;
    this.efaInterfaces = attributes.efaInterfaces ?? 0;
    this.ebsBandwidthMbps = attributes.ebsBandwidthMbps ?? 0;
    this.addressablePods = attributes.addressablePods ?? 110;
    this.cpuManufacturer = attributes.cpuManufacturer;
    this.neuronCoresPerDevice = attributes.neuronCoresPerDevice;
    this.logicalNeuronCoresPerDevice = attributes.logicalNeuronCoresPerDevice ?? attributes.neuronCoresPerDevice;
    this.computeCapability = attributes.computeCapability;
  }

  /** The extended resource of the device in pod specs, absent on CPU nodes. */
  public get resourceName(): string | undefined {
    return this.taintKey;
  }

  /** The taint that keeps other pods off these nodes, absent on CPU nodes. By convention it is the resource's name. */
  public get taintKey(): string | undefined {
    switch (this.kind) {
      case AcceleratorKind.NVIDIA:
        return 'nvidia.com/gpu';
      case AcceleratorKind.INFERENTIA:
      case AcceleratorKind.TRAINIUM:
        return 'aws.amazon.com/neuron';
      case AcceleratorKind.CPU:
        return undefined;
    }
  }

  /** Whether the devices are Inferentia or Trainium. */
  public get isNeuron(): boolean {
    return this.kind === AcceleratorKind.INFERENTIA || this.kind === AcceleratorKind.TRAINIUM;
  }

  /** The share of the node that a pod takes: 0.25 for one device of four. A pod without devices takes the whole node. */
  public get nodeShare(): number {
    return this.nodeDevices === 0 ? 1 : this.devices / this.nodeDevices;
  }

  /**
   * The same instance type for a pod that takes some of its devices.
   *
   * Whole nodes are the default: parallel ranks talk over the fastest links, and no neighbour takes the memory.
   *
   * @throws when the node has fewer devices, or none
   */
  public withDevices(count: number): Accelerator {
    if (this.nodeDevices === 0) {
      throw new Error(`'devices' (${count}) cannot be set for ${this.instanceType}: it has no devices`);
    }
    if (!Number.isInteger(count) || count < 1 || count > this.nodeDevices) {
      throw new Error(
        `'devices' (${count}) must be an integer between 1 and ${this.nodeDevices}, which is what ${this.instanceType} has`,
      );
    }
    return new Accelerator(this.attributes, count);
  }

  /**
   * On-demand list price of the whole node in US dollars an hour, absent where it is not known.
   *
   * The price of one region never stands for another.
   */
  public onDemandUsdPerHour(region: string): number | undefined {
    return this.attributes.onDemandUsdPerHour?.[region];
  }

  /** The regions whose price is known. */
  public get pricedRegions(): string[] {
    return Object.keys(this.attributes.onDemandUsdPerHour ?? {});
  }

  /**
   * What a node must be for a pod that may run on any instance type with this device, as terms of a required node
   * affinity.
   *
   * - NVIDIA: the device's name, and its memory where one name has several (an A100 has 40 or 80 GiB).
   * - Neuron: the instance family, since a chip's name does not tell its memory.
   * - CPU: the instance family, since cores of two generations serve at very different speeds.
   * - Nodes that only carry their instance type: that type.
   *
   * Always with the processor architecture, which the container image depends on. How many devices, vCPUs and GiB the
   * pod needs is said by its resource requests.
   */
  public nodeRequirements(labels: NodeLabels): k8s.NodeSelectorRequirement[] {
    return [{ key: 'kubernetes.io/arch', operator: 'In', values: [this.architecture] }, ...this.hardwareRequirements(labels)];
  }

  private hardwareRequirements(labels: NodeLabels): k8s.NodeSelectorRequirement[] {
    if (!labels.describeHardware || (this.kind === AcceleratorKind.NVIDIA && this.deviceName === undefined)) {
      return [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: [this.instanceType] }];
    }
    // Karpenter gives pods that wait together one larger node, which may cost more than two: so the node's count is asked for
    const count = (fact: string) => ({ key: labels.instanceLabel(fact), operator: 'In', values: [`${this.nodeDevices}`] });
    if (this.kind !== AcceleratorKind.NVIDIA || this.deviceName === undefined) {
      const family = { key: labels.instanceLabel('family'), operator: 'In', values: [this.family] };
      return this.isNeuron ? [family, count('accelerator-count')] : [family];
    }
    const name = { key: labels.instanceLabel('gpu-name'), operator: 'In', values: [this.deviceName] };
    const devices = this.fractional ? [name] : [name, count('gpu-count')]; // EC2 reports no whole device of a fraction
    if (!hasSeveralMemories(this.deviceName)) return devices;
    return [...devices, { key: labels.instanceLabel('gpu-memory'), operator: 'In', values: [`${this.deviceMemoryMiB}`] }];
  }
}

/** Whether the catalogue has a device of this name in several memory sizes. */
function hasSeveralMemories(deviceName: string): boolean {
  const sameName = [...INSTANCE_TYPES.values()].filter((type) => type.deviceName === deviceName);
  return new Set(sameName.map((type) => type.deviceMemoryMiB)).size > 1;
}

function nearestTypes(name: string): string {
  const known = [...INSTANCE_TYPES.keys()];
  const sameFamily = known.filter((type) => type.split('.')[0] === name.split('.')[0]);
  return nearestNames(name, sameFamily.length > 0 ? sameFamily : known).join(', ');
}

function validate(attributes: AcceleratorAttributes): void {
  const { instanceType, kind, devices = 0, deviceMemoryMiB = 0 } = attributes;
  if (!/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(instanceType)) {
    throw new Error(`'instanceType' (${instanceType}) must be an EC2 instance type such as g6e.12xlarge`);
  }
  requirePositive('vcpus', attributes.vcpus, instanceType);
  requirePositive('memoryMiB', attributes.memoryMiB, instanceType);
  if (kind === AcceleratorKind.CPU) {
    if (devices !== 0) {
      throw new Error(`'devices' (${devices}) must be 0 for ${instanceType}: its 'kind' is cpu, which has no devices`);
    }
    return;
  }
  requirePositive('devices', devices, instanceType);
  requirePositive('deviceMemoryMiB', deviceMemoryMiB, instanceType);
  if (kind !== AcceleratorKind.NVIDIA) {
    requirePositive('neuronCoresPerDevice', attributes.neuronCoresPerDevice ?? 0, instanceType);
  }
}

function requirePositive(prop: string, value: number, instanceType: string): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`'${prop}' (${value}) of ${instanceType} must be a positive integer`);
  }
}
