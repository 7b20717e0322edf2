import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { resolvePlaceholders, unitsOf, type BoxNames } from './app';
import type { Cluster } from './cluster';
import { CustomResourceDefinitions, isTrue, type KubeObject } from './kinds';
import { ensureNamespaceForPods } from './namespaces';
import { eventually } from './wait';

/** An app as a user has it on disk, with the names of the cluster and the region that it was written for. */
export interface UserApp extends BoxNames {
  readonly objects: readonly KubeObject[];
}

const DEFAULTS: BoxNames = { clusterName: 'inference', region: 'us-west-2' };

/**
 * Reads a cloud assembly (`cdk.out`), or files and folders of YAML.
 *
 * What only a deployment knows is replaced by what the box has instead: `${…}`, the role of the nodes, ids of subnets.
 */
export function readUserApp(path: string): UserApp {
  if (!existsSync(path)) throw new Error(`'${path}' does not exist: run npm run synth, or name a folder with manifests`);
  const assembly = assemblyOf(path);
  const read = (names: BoxNames): readonly KubeObject[] =>
    (assembly === path ? unitsOf(names, path).flatMap(({ objects }) => objects) : objectsOfFiles(path, names));
  const region = assembly === undefined ? undefined : regionOf(assembly);
  const names = { clusterName: clusterNameIn(read(DEFAULTS)) ?? DEFAULTS.clusterName, region: region ?? DEFAULTS.region };
  const objects = read(names).map((object) => inAccountOfBox(object, names));
  if (objects.length === 0) throw new Error(`'${path}' has no Kubernetes objects: name the folder that npm run synth has written, cdk.out`);
  return { ...names, objects };
}

/** The cloud assembly that a path is, or is the folder of manifests of. */
function assemblyOf(path: string): string | undefined {
  return [path, dirname(resolve(path))].find((folder, index) => existsSync(join(folder, 'manifest.json')) && (index === 0 || basename(path) === 'manifests'));
}

function filesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path).sort().flatMap((name) => filesIn(join(path, name))).filter((file) => /\.(ya?ml|json)$/.test(file));
}

function objectsOfFiles(path: string, names: BoxNames): KubeObject[] {
  return filesIn(path).flatMap((file) => parseAllDocuments(resolvePlaceholders(readFileSync(file, 'utf8'), names)).flatMap((document) => {
    if (document.errors[0] !== undefined) throw new Error(`${file}: ${document.errors[0].message}`);
    const object = document.toJS() as (KubeObject & { items?: KubeObject[] }) | null;
    if (object === null) return [];
    if (typeof object.kind !== 'string') throw new Error(`${file}: an object without 'kind': name a folder with Kubernetes manifests only`);
    return object.kind === 'List' ? object.items ?? [] : [object];
  }));
}

/** The region of the first stack that has one. */
function regionOf(assembly: string): string | undefined {
  const { artifacts = {} } = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8')) as { artifacts?: Record<string, { environment?: string }> };
  const regions = Object.values(artifacts).map(({ environment = '' }) => /^aws:\/\/[^/]*\/(.+)$/.exec(environment)?.[1]);
  return regions.find((region) => region !== undefined && region !== 'unknown-region');
}

interface NodeClass extends KubeObject {
  readonly spec: { readonly role?: string; readonly subnetSelectorTerms?: readonly Term[]; readonly securityGroupSelectorTerms?: readonly Term[] };
}

interface Term {
  readonly id?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

const DISCOVERY = 'karpenter.sh/discovery';

const isNodeClass = (object: KubeObject): object is NodeClass => object.kind === 'EC2NodeClass';

/** Node classes name the cluster in the tags by which they find subnets. */
function clusterNameIn(objects: readonly KubeObject[]): string | undefined {
  const terms = objects.filter(isNodeClass).flatMap(({ spec }) => [...spec.subnetSelectorTerms ?? [], ...spec.securityGroupSelectorTerms ?? []]);
  return terms.map(({ tags = {} }) => tags[DISCOVERY] ?? tags['aws:eks:cluster-name']).find((name) => name !== undefined);
}

/** A node class with the box's role, and its subnets and security groups where ids are those of a real account. */
function inAccountOfBox(object: KubeObject, { clusterName }: BoxNames): KubeObject {
  if (!isNodeClass(object)) return object;
  const found = (terms: readonly Term[] | undefined): readonly Term[] | undefined =>
    terms?.some(({ id }) => id !== undefined) ? [{ tags: { [DISCOVERY]: clusterName } }] : terms;
  const { spec } = object;
  return {
    ...object,
    spec: { ...spec, role: `${clusterName}-node`, subnetSelectorTerms: found(spec.subnetSelectorTerms), securityGroupSelectorTerms: found(spec.securityGroupSelectorTerms) },
  };
}

/** What others need comes first: definitions, then what has no namespace (namespaces, priority classes, pools), then the rest. */
const STAGES: readonly ((object: KubeObject) => boolean)[] = [
  ({ kind }) => kind === 'CustomResourceDefinition',
  ({ metadata }) => metadata.namespace === undefined,
  () => true,
];

/** What became of an app on the box. */
export interface Applied {
  /** Objects that the API server took. */
  readonly objects: readonly KubeObject[];
  /** Kinds that nothing in the box serves, as `kind.group/version`. */
  readonly unknown: readonly string[];
}

/** Applies an app, strictly; throws with what the API server says of every object that it refuses. */
export async function applyUserApp(cluster: Cluster, objects: readonly KubeObject[]): Promise<Applied> {
  const stages = STAGES.map((of, stage) => objects.filter((object) => of(object) && !STAGES.slice(0, stage).some((earlier) => earlier(object))));
  const applied: KubeObject[] = [];
  const unknown = new Set<string>();
  for (const stage of stages) {
    const known: KubeObject[] = [];
    for (const object of stage) {
      if (await isServed(cluster, object)) known.push(object);
      else unknown.add(`${object.kind}, ${object.apiVersion}`);
    }
    // an app may use namespaces that it expects on the cluster, those of controllers for example
    for (const namespace of new Set(known.flatMap(({ metadata }) => metadata.namespace ?? []))) await ensureNamespaceForPods(cluster, namespace);
    if (known.length > 0) await cluster.apply(known);
    for (const { metadata } of known.filter(({ kind }) => kind === 'CustomResourceDefinition')) {
      await eventually(`${metadata.name} is served`, async () => {
        if (!isTrue(await cluster.get(CustomResourceDefinitions, metadata.name ?? ''), 'Established')) throw new Error('not Established');
      });
    }
    applied.push(...known);
  }
  return { objects: applied, unknown: [...unknown] };
}

async function isServed(cluster: Cluster, { apiVersion, kind }: KubeObject): Promise<boolean> {
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const group = (await cluster.call('GET', path).catch(() => undefined)) as { resources?: readonly { kind: string }[] } | undefined;
  return group?.resources?.some((resource) => resource.kind === kind) ?? false;
}
