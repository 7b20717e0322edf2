import { Stack } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { App } from 'cdk8s';
import { Construct } from 'constructs';
import { BenchmarkChart, type BenchmarkChartOptions } from '../lib/charts/benchmark-chart';
import { KubernetesObjects } from './kubernetes-objects';
import type { ModelServer } from './model-server';
import { PodIdentity } from './pod-identity';

/** Options of a benchmark, beside the cluster it runs on. */
export interface BenchmarkOptions extends BenchmarkChartOptions {
  /** The model server that is measured. */
  readonly server: ModelServer;
  /**
   * Bucket that results are filed in.
   * @default - the counts are in the Job's log alone
   */
  readonly resultsBucket?: s3.IBucket;
  /**
   * Folder in that bucket.
   * @default 'benchmarks/'
   */
  readonly resultsPrefix?: string;
  /**
   * Bucket of the prompts in `dataset`.
   * @default - the prompts are random, or the role is given the right to read them by other means
   */
  readonly datasetBucket?: s3.IBucket;
  /**
   * Namespace of the Job, which must exist.
   * @default - the server's
   */
  readonly namespace?: string;
}

/** Properties of a benchmark. */
export interface BenchmarkProps extends BenchmarkOptions {
  /** The cluster: created here or imported, with a kubectl provider. */
  readonly cluster: eks.ICluster;
}

/**
 * Measures a model server by a Job on its cluster: once, and again when what it does changes.
 *
 * The deployment does not wait for the Job. It fails when requests fail, so `kubectl wait --for=condition=complete` in
 * a pipeline is a gate. Its role may write results to their folder, read the prompts, and nothing else.
 */
export class Benchmark extends Construct {
  /** The Kubernetes side: the job and its name. */
  public readonly chart: BenchmarkChart;
  /** The AWS identity of the job. Absent where it needs nothing from AWS. */
  public readonly identity?: PodIdentity;
  /** The objects on the cluster, to depend on. */
  public readonly objects: KubernetesObjects;

  constructor(scope: Construct, id: string, props: BenchmarkProps) {
    super(scope, id);
    const { cluster, server, resultsBucket, datasetBucket } = props;
    const prefix = `${(props.resultsPrefix ?? 'benchmarks').replace(/^\/+|\/+$/g, '')}/`;
    const results = resultsBucket && `s3://${resultsBucket.bucketName}/${prefix}`;
    const stack = Stack.of(this);
    const namespace = props.namespace ?? server.chart.objectsNamespace;

    this.chart = new BenchmarkChart(new App(), 'Benchmark', {
      ...props,
      name: id.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      server: server.chart,
      namespace,
      results,
      resultsId: results && JSON.stringify(stack.resolve(results)), // references, not tokens
      region: stack.region,
    });

    if (resultsBucket ?? datasetBucket) {
      this.identity = new PodIdentity(this, 'Identity', {
        cluster,
        namespace,
        serviceAccount: this.chart.serviceAccountName,
        description: `measures ${server.chart.servedName}`,
      });
      resultsBucket?.grantPut(this.identity, `${prefix}*`);
      datasetBucket?.grantRead(this.identity);
    }

    // Named after the job: another job is another resource, so CloudFormation deletes all that the old one left.
    this.objects = new KubernetesObjects(this, this.chart.name, { cluster, chart: this.chart });
    this.objects.node.addDependency(server.objects);
    if (this.identity) this.objects.node.addDependency(this.identity); // a pod reads its association when it starts
  }
}
