import { answers, Child } from '../child';
import { addressOf, type BoxContext, type Component } from '../component';
import { ensureNamespace } from '../namespaces';
import { freePorts } from '../ports';
import { awsEnvironment } from './aws';

export const KARPENTER_NAMESPACE = 'karpenter';

/** Karpenter with its real AWS provider; only the launch is faked, an instance becomes a kwok node after 30 seconds. */
export const karpenter: Component = {
  name: 'karpenter',
  requires: ['aws', 'controller-manager', 'kwok', 'scheduler'],
  definitions: [{ tool: 'karpenter', module: 'github.com/aws/karpenter-provider-aws', paths: ['pkg/apis/crds'] }],
  async start(context) {
    const { cluster, clusterName } = context;
    await ensureNamespace(cluster, KARPENTER_NAMESPACE);
    return [await startKarpenter(context, {
      CLUSTER_NAME: clusterName,
      CLUSTER_ENDPOINT: addressOf(context, 'apiServer'),
      EKS_CONTROL_PLANE: 'true',
      INTERRUPTION_QUEUE: clusterName,
      SYSTEM_NAMESPACE: KARPENTER_NAMESPACE,
      KARPENTER_SERVICE: 'karpenter',
      FEATURE_GATES: 'ReservedCapacity=true,StaticCapacity=true,NodeOverlay=true', // those that pools of ours may need
      LOG_LEVEL: 'info',
    })];
  },
};

/** The process, with the settings of a cluster; where things are on this machine is added here. */
export async function startKarpenter(context: BoxContext, settings: Readonly<Record<string, string>>): Promise<Child> {
  const [metrics, health] = await freePorts(2);
  context.addresses.karpenterMetrics = `http://127.0.0.1:${metrics}/metrics`;
  return Child.start({
    name: 'karpenter',
    command: context.tools.binary('karpenter'),
    env: {
      ...settings,
      ...awsEnvironment(context),
      KUBECONFIG: context.kubeconfig,
      BOX_AWS_API: addressOf(context, 'awsFake'),
      DISABLE_LEADER_ELECTION: 'true',
      DISABLE_DRY_RUN: 'true', // moto does not know the answer to one
      METRICS_PORT: String(metrics),
      HEALTH_PROBE_PORT: String(health),
    },
    logFolder: context.logs,
    ready: answers(`http://127.0.0.1:${health}/readyz`, 200),
    readySeconds: 180,
  });
}
