import type { Mutation } from './mutation';

const examples = { caughtBy: 'examples' };

export const MUTATIONS: readonly Mutation[] = [
  { ...examples, breaks: 'examples: every object is admitted', file: 'examples/03-production.ts', replace: 'limits: { devices: 8 } }', by: 'limits: { devices: 8 }, nodePoolOverrides: { spec: { wait: 1 } } }' },
  { ...examples, breaks: 'constructs: values are those that the kind knows', file: 'constructs/storage-class.ts', replace: "volumeBindingMode: 'WaitForFirstConsumer',", by: "volumeBindingMode: 'WaitForConsumer'," },
  { ...examples, breaks: 'constructs: nothing is left to a default that nobody looked at', file: 'constructs/storage-class.ts', replace: "      reclaimPolicy: 'Delete',\n", by: '' },
  { ...examples, breaks: 'constructs: the level of a namespace is one that there is', file: 'constructs/inference-namespace.ts', replace: "BASELINE = 'baseline'", by: "BASELINE = 'base'" },
  { ...examples, breaks: 'accounts of model servers hold no token', file: 'lib/charts/model-server-chart.ts', replace: '        automountServiceAccountToken: false,\n', by: '' },
  { ...examples, breaks: 'accounts of copies hold no token', file: 'lib/charts/model-copy-chart.ts', replace: '{ metadata, automountServiceAccountToken: false }', by: '{ metadata }' },
  { ...examples, breaks: 'only the head of a Ray cluster that scales asks for a token', file: 'lib/topologies/ray.ts', replace: 'automountServiceAccountToken: autoscaled,', by: 'automountServiceAccountToken: true,' },
  { ...examples, breaks: 'config files: every object is admitted', file: 'test/configs/everything-al2023.yaml', replace: 'gpu: {', by: 'gpu: { tags: { karpenter.sh/nodepool: mine },' },
];
