import type { Mutation } from './mutation';

const groups = { file: 'lib/topologies/private/group.ts', caughtBy: 'leader-worker-set' };

export const MUTATIONS: readonly Mutation[] = [
  { ...groups, breaks: 'a group stays in one zone', replace: 'matchLabelKeys: [LeaderWorkerSet.GROUP_KEY], topologyKey: ZONE', by: "matchLabelKeys: [LeaderWorkerSet.GROUP_KEY], topologyKey: 'kubernetes.io/os'" },
  { ...groups, breaks: 'a group is drawn to itself alone', replace: ', matchLabelKeys: [LeaderWorkerSet.GROUP_KEY]', by: '' },
  { ...groups, breaks: 'all pods are on the type of the accelerator', replace: 'exactInstanceType: true,', by: 'exactInstanceType: false,' },
  { ...groups, breaks: 'a lost worker restarts its group', replace: "restartPolicy: 'RecreateGroupOnPodRestart'", by: "restartPolicy: 'None'" },
  { ...groups, breaks: 'only leaders take requests', replace: "return { ...selector, [LeaderWorkerSet.WORKER_INDEX]: '0' };", by: 'return { ...selector };' },
  { ...groups, breaks: 'a group has as many pods as the replica has nodes', replace: 'size: nodes,', by: 'size: nodes + 1,' },
];
