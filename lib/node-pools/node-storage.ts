import type { Accelerator } from '../accelerators/accelerator';
import type { BlockDeviceMapping } from '../resources/ec2-node-class';
import { NodeOs } from './node-os';
import type { NodePoolOptions } from './node-pool-options';

/**
 * Where images, logs and emptyDirs of a pool's nodes are: on local NVMe where a type has it, otherwise on the EBS data
 * volume.
 *
 * A pool may hold types with and without NVMe: RAID0 does nothing on a node without local disks (Bottlerocket and
 * nodeadm both skip it), and the data volume is made fast enough for those nodes. Nodes with NVMe then pay for a fast
 * volume that they hardly use.
 *
 * @internal
 */
export class NodeStorage {
  /** Whether local NVMe is used where there is some. */
  public readonly instanceStore: boolean;
  /** Whether every type of the pool has local NVMe and uses it. */
  public readonly allOnInstanceStore: boolean;
  /** Whether some types use local NVMe and some have none. */
  public readonly mixed: boolean;
  /** Size of the data volume in GiB, unless a snapshot decides it. */
  public readonly sizeGiB?: number;
  /** Input and output operations a second of the data volume. */
  public readonly iops: number;
  /** MiB a second of the data volume. */
  public readonly throughputMiBps: number;

  constructor(
    types: Accelerator[],
    private readonly options: NodePoolOptions,
    accelerated: boolean,
    parallelPull: boolean,
  ) {
    const { dataVolume = {} } = options;
    const withNvme = types.filter((type) => type.localNvmeGB > 0).length;
    // types that the catalogue does not have may have NVMe
    const available = types.length === 0 || withNvme > 0;
    this.instanceStore = options.instanceStore ?? (available && dataVolume.snapshotId === undefined);
    this.allOnInstanceStore = this.instanceStore && types.length > 0 && withNvme === types.length;
    this.mixed = this.instanceStore && withNvme > 0 && withNvme < types.length;

    const fast = parallelPull && !this.allOnInstanceStore;
    const defaultSizeGiB = this.allOnInstanceStore ? 50 : accelerated ? 300 : 200;
    this.sizeGiB = dataVolume.sizeGiB ?? (dataVolume.snapshotId === undefined ? defaultSizeGiB : undefined);
    this.iops = dataVolume.iops ?? Math.max(fast ? 16_000 : 3_000, (dataVolume.throughputMiBps ?? 0) * 4);
    this.throughputMiBps = dataVolume.throughputMiBps ?? Math.min(fast ? 1_000 : 125, this.iops / 4);
  }

  /** The volumes of an EC2NodeClass. Bottlerocket has its system on one and data on another; AL2023 has one. */
  public blockDeviceMappings(os: NodeOs): BlockDeviceMapping[] {
    const { kmsKeyId, snapshotId, initializationRateMiBps } = this.options.dataVolume ?? {};
    const common = { volumeType: 'gp3', encrypted: true, kmsKeyID: kmsKeyId, deleteOnTermination: true };
    const data = {
      ...common,
      volumeSize: this.sizeGiB === undefined ? undefined : `${this.sizeGiB}Gi`,
      iops: this.iops,
      throughput: this.throughputMiBps,
      snapshotID: snapshotId,
      volumeInitializationRate: initializationRateMiBps,
    };
    if (os === NodeOs.AL2023) return [{ deviceName: '/dev/xvda', ebs: data }];
    return [
      { deviceName: '/dev/xvda', ebs: { ...common, volumeSize: '10Gi' } },
      { deviceName: '/dev/xvdb', ebs: data },
    ];
  }
}
