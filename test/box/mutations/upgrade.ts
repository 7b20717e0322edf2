import type { Mutation } from './mutation';

const upgrade = { caughtBy: 'upgrade' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...upgrade,
    breaks: 'what cannot be changed stays',
    file: 'lib/charts/model-server-chart.ts',
    replace: "this.selector = { ",
    by: "this.selector = { 'app.kubernetes.io/part-of': 'inference', ",
    tests: 'no field turns out to be immutable',
  },
  {
    ...upgrade,
    breaks: 'a serving pod is not restarted for nothing',
    file: 'lib/topologies/serving-pod.ts',
    replace: 'enableServiceLinks: false, // a Service named vllm would set VLLM_PORT',
    by: 'enableServiceLinks: undefined,',
    tests: 'no field turns out to be immutable',
  },
  {
    ...upgrade,
    breaks: 'an object stays with the resource that brought it',
    file: 'constructs/model-server.ts',
    replace: "keepTogether: ['ServiceAccount', 'NetworkPolicy', 'PodDisruptionBudget'],",
    by: "keepTogether: ['ServiceAccount', 'NetworkPolicy'],",
    tests: 'no object changes hands',
  },
  {
    ...upgrade,
    breaks: 'an object that is no longer made is taken away',
    file: 'lib/charts/model-server-chart.ts',
    replace: "new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {\n      metadata: { name, namespace, labels },",
    by: "new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {\n      metadata: { name: `${name}-budget`, namespace, labels },",
    tests: 'no object changes hands',
  },
];
