import type { Mutation } from './mutation';

const lifecycle = { caughtBy: 'lifecycle' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...lifecycle,
    breaks: 'two models in a namespace share nothing',
    file: 'lib/charts/model-server-chart.ts',
    replace: "new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {\n      metadata: { name, namespace, labels },",
    by: "new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {\n      metadata: { name: 'budget', namespace, labels },",
  },
  {
    ...lifecycle,
    breaks: 'an autoscaler that is switched off goes',
    file: 'constructs/kubernetes-objects.ts',
    replace: "'networking.k8s.io/v1/Ingress',",
    by: "'networking.k8s.io/v1/Ingress', 'autoscaling/v2/HorizontalPodAutoscaler',",
  },
  {
    ...lifecycle,
    breaks: 'a custom resource goes with the option that brought it',
    file: 'constructs/model-server.ts',
    replace: 'separateCustomResources: true',
    by: 'separateCustomResources: false',
  },
  {
    ...lifecycle,
    breaks: 'a budget outlives nothing that it counts',
    file: 'lib/topologies/ray.ts',
    replace: 'minAvailable: Math.max(0, replicas.min - 1)',
    by: 'minAvailable: replicas.min',
  },
  {
    ...lifecycle,
    breaks: 'another deployment of the same app restarts nothing',
    file: 'lib/topologies/serving-pod.ts',
    replace: "'cdk-eks-inference/files': fingerprint(JSON.stringify(files)) }),",
    by: "'cdk-eks-inference/files': fingerprint(JSON.stringify(files)) }),\n      'made-at': String(process.hrtime.bigint()),",
  },
];
