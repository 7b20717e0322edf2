import type { Accelerator } from './accelerators/accelerator';
import { catalogueTypes } from './accelerators/catalogue-types';
import { orderingPrice, PRICE_REGION } from './accelerators/list-prices';
import { allocatable, capacity, efaOnly, nodeShape, type NodeShape } from './karpenter/allocatable';
import { instanceRequirements, isWellKnown, labelValue } from './karpenter/instance-labels';
import type { NodePoolManifest, PodManifest } from './karpenter/manifests';
import { podRequests, podRequirements, untolerated } from './karpenter/pod-demand';
import { type Amounts, amounts, missing, sum } from './karpenter/quantity';
import { Requirements } from './karpenter/requirement';
import type { NodeNetworkInterface } from './resources/ec2-node-class';

/** Where and how nodes are made, as far as NodePools do not say it. */
export interface KarpenterChoiceOptions {
  /**
   * Region of the cluster: only what it sells is chosen.
   * @default - any region; prices are those of us-east-1
   */
  readonly region?: string;

  /**
   * Zone ids of the cluster's subnets. A type must be sold in one of them.
   * @default - all zones of the region
   */
  readonly zoneIds?: string[];

  /**
   * Pods of the DaemonSets, which take their part of every node they can be on.
   * @default - none
   */
  readonly daemons?: PodManifest[];

  /**
   * Most pods of a node (`kubelet.maxPods`).
   * @default - as many as the network interfaces of the type have addresses for
   */
  readonly maxPods?: number;

  /**
   * Whether images and emptyDirs are on local NVMe (`instanceStorePolicy: RAID0`).
   * @default true
   */
  readonly localNvme?: boolean;

  /**
   * Size of the volume that holds images and emptyDirs on nodes without local NVMe, in GiB.
   * @default 20 - what Karpenter gives a node when the node class says nothing
   */
  readonly volumeGiB?: number;

  /**
   * Share of a type's memory that never reaches the node (`settings.vmMemoryOverheadPercent`).
   * @default 0.075
   */
  readonly vmMemoryOverhead?: number;

  /**
   * The network interfaces that nodes are launched with (`networkInterfaces` of the node class). An EFA-only interface
   * on the first network card takes the place of one with addresses for pods.
   * @default - all that have addresses, and EFAs as pods ask for them
   */
  readonly networkInterfaces?: NodeNetworkInterface[];

  /**
   * Whether memory is reserved for as many pods as there are addresses for, even where `maxPods` is less: AL2023 does,
   * Bottlerocket does not.
   * @default false
   */
  readonly reservesForAddresses?: boolean;

  /**
   * Instance types to consider beside the catalogue's, which has accelerators and Graviton but no x86 processors.
   * @default - the catalogue's alone
   */
  readonly moreTypes?: Accelerator[];

  /**
   * Resources that NodeOverlays add to every node of an instance type, by type: huge pages, slices of GPUs.
   * @default - none
   */
  readonly overlays?: { readonly [instanceType: string]: { readonly [resource: string]: string } };
}

/** An instance type that a pod can get. */
export interface KarpenterCandidate {
  /** The EC2 instance type. */
  readonly instanceType: string;
  /** The NodePool that would launch it. */
  readonly nodePool: string;
  /** On-demand list price in the region, in US dollars an hour. Absent where it is not known. */
  readonly usdPerHour?: number;
}

/**
 * The instance types that Karpenter can launch for a pod, cheapest first, worked out from manifests alone.
 *
 * NodePools are tried by weight, of the same weight the last by name first; the first that can make a node for the pod is the one that does. Of its
 * instance types those remain whose labels, zones and allocatable resources suit the pod with the DaemonSets beside it,
 * and which are within the pool's limits. EC2 Fleet then takes the cheapest that has capacity (lowest price for
 * on-demand, price and capacity for spot), so the first candidate is likely and the last is possible.
 *
 * Only types of the catalogue are considered, and those that are given: for a pool of x86 nodes give them.
 *
 * Semantics of Karpenter 1.15 for one pod on an empty cluster. Not simulated: pods that share a node, topology spread,
 * prices of spot, reservations, dynamic resource allocation. Prices are list prices on demand; where one is not known
 * in the region, none is told, and the order of all is that of us-east-1.
 */
