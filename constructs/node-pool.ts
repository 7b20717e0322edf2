import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import { App as Cdk8sApp } from 'cdk8s';
import { Construct } from 'constructs';
import { NodePoolChart } from '../lib/charts/node-pool-chart';
import type { NodeEnvironment } from '../lib/node-pools/node-environment';
import type { INodePool, NodePoolConfig } from '../lib/node-pools/node-pool';
import { KubernetesObjects } from './kubernetes-objects';
import { uniqueDnsLabel } from './unique-dns-label';

/** Options of a node pool on a cluster. */
export interface NodePoolOnClusterOptions {
  /** Which nodes may come: `new GpuPool()`, `new TrainiumPool()`, `new GravitonPool()`, … */
  readonly pool: INodePool;

  /**
   * Name of the NodePool and of its node class, one per cluster.
   *
   * @default - made from the construct's path
   */
  readonly poolName?: string;
}

/** Properties of a node pool on a cluster. */
export interface NodePoolProps extends NodePoolOnClusterOptions {
  /** The cluster, created here or imported with a kubectl provider. Karpenter or EKS Auto Mode must run on it. */
  readonly cluster: eks.ICluster;

  /**
   * Who launches nodes, with which role, in which subnets: `inferenceCluster.nodeEnvironment`, or written down for a
   * cluster of your own. Without a region it is that of the stack, if that is known.
   */
  readonly environment: NodeEnvironment;
}

/**
 * Nodes that may come to a cluster: a NodePool and its node class, applied and removed as one unit.
 *
 * It stands alone on any cluster with Karpenter or EKS Auto Mode. What else has to be there is in `config`: device
 * plugins (`requires`) and feature gates of Karpenter (`featureGates`).
 *
 * Removing it waits until Karpenter has drained and ended the nodes of the pool.
 */
export class NodePool extends Construct {
  /** Name of the NodePool and of its node class, also the label `karpenter.sh/nodepool` of the nodes. */
  public readonly poolName: string;

  /** Which nodes may come. */
  public readonly pool: INodePool;

  /** What the pool is on this cluster. */
  public readonly config: NodePoolConfig;

  /** The objects on the cluster, to depend on. */
  public readonly objects: KubernetesObjects;

  constructor(scope: Construct, id: string, props: NodePoolProps) {
    super(scope, id);
    this.pool = props.pool;
    this.poolName = props.poolName ?? uniqueDnsLabel(this, 'pool');

    const { region } = Stack.of(this);
    const stackRegion = Token.isUnresolved(region) ? undefined : region;
    const chart = new NodePoolChart(new Cdk8sApp(), this.poolName, {
      pool: props.pool,
      environment: { ...props.environment, region: props.environment.region ?? stackRegion },
      poolName: this.poolName,
    });
    this.config = chart.config;
    this.objects = new KubernetesObjects(this, 'Resource', {
      cluster: props.cluster,
      chart,
      // a NodeOverlay that an option drops would stay: `kubectl apply --prune` deletes no custom resource
      separateCustomResources: true,
      // the finalizer of the node class makes a removal wait until the nodes of the pool are gone
      keepTogether: ['NodePool', 'EC2NodeClass', 'NodeClass'],
    });

    for (const { id: warning, message } of this.config.warnings) {
      Annotations.of(this).addWarningV2(`cdk-eks-inference:node-pool-${warning}`, `node pool '${this.poolName}': ${message}`);
    }
  }
}
