import type { Mutation } from './mutation';

const manifest = { file: 'test/box/scenarios/keda.test.ts', caughtBy: 'keda' };

export const MUTATIONS: readonly Mutation[] = [
  { ...manifest, breaks: 'a replica takes ten requests', replace: "threshold: '10'", by: "threshold: '20'", tests: 'when 40 requests wait' },
  { ...manifest, breaks: 'the bound holds', replace: 'maxReplicaCount: 6', by: 'maxReplicaCount: 7', tests: 'more wait than the bound' },
  { ...manifest, breaks: 'the fallback holds when Prometheus is gone', replace: 'fallback: { failureThreshold: 2, replicas: 3 },', by: '', tests: 'Prometheus is gone' },
  { ...manifest, breaks: 'a server that may scale to zero does', replace: "scaledObject('rare', 0)", by: "scaledObject('rare', 1)", tests: 'may scale to zero' },
];
