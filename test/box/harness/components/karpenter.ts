import { answers, Child } from '../child';
import { addressOf, type Component } from '../component';
import { installDefinitions } from '../definitions';
import { ensureNamespace } from '../namespaces';
import { freePorts } from '../ports';
import { awsEnvironment } from './aws';

export const KARPENTER_NAMESPACE = 'karpenter';

/** Karpenter with its real AWS provider; only the launch is faked, an instance becomes a kwok node after 30 seconds. */
export const karpenter: Component = {
  name: 'karpenter',
  requires: ['aws', 'controller-manager', 'kwok'],
  async start(context) {
    await installDefinitions(context, 'karpenter', 'github.com/aws/karpenter-provider-aws', 'pkg/apis/crds');
    const { cluster, clusterName, kubeconfig, logs, tools } = context;
    await ensureNamespace(cluster, KARPENTER_NAMESPACE);
    const [metrics, health] = await freePorts(2);
    context.addresses.karpenterMetrics = `http://127.0.0.1:${metrics}/metrics`;
    return [await Child.start({
      name: 'karpenter',
      command: tools.binary('karpenter'),
      env: {
        ...awsEnvironment(context),
        KUBECONFIG: kubeconfig,
        CLUSTER_NAME: clusterName,
        CLUSTER_ENDPOINT: addressOf(context, 'apiServer'),
        EKS_CONTROL_PLANE: 'true',
        INTERRUPTION_QUEUE: clusterName,
        BOX_AWS_API: addressOf(context, 'awsFake'),
        SYSTEM_NAMESPACE: KARPENTER_NAMESPACE,
        KARPENTER_SERVICE: 'karpenter',
        DISABLE_LEADER_ELECTION: 'true',
        DISABLE_DRY_RUN: 'true', // moto does not know the answer to one
        FEATURE_GATES: 'ReservedCapacity=true,StaticCapacity=true,NodeOverlay=true', // those that pools of ours may need
        LOG_LEVEL: 'info',
        METRICS_PORT: String(metrics),
        HEALTH_PROBE_PORT: String(health),
      },
      logFolder: logs,
      ready: answers(`http://127.0.0.1:${health}/readyz`, 200),
      readySeconds: 180,
    })];
  },
};
