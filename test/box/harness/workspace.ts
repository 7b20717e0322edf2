import type { Box } from './box';
import type { Cluster } from './cluster';
import { NodeClaims, NodePools, Namespaces, Pods, type KubeObject, type NodeClaim, type Pod } from './kinds';
import { ensureNamespaceForPods } from './namespaces';
import { eventually } from './wait';

/** A namespace of one scenario and everything that the scenario applied; gone again afterwards. */
export class Workspace {
  public static async create(box: Box, namespace: string, labels: Readonly<Record<string, string>> = {}): Promise<Workspace> {
    await eventually(`the last ${namespace} is gone`, async () => {
      if ((await box.cluster.find(Namespaces, namespace))?.metadata.deletionTimestamp !== undefined) throw new Error('it is still being deleted');
    }, { seconds: 150 }); // the namespace controller takes its time on a busy machine
    await ensureNamespaceForPods(box.cluster, namespace, labels);
    return new Workspace(box, namespace);
  }

  private readonly applied = new Map<string, KubeObject>();

  private constructor(public readonly box: Box, public readonly namespace: string) {}

  public get cluster(): Cluster {
    return this.box.cluster;
  }

  /** Server-side apply with strict validation; objects without a namespace get the workspace's. */
  public async apply(...objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) this.applied.set(`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
    const [elsewhere, here] = this.byNamespace(objects);
    if (elsewhere.length > 0) await this.cluster.apply(elsewhere);
    if (here.length > 0) await this.cluster.apply(here, '--namespace', this.namespace);
  }

  public pods(labels: Readonly<Record<string, string>> = {}): Promise<Pod[]> {
    return this.cluster.list(Pods, { namespace: this.namespace, labels });
  }

  /** Waits until exactly so many pods run, and returns them. */
  public running(count: number, labels: Readonly<Record<string, string>> = {}, seconds: number = 120): Promise<Pod[]> {
    return eventually(`${count} running pods ${JSON.stringify(labels)}`, async () => {
      const pods = (await this.pods(labels)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
      const running = pods.filter((pod) => pod.status.phase === 'Running');
      if (running.length !== count || pods.length !== count) throw new Error(`${running.length} of ${pods.length} pods run`);
      return running;
    }, { seconds });
  }

  /** Node claims of a pool. */
  public claims(pool: string): Promise<NodeClaim[]> {
    return this.cluster.list(NodeClaims, { labels: { 'karpenter.sh/nodepool': pool } });
  }

  /** Waits until a pool has exactly so many node claims, and returns them. */
  public claimed(pool: string, count: number, seconds: number = 120): Promise<NodeClaim[]> {
    return eventually(`${count} node claims of ${pool}`, async () => {
      const claims = await this.claims(pool);
      if (claims.length !== count) throw new Error(`there are ${claims.length}`);
      return claims;
    }, { seconds });
  }

  /** Removes everything, and waits until it is gone. */
  public async dispose(): Promise<void> {
    const { cluster, namespace } = this;
    const objects = [...this.applied.values()];
    const isPool = ({ kind }: KubeObject): boolean => kind === 'NodePool';
    const isNodeClass = ({ kind }: KubeObject): boolean => kind === 'EC2NodeClass';
    const rest = objects.filter((object) => !isPool(object) && !isNodeClass(object));
    const [elsewhere, here] = this.byNamespace(rest);
    if (elsewhere.length > 0) await cluster.delete(elsewhere);
    if (here.length > 0) await cluster.delete(here, '--namespace', namespace);
    const pools = objects.filter(isPool).map(({ metadata }) => metadata.name ?? '');
    await Promise.all(pools.map((pool) => cluster.remove(NodePools, pool)));
    await eventually(`pods of ${namespace} and node claims of ${pools.join(', ')} are gone`, async () => {
      const left = [...await this.pods(), ...(await Promise.all(pools.map((pool) => this.claims(pool)))).flat()];
      if (left.length > 0) throw new Error(left.map(({ metadata }) => metadata.name).join(', '));
    }, { seconds: 120 });
    // empty by now; it is not waited for, since the namespace controller takes half a minute
    await cluster.remove(Namespaces, namespace);
    const classes = objects.filter(isNodeClass);
    if (classes.length > 0) await cluster.delete(classes);
  }

  /** Objects that name another namespace, and the rest: kubectl does not take both at once. */
  private byNamespace(objects: readonly KubeObject[]): [elsewhere: KubeObject[], here: KubeObject[]] {
    const isElsewhere = ({ metadata }: KubeObject): boolean => metadata.namespace !== undefined && metadata.namespace !== this.namespace;
    return [objects.filter(isElsewhere), objects.filter((object) => !isElsewhere(object))];
  }
}
