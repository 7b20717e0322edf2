import type { Cluster } from './cluster';
import type { Metadata } from './kinds';

/** Everything on a cluster: what is there, and which version of it. */
export type Inventory = ReadonlyMap<string, Metadata & { readonly resourceVersion?: string }>;

/** Comes and goes by itself, or is the API server's own. */
const NOT_COUNTED = ['events', 'leases', 'apiservices', 'flowschemas', 'prioritylevelconfigurations', 'customresourcedefinitions', 'ipaddresses', 'servicecidrs'];

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface Group {
  readonly preferredVersion: { readonly groupVersion: string };
}

/** Lists every object of every kind that the API server serves, by `kind namespace/name`. */
export async function inventory(cluster: Cluster): Promise<Inventory> {
  const { groups } = (await cluster.call('GET', '/apis')) as { groups: readonly Group[] };
  // aggregated metrics are no objects
  const versions = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)].filter((path) => !path.includes('metrics.k8s.io'));
  const lists = await Promise.all(versions.map(async (path) => {
    const { resources } = (await cluster.call('GET', path)) as { resources: readonly Resource[] };
    const listable = resources.filter(({ name, verbs }) => verbs.includes('list') && !NOT_COUNTED.includes(name));
    return Promise.all(listable.map(async ({ name, kind }) => {
      const { items } = (await cluster.call('GET', `${path}/${name}`)) as { items: readonly { readonly metadata: Metadata }[] };
      return items.map(({ metadata }) => [`${kind} ${metadata.namespace ?? ''}/${metadata.name}`, metadata] as const);
    }));
  }));
  return new Map(lists.flat(2));
}
