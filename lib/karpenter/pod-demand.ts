import type { ContainerManifest, PodManifest, TaintManifest, TolerationManifest } from './manifests';
import { amounts, largest, sum } from './quantity';
import { type LabelCondition, Requirements } from './requirement';

/**
 * What a pod takes from its node: its containers with the sidecars, or an init container with the sidecars that were
 * started before it where that is more, and the pod itself.
 *
 * A resource with a limit and no request is requested up to the limit, as the API server does.
 */
export function podRequests(pod: PodManifest): Map<string, number> {
  let sidecars = new Map<string, number>();
  let starting = new Map<string, number>();
  for (const container of pod.initContainers ?? []) {
    const total = sum(sidecars, requests(container));
    if (container.restartPolicy === 'Always') sidecars = total;
    starting = largest(starting, total);
  }
  const running = sum(...pod.containers.map(requests), sidecars);
  return sum(largest(running, starting), new Map([['pods', 1]]));
}

function requests(container: ContainerManifest): Map<string, number> {
  const { requests, limits } = container.resources ?? {};
  return new Map([...amounts(limits), ...amounts(requests)]);
}

/**
 * The alternatives of what a pod asks of its node's labels: its node selector with each term of its required affinity.
 * Karpenter tries the first, and the next only when no node can be had for it.
 */
export function podRequirements(pod: PodManifest): Requirements[] {
  const selector: LabelCondition[] = Object.entries(pod.nodeSelector ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] }));
  const terms = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  return terms.map((term) => Requirements.of([...selector, ...(term.matchExpressions ?? [])]));
}

/** The first taint that a pod does not tolerate. A `PreferNoSchedule` taint stops no pod. */
export function untolerated(pod: PodManifest, taints: readonly TaintManifest[]): TaintManifest | undefined {
  return taints.find((taint) => taint.effect !== 'PreferNoSchedule' && !(pod.tolerations ?? []).some((one) => tolerates(one, taint)));
}

function tolerates(toleration: TolerationManifest, taint: TaintManifest): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '');
}
