import type { Mutation } from './mutation';

const oldest = { caughtBy: 'oldest-kubernetes' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...oldest, tests: 'the one that the library says',
    breaks: 'the oldest release that is supported is the one that is tested',
    file: 'constructs/kubernetes-release.ts', replace: 'minor >= OLDEST_SUPPORTED_MINOR', by: 'minor > OLDEST_SUPPORTED_MINOR',
  },
  {
    ...oldest, tests: 'admits every engine',
    breaks: 'no field of a server is newer than that release',
    file: 'lib/topologies/serving-pod.ts',
    replace: 'enableServiceLinks: false, // a Service named vllm would set VLLM_PORT',
    by: "enableServiceLinks: false, ...{ resources: { requests: { cpu: k8s.Quantity.fromString('1') } } },",
  },
  {
    ...oldest, tests: 'every form of every example',
    breaks: 'no value in an example is newer than that release',
    file: 'lib/topologies/serving-pod.ts',
    replace: 'enableServiceLinks: false, // a Service named vllm would set VLLM_PORT',
    by: "enableServiceLinks: false, ...{ resources: { requests: { cpu: k8s.Quantity.fromString('1') } } },",
  },
  {
    ...oldest, tests: 'a server and a group',
    breaks: 'a group is over several nodes of one zone',
    file: 'lib/topologies/private/group.ts',
    replace: 'matchLabelKeys: [LeaderWorkerSet.GROUP_KEY], topologyKey: ZONE', by: "matchLabelKeys: [LeaderWorkerSet.GROUP_KEY], topologyKey: 'kubernetes.io/hostname'",
  },
];
