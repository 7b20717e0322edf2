import { Token } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import { KubernetesObjects } from './kubernetes-objects';

/** Options of a storage class on EBS. */
export interface Gp3StorageClassOptions {
  /**
   * Name of the storage class, which claims refer to.
   *
   * @default 'gp3'
   */
  readonly name?: string;

  /**
   * Claims that name no class get this one.
   *
   * @default true
   */
  readonly isDefault?: boolean;

  /**
   * Operations a second, 3000 to 80000.
   *
   * @default 3000 - included in the price of gp3
   */
  readonly iops?: number;

  /**
   * Throughput in MiB a second, 125 to 2000.
   *
   * @default 125 - included in the price of gp3
   */
  readonly throughputMiBps?: number;

  /**
   * Key that encrypts the volumes.
   *
   * @default - the AWS managed key of EBS
   */
  readonly kmsKeyArn?: string;

  /**
   * EKS Auto Mode provisions the volumes. They cannot move between its driver and that of the EBS CSI add-on.
   *
   * @default false - the add-on aws-ebs-csi-driver does
   */
  readonly autoMode?: boolean;
}

/** Properties of a storage class on EBS. */
export interface Gp3StorageClassProps extends Gp3StorageClassOptions {
  /** The cluster. */
  readonly cluster: eks.ICluster;
}

/**
 * Encrypted gp3 volumes that grow on request, made in the zone of the first pod that uses them, and deleted with their
 * claim.
 */
export class Gp3StorageClass extends Construct {
  /** Name of the storage class, which claims refer to. */
  public readonly storageClassName: string;

  constructor(scope: Construct, id: string, props: Gp3StorageClassProps) {
    super(scope, id);
    within('iops', props.iops, 3000, 80_000);
    within('throughputMiBps', props.throughputMiBps, 125, 2000);
    this.storageClassName = props.name ?? 'gp3';

    const chart = new Chart(new App(), this.storageClassName);
    new k8s.KubeStorageClass(chart, 'StorageClass', {
      metadata: {
        name: this.storageClassName,
        annotations: { 'storageclass.kubernetes.io/is-default-class': String(props.isDefault ?? true) },
      },
      provisioner: props.autoMode ? 'ebs.csi.eks.amazonaws.com' : 'ebs.csi.aws.com',
      parameters: {
        type: 'gp3',
        encrypted: 'true',
        'csi.storage.k8s.io/fstype': 'ext4',
        ...(props.iops && { iops: String(props.iops) }),
        ...(props.throughputMiBps && { throughput: String(props.throughputMiBps) }),
        ...(props.kmsKeyArn && { kmsKeyId: props.kmsKeyArn }),
      },
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
      reclaimPolicy: 'Delete',
    });
    new KubernetesObjects(this, 'Objects', { cluster: props.cluster, chart, overwrite: true });
  }
}

function within(prop: string, value: number | undefined, min: number, max: number): void {
  if (value !== undefined && !Token.isUnresolved(value) && !(value >= min && value <= max)) {
    throw new Error(`'${prop}' (${value}) of gp3 must be between ${min} and ${max}: write ${value < min ? min : max}`);
  }
}
