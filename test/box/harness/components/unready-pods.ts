import { parse, stringify } from 'yaml';

/** Pods with it are not Ready when they start: a scenario runs their probe and says so. */
export const UNREADY_ANNOTATION = 'box/unready';

interface PodStage {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: { readonly matchExpressions: readonly object[] };
    readonly next: { readonly statusTemplate: string };
  };
}

/** kwok's own stage of a pod that starts, for the pods that begin without being Ready. */
export function unreadyPods(podReady: string): string {
  const stage = parse(podReady) as PodStage; // the form of a stage is kwok's, and the box would not start with another
  const { selector, next } = stage.spec;
  const statusTemplate = next.statusTemplate
    .replace(/status: "True"(\s+type: (?:Containers)?Ready)/g, 'status: "False"$1')
    .replace('ready: true', 'ready: false'); // of the containers, which come before the init containers
  const annotated = { key: `.metadata.annotations["${UNREADY_ANNOTATION}"]`, operator: 'Exists' };
  return stringify({
    ...stage,
    metadata: { name: 'pod-unready' },
    // both stages take such a pod: the one without a weight then has no chance
    spec: { ...stage.spec, weight: 1, selector: { matchExpressions: [...selector.matchExpressions, annotated] }, next: { ...next, statusTemplate } },
  });
}
