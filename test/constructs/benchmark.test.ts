import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Benchmark, type BenchmarkProps } from '../../constructs/benchmark';
import { ImportedCluster } from '../../constructs/imported-cluster';
import { ModelServer } from '../../constructs/model-server';
import { Accelerator } from '../../lib/accelerators/accelerator';
import { BenchmarkScenario } from '../../lib/benchmarks/benchmark-scenario';
import { GuideLlm } from '../../lib/benchmarks/guidellm';
import { Vllm } from '../../lib/engines/vllm';
import { Model } from '../../lib/models/model';
import { resourcesOf, testStack } from './stack-fixture';

function measured(override: (stack: ReturnType<typeof testStack>) => Partial<BenchmarkProps> = () => ({})) {
  const stack = testStack();
  const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: 'prod' });
  const server = new ModelServer(stack, 'Chat', {
    cluster,
    name: 'chat',
    namespace: 'inference',
    model: Model.QWEN3_1_7B,
    engine: new Vllm(),
    accelerator: Accelerator.G6_XLARGE,
  });
  const benchmark = new Benchmark(stack, 'Saturation', { cluster, server, scenario: BenchmarkScenario.saturation(), ...override(stack) });
  return { stack, benchmark, template: Template.fromStack(stack) };
}

describe('a benchmark whose results are filed', () => {
  const { benchmark, template } = measured((stack) => ({
    tool: new GuideLlm(),
    resultsBucket: s3.Bucket.fromBucketName(stack, 'Results', 'results'),
    resultsPrefix: '/bench/',
    datasetBucket: s3.Bucket.fromBucketName(stack, 'Prompts', 'prompts'),
    dataset: 's3://prompts/own.jsonl',
  }));

  test('runs in the namespace of the server, as itself', () => {
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      ClusterName: 'prod',
      Namespace: 'inference',
      ServiceAccount: benchmark.chart.serviceAccountName,
    });
  });

  test('may put results into their folder and read the prompts, and nothing else', () => {
    const statements = Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
      .filter((policy) => policy.Properties.Roles[0].Ref.startsWith('SaturationIdentity'))
      .flatMap((policy) => policy.Properties.PolicyDocument.Statement);
    const others = statements.flatMap((statement) => statement.Action)
      .filter((action) => !/^s3:(Put|Abort|GetObject|GetBucket|List)/.test(action));
    expect(others).toEqual([]);
    const puts = statements.filter((statement) => JSON.stringify(statement.Action).includes('PutObject'));
    expect(puts).toHaveLength(1);
    expect(JSON.stringify(puts[0].Resource)).toContain(':s3:::results/bench/*');
  });

  test('starts when its role and the server are there', () => {
    const [job] = Object.values(resourcesOf(template, 'Custom::AWSCDK-EKS-KubernetesResource')).filter((resource) =>
      JSON.stringify(resource).includes('benchmark_verdict.py'));
    const before = JSON.stringify(job.DependsOn);
    expect(before).toMatch(/SaturationIdentity.*Association/);
    expect(before).toMatch(/ChatObjects/);
    expect(JSON.stringify(job)).toContain('s3://results/bench/Qwen-Qwen3-1.7B/saturation/$(RUN_ID)/');
  });
});

describe('a benchmark without buckets', () => {
  test('needs nothing from AWS', () => {
    const { benchmark, template } = measured();
    expect(benchmark.identity).toBeUndefined();
    template.resourceCountIs('AWS::EKS::PodIdentityAssociation', 0);
  });
});

describe('the name of the job', () => {
  test('stays while the benchmark does, so that a deployment does not run it again', () => {
    expect(measured().benchmark.chart.name).toBe(measured().benchmark.chart.name);
  });

  test('changes with the run', () => {
    expect(measured(() => ({ run: '2' })).benchmark.chart.name).not.toBe(measured().benchmark.chart.name);
  });
});
