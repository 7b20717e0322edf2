import type { Mutation } from './mutation';

const manifest = { file: 'test/box/scenarios/aibrix.test.ts', caughtBy: 'aibrix' };

export const MUTATIONS: readonly Mutation[] = [
  { ...manifest, breaks: 'each role has its pods', replace: "role('decode', 2)", by: "role('decode', 1)" },
  { ...manifest, breaks: 'an autoscaler has its bounds', replace: 'maxReplicas: 5, scalingStrategy', by: 'maxReplicas: 4, scalingStrategy' },
];
