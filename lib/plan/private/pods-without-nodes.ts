import type { ModelServerChart } from '../../charts/model-server-chart';
import type { PodManifest } from '../../karpenter/manifests';
import { chooseNodes } from './choose-nodes';
import { hasDevices, nodesBeyond, type AllNodes } from './nodes-beyond';
import { podGroups } from './pod-groups';

/**
 * Why a model server's pods that compute nothing, such as the head of a Ray cluster, can get no node: they do not
 * tolerate the taint of nodes with accelerators. Absent when they can, or there are none.
 *
 * @internal
 */
export function helpersWithoutNodes(chart: ModelServerChart, nodes: AllNodes): string | undefined {
  const groups = podGroups(chart).filter(({ pod }) => !hasDevices(pod));
  return groups
    .map(({ role, pod }) => ({ role, pod, problems: chooseNodes(pod, nodes).problems }))
    .filter(({ pod, problems }) => problems.length > 0 && nodesBeyond(pod, chart.accelerator, nodes) === undefined)
    .map(({ role, pod, problems }) => pendingText(role, pod, problems))[0];
}

/**
 * That pods can get no node, and what to do about it.
 *
 * @internal
 */
export function pendingText(role: string, pod: PodManifest, problems: readonly string[]): string {
  const fix = hasDevices(pod) ? '' : ': add a pool without accelerators first, new X86Pool(), or x86: true under nodePools';
  return `no node can come for its pods '${role}': ${problems.join('; ')}${fix}`;
}
