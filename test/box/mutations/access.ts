import type { Mutation } from './mutation';

const pods = { file: 'lib/topologies/serving-pod.ts', caughtBy: 'access', tests: 'one of everything' };
const ray = { file: 'lib/topologies/ray.ts', caughtBy: 'access', tests: 'one of everything' };
const installer = { file: 'constructs/addons/private/chart-from-git.ts', caughtBy: 'access', tests: 'out of its repository' };

export const MUTATIONS: readonly Mutation[] = [
  { ...pods, breaks: 'pods that serve hold no token of the API server', replace: 'automountServiceAccountToken: false, // Pod', by: 'automountServiceAccountToken: true, // Pod' },
  { ...pods, breaks: 'each model runs as an account of its own', replace: 'serviceAccountName: this.props.serviceAccountName,', by: "serviceAccountName: 'default'," },
  {
    breaks: 'a benchmark holds no token of the API server', file: 'lib/charts/benchmark-chart.ts', caughtBy: 'access', tests: 'one of everything',
    replace: 'automountServiceAccountToken: false, // credentials', by: 'automountServiceAccountToken: true, // credentials',
  },
  {
    breaks: 'the copy of a model holds no token of the API server', file: 'lib/charts/model-copy-chart.ts', caughtBy: 'access', tests: 'one of everything',
    replace: 'automountServiceAccountToken: false, // credentials', by: 'automountServiceAccountToken: true, // credentials',
  },
  { ...ray, breaks: 'a Ray cluster that does not scale has no rights', replace: 'enableInTreeAutoscaling: replicas.autoscaled,', by: 'enableInTreeAutoscaling: true,' },
  { ...ray, breaks: 'the head of a Ray cluster that does not scale holds no token', replace: 'automountServiceAccountToken: autoscaled,', by: 'automountServiceAccountToken: true,' },
  { ...ray, breaks: 'Ray\'s autoscaler runs as the account that KubeRay makes for it', replace: 'serviceAccountName: autoscaled ? undefined :', by: 'serviceAccountName:' },
  { ...installer, breaks: 'the rights to install a chart go when it is installed', replace: "'before-hook-creation,hook-succeeded'", by: "'before-hook-creation'" },
  { ...installer, breaks: 'the installer has the rights to install', replace: "when: always,\n      weight: -1,\n      object: {\n", by: "when: removing,\n      weight: -1,\n      object: {\n" },
  {
    breaks: 'a namespace enforces the level that was asked for', file: 'constructs/inference-namespace.ts', caughtBy: 'access', tests: 'a namespace of each level',
    replace: 'this.chosen ?? (this.locksMemory', by: 'PodSecurity.PRIVILEGED ?? (this.locksMemory',
  },
  {
    ...pods, breaks: 'pods of a model server fit the level "restricted"', tests: 'a namespace of each level',
    replace: "capabilities: { drop: ['ALL'], add:", by: 'capabilities: { add:',
  },
  {
    ...ray, breaks: 'the autoscaler beside the head fits the level "restricted"', tests: 'a namespace of each level',
    replace: "limits: { memory: '512Mi' } },\n                securityContext: CONTAINER_SECURITY,", by: "limits: { memory: '512Mi' } },",
  },
];
