import type { Mutation } from './mutation';

const group = { file: 'lib/topologies/private/group.ts', caughtBy: 'zones' };
const pod = { file: 'lib/topologies/serving-pod.ts', caughtBy: 'zones', tests: 'not sold' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...pod,
    breaks: 'replicas do not insist on a zone that does not sell their type',
    replace: "whenUnsatisfiable: 'ScheduleAnyway', // a type",
    by: "whenUnsatisfiable: 'DoNotSchedule', // a type",
  },
  {
    ...pod, tests: 'dearer type',
    breaks: 'a replica runs on any type with its device',
    replace: 'if (!overrides.exactInstanceType) return',
    by: 'if (overrides.exactInstanceType === false) return',
  },
  {
    ...group, tests: 'half of it',
    breaks: 'a group stays in one zone',
    replace: 'matchLabelKeys: [LeaderWorkerSet.GROUP_KEY], topologyKey: ZONE }',
    by: "matchLabelKeys: [LeaderWorkerSet.GROUP_KEY], topologyKey: 'topology.kubernetes.io/region' }",
  },
];
