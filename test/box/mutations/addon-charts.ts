import type { Mutation } from './mutation';

const karpenter = { file: 'constructs/karpenter.ts', caughtBy: 'addon-charts' };

export const MUTATIONS: readonly Mutation[] = [
  { ...karpenter, breaks: 'values make objects that are admitted', replace: "dnsPolicy: 'Default',", by: "dnsPolicy: 'OfTheVpc'," },
  { ...karpenter, breaks: 'Karpenter is told its cluster', replace: '        clusterName,\n        eksControlPlane', by: '        eksControlPlane' },
  { ...karpenter, breaks: 'Karpenter runs as the account that has the role', replace: 'serviceAccount: { name: SERVICE_ACCOUNT },', by: "serviceAccount: { name: 'other' }," },
  {
    breaks: 'controllers run on the nodes of the system', file: 'constructs/addons/leader-worker-set.ts', caughtBy: 'addon-charts',
    replace: "controllers: ['']", by: "controllers: ['manager']",
  },
];
