import type { Mutation } from './mutation';

const servers = { caughtBy: 'library-placement', tests: 'a server for each type' };
const nodes = { caughtBy: 'library-placement', tests: 'a node of each family' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...servers,
    breaks: 'types are predicted in the order of their prices',
    file: 'lib/karpenter-choice.ts',
    replace: 'listPrice(a) - listPrice(b) || compare(a.instanceType, b.instanceType)',
    by: 'compare(a.instanceType, b.instanceType) || listPrice(a) - listPrice(b)',
  },
  {
    ...servers,
    breaks: 'DaemonSets take their part of a node',
    file: 'lib/karpenter-choice.ts',
    replace: 'return missing(sum(podRequests(pod), ...daemons), available);',
    by: 'void daemons; return missing(podRequests(pod), available);',
  },
  {
    ...servers,
    breaks: 'a DaemonSet takes nothing where it cannot be',
    file: 'lib/karpenter-choice.ts',
    replace: 'instanceRequirements(type, options.region).conflicts(asked).length === 0,\n  );',
    by: 'instanceRequirements(type, options.region).conflicts(asked).length >= 0,\n  );',
  },
  {
    ...servers,
    breaks: 'a slice of a GPU can be asked for',
    file: 'lib/node-pools/bind-node-pool.ts',
    replace: "capacity: { 'nvidia.com/gpu': '1' },",
    by: "capacity: { 'nvidia.com/slice': '1' },",
  },
  {
    ...nodes,
    breaks: 'the kubelet keeps its share of the cores',
    file: 'lib/karpenter/allocatable.ts',
    replace: '{ from: 0, to: 1, share: 0.06 }',
    by: '{ from: 0, to: 1, share: 0.05 }',
  },
  {
    ...nodes,
    breaks: 'a Graviton node has 64 MiB less',
    file: 'lib/karpenter/allocatable.ts',
    replace: 'GRAVITON_CMA_MIB = 64',
    by: 'GRAVITON_CMA_MIB = 0',
  },
  {
    ...nodes,
    breaks: 'AL2023 reserves memory for every address',
    file: 'lib/karpenter/choice-options.ts',
    replace: 'reservesForAddresses: runsAl2023,',
    by: 'reservesForAddresses: !runsAl2023 && runsAl2023,',
  },
  {
    ...nodes,
    breaks: 'an EFA-only interface takes addresses from pods',
    file: 'lib/karpenter/allocatable.ts',
    replace: 'return type.addressablePods - without * addresses;',
    by: 'return type.addressablePods - 0 * without * addresses;',
  },
  {
    ...nodes,
    breaks: 'a volume without a size is taken for 20 GiB',
    file: 'lib/karpenter/allocatable.ts',
    replace: 'DEFAULT_VOLUME_GIB = 20',
    by: 'DEFAULT_VOLUME_GIB = 65_536',
  },
  {
    ...nodes,
    breaks: 'labels of the hardware are those of Karpenter',
    file: 'lib/karpenter/instance-labels.ts',
    replace: "'ebs-bandwidth': positive(type.ebsBandwidthMbps),",
    by: "'ebs-bandwidth': positive(type.networkMbps),",
  },
];
