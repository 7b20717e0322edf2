import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { NodeEnvironment } from '../node-pools/node-environment';
import type { INodePool, NodePoolConfig } from '../node-pools/node-pool';
import { AutoModeNodeClass } from '../resources/auto-mode-node-class';
import { Ec2NodeClass } from '../resources/ec2-node-class';
import { KarpenterNodePool } from '../resources/node-pool';
import { NodeOverlay } from '../resources/node-overlay';

/** Properties of a chart with a node pool. */
export interface NodePoolChartProps {
  /** Which nodes may come. */
  readonly pool: INodePool;

  /** The cluster that they join. */
  readonly environment: NodeEnvironment;

  /**
   * Name of the NodePool and of its node class, one per cluster. It becomes a label of the nodes.
   * @default - the id of the chart
   */
  readonly poolName?: string;
}

/**
 * A NodePool with the node class it refers to, for Karpenter or EKS Auto Mode, and the NodeOverlay of fractional GPUs.
 *
 * They are one unit: created and removed together. Karpenter drains the nodes before either goes.
 */
export class NodePoolChart extends Chart {
  /** What the pool is on this cluster: the device software and feature gates it needs, and what may disappoint. */
  public readonly config: NodePoolConfig;

  /** Name of the NodePool and of its node class. */
  public readonly poolName: string;

  constructor(scope: Construct, id: string, props: NodePoolChartProps) {
    super(scope, id, { disableResourceNameHashes: true });
    this.poolName = props.poolName ?? id;
    this.config = props.pool.bind({ name: this.poolName, environment: props.environment });

    const { nodePool, ec2NodeClass, autoModeNodeClass, nodeOverlay, nodePoolOverrides, nodeClassOverrides } = this.config;
    const metadata = { name: this.poolName };
    if (ec2NodeClass) new Ec2NodeClass(this, 'NodeClass', { metadata, spec: ec2NodeClass, overrides: nodeClassOverrides });
    if (autoModeNodeClass) new AutoModeNodeClass(this, 'NodeClass', { metadata, spec: autoModeNodeClass, overrides: nodeClassOverrides });
    if (nodeOverlay) new NodeOverlay(this, 'NodeOverlay', { metadata, spec: nodeOverlay });
    new KarpenterNodePool(this, 'NodePool', { metadata, spec: nodePool, overrides: nodePoolOverrides });
  }
}