export class KarpenterChoice {
  /**
   * What Karpenter can launch for a pod.
   *
   * @throws when a manifest has a quantity or an operator that Kubernetes does not have
   */
  public static of(pod: PodManifest, nodePools: NodePoolManifest[], options: KarpenterChoiceOptions = {}): KarpenterChoice {
    const problems: string[] = [];
    for (const asked of podRequirements(pod)) {
      for (const pool of inOrder(nodePools)) {
        const attempt = tryPool(pod, asked, pool, options);
        if (attempt.candidates.length > 0) return new KarpenterChoice(attempt.candidates, []);
        problems.push(`NodePool '${pool.metadata.name}': ${attempt.problem}`);
      }
    }
    return new KarpenterChoice([], problems.length > 0 ? problems : ['there is no NodePool that makes nodes for pods']);
  }

  private constructor(
    /** The instance types that the pod can get, cheapest first. Empty when it would stay pending. */
    public readonly candidates: KarpenterCandidate[],
    /** Why each NodePool makes no node for the pod. Empty when one does. */
    public readonly problems: string[],
  ) {}

  /** Whether the pod can get a node. */
  public get schedulable(): boolean {
    return this.candidates.length > 0;
  }

  /** The cheapest instance type. Absent when the pod would stay pending. */
  public get cheapest(): KarpenterCandidate | undefined {
    return this.candidates[0];
  }
}

/**
 * The NodePools that make nodes for pods, heaviest first, of the same weight the last by name first (`OrderByWeight`).
 * Static pools have their nodes already.
 */
function inOrder(nodePools: NodePoolManifest[]): NodePoolManifest[] {
  return nodePools
    .filter(({ spec }) => spec.replicas === undefined)
    .sort((a, b) => (b.spec.weight ?? 0) - (a.spec.weight ?? 0) || compare(b.metadata.name, a.metadata.name));
}

interface Attempt {
  readonly candidates: KarpenterCandidate[];
  readonly problem: string;
}

function tryPool(pod: PodManifest, asked: Requirements, pool: NodePoolManifest, options: KarpenterChoiceOptions): Attempt {
  const refuse = (problem: string): Attempt => ({ candidates: [], problem });
  const { template, limits } = pool.spec;
  const taint = untolerated(pod, template.spec.taints ?? []);
  if (taint) return refuse(`the pod does not tolerate its taint ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`);

  const offered = poolRequirements(pool);
  const unknown = offered.undefinedLabels(asked, isWellKnown);
  if (unknown.length > 0) return refuse(`the pod asks for the label ${unknown.join(', ')}, which the pool does not set`);
  const conflicts = offered.conflicts(asked);
  if (conflicts.length > 0) return refuse(`the pod and the pool agree on no value of ${conflicts.join(', ')}`);

  const wanted = offered.and(asked);
  const shape = nodeShape(options);
  const limit = amounts(limits);
  const funnel = new Funnel([...catalogueTypes(), ...(options.moreTypes ?? [])]);
  funnel.keep((type) => isSold(type, options), `nothing that the pool may launch is sold in ${options.region ?? 'any region'}`);
  funnel.keep(
    (type) => instanceRequirements(type, options.region).conflicts(wanted).length === 0,
    'no known instance type has the labels that the pod and the pool ask for',
  );
  const efas = efaOnly(options.networkInterfaces ?? []).length;
  funnel.keep((type) => type.efaInterfaces >= efas, `no instance type that suits has the ${efas} EFAs of its node class`);
  funnel.keep((type) => withinLimits(capacity(type, shape), limit), `every instance type that suits is beyond its limits`);
  const shortOf = (type: Accelerator): string[] => lacks(pod, type, pool, wanted, shape, options);
  funnel.keep((type) => shortOf(type).length === 0, (types) => tooSmall(types, shortOf));
  const scarce = tooFewValues(pool, funnel.remaining);
  if (scarce) return refuse(scarce);
  return { candidates: byPrice(funnel.remaining, pool, options), problem: funnel.problem };
}

/** Types that pass one filter after the other, and what the filter that left none has to say. */
class Funnel {
  public problem = '';

