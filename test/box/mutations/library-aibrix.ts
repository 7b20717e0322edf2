import type { Mutation } from './mutation';

const aibrix = { file: 'lib/topologies/ai-brix.ts', caughtBy: 'library-aibrix' };
const types = 'on two instance types';
const roles = 'with prefill and decode apart';

export const MUTATIONS: readonly Mutation[] = [
  {
    ...aibrix,
    breaks: 'prefill and decode get pods beside the Service of the server',
    replace: '`${name}-roles`',
    by: 'name',
    tests: roles,
  },
  {
    ...aibrix,
    breaks: 'a server of the same name in another namespace has its own pods',
    replace: '{ ...selector, [AIBrix.NAMESPACE_LABEL]: namespace }',
    by: '{ ...selector }',
    tests: roles,
  },
  {
    ...aibrix,
    breaks: 'only decode takes requests',
    replace: "endpointSelector: { ...selector, 'role-name': 'decode' }",
    by: 'endpointSelector: { ...selector }',
    tests: roles,
  },
  {
    ...aibrix,
    breaks: 'a change of the engine takes no decode away before there is other',
    replace: 'updateStrategy: { maxUnavailable: 0, maxSurge: 1 }',
    by: 'updateStrategy: { maxUnavailable: 3, maxSurge: 0 }',
    tests: roles,
  },
  {
    ...aibrix,
    breaks: 'a pool has the pods of its instance type',
    replace: '{ accelerator, parallelism, ...names }',
    by: '{ parallelism, ...names }',
    tests: types,
  },
  {
    ...aibrix,
    breaks: 'adapters are loaded',
    replace: "...(this.options.adapters?.length && { 'adapter.model.aibrix.ai/enabled': 'true' })",
    by: '...{}',
    tests: types,
  },
  {
    ...aibrix,
    breaks: 'an adapter is in one engine only',
    replace: 'replicas: everywhere === false ? 1 : undefined',
    by: 'replicas: undefined',
    tests: types,
  },
  {
    ...aibrix,
    breaks: "AIBrix's autoscaler finds the pods of its pool",
    replace: "scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }",
    by: "scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-main` }",
    tests: types,
  },
  {
    file: 'lib/topologies/private/ai-brix-kv-cache.ts',
    caughtBy: 'library-aibrix',
    breaks: 'the engine finds the catalogue of the shared KV cache',
    replace: '-redis:6379',
    by: '-metadata:6379',
    tests: 'KV cache',
  },
];
