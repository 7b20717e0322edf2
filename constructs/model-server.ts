import { Annotations, Stack } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { App as Cdk8sApp } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import type { NodeLabels } from '../lib/accelerators/node-labels';
import { ModelServerChart, type ModelServerChartOptions } from '../lib/charts/model-server-chart';
import { Weights } from '../lib/models/weights';
import { KubernetesObjects } from './kubernetes-objects';
import type { IModelStore } from './model-store';
import { PodIdentity } from './pod-identity';
import { uniqueDnsLabel } from './unique-dns-label';

/** Options of a model server, beside the cluster it runs on. */
export interface ModelServerOptions extends ModelServerChartOptions {
  /**
   * Name of the Service and of everything else in the namespace: a DNS label.
   * @default - made from the construct's path, so two servers never collide
   */
  readonly name?: string;
  /**
   * Namespace, which must exist.
   * @default 'default'
   */
  readonly namespace?: string;
  /**
   * The store that the weights are streamed from. The pods may read this model in it, and nothing else.
   * @default - the Hugging Face hub, or `weights`
   */
  readonly modelStore?: IModelStore;
  /**
   * How nodes are found by their labels.
   * @default NodeLabels.KARPENTER
   */
  readonly nodeLabels?: NodeLabels;
  /**
   * Init containers of the pods.
   * @default - none, or one that waits for the copy of the weights
   */
  readonly initContainers?: k8s.Container[];
}

/** Properties of a model server. */
export interface ModelServerProps extends ModelServerOptions {
  /** The cluster: created here or imported, with a kubectl provider. */
  readonly cluster: eks.ICluster;
}

/**
 * A model behind one Service on any EKS cluster: the chart of the model, plus what only AWS can give. The pods get an
 * identity of their own (EKS Pod Identity), which may read the model's prefix of the store.
 *
 * @throws what {@link ModelServerChart} throws; and when both `weights` and `modelStore` are given
 */
export class ModelServer extends Construct implements iam.IGrantable {
  /** The Kubernetes side: endpoint, placement, cold start. */
  public readonly chart: ModelServerChart;
  /** Where clients in the cluster send their requests: `http://<name>.<namespace>`, with OpenAI paths under `/v1`. */
  public readonly endpoint: string;
  /** The name that clients send as `model`. */
  public readonly servedName: string;
  /** Namespace of its objects. */
  public readonly namespace: string;
  /** The objects on the cluster, to depend on. */
  public readonly objects: KubernetesObjects;

  private readonly cluster: eks.ICluster;
  private readonly serviceAccount: ServiceAccountName;
  private identity?: PodIdentity;

  constructor(scope: Construct, id: string, props: ModelServerProps) {
    super(scope, id);
    if (props.weights && props.modelStore) {
      throw new Error(`'weights' and 'modelStore' of '${id}' are both given: keep 'modelStore' to stream from the store`);
    }
    const name = props.name ?? uniqueDnsLabel(this, 'model');
    const namespace = props.namespace ?? 'default';
    const region = Stack.of(this).region;

    this.chart = new ModelServerChart(new Cdk8sApp(), name, {
      ...props,
      name,
      namespace,
      region,
      weights: props.modelStore ? Weights.s3(props.modelStore.uriFor(props.model)) : props.weights,
      initContainers: props.initContainers ?? props.modelStore?.initContainers(props.model),
    });
    this.endpoint = this.chart.endpoint;
    this.servedName = this.chart.servedName;

    this.objects = new KubernetesObjects(this, 'Objects', {
      cluster: props.cluster,
      chart: this.chart,
      separateCustomResources: true,
      keepTogether: ['ServiceAccount', 'NetworkPolicy', 'PodDisruptionBudget'],
    });
    this.cluster = props.cluster;
    this.namespace = namespace;
    this.serviceAccount = { namespace, name };
    props.modelStore?.grantRead(this, props.model);

    for (const warning of this.chart.placement.warnings) {
      Annotations.of(this).addWarningV2(`cdk-eks-inference:placement-${name}`, warning);
    }
    if (props.model.gated && !props.modelStore && !props.weights?.token) {
      Annotations.of(this).addWarningV2(
        'cdk-eks-inference:gated-model',
        `model '${props.model.id}' is gated and no token is given: pass weights: Weights.hub({ token: { secretName: '…' } })`,
      );
    }
  }

  /** The identity of the pods, to grant to. It is made on first use: a server that needs nothing from AWS has none. */
  public get grantPrincipal(): iam.IPrincipal {
    if (!this.identity) {
      this.identity = new PodIdentity(this, 'Identity', {
        cluster: this.cluster,
        namespace: this.serviceAccount.namespace,
        serviceAccount: this.serviceAccount.name,
      });
      this.objects.node.addDependency(this.identity); // a pod reads its association when it starts
    }
    return this.identity.role;
  }
}

interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}
