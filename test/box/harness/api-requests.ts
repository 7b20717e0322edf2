import type { Cluster } from './cluster';

/** How often the API server was asked for one thing. */
export interface RequestCount {
  readonly verb: string;
  /** `pods`, `pods/binding`, `nodeclaims.karpenter.sh`. */
  readonly resource: string;
  readonly count: number;
}

/** Every request that the API server has answered since it started, by its own metrics. A watch counts when it ends. */
export async function apiRequests(cluster: Cluster): Promise<RequestCount[]> {
  const text = String(await cluster.call('GET', '/metrics'));
  const counts = new Map<string, RequestCount>();
  for (const [, labels = '', value = ''] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', text = '']) => [name, text]));
    const resource = [label.resource, label.subresource].filter((part) => part !== undefined && part !== '').join('/');
    if (resource === '') continue; // health, discovery, metrics
    const full = label.group === undefined || label.group === '' ? resource : `${resource}.${label.group}`;
    const key = `${label.verb} ${full}`;
    counts.set(key, { verb: label.verb ?? '', resource: full, count: (counts.get(key)?.count ?? 0) + Number(value) });
  }
  return [...counts.values()];
}

/** The requests of `after` that are not in `before`, the most frequent first. */
export function requestsBetween(before: readonly RequestCount[], after: readonly RequestCount[]): RequestCount[] {
  const earlier = new Map(before.map(({ verb, resource, count }) => [`${verb} ${resource}`, count]));
  return after
    .map((entry) => ({ ...entry, count: entry.count - (earlier.get(`${entry.verb} ${entry.resource}`) ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}
