import type { Mutation } from './mutation';

const groups = { file: 'lib/topologies/private/group.ts', caughtBy: 'library-scaling', tests: 'over several nodes' };
const queue = { file: 'lib/scaling/queue-scaling.ts', caughtBy: 'library-scaling' };
const idle = 'before anyone asks';
const load = 'under load';

export const MUTATIONS: readonly Mutation[] = [
  {
    ...groups,
    breaks: 'a lost worker restarts its group',
    replace: "restartPolicy: 'RecreateGroupOnPodRestart'",
    by: "restartPolicy: 'None'",
  },
  {
    ...queue,
    breaks: 'a schedule is of its time zone',
    replace: "timezone: timezone ?? 'Etc/UTC'",
    by: "timezone: 'Pacific/Honolulu'",
    tests: idle,
  },
  {
    ...queue,
    breaks: 'replicas stay when Prometheus is gone under load',
    replace: "behavior: 'currentReplicasIfHigher'",
    by: "behavior: 'static'",
    tests: load,
  },
  {
    ...queue,
    breaks: 'the signal that wakes does no more than that',
    replace: 'query: `clamp_max(${activation.query}, ${activationThreshold + 1})`',
    by: 'query: activation.query',
    tests: load,
  },
  {
    file: 'lib/scaling/private/series.ts',
    caughtBy: 'library-scaling',
    breaks: 'each server goes by its own pods',
    replace: '`pod=~${text(target.podNames)}`',
    by: '`pod=~${text(".*")}`',
    tests: load,
  },
  {
    file: 'lib/topologies/disaggregated.ts',
    caughtBy: 'library-scaling',
    breaks: 'the side that reads prompts is scaled by itself',
    replace: 'target: prefillPods.scaleTarget,',
    by: "target: { ...prefillPods.scaleTarget, name: `${name}-decode` },",
    tests: load,
  },
  {
    file: 'lib/scaling/hpa-scaling.ts',
    caughtBy: 'library-scaling',
    breaks: "Kubernetes' autoscaler finds the number that it is to go by",
    replace: 'selector: labels && { matchLabels: { ...labels } }',
    by: 'selector: undefined',
    tests: load,
  },
  {
    file: 'lib/scaling/private/behavior.ts',
    caughtBy: 'library-scaling',
    breaks: 'replicas go one by one',
    replace: "policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }]",
    by: "policies: [{ type: 'Pods', value: 9, periodSeconds: 60 }]",
  },
];
