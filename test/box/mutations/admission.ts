import type { Mutation } from './mutation';

const manifest = { file: 'test/box/scenarios/admission.test.ts', caughtBy: 'admission' };
const handler = { caughtBy: 'admission', tests: "CDK's own kubectl handler" };

export const MUTATIONS: readonly Mutation[] = [
  { ...manifest, breaks: 'Pod Security is enforced', replace: "'pod-security.kubernetes.io/enforce': 'restricted'", by: "'pod-security.kubernetes.io/enforce': 'baseline'" },
  { ...manifest, breaks: 'a pod that drops what it does not need is admitted', replace: 'runAsNonRoot: true, runAsUser', by: 'runAsNonRoot: false, runAsUser' },
  { ...manifest, breaks: 'unknown fields are refused', replace: "dada: { a: 'b' }", by: "data: { a: 'b' }" },
  { ...handler, file: 'test/box/scenarios/admission.test.ts', breaks: 'the handler prunes what an update leaves out', replace: "{ PruneLabel: 'aws.cdk.eks/prune-box' }", by: '{}' },
  { ...handler, file: 'test/box/harness/kubectl-provider.ts', breaks: 'a create fails when the object exists', replace: "invoke('Create', properties)", by: "invoke('Update', properties)" },
];
