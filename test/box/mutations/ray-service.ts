import type { Mutation } from './mutation';

const manifest = { file: 'test/box/scenarios/ray-service.test.ts', caughtBy: 'ray-service' };

export const MUTATIONS: readonly Mutation[] = [
  { ...manifest, breaks: 'a cluster has the workers of its group', replace: "rayService('llm', 2)", by: "rayService('llm', 1)" },
  { ...manifest, breaks: 'applications are deployed', replace: 'import_path: app:llm, route_prefix: /, deployments: [{name: server}]}]', by: ']' },
  { ...manifest, breaks: 'a raised target adds workers', replace: '{ ...group, replicas: 4 }', by: '{ ...group, replicas: 3 }' },
];
