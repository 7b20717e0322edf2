import type { Mutation } from './mutation';

const groups = { file: 'lib/topologies/private/group.ts', caughtBy: 'library-serving', tests: 'over several nodes' };
const queue = { file: 'lib/scaling/queue-scaling.ts', caughtBy: 'library-serving', tests: 'scaled by its queue' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...groups,
    breaks: 'a lost worker restarts its group',
    replace: "restartPolicy: 'RecreateGroupOnPodRestart'",
    by: "restartPolicy: 'None'",
  },
  {
    ...queue,
    breaks: 'replicas stay when Prometheus is gone under load',
    replace: "behavior: 'currentReplicasIfHigher'",
    by: "behavior: 'static'",
  },
];
