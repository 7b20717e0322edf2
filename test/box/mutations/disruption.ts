import type { Mutation } from './mutation';

export const MUTATIONS: readonly Mutation[] = [
  {
    file: 'lib/charts/model-server-chart.ts', caughtBy: 'disruption', tests: 'drained at once',
    breaks: 'a budget keeps one replica where two are drained at once',
    replace: '{ maxUnavailable: k8s.IntOrString.fromNumber(1) }',
    by: '{ maxUnavailable: k8s.IntOrString.fromNumber(2) }',
  },
  {
    file: 'lib/topologies/serving-pod.ts', caughtBy: 'disruption', tests: 'takes one instance back',
    breaks: 'a replica has the time to drain',
    replace: 'terminationGracePeriodSeconds: this.terminationGracePeriodSeconds,',
    by: 'terminationGracePeriodSeconds: 2,',
  },
  {
    file: 'lib/node-pools/node-pool-spec.ts', caughtBy: 'disruption', tests: 'the pool changes',
    breaks: 'a change of a pool replaces one node after the other',
    replace: "{ nodes: '1', reasons: [DisruptionReason.DRIFTED",
    by: "{ nodes: '100%', reasons: [DisruptionReason.DRIFTED",
  },
  {
    file: 'lib/topologies/single-node.ts', caughtBy: 'disruption', tests: 'node is lost',
    breaks: 'a lost replica is made again',
    replace: 'replicas: context.replicas.autoscaled ? undefined : context.replicas.min,',
    by: 'replicas: context.replicas.autoscaled ? undefined : context.replicas.min - 1,',
  },
  {
    file: 'lib/topologies/private/group.ts', caughtBy: 'disruption', tests: 'given a group',
    breaks: 'a group stays on nodes that are out of date',
    replace: "annotations: { 'karpenter.sh/do-not-disrupt': 'true' },",
    by: 'annotations: {},',
  },
];