  constructor(public remaining: Accelerator[]) {}

  public keep(passes: (type: Accelerator) => boolean, otherwise: string | ((before: Accelerator[]) => string)): void {
    if (this.remaining.length === 0) return;
    const before = this.remaining;
    this.remaining = before.filter(passes);
    if (this.remaining.length === 0) this.problem = typeof otherwise === 'string' ? otherwise : otherwise(before);
  }
}

function poolRequirements(pool: NodePoolManifest): Requirements {
  const { metadata, spec } = pool.spec.template;
  return Requirements.of([
    ...(spec.requirements ?? []),
    ...Object.entries(metadata?.labels ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    { key: 'karpenter.sh/nodepool', operator: 'In', values: [pool.metadata.name] },
  ]);
}

/** The resources that a node of a type lacks for the pod with the DaemonSets beside it. */
function lacks(
  pod: PodManifest,
  type: Accelerator,
  pool: NodePoolManifest,
  wanted: Requirements,
  shape: NodeShape,
  options: KarpenterChoiceOptions,
): string[] {
  const added = amounts(options.overlays?.[type.instanceType]);
  const available = new Map([...allocatable(type, shape), ...added]);
  const daemons = (options.daemons ?? []).filter((daemon) => runsOn(daemon, type, pool, wanted, options)).map(podRequests);
  return missing(sum(podRequests(pod), ...daemons), available);
}

function runsOn(
  daemon: PodManifest,
  type: Accelerator,
  pool: NodePoolManifest,
  wanted: Requirements,
  options: KarpenterChoiceOptions,
): boolean {
  if (untolerated(daemon, pool.spec.template.spec.taints ?? [])) return false;
  return podRequirements(daemon).some(
    (asked) =>
      wanted.undefinedLabels(asked, isWellKnown).length === 0 &&
      wanted.conflicts(asked).length === 0 &&
      instanceRequirements(type, options.region).conflicts(asked).length === 0,
  );
}

function tooSmall(types: Accelerator[], shortOf: (type: Accelerator) => string[]): string {
  const short = types.map((type) => ({ type, resources: shortOf(type) }));
  const nearest = short.reduce((best, one) => (one.resources.length < best.resources.length ? one : best));
  return `no known instance type has room: ${nearest.type.instanceType} lacks ${nearest.resources.join(', ')}`;
}

function withinLimits(resources: Amounts, limits: Amounts): boolean {
  return [...limits].every(([resource, limit]) => (resource === 'nodes' ? 1 : (resources.get(resource) ?? 0)) <= limit);
}

function isSold(type: Accelerator, options: KarpenterChoiceOptions): boolean {
  if (options.region === undefined) return true;
  const asked = Requirements.of([{ key: 'topology.k8s.aws/zone-id', operator: 'In', values: options.zoneIds ?? [] }]);
  const sold = instanceRequirements(type, options.region);
  const anywhere = Requirements.of([{ key: 'topology.k8s.aws/zone-id', operator: 'Exists' }]);
  return sold.conflicts(options.zoneIds === undefined ? anywhere : asked).length === 0;
}

/** Whether a requirement with `minValues` has fewer values among the types than it asks for. */
function tooFewValues(pool: NodePoolManifest, types: Accelerator[]): string | undefined {
  if (types.length === 0) return undefined;
  for (const { key, minValues } of pool.spec.template.spec.requirements ?? []) {
    if (minValues === undefined) continue;
    const values = new Set(types.map((type) => labelValue(type, key)).filter((value) => value !== undefined));
    if (values.size < minValues) return `'minValues' (${minValues}) of ${key} is more than the ${values.size} values of types that suit`;
  }
  return undefined;
}

function byPrice(types: Accelerator[], pool: NodePoolManifest, options: KarpenterChoiceOptions): KarpenterCandidate[] {
  const listPrice = orderingPrice(types, options.region);
  return [...types]
    .sort((a, b) => listPrice(a) - listPrice(b) || compare(a.instanceType, b.instanceType))
    .map((type) => ({
      instanceType: type.instanceType,
      nodePool: pool.metadata.name,
      usdPerHour: type.onDemandUsdPerHour(options.region ?? PRICE_REGION),
    }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
