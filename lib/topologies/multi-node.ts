import type { Construct } from 'constructs';
import { addGroups, groupsName, leaderSelector } from './private/group';
import { leaderWorkerSetTarget } from './private/scale-targets';
import type { ITopology, TopologyConfig, TopologyContext } from './topology';

/** Options of the multi-node topology. */
export interface MultiNodeOptions {
  /** Nodes that serve one replica together, at least 2. */
  readonly nodes: number;
  /**
   * Start a new group before an old one ends when the app changes. It needs `nodes` more nodes for a while.
   * @default false - one group is away during the change
   */
  readonly surge?: boolean;
  /**
   * Huge pages of 2 MiB for each pod, in MiB. Nodes must have reserved them at boot and Karpenter must know of them (a
   * NodeOverlay), or the pods stay pending.
   * @default 0 - libfabric pins ordinary pages
   */
  readonly hugePagesMiB?: number;
}

/**
 * Several nodes serve one replica: a LeaderWorkerSet, for models that no node holds.
 *
 * The replica is split into pipeline stages, one a node, unless `parallelism` says otherwise: activations between stages
 * are small, and tensor parallel traffic stays inside a node. All of its nodes are of one instance type in one zone,
 * linked by EFA where the type has it; groups are spread over zones, softly. A lost pod restarts its group, and no other.
 *
 * The leader of a group chooses its zone, and its workers follow. When that zone then has no second node to sell, the
 * group waits there, on a node that is paid for, while Karpenter asks the same zone again every three minutes: nothing
 * here places a group as one. To send it to another zone, `kubectl cordon` its nodes and delete its pods. A pool with the
 * one zone of a capacity reservation (`zones`), or with a fixed number of nodes in it (`replicas`), has no such choice to
 * make.
 *
 * Karpenter takes no node from under a group, neither for a newer AMI nor after a spot warning: to drain two nodes one
 * after the other would restart the group twice. To move it, `kubectl delete nodeclaims` of its nodes, on which it serves
 * on, then delete the pod of its leader: the next group starts on new nodes, and the old ones go. Or set
 * `disruption.terminationGracePeriod` on the pool, after which its nodes go whatever runs on them.
 */
export class MultiNode implements ITopology {
  public readonly name = 'multi-node';
  public readonly requires: string[] = ['leader-worker-set'];
  public readonly nodesPerReplica: number;
  public readonly scalesItself = false;

  /**
   * @throws when there are fewer than two nodes
   */
  constructor(private readonly options: MultiNodeOptions) {
    const { nodes, hugePagesMiB } = options;
    if (!Number.isInteger(nodes) || nodes < 2) {
      throw new Error(`'nodes' (${nodes}) must be a whole number, 2 or more: for one node use SingleNode`);
    }
    if (hugePagesMiB !== undefined && (!Number.isInteger(hugePagesMiB / 2) || hugePagesMiB < 0)) {
      throw new Error(`'hugePagesMiB' (${hugePagesMiB}) must be a multiple of 2: huge pages have 2 MiB`);
    }
    this.nodesPerReplica = nodes;
  }

  public bind(scope: Construct, context: TopologyContext): TopologyConfig {
    const { name, namespace, labels, selector, replicas } = context;
    addGroups(scope, 'LeaderWorkerSet', {
      name,
      namespace,
      labels,
      selector,
      context: context.engineContext,
      engine: context.engineConfig,
      engineName: context.engine.name,
      pod: context.pod,
      replicas: replicas.autoscaled ? undefined : replicas.min,
      maxReplicas: replicas.max,
      maxSurge: this.options.surge ? 1 : 0,
      hugePagesMiB: this.options.hugePagesMiB,
    });
    return { endpointSelector: leaderSelector(selector), scaleTarget: leaderWorkerSetTarget(groupsName(name)) };
  }
}
