import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { S3ModelStore, type S3ModelStoreProps } from '../../constructs/s3-model-store';
import { Model } from '../../lib/models/model';
import { resourcesOf, testStack, type Json } from './stack-fixture';

const MODEL = Model.huggingFace('acme/tiny', { revision: 'v1' });

function statementsOf(template: Template): Json[] {
  return Object.values(resourcesOf(template, 'AWS::IAM::Policy')).flatMap((policy) => policy.Properties.PolicyDocument.Statement);
}

describe('a bucket of its own', () => {
  const stack = testStack();
  new S3ModelStore(stack, 'Store');
  const template = Template.fromStack(stack);

  test('is encrypted, private and kept', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        VersioningConfiguration: Match.absent(),
      },
    });
  });

  test('is reached by TLS 1.2 or newer only', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
        ]),
      },
    });
  });

  test('drops uploads that were interrupted', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [{ Id: 'interrupted-uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' }],
      },
    });
  });
});

test('a bucket has the key, versions, rules and log it is given', () => {
  const stack = testStack();
  new S3ModelStore(stack, 'Store', {
    encryptionKey: new kms.Key(stack, 'Key'),
    versioned: true,
    lifecycleRules: [{ id: 'cold', expiration: Duration.days(90) }],
    accessLogs: new s3.Bucket(stack, 'Logs'),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  Template.fromStack(stack).hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Delete',
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }) },
        ],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({ Id: 'interrupted-uploads' }),
          Match.objectLike({ Id: 'old-versions', NoncurrentVersionExpiration: { NoncurrentDays: 30 } }),
          Match.objectLike({ Id: 'cold' }),
        ],
      },
      LoggingConfiguration: Match.objectLike({ LogFilePrefix: 'Inference/' }),
    },
  });
});

describe('grants for one model in an existing bucket with a key', () => {
  const stack = testStack();
  const key = kms.Key.fromKeyArn(stack, 'Key', stack.formatArn({ service: 'kms', resource: 'key', resourceName: '1' }));
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'weights');
  const store = new S3ModelStore(stack, 'Store', { bucket, encryptionKey: key });
  const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
  store.grantRead(role('Reader'), MODEL);
  const reader = statementsOf(Template.fromStack(stack));

  const both = testStack();
  const writing = new S3ModelStore(both, 'Store', { bucket: s3.Bucket.fromBucketName(both, 'Bucket', 'weights') });
  writing.grantReadWrite(new iam.Role(both, 'Writer', { assumedBy: new iam.AccountRootPrincipal() }), MODEL);
  const writer = statementsOf(Template.fromStack(both));

  const inPartition = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });

  test('reading lists, gets and decrypts its folder alone', () => {
    expect(reader).toEqual([
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: inPartition(':s3:::weights'),
        Condition: { StringLike: { 's3:prefix': ['models/acme/tiny/v1', 'models/acme/tiny/v1/*'] } },
      },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: inPartition(':s3:::weights/models/acme/tiny/v1/*') },
      expect.objectContaining({
        Action: 'kms:Decrypt',
        Condition: { StringLike: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.*.', { Ref: 'AWS::URLSuffix' }]] } } },
      }),
    ]);
  });

  test('writing puts there too, but deletes nothing', () => {
    expect(writer.flatMap((statement) => statement.Action)).toEqual([
      's3:ListBucket',
      's3:GetObject',
      's3:PutObject',
      's3:AbortMultipartUpload',
    ]);
    expect(writer[1].Resource).toEqual(inPartition(':s3:::weights/models/acme/tiny/v1/*'));
  });
});

describe('the address of a model', () => {
  const bucket = (id: string, props: S3ModelStoreProps = {}) => {
    const stack = testStack();
    return new S3ModelStore(stack, id, { bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'weights'), ...props });
  };

  test.each([
    ['main where none is pinned', Model.huggingFace('acme/tiny'), {}, 's3://weights/models/acme/tiny/main/'],
    ['the revision', MODEL, {}, 's3://weights/models/acme/tiny/v1/'],
    ['one folder of a ref', Model.huggingFace('acme/tiny', { revision: 'refs/pr/1' }), {}, 's3://weights/models/acme/tiny/refs-pr-1/'],
    ['the prefix', MODEL, { prefix: 'team-a/llm/' }, 's3://weights/team-a/llm/acme/tiny/v1/'],
  ])('has %s', (_, model, props, uri) => {
    expect(bucket('Store', props).uriFor(model)).toBe(uri);
  });

  test('is waited for, unless the bucket is filled by other means', () => {
    const [wait] = bucket('Store').initContainers(MODEL);
    expect(wait.command?.at(-1)).toBe('s3://weights/models/acme/tiny/v1/');
    expect(bucket('Store', { waitForCopies: false }).initContainers(MODEL)).toEqual([]);
  });

  test.each<[string, S3ModelStoreProps, string]>([
    ['a prefix without its slash', { prefix: 'models' }, "'prefix' (models) must be a folder"],
    ['a prefix that starts with a slash', { prefix: '/models/' }, "'prefix' (/models/) must be a folder"],
    ['versions of an existing bucket', { versioned: true }, "'versioned' is for a bucket that is made here"],
    ['removal of an existing bucket', { removalPolicy: RemovalPolicy.DESTROY }, "'removalPolicy' is for a bucket that is made here"],
  ])('fails for %s', (_, props, message) => {
    expect(() => bucket('Store', props)).toThrow(message);
  });
});
