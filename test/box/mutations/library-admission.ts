import type { Mutation } from './mutation';

const sweep = { caughtBy: 'library-admission', tests: 'every engine on every topology' };
const jobs = { caughtBy: 'library-admission', tests: 'all that a model server may be told' };
const pools = { caughtBy: 'library-admission', tests: 'every pool' };

export const MUTATIONS: readonly Mutation[] = [
  { ...sweep, breaks: 'no field is unknown: PodMonitor', file: 'lib/charts/model-server-chart.ts', replace: "interval: '15s',", by: "intervals: '15s'," },
  { ...sweep, breaks: 'no field is unknown: LeaderWorkerSet', file: 'lib/topologies/private/group.ts', replace: "startupPolicy: 'LeaderCreated',", by: "startPolicy: 'LeaderCreated'," },
  { ...sweep, breaks: 'every value is one that the kind knows', file: 'lib/topologies/private/group.ts', replace: "startupPolicy: 'LeaderCreated',", by: "startupPolicy: 'LeaderFirst'," },
  { ...sweep, breaks: 'ScaledObjects are admitted', file: 'lib/scaling/queue-scaling.ts', replace: "behavior: 'currentReplicasIfHigher'", by: "behavior: 'stay'" },
  { ...sweep, breaks: 'nothing is left to a default that nobody looked at', file: 'lib/topologies/single-node.ts', replace: 'revisionHistoryLimit: 3,', by: '' },
  {
    ...sweep, breaks: 'no webhook adds what was not meant: the rollout of groups', file: 'lib/topologies/private/group.ts',
    replace: '        rollingUpdateConfiguration: { maxUnavailable: props.maxSurge > 0 ? 0 : 1, maxSurge: props.maxSurge },\n', by: '',
  },
  { ...sweep, breaks: 'what is stored is what was written', file: 'lib/topologies/serving-pod.ts', replace: 'serviceAccountName: this.props.serviceAccountName,', by: "serviceAccountName: this.props.serviceAccountName, ...{ serviceAccount: 'other' }," },
  { ...sweep, breaks: 'pods of a model server fit the level "restricted"', file: 'lib/topologies/serving-pod.ts', replace: "seccompProfile: { type: 'RuntimeDefault' },", by: '' },
  { ...sweep, breaks: 'the head of a Ray cluster fits the level "restricted"', file: 'lib/topologies/ray.ts', replace: "allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };", by: "capabilities: { drop: ['ALL'] } };" },
  { ...sweep, breaks: 'routers of prefill fit the level "restricted"', file: 'lib/topologies/private/prefill-router.ts', replace: '    allowPrivilegeEscalation: false,\n', by: '' },
  { ...sweep, breaks: 'pods without EFA lock no memory', file: 'lib/topologies/serving-pod.ts', replace: "add: overrides.efa ? ['IPC_LOCK'] : undefined", by: "add: ['IPC_LOCK']" },
  { ...sweep, breaks: 'what cannot be says what can', file: 'lib/topologies/ray.ts', replace: ', which starts vLLM itself: use Vllm, or a SingleNode topology', by: '' },
  { ...jobs, breaks: 'the wait for weights fits the level "restricted"', file: 'lib/charts/wait-for-weights.ts', replace: '        allowPrivilegeEscalation: false,\n', by: '' },
  { ...jobs, breaks: 'the copy of a model fits the level "restricted"', file: 'lib/charts/model-copy-chart.ts', replace: "      capabilities: { drop: ['ALL'] },\n", by: '' },
  { ...jobs, breaks: 'a benchmark fits the level "restricted"', file: 'lib/charts/benchmark-chart.ts', replace: 'runAsNonRoot: true,', by: '' },
  { ...jobs, breaks: 'Kubernetes\' own autoscaler is admitted', file: 'lib/scaling/hpa-scaling.ts', replace: "type: 'AverageValue'", by: "type: 'Average'" },
  { ...jobs, breaks: 'no field is unknown: KVCache', file: 'lib/topologies/private/ai-brix-kv-cache.ts', replace: 'watcher: { image:', by: 'watcher: { pullSecret: 1, image:' },
  { ...pools, breaks: 'no field is unknown: EC2NodeClass', file: 'lib/node-pools/ec2-node-class-spec.ts', replace: 'httpPutResponseHopLimit: 1 }', by: 'hopLimit: 1 }' },
  { ...pools, breaks: 'requirements of a pool are admitted', file: 'lib/node-pools/node-pool-spec.ts', replace: "{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },", by: "{ key: 'kubernetes.io/os', operator: 'Gt', values: ['linux'] }," },
  { ...pools, breaks: 'budgets of a pool are admitted', file: 'lib/node-pools/node-pool-spec.ts', replace: "nodes: '100%'", by: "nodes: 'all'" },
];
