import { NestedStack, type CfnElement, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ImportedCluster } from '../../constructs/imported-cluster';
import { ModelCopy } from '../../constructs/model-copy';
import { S3ModelStore } from '../../constructs/s3-model-store';
import { Model } from '../../lib/models/model';
import { resourcesOf, testStack } from './stack-fixture';

const GATED = Model.huggingFace('acme/gated', { gated: true, revision: 'v1' });

describe('on an imported cluster, with a token from Secrets Manager', () => {
  const stack = testStack();
  const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: 'prod' });
  const modelStore = new S3ModelStore(stack, 'Store');
  const token = new secretsmanager.Secret(stack, 'HubToken');
  const copy = new ModelCopy(stack, 'Copy', { cluster, modelStore, model: GATED, namespace: 'inference', token, tokenField: 'hub' });
  const template = Template.fromStack(stack);
  const [[manifestId, manifest]] = Object.entries(resourcesOf(template, 'Custom::AWSCDK-EKS-KubernetesResource'));

  test('only pods of the job can take its role', () => {
    const tag = (name: string) => `aws:RequestTag/${name}`;
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      ClusterName: 'prod',
      Namespace: 'inference',
      ServiceAccount: copy.chart.serviceAccountName,
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: ['sts:AssumeRole', 'sts:TagSession'],
            Effect: 'Allow',
            Principal: { Service: 'pods.eks.amazonaws.com' },
            Condition: {
              StringEquals: {
                [tag('eks-cluster-name')]: 'prod',
                [tag('kubernetes-namespace')]: 'inference',
                [tag('kubernetes-service-account')]: copy.chart.serviceAccountName,
              },
            },
          },
        ],
        Version: '2012-10-17',
      },
    });
  });

  test('the role writes the folder of the model and reads the secret, and nothing else', () => {
    const role = stack.getLogicalId(copy.identity.role.node.defaultChild as CfnElement);
    const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).filter(
      (policy) => policy.Properties.Roles[0].Ref === role,
    );
    expect(policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement).flatMap((statement) => statement.Action)).toEqual([
      's3:ListBucket',
      's3:GetObject',
      's3:PutObject',
      's3:AbortMultipartUpload',
      'secretsmanager:GetSecretValue',
      'secretsmanager:DescribeSecret',
    ]);
  });

  test('the job starts after its role and its association, which it reads at its start', () => {
    const dependencies = manifest.DependsOn ?? [];
    for (const type of ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::EKS::PodIdentityAssociation']) {
      const ids = Object.keys(resourcesOf(template, type)).filter((id) => id.startsWith('CopyIdentity'));
      expect(ids).not.toEqual([]);
      expect(dependencies).toEqual(expect.arrayContaining(ids));
    }
  });

  test('the manifest names the secret by a reference, and holds no value', () => {
    expect(JSON.stringify(manifest.Properties.Manifest)).toContain('HF_TOKEN_SECRET_ARN');
    expect(manifest.Properties.Manifest['Fn::Join'][1]).toContainEqual({ Ref: expect.stringMatching(/^HubToken/) });
    expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:secretsmanager');
  });

  test('another revision is another resource, so that CloudFormation deletes the old job', () => {
    const next = testStack();
    const { cluster: sameCluster } = new ImportedCluster(next, 'Cluster', { clusterName: 'prod' });
    new ModelCopy(next, 'Copy', {
      cluster: sameCluster,
      modelStore: new S3ModelStore(next, 'Store'),
      model: Model.huggingFace('acme/gated', { gated: true, revision: 'v2' }),
      namespace: 'inference',
      token: new secretsmanager.Secret(next, 'HubToken'),
      tokenField: 'hub',
    });
    const ids = Object.keys(resourcesOf(Template.fromStack(next), 'Custom::AWSCDK-EKS-KubernetesResource'));
    expect(ids).toHaveLength(1);
    expect(ids).not.toContain(manifestId);
  });
});

test('copies of two models to two stores in two namespaces never collide', () => {
  const stack = testStack();
  const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: 'prod' });
  const names = ['A', 'B'].flatMap((id) => {
    const modelStore = new S3ModelStore(stack, id);
    return ['acme/tiny', 'other/tiny'].flatMap((model) =>
      ['team-a', 'team-b'].map((namespace) => {
        const copy = new ModelCopy(stack, `${id}-${model}-${namespace}`, {
          cluster,
          modelStore,
          model: Model.huggingFace(model),
          namespace,
        });
        return `${namespace}/${copy.chart.name}`;
      }),
    );
  });
  expect(new Set(names).size).toBe(8);
});

test('the same copy twice is refused, from a nested stack too, and has the same name in another app', () => {
  const copyIn = (scopeOf: (stack: Stack) => Construct, stack = testStack()) => {
    const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: 'prod' });
    const modelStore = new S3ModelStore(stack, 'Store');
    const copy = (scope: Construct) => new ModelCopy(scope, 'Copy', { cluster, modelStore, model: Model.huggingFace('acme/tiny') });
    return { first: copy(stack), again: () => copy(scopeOf(stack)) };
  };
  const { first, again } = copyIn((stack) => new NestedStack(stack, 'Nested'));
  expect(again).toThrow("'Inference/Nested/Copy' copies what 'Inference/Copy' copies already");
  expect(copyIn((stack) => stack).first.chart.name).toBe(first.chart.name);
});

test('a gated model without a token is refused before anything is deployed', () => {
  const stack = testStack();
  const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: 'prod' });
  const modelStore = new S3ModelStore(stack, 'Store', { bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'weights') });
  expect(() => new ModelCopy(stack, 'Copy', { cluster, modelStore, model: GATED })).toThrow("model 'acme/gated' is gated");
});
