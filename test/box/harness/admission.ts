import type { Cluster } from './cluster';
import type { KubeObject } from './kinds';

/**
 * What the API server would store for these objects: admission, defaulting and every webhook ran, strictly; nothing is kept.
 *
 * @throws with everything that was refused
 */
export async function admit(cluster: Cluster, objects: readonly KubeObject[]): Promise<KubeObject[]> {
  const answers = await Promise.allSettled(objects.map((object) => cluster.dryRun(object)));
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
  if (refused.length > 0) throw new Error(refused.map(({ message }) => message).join('\n'));
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50,
};

/** A Kubernetes quantity as a number, or undefined. */
export function quantity(value: unknown): number | undefined {
  const match = /^([+-]?[0-9.]+)([numkMGTP]|[KMGTP]i|)$/.exec(String(value));
  const unit = match === null ? undefined : UNITS[match[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/**
 * Where what is stored differs from what was written: `path: written → stored`. What was added by defaults is no difference.
 *
 * Lists are compared by name where their items have one, else by position.
 */
export function differences(written: unknown, stored: unknown, path: string = ''): string[] {
  if (Array.isArray(written)) {
    if (written.length === 0 && stored === undefined) return [];
    if (!Array.isArray(stored)) return [`${path}: a list → ${JSON.stringify(stored)}`];
    const names = written.map(nameOf);
    const byName = new Set(names).size === names.length; // mounts of one volume share a name
    return written.flatMap((item: unknown, index) => {
      const name = byName ? names[index] : undefined;
      const other: unknown = name === undefined ? stored[index] : stored.find((candidate) => nameOf(candidate) === name);
      return differences(item, other, `${path}[${name ?? index}]`);
    });
  }
  if (typeof written === 'object' && written !== null) {
    if (typeof stored !== 'object' || stored === null) return [`${path}: an object → ${JSON.stringify(stored)}`];
    return Object.entries(written).flatMap(([key, value]) => differences(value, (stored as Record<string, unknown>)[key], `${path}.${key}`));
  }
  if (written === stored || written === undefined) return [];
  const [a, b] = [quantity(written), quantity(stored)];
  if (a !== undefined && a === b) return [];
  // an empty value is not stored: "" for a missing string, null for nothing
  if ((written === '' || written === null) && stored === undefined) return [];
  return [`${path}: ${JSON.stringify(written)} → ${JSON.stringify(stored)}`];
}

/** What the server writes into every object. */
const OF_THE_SERVER = new Set(['.metadata.creationTimestamp', '.metadata.generation', '.metadata.managedFields', '.metadata.resourceVersion', '.metadata.uid', '.status']);

/**
 * What is stored and was not written: `path = value`, with the names of list items left out. Defaults are such additions, and so is
 * whatever a webhook puts in.
 */
export function additions(written: unknown, stored: unknown, path: string = ''): string[] {
  if (Array.isArray(stored)) {
    const before: readonly unknown[] = Array.isArray(written) ? written : [];
    const names = before.map(nameOf);
    const byName = before.length > 0 && new Set(names).size === names.length && !names.includes(undefined);
    return stored.flatMap((item: unknown, index) => {
      const twin = byName ? before.find((candidate) => nameOf(candidate) === nameOf(item)) : before[index];
      return twin === undefined ? [`${path}[] = ${JSON.stringify(item)}`] : additions(twin, item, `${path}[]`);
    });
  }
  if (typeof stored !== 'object' || stored === null) return [];
  const before = typeof written === 'object' && written !== null ? written as Readonly<Record<string, unknown>> : {};
  return Object.entries(stored).flatMap(([key, value]: [string, unknown]) => {
    const inner = `${path}.${key}`;
    if (OF_THE_SERVER.has(inner)) return [];
    if (before[key] !== undefined && before[key] !== null) return additions(before[key], value, inner);
    return isMap(value) ? additions({}, value, inner) : [`${inner} = ${JSON.stringify(value)}`];
  });
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

function nameOf(item: unknown): string | undefined {
  const name = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: unknown };
}

function isPodTemplate(value: object): value is PodTemplate {
  const { spec } = value as { spec?: unknown };
  return typeof spec === 'object' && spec !== null && 'containers' in spec && Array.isArray(spec.containers);
}

/** A Pod for each pod template anywhere in the objects: Pod Security refuses pods, and only warns of the objects that make them. */
export function podsOf(objects: readonly KubeObject[], namespace: string): KubeObject[] {
  const pods: KubeObject[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value) && isPodTemplate(value)) {
      pods.push({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${pods.length}`, namespace, labels: value.metadata?.labels }, spec: value.spec });
      return;
    }
    Object.values(value).forEach(walk);
  };
  objects.forEach(walk);
  return pods;
}
