import type { KubeObject } from './kinds';

/** One field that two versions of an object have differently; `path` names items of lists: `spec.containers[engine].image`. */
export interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs between two values, on both sides. Items of lists are compared by their name or key where they have one. */
export function changes(before: unknown, after: unknown, path: string = ''): Change[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => changes(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [keysBefore, keysAfter] = [keysOf(before), keysOf(after)];
    return [...new Set([...keysBefore, ...keysAfter])].flatMap((key) => changes(before[keysBefore.indexOf(key)], after[keysAfter.indexOf(key)], `${path}[${key}]`));
  }
  return Object.is(before, after) ? [] : [{ path, before, after }];
}

/** A change in one line. */
export function describeChange({ path, before, after }: Change): string {
  const short = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120));
  return `${path}: ${short(before)} → ${short(after)}`;
}

/**
 * Where a change restarts pods, by kind. A pool and its node class are among them: Karpenter replaces nodes that are not what these
 * say now.
 */
const RESTARTS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec.template.'],
  StatefulSet: ['spec.template.'],
  DaemonSet: ['spec.template.'],
  LeaderWorkerSet: ['spec.leaderWorkerTemplate.'],
  RayService: ['spec.rayClusterConfig.', 'spec.serveConfigV2'],
  StormService: ['spec.template.'],
  NodePool: ['spec.template.'],
  EC2NodeClass: ['spec.'],
  NodeClass: ['spec.'],
};

/** The changes between two versions of an object that restart pods. */
export function restartingChanges(before: KubeObject, after: KubeObject): Change[] {
  return changes(before, after).filter(({ path }) => RESTARTS[after.kind]?.some((start) => path.startsWith(start)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What tells the items of a list apart: their names, else their positions. */
function keysOf(list: readonly unknown[]): string[] {
  const names = list.map((item) => (isRecord(item) ? item.name ?? item.key ?? item.groupName : undefined)).filter((name) => typeof name === 'string');
  return new Set(names).size === list.length ? names : list.map((_, index) => String(index));
}
