import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PodIdentity } from '../pod-identity';
import type { AddonContext, IAddon } from './addon';

/** Options of Mountpoint for Amazon S3. */
export interface MountpointS3CsiOptions {
  /** Buckets that volumes may be mounted from, for reading. */
  readonly buckets: IBucket[];

  /**
   * Version of the EKS add-on, for instance 'v2.9.1-eksbuild.1'.
   *
   * @default - the default version of EKS for the cluster's Kubernetes version
   */
  readonly version?: string;

  /**
   * Configuration of the add-on, as its schema in EKS has it.
   *
   * @default - the defaults of the add-on
   */
  readonly configuration?: { readonly [key: string]: unknown };
}

/**
 * Mountpoint for Amazon S3: buckets as read-only volumes, for engines that cannot stream weights from S3.
 *
 * Every pod of the cluster that mounts a volume reads with the driver's role: give pods roles of their own with
 * `authenticationSource: pod` in the volume where that is too wide.
 */
export class MountpointS3Csi implements IAddon {
  public readonly name: string = 'mountpoint-s3-csi';
  public readonly requires: string[] = [];
  public readonly conflictsWith: string[] = [];

  constructor(private readonly options: MountpointS3CsiOptions) {
    if (options.buckets.length === 0) {
      throw new Error(`'buckets' of the add-on 'mountpoint-s3-csi' must not be empty: pass the buckets to mount`);
    }
  }

  public bind(scope: Construct, context: AddonContext): Construct {
    const { cluster } = context;
    const addon = new Construct(scope, this.name);
    const identity = new PodIdentity(addon, 'Identity', {
      cluster,
      namespace: 'kube-system',
      serviceAccount: 's3-csi-driver-sa',
      description: `add-on ${this.name}`,
    });
    for (const bucket of this.options.buckets) grantMount(bucket, identity);

    const resource = new eks.CfnAddon(addon, 'Resource', {
      clusterName: cluster.clusterName,
      addonName: 'aws-mountpoint-s3-csi-driver',
      addonVersion: this.options.version,
      resolveConflicts: 'OVERWRITE',
      configurationValues: this.options.configuration && JSON.stringify(this.options.configuration),
    });
    resource.node.addDependency(identity); // the driver reads its identity when it starts
    return addon;
  }
}

/** The actions of Mountpoint's own documentation for a read-only mount; wildcards such as `s3:GetObject*` are more. */
function grantMount(bucket: IBucket, grantee: iam.IGrantable): void {
  iam.Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn] });
  iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [bucket.arnForObjects('*')] });
  bucket.encryptionKey?.grantDecrypt(grantee);
}
