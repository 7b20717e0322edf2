import type { Mutation } from './mutation';

const ray = { file: 'lib/topologies/ray.ts', caughtBy: 'library-ray' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...ray,
    breaks: 'a second cluster is built when the image changes',
    replace: 'this.options.upgrade ?? RayUpgrade.NEW_CLUSTER',
    by: 'this.options.upgrade ?? RayUpgrade.NONE',
    tests: 'when the image changes',
  },
  {
    ...ray,
    breaks: 'a cluster that is to stay stays',
    replace: 'upgradeStrategy: { type: this.options.upgrade ?? RayUpgrade.NEW_CLUSTER }',
    by: 'upgradeStrategy: { type: RayUpgrade.NEW_CLUSTER }',
    tests: 'when the cluster is to stay',
  },
  {
    ...ray,
    breaks: 'a worker takes no requests before its cluster has loaded the model',
    replace: "any(app['status'] != 'RUNNING' for app in apps)",
    by: "any(app['status'] == 'UNHEALTHY' for app in apps)",
    tests: 'when the image changes',
  },
  {
    ...ray,
    breaks: 'another number of replicas reaches the running cluster',
    replace: '`${min}-${max}`',
    by: "''",
    tests: 'more replicas',
  },
  {
    ...ray,
    breaks: "a cluster that scales has Ray's autoscaler",
    replace: 'enableInTreeAutoscaling: replicas.autoscaled,',
    by: 'enableInTreeAutoscaling: undefined,',
    tests: 'scaled by the requests in flight',
  },
  {
    ...ray,
    breaks: 'the head takes no requests',
    replace: "endpointSelector: { ...selector, 'ray.io/serve': 'true', 'ray.io/node-type': 'worker' }",
    by: 'endpointSelector: { ...selector }',
    tests: 'scaled by the requests in flight',
  },
];
