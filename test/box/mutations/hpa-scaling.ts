import type { Mutation } from './mutation';

const hpa = { file: 'lib/scaling/hpa-scaling.ts', caughtBy: 'hpa-scaling' };

export const MUTATIONS: readonly Mutation[] = [
  { ...hpa, breaks: 'replicas are for so much of the CPU', replace: 'averageUtilization: cpuPercent', by: 'averageUtilization: 2 * cpuPercent', tests: '90 %' },
  { ...hpa, breaks: 'replicas are for so much of a number of the pods', replace: 'k8s.Quantity.fromNumber(averageValue)', by: 'k8s.Quantity.fromNumber(2 * averageValue)', tests: '30 requests' },
  { ...hpa, breaks: 'the greater of two numbers decides', replace: "...(podMetric ? [{ type: 'Pods'", by: "...(podMetric && !cpuPercent ? [{ type: 'Pods'", tests: 'two numbers' },
  { ...hpa, breaks: 'the bound holds', replace: 'maxReplicas: this.replicas.max,', by: 'maxReplicas: this.replicas.max + 1,', tests: 'more to do than the bound' },
  { ...hpa, breaks: 'the autoscaler finds the server', replace: 'kind: target.kind, name: target.name }', by: "kind: target.kind, name: `${target.name}-other` }", tests: '90 %' },
];
