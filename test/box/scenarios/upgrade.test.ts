import { rmSync } from 'node:fs';
import { byIdentity, PRUNED_KINDS, setApart, type Placed } from '../fixtures/previous-objects';
import { RESTARTS } from '../fixtures/restarts';
import { configApp, ROOT, synthesizeAll, type AppFile, type Unit } from '../harness/app';
import { Box } from '../harness/box';
import { describeChange, restartingChanges, type Change } from '../harness/changes';
import { configApps, exampleApps } from '../harness/example-apps';
import { Deployments, Ec2NodeClasses, NodeClaims, NodePools, Pods, type KubeObject, type Workload } from '../harness/kinds';
import { KubectlProvider } from '../harness/kubectl-provider';
import { ensureNamespace } from '../harness/namespaces';
import { checkOut, previousRelease } from '../harness/previous-release';
import { eventually, throughout } from '../harness/wait';

const box = Box.attach();
const release = previousRelease();
const before = release.missing === undefined ? checkOut(release.revision, box.folder) : ROOT;
const given = release.missing === undefined ? describe : describe.skip;
const NAMESPACE = 'upgrade';
const REPLICAS = 3;

/** An app with what an upgrade must not disturb: several replicas on GPUs, and a server without one. */
const SERVING = {
  name: 'Upgrade', cluster: { name: box.clusterName },
  nodePools: { gpu: { families: ['g6'], limits: { devices: 8 } }, graviton: true },
  models: {
    wide: { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge', namespace: NAMESPACE, scaling: { replicas: REPLICAS } },
    small: { model: 'Qwen/Qwen3-1.7B', accelerator: 'm8g.4xlarge', namespace: NAMESPACE },
  },
};

const listed = (root: string): AppFile[] => [...exampleApps(root), ...configApps(root)];
const titlesBefore = new Set(listed(before).map(({ title }) => title));
const apps = listed(ROOT).filter(({ title }) => titlesBefore.has(title)).map((app, index) => ({ ...app, index, prefix: `upgrade-${index}` }));

given(`given what ${release.revision} has applied${release.missing === undefined ? '' : ` (skipped: ${release.missing})`}`, () => {
  const serving = configApp(box, 'serving', SERVING);
  let [old, today]: [Unit[][], Unit[][]] = [[], []];
  const refused = new Map<string, string>();
  const restarted = new Map<string, readonly string[]>();

  beforeAll(async () => {
    const wanted = (root: string): Promise<Unit[][]> => {
      const theirs = new Map(listed(root).map((app) => [app.title, app]));
      return synthesizeAll(box, [...apps.map((app) => theirs.get(app.title) ?? app), serving], root);
    };
    old = await wanted(before);
    today = await wanted(ROOT);
  }, 300_000);

  const pairs = (index: number): { identity: string; was?: Placed; is?: Placed }[] => {
    const [was, is] = [byIdentity(old[index] ?? []), byIdentity(today[index] ?? [])];
    return [...new Set([...was.keys(), ...is.keys()])].map((identity) => ({ identity, was: was.get(identity), is: is.get(identity) }));
  };
  /** The objects that were there and still are. */
  const kept = (index: number): { identity: string; was: Placed; is: Placed; restarts: Change[] }[] => pairs(index).flatMap(({ identity, was, is }) =>
    (was === undefined || is === undefined ? [] : [{ identity, was, is, restarts: restartingChanges(was.object, is.object) }]));
  const isExplained = ({ kind }: KubeObject, { path }: Change): boolean => RESTARTS.some(({ change }) => change.test(`${kind} ${path}`));

  afterAll(() => { rmSync(before, { recursive: true, force: true }); });

  describe('when every example and every config is applied again as it is today', () => {
    beforeAll(async () => {
      const waiting = [...apps];
      const worker = async (): Promise<void> => {
        for (let app = waiting.shift(); app !== undefined; app = waiting.shift()) await upgrade(app.title, app.prefix, pairs(app.index));
      };
      await Promise.all([worker(), worker(), worker()]);
    }, 600_000);

    /** Applies what was, then what is, and keeps what the API server says and which workloads began a rollout. */
    async function upgrade(title: string, prefix: string, objects: readonly { was?: Placed; is?: Placed }[]): Promise<void> {
      // of EKS Auto Mode there is no public definition
      const known = (placed: Placed | undefined): KubeObject[] =>
        (placed === undefined || placed.object.apiVersion.startsWith('eks.amazonaws.com/') ? [] : [setApart(placed.object, prefix)]);
      const [was, is] = [objects.flatMap((pair) => known(pair.was)), objects.flatMap((pair) => known(pair.is))];
      const namespaces = [...new Set([...was, ...is].flatMap(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : metadata.namespace) ?? []))];
      try {
        for (const namespace of namespaces) await ensureNamespace(box.cluster, namespace);
        await box.cluster.apply(was);
        const first = await revisions(namespaces);
        await box.cluster.apply(is);
        const second = await revisions(namespaces);
        restarted.set(title, [...second.keys()].filter((name) => first.has(name) && first.get(name) !== second.get(name)));
      } catch (error) {
        refused.set(title, error instanceof Error ? error.message : String(error));
      }
      await box.cluster.delete([...was, ...is].filter(({ kind }) => kind !== 'Namespace'));
      await box.cluster.kubectl(['delete', 'namespace', '--wait=false', '--ignore-not-found', ...namespaces]);
    }

    /** The number of the rollout that each Deployment is in. */
    async function revisions(namespaces: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
      const list = async (): Promise<Workload[]> => (await Promise.all(namespaces.map((namespace) => box.cluster.list(Deployments, { namespace })))).flat();
      return eventually('the Deployments are seen by their controller', async () => {
        const found = await list();
        for (const { metadata, status } of found) if (status?.observedGeneration !== metadata.generation) throw new Error(`${metadata.name} is not`);
        return new Map(found.map(({ metadata }) => [metadata.name, metadata.annotations?.['deployment.kubernetes.io/revision']]));
      });
    }

    test('then nearly all of them were there before', () => {
      expect(apps.length).toBeGreaterThan(0.8 * titlesBefore.size);
      expect(apps.length).toBeGreaterThan(30);
    });

    test.each(apps)('$title: then no field turns out to be immutable, and what is served goes on or has a reason', ({ title, index }) => {
      expect(refused.get(title)).toBeUndefined();
      const needless = kept(index).flatMap(({ identity, is, restarts }) => restarts.filter((change) => !isExplained(is.object, change))
        .map((change) => `${identity} ${describeChange(change)}`));
      expect(needless).toEqual([]);
      const explained = kept(index).filter(({ is, restarts }) => is.object.kind === 'Deployment' && restarts.length > 0).map(({ is }) => is.object.metadata.name);
      expect(restarted.get(title)?.filter((name) => !explained.includes(name))).toEqual([]);
    });

    test.each(apps)('$title: then no object changes hands, and none is left behind', ({ index }) => {
      // CloudFormation would create it where it already is, which fails, and then delete it
      const moved = kept(index).filter(({ was, is }) => was.unit !== is.unit);
      expect(moved.map(({ identity, was, is }) => `${identity}: ${was.unit} → ${is.unit}`)).toEqual([]);
      // its unit stays, and kubectl prunes only some kinds
      const units = new Set((today[index] ?? []).map(({ stack, logicalId }) => `${stack}/${logicalId}`));
      const left = pairs(index)
        .filter(({ was, is }) => was !== undefined && is === undefined && units.has(was.unit) && !PRUNED_KINDS.includes(was.object.kind));
      expect(left.map(({ identity }) => identity)).toEqual([]);
    });

    test('then every reason for a restart still has something that it is a reason for', () => {
      const all = apps.flatMap(({ index }) => kept(index).flatMap(({ is, restarts }) => restarts.map(({ path }) => `${is.object.kind} ${path}`)));
      expect(RESTARTS.filter(({ change }) => !all.some((path) => change.test(path))).map(({ why }) => why)).toEqual([]);
    });
  });

  describe('when an app that serves is deployed again by CDK\'s own handler', () => {
    const provider = new KubectlProvider(box);
    const last = (all: Unit[][]): Unit[] => all.at(-1) ?? [];
    const unitId = ({ stack, logicalId }: Unit): string => `${stack}/${logicalId}`;
    const ready = async (name: string): Promise<string[]> => (await box.cluster.list(Pods, { namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': name } }))
      .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
      .map(({ metadata }) => metadata.uid ?? '').sort();
    const allReady = async (): Promise<readonly [wide: string[], small: string[]]> => {
      const [wide, small] = [await ready('wide'), await ready('small')];
      if (wide.length !== REPLICAS || small.length !== 1) throw new Error(`${wide.length} of ${REPLICAS}, and ${small.length} of 1`);
      return [wide, small];
    };
    let first: readonly [wide: string[], small: string[]];

    beforeAll(async () => {
      for (const { properties } of last(old)) await provider.create(properties);
      first = await eventually('its replicas run', allReady, { seconds: 240 });
    }, 400_000);

    afterAll(async () => {
      for (const { properties } of [...last(today)].reverse()) await provider.delete(properties);
      await eventually('its pools and nodes are gone', async () => {
        const left = await Promise.all(['gpu', 'graviton'].map(async (pool) => [
          ...await box.cluster.list(NodeClaims, { labels: { 'karpenter.sh/nodepool': pool } }), await box.cluster.find(NodePools, pool), await box.cluster.find(Ec2NodeClasses, pool),
        ].filter((x) => x !== undefined)));
        if (left.flat().length > 0) throw new Error(left.flat().map(({ metadata }) => metadata.name).join(', '));
      }, { seconds: 180 });
    }, 400_000);

    test('then its pods stay, or are replaced as slowly as their Deployment says', async () => {
      const rolling = kept(apps.length).filter(({ restarts }) => restarts.length > 0).map(({ identity }) => identity);
      const rolls = (name: string): boolean => rolling.includes(`apps Deployment ${NAMESPACE} ${name}`);
      interface Rolling { readonly spec: { readonly strategy?: { readonly rollingUpdate?: { readonly maxUnavailable?: number } } } }
      const { spec } = await box.cluster.get(Deployments, 'wide', NAMESPACE) as Rolling; // more of a Deployment than the harness describes
      const least = REPLICAS - (spec.strategy?.rollingUpdate?.maxUnavailable ?? 1);
      const ids = new Set(last(old).map(unitId));
      const updated = (async () => {
        // in the order of CloudFormation: what is new or changed, then what is gone
        for (const unit of last(today)) await (ids.has(unitId(unit)) ? provider.update(unit.properties) : provider.create(unit.properties));
        const stays = new Set(last(today).map(unitId));
        for (const unit of last(old)) if (!stays.has(unitId(unit))) await provider.delete(unit.properties);
        return eventually('the rollout is over', async () => {
          const [wide, small] = await allReady();
          if (rolls('wide') && wide.some((uid) => first[0].includes(uid))) throw new Error('the first replicas are not all replaced');
          return [wide, small] as const;
        }, { seconds: 240, everySeconds: 0.2 });
      })();
      let over = false;
      void updated.finally(() => { over = true; }).catch(() => undefined);
      while (!over) {
        await throughout(`at least ${least} of ${REPLICAS} replicas serve`, 1, async () => {
          const pods = await ready('wide');
          if (pods.length < least) throw new Error(`${pods.length} do`);
        });
      }
      const [wide, small] = await updated;
      if (!rolls('wide')) expect(wide).toEqual(first[0]);
      if (!rolls('small')) expect(small).toEqual(first[1]);
    }, 400_000);
  });
});
