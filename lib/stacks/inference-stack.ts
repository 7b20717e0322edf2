import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { EndpointAccess } from 'aws-cdk-lib/aws-eks-v2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { IAddon } from '../../constructs/addons/addon';
import { Compute } from '../../constructs/compute';
import { InferenceCluster } from '../../constructs/inference-cluster';
import { InferencePlan } from '../../constructs/inference-plan';
import type { ModelServerOptions } from '../../constructs/model-server';
import { ModelCopy } from '../../constructs/model-copy';
import { InferenceNetwork, NatGateways } from '../../constructs/network';
import { S3ModelStore } from '../../constructs/s3-model-store';
import type { Discount, ThroughputProfile } from '../cost';
import type { INodePool } from '../node-pools/node-pool';
import { ModelStack } from './model-stack';

/** A model of the stack. */
export interface StackModel extends ModelServerOptions {
  /** Name of the Service. */
  readonly name: string;
  /** Whether the weights are copied to the stack's store once and streamed from there. */
  readonly fromStore: boolean;
  /**
   * Kubernetes Secret with the token of the Hugging Face hub.
   * @default - none: the repository is public
   */
  readonly hubTokenSecret?: string;
  /**
   * A measured rate of tokens, to know what a million of them cost.
   * @default - no cost of tokens is told
   */
  readonly throughput?: ThroughputProfile;
}

/** The bucket of the weights. */
export interface StackModelStore {
  /**
   * Name of an existing bucket.
   * @default - a bucket is made
   */
  readonly bucketName?: string;
}

/** Properties of a stack with a cluster and models on it. */
export interface InferenceStackProps extends StackProps {
  /** Name of the EKS cluster. */
  readonly clusterName: string;
  /**
   * Number of Availability Zones.
   * @default 4
   */
  readonly zones?: number;
  /**
   * Names of the Availability Zones.
   * @default - the region's first zones
   */
  readonly availabilityZones?: string[];
  /**
   * Let EKS Auto Mode start the nodes.
   * @default false - Karpenter does
   */
  readonly autoMode?: boolean;
  /**
   * Keep the pool `general-purpose` of EKS Auto Mode: x86 nodes for pods that ask for nothing special, without a limit.
   * @default true
   */
  readonly generalPurposePool?: boolean;
  /**
   * One NAT gateway for all zones.
   * @default false - one a zone
   */
  readonly singleNatGateway?: boolean;
  /**
   * Reach AWS services inside the VPC.
   * @default false
   */
  readonly interfaceEndpoints?: boolean;
  /**
   * Record the connections of the VPC.
   * @default true
   */
  readonly flowLogs?: boolean;
  /**
   * How the Kubernetes API is reached.
   * @default - from inside the VPC, and from the internet by whoever has an access entry
   */
  readonly endpointAccess?: EndpointAccess;
  /**
   * ARNs of the IAM roles that administer the cluster.
   * @default - none
   */
  readonly administrators?: string[];
  /**
   * Refuse to delete the cluster.
   * @default false
   */
  readonly deletionProtection?: boolean;
  /** Node pools by name. */
  readonly nodePools: { readonly [name: string]: INodePool };
  /** Controllers. */
  readonly addons: IAddon[];
  /**
   * A bucket for the weights.
   * @default - none: pods download from the Hugging Face hub
   */
  readonly modelStore?: StackModelStore;
  /** The models. */
  readonly models: StackModel[];
  /**
   * Most that everything may cost at its largest, in US dollars an hour. Above it, synth fails.
   * @default - no limit
   */
  readonly budgetUsdPerHour?: number;
  /**
   * How much less than list price is paid, where a pool has no discount of its own.
   * @default - list price
   */
  readonly discount?: Discount;
  /**
   * How much less than list price is paid for the nodes of a pool, by its name.
   * @default - as everywhere
   */
  readonly poolDiscounts?: { readonly [pool: string]: Discount };
}

/** A cluster, its node pools and controllers, and a nested stack for each model. */
export class InferenceStack extends Stack {
  /** The cluster. */
  public readonly inference: InferenceCluster;
  /** What the app does, before it does it: written beside the templates. */
  public readonly plan: InferencePlan;

  constructor(scope: Construct, id: string, props: InferenceStackProps) {
    super(scope, id, props);
    const network = new InferenceNetwork(this, 'Network', {
      zones: props.zones,
      availabilityZones: props.availabilityZones,
      natGateways: props.singleNatGateway ? NatGateways.SINGLE : NatGateways.PER_ZONE,
      interfaceEndpoints: props.interfaceEndpoints,
      flowLogs: props.flowLogs,
      discoveryTag: props.clusterName,
    });
    this.inference = new InferenceCluster(this, 'Cluster', {
      clusterName: props.clusterName,
      network,
      compute: props.autoMode ? Compute.autoMode({ generalPurposePool: props.generalPurposePool }) : Compute.karpenter(),
      endpointAccess: props.endpointAccess,
      administrators: props.administrators,
      deletionProtection: props.deletionProtection,
      addons: props.addons,
    });
    new CfnOutput(this, 'Kubeconfig', { value: this.inference.kubeconfigCommand, description: 'makes kubectl talk to the cluster' });
    for (const [name, pool] of Object.entries(props.nodePools)) this.inference.addNodePool(name, pool);

    this.plan = new InferencePlan(this, 'Plan', {
      inference: this.inference,
      budgetUsdPerHour: props.budgetUsdPerHour,
      discount: props.discount,
      poolDiscounts: props.poolDiscounts,
      throughputs: throughputsOf(props.models),
    });

    const modelStore = props.modelStore && this.store(props.modelStore);
    for (const { fromStore, hubTokenSecret, ...model } of props.models) {
      if (fromStore && modelStore) this.copyOnce(modelStore, model, hubTokenSecret);
      const { server } = new ModelStack(this, `Model-${model.name}`, {
        inference: this.inference,
        server: fromStore ? { ...model, modelStore } : model,
      });
      new CfnOutput(this, `Endpoint-${model.name}`, {
        value: server.endpoint,
        description: `${server.servedName}: ${this.plan.summary(server)}`,
      });
    }
  }

  /** A revision of a model is copied once, however many servers read it. */
  private copyOnce(modelStore: S3ModelStore, { model, namespace }: ModelServerOptions, hubTokenSecret?: string): void {
    const id = `Copy-${model.id}-${model.revision ?? 'main'}`;
    if (this.node.tryFindChild(id)) return;
    const copy = new ModelCopy(this, id, {
      cluster: this.inference.cluster,
      modelStore,
      model,
      namespace,
      tokenSecret: hubTokenSecret ? { secretName: hubTokenSecret } : undefined,
    });
    if (namespace) copy.objects.node.addDependency(this.inference.namespace(namespace));
  }

  private store({ bucketName }: StackModelStore): S3ModelStore {
    return new S3ModelStore(this, 'ModelStore', {
      bucket: bucketName ? Bucket.fromBucketName(this, 'ModelBucket', bucketName) : undefined,
    });
  }
}

function throughputsOf(models: readonly StackModel[]): { [server: string]: ThroughputProfile } {
  return Object.fromEntries(models.flatMap(({ name, throughput }) => (throughput ? [[name, throughput]] : [])));
}
