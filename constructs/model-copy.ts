import { Stack } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { App } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { ModelCopyChart, type ModelCopyChartOptions } from '../lib/charts/model-copy-chart';
import { KubernetesObjects } from './kubernetes-objects';
import type { IModelStore } from './model-store';
import { PodIdentity } from './pod-identity';

/** Options of the copy of a model, beside the cluster it runs on. */
export interface ModelCopyOptions extends ModelCopyChartOptions {
  /** The store that the model is copied to. */
  readonly modelStore: IModelStore;

  /**
   * Namespace of the job, which must exist.
   *
   * @default 'default'
   */
  readonly namespace?: string;

  /**
   * Secret of AWS Secrets Manager with the token of the Hugging Face hub. The job reads it when it runs: the token is
   * in no template and in no Kubernetes object.
   *
   * @default - none: the repository is public, or the token is in 'tokenSecret'
   */
  readonly token?: ISecret;

  /**
   * Field of 'token', where the secret is a JSON object.
   *
   * @default - the secret is the token itself
   */
  readonly tokenField?: string;
}

/** Properties of the copy of a model. */
export interface ModelCopyProps extends ModelCopyOptions {
  /** The cluster that the job runs on: created here or imported, with a kubectl provider. */
  readonly cluster: eks.ICluster;
}

/**
 * Copies one revision of a model from the Hugging Face hub to a model store, once, by a Job on the cluster.
 *
 * The deployment does not wait for the Job: it ends when the Job is accepted. Servers that read from the store wait by
 * themselves, in an init container (see `IModelStore.initContainers`), so both can be deployed together.
 *
 * The Job has a role of its own, which may write this model's folder and nothing else.
 *
 * @throws when the app copies this model to this store on this cluster already: two servers of one model share a copy
 */
export class ModelCopy extends Construct {
  /** The Kubernetes side: the job and its name. */
  public readonly chart: ModelCopyChart;
  /** The AWS identity of the job. */
  public readonly identity: PodIdentity;
  /** The objects on the cluster, to depend on. */
  public readonly objects: KubernetesObjects;

  constructor(scope: Construct, id: string, props: ModelCopyProps) {
    super(scope, id);
    const { cluster, model, modelStore, token } = props;
    const namespace = props.namespace ?? 'default';
    const destination = modelStore.uriFor(model);
    const stack = Stack.of(this);

    this.chart = new ModelCopyChart(new App(), 'ModelCopy', {
      ...props,
      destination,
      destinationId: JSON.stringify(stack.resolve([destination, token?.secretArn])), // references, not tokens
      namespace,
      region: stack.region,
      tokenSecretArn: token?.secretArn,
      tokenSecretField: props.tokenField,
    });

    this.refuseSecondCopy(`${cluster.node.addr}/${namespace}/${this.chart.name}`);

    this.identity = new PodIdentity(this, 'Identity', {
      cluster,
      namespace,
      serviceAccount: this.chart.serviceAccountName,
      description: `copies ${model.id}`,
    });
    modelStore.grantReadWrite(this.identity, model);
    token?.grantRead(this.identity);

    // Named after the job: another job is another resource, so CloudFormation deletes all that the old one left.
    this.objects = new KubernetesObjects(this, this.chart.name, { cluster, chart: this.chart });
    this.objects.node.addDependency(this.identity); // a pod reads its association when it starts
  }

  private refuseSecondCopy(key: string): void {
    const copies = COPIES.get(this.node.root) ?? new Map<string, ModelCopy>();
    COPIES.set(this.node.root, copies);
    const other = copies.get(key);
    if (other) {
      throw new Error(
        `'${this.node.path}' copies what '${other.node.path}' copies already, to the same place: make one ModelCopy for all ` +
          'servers of this model',
      );
    }
    copies.set(key, this);
  }
}

/** The copies of each app by cluster, namespace and name: searching the tree for each would be quadratic. */
const COPIES = new WeakMap<IConstruct, Map<string, ModelCopy>>();
