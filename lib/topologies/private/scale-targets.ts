import type { ScaleTarget } from '../topology';

/**
 * A Deployment as something to scale. Its pods are `<name>-<hash of the template>-<five characters>`, which no pod of
 * another Deployment whose name merely begins the same can be.
 *
 * @internal
 */
export function deploymentTarget(name: string): ScaleTarget {
  return { apiVersion: 'apps/v1', kind: 'Deployment', name, podNames: `${name}-[a-z0-9]{5,10}-[a-z0-9]{5}` };
}

/**
 * A LeaderWorkerSet as something to scale, by groups. Only leaders report metrics: `<set>-<group>`.
 *
 * @internal
 */
export function leaderWorkerSetTarget(name: string): ScaleTarget {
  return { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name, podNames: `${name}-[0-9]+` };
}
