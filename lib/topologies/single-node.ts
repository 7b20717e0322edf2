import { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { deploymentTarget } from './private/scale-targets';
import type { ITopology, TopologyConfig, TopologyContext } from './topology';

/** Options of the single-node topology. */
export interface SingleNodeOptions {
  /**
   * Start the new pod before the old one ends when the app changes. It needs room for one more pod: say no on reserved
   * capacity that is full, and accept that one replica is away during the change.
   *
   * @default true
   */
  readonly surge?: boolean;
}

/** One node serves one replica: a Deployment. Stay here while the model fits a node. */
export class SingleNode implements ITopology {
  public readonly name = 'single-node';
  public readonly requires: string[] = [];
  public readonly nodesPerReplica = 1;
  public readonly scalesItself = false;

  constructor(private readonly options: SingleNodeOptions = {}) {}

  public bind(scope: Construct, context: TopologyContext): TopologyConfig {
    const surge = this.options.surge ?? true;
    new k8s.KubeDeployment(scope, 'Deployment', {
      metadata: { name: context.name, namespace: context.namespace, labels: context.labels },
      spec: {
        replicas: context.replicas.autoscaled ? undefined : context.replicas.min,
        // a start that is slow must not count as a failed one
        progressDeadlineSeconds: context.startupSeconds + 600,
        revisionHistoryLimit: 3,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxSurge: k8s.IntOrString.fromNumber(surge ? 1 : 0),
            maxUnavailable: k8s.IntOrString.fromNumber(surge ? 0 : 1),
          },
        },
        selector: { matchLabels: context.selector },
        template: context.pod.template(),
      },
    });
    return {
      endpointSelector: context.selector,
      scaleTarget: deploymentTarget(context.name),
    };
  }
}
