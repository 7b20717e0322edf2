import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import { WaitForWeights } from '../lib/charts/wait-for-weights';
import type { Model } from '../lib/models/model';
import type { IModelStore } from './model-store';

/** Properties of a model store in S3. */
export interface S3ModelStoreProps {
  /**
   * An existing bucket. Its settings stay as they are.
   *
   * @default - a bucket is made: encrypted, TLS only, no public access
   */
  readonly bucket?: s3.IBucket;

  /**
   * Folder that all models are below, ending in a slash.
   *
   * @default 'models/'
   */
  readonly prefix?: string;

  /**
   * The KMS key of the bucket. For an existing bucket, the key that it is encrypted with: its policy must let the
   * account's IAM policies decide.
   *
   * @default - keys that S3 manages; for an existing bucket its own 'encryptionKey', where that is known
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Keep objects that were overwritten or deleted for 30 days.
   *
   * @default false - a copy can be made again, and old weights cost as much as new ones
   */
  readonly versioned?: boolean;

  /**
   * Further lifecycle rules of the bucket, for instance one that moves cold models to another storage class.
   *
   * @default - none; uploads that were interrupted are removed after a day
   */
  readonly lifecycleRules?: s3.LifecycleRule[];

  /**
   * Bucket for the log of every access.
   *
   * @default - none
   */
  readonly accessLogs?: s3.IBucket;

  /**
   * What happens to the bucket when it leaves the app. With DESTROY it must be empty.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Let servers wait until a copy job has written its completion marker. Turn it off for a bucket that is filled by
   * other means, which write no marker.
   *
   * @default true
   */
  readonly waitForCopies?: boolean;
}

/**
 * Weights in S3, one folder for each model and revision: `models/<owner>/<name>/<revision>/`.
 *
 * Grants are for one model at a time: listing its folder, reading its objects, and decrypting them where they have a
 * KMS key. They are written into the grantee's own policy, so they work for existing buckets and across stacks.
 *
 * @throws when 'prefix' is no folder, or a setting is given that an existing bucket keeps to itself
 */
export class S3ModelStore extends Construct implements IModelStore {
  /** The bucket. */
  public readonly bucket: s3.IBucket;
  /** Folder that all models are below, ending in a slash. */
  public readonly prefix: string;

  private readonly encryptionKey?: kms.IKey;
  private readonly waitForCopies: boolean;

  constructor(scope: Construct, id: string, props: S3ModelStoreProps = {}) {
    super(scope, id);
    this.prefix = props.prefix ?? 'models/';
    if (!/^([\w.-]+\/)+$/.test(this.prefix)) {
      throw new Error(
        `'prefix' (${this.prefix}) must be a folder of letters, digits, '_', '.' and '-' that ends in a slash: write models/`,
      );
    }
    if (props.bucket) refuseSettingsOfOwnBucket(props);
    this.bucket = props.bucket ?? this.ownBucket(props);
    this.encryptionKey = props.encryptionKey ?? this.bucket.encryptionKey;
    this.waitForCopies = props.waitForCopies ?? true;
  }

  public uriFor(model: Model): string {
    return `s3://${this.bucket.bucketName}/${this.folderOf(model)}`;
  }

  public grantRead(grantee: iam.IGrantable, model: Model): iam.Grant {
    return this.grant(grantee, model, ['s3:GetObject'], ['kms:Decrypt']);
  }

  public grantReadWrite(grantee: iam.IGrantable, model: Model): iam.Grant {
    // Uploads in parts decrypt what they uploaded so far.
    return this.grant(
      grantee,
      model,
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
      ['kms:Decrypt', 'kms:GenerateDataKey'],
    );
  }

  public initContainers(model: Model): k8s.Container[] {
    if (!this.waitForCopies) return [];
    return [WaitForWeights.container({ uri: this.uriFor(model), region: this.bucket.env.region })];
  }

  private folderOf(model: Model): string {
    const revision = (model.revision ?? 'main').replace(/[^\w.-]+/g, '-'); // 'refs/pr/1' is one folder, not three
    return `${this.prefix}${model.id}/${revision}/`;
  }

  private grant(grantee: iam.IGrantable, model: Model, s3Actions: string[], kmsActions: string[]): iam.Grant {
    const folder = this.folderOf(model);
    const list = iam.Grant.addToPrincipal({
      grantee,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucket.bucketArn],
      // Some clients leave out the last slash.
      conditions: { StringLike: { 's3:prefix': [folder.slice(0, -1), `${folder}*`] } },
    });
    const objects = iam.Grant.addToPrincipal({
      grantee,
      actions: s3Actions,
      resourceArns: [this.bucket.arnForObjects(`${folder}*`)],
    });
    const grant = list.combine(objects);
    if (!this.encryptionKey) return grant;
    return grant.combine(
      iam.Grant.addToPrincipal({
        grantee,
        actions: kmsActions,
        resourceArns: [this.encryptionKey.keyArn],
        conditions: { StringLike: { 'kms:ViaService': `s3.*.${Aws.URL_SUFFIX}` } },
      }),
    );
  }

  private ownBucket(props: S3ModelStoreProps): s3.Bucket {
    return new s3.Bucket(this, 'Bucket', {
      encryption: props.encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey ? true : undefined, // one call to KMS for many objects
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: props.versioned,
      lifecycleRules: [
        { id: 'interrupted-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        ...(props.versioned ? [{ id: 'old-versions', noncurrentVersionExpiration: Duration.days(30) }] : []),
        ...(props.lifecycleRules ?? []),
      ],
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: props.accessLogs && `${Stack.of(this).stackName}/`,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }
}

function refuseSettingsOfOwnBucket(props: S3ModelStoreProps): void {
  const settings = ['versioned', 'lifecycleRules', 'accessLogs', 'removalPolicy'] as const;
  const given = settings.find((name) => props[name] !== undefined);
  if (given) {
    throw new Error(`'${given}' is for a bucket that is made here, but 'bucket' is an existing one: set it where that is made`);
  }
}
