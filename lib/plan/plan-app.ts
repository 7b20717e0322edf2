import { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { orderingPrice } from '../accelerators/list-prices';
import type { ClusterCostItem, CostItem, Discount } from '../cost';
import { NodeProvisioner } from '../node-pools/node-environment';
import type { Plan, PlannedBudget } from './plan';
import type { ModelPlan, ModelPlanContext } from './plan-model';
import type { PlannedIdleParts, PlannedPool } from './planned-cluster';
import type { PlannedCost } from './planned-cost';
import { hasFixedNodes, manifestOf } from './private/choose-nodes';
import { costOf } from './private/cost-of';
import { discountOf, discountProblems } from './private/discount-of';
import type { DescribedPool } from './private/nodes-beyond';

/** An app to plan. */
export interface AppToPlan {
  /** The cluster. */
  readonly cluster: ClusterToPlan;
  /** The model servers, each planned on this cluster. */
  readonly models: readonly ModelPlan[];
  /** Most that everything may cost at its largest, in US dollars an hour. */
  readonly budgetUsdPerHour?: number;
}

/** A cluster to plan. */
export interface ClusterToPlan extends ModelPlanContext {
  /** Name of the EKS cluster. */
  readonly name: string;
  /** Number of Availability Zones. */
  readonly zones: number;
  /** Who starts nodes. */
  readonly provisioner: NodeProvisioner;
  /** What is there whether or not a model serves. */
  readonly idle: PlannedIdleParts;
}

/** Version of the plan's format. */
const FORMAT_VERSION = 1;

/** What an app does, before it does it. Pure: the same app gives the same plan, byte for byte. */
export function planApp({ cluster, models: planned, budgetUsdPerHour }: AppToPlan): Plan {
  const { region, pools, provisioner, discounts, throughputs } = cluster;
  const autoMode = provisioner === NodeProvisioner.EKS_AUTO_MODE;
  const plannedPools = pools.map((pool) => ({ pool, items: itemsOf(pool, planned, region, discountOf(discounts, pool)) }));
  const fixed = plannedPools.filter(({ pool }) => hasFixedNodes(pool)).flatMap(({ items }) => items);
  const idle = idleItem(cluster.idle, discountOf(discounts, undefined));
  const cost = costOf(region, [...planned.flatMap(({ items }) => items.map(({ item }) => item)), ...fixed], idle);
  const warnings = pools.flatMap((pool) => beyondLimits(pool, planned));
  const budget = budgetUsdPerHour === undefined ? undefined : budgetOf(budgetUsdPerHour, cost);
  return {
    formatVersion: FORMAT_VERSION,
    cluster: {
      name: cluster.name,
      region,
      zones: cluster.zones,
      provisioner,
      pools: plannedPools.map(({ pool, items }) => poolOf(pool, costOf(region, items), discountOf(discounts, pool))),
      idle: cluster.idle,
      cost: costOf(region, fixed, idle),
    },
    models: planned.map(({ model }) => model),
    cost,
    discount: discounts?.everywhere,
    notCounted: [
      'volumes of nodes that come and go',
      'data transfer, storage in S3, logs, requests, taxes',
      ...(autoMode ? ['what EKS Auto Mode adds to each instance, about 12 %'] : []),
    ],
    budget,
    problems: [
      ...discountProblems(discounts, pools),
      ...unknownServers(throughputs, planned),
      ...planned.flatMap(({ model }) => model.problems.map((problem) => `model '${model.name}': ${problem}`)),
      ...(budget?.kept === false ? [overBudget(budget, cost, planned)] : []),
    ],
    warnings: [
      ...warnings,
      ...planned.flatMap(({ model }) => model.warnings.map((warning) => `model '${model.name}': ${warning}`)),
      ...(budget && budget.kept === undefined
        ? [`'budgetUsdPerHour' ($${budget.usdPerHour}) cannot be checked: no price is known in ${cost.region} for ${cost.unpriced.join(', ')}`]
        : []),
    ],
  };
}

/** The nodes of a pool: its fixed ones, or those of the model servers whose pods get theirs from it. */
function itemsOf(one: DescribedPool, planned: readonly ModelPlan[], region: string | undefined, discount?: Discount): CostItem[] {
  if (!hasFixedNodes(one)) return planned.flatMap(({ items }) => items.filter(({ pool }) => pool === one.name).map(({ item }) => item));
  const nodes = fixedNodes(one);
  const [cheapest] = byPrice(one.pool.instanceTypes, region);
  return cheapest ? [{ name: one.name, accelerator: cheapest, minimum: nodes, maximum: nodes, discount }] : [];
}

function byPrice(types: readonly Accelerator[], region: string | undefined): Accelerator[] {
  const price = orderingPrice(types, region);
  return [...types].sort((a, b) => price(a) - price(b));
}

function unknownServers(throughputs: ModelPlanContext['throughputs'], planned: readonly ModelPlan[]): string[] {
  const names = planned.map(({ model }) => model.name);
  const unknown = Object.keys(throughputs ?? {}).filter((name) => !names.includes(name));
  return unknown.map((name) => `the throughput of '${name}' has no model server: name one of ${names.join(', ') || 'those that are added'}`);
}

function fixedNodes({ config }: DescribedPool): number {
  return config.nodePool.replicas ?? 0;
}

function poolOf(one: DescribedPool, cost: PlannedCost, discount: Discount | undefined): PlannedPool {
  const limits = Object.entries(manifestOf(one).spec.limits ?? {}).map(([resource, limit]) => [resource, String(limit)] as const);
  return {
    name: one.name,
    kind: one.pool.kind,
    instanceTypes: one.pool.instanceTypes.map(({ instanceType }) => instanceType),
    limits: Object.fromEntries(limits),
    fixedNodes: fixedNodes(one),
    discount,
    cost,
  };
}

/** Devices that pods ask of a pool beyond its limit: they stay pending until others go. */
function beyondLimits(one: DescribedPool, planned: readonly ModelPlan[]): string[] {
  const resource = one.pool.instanceTypes[0]?.resourceName;
  const limit = resource === undefined ? undefined : manifestOf(one).spec.limits?.[resource];
  if (resource === undefined || limit === undefined) return [];
  const items = planned.flatMap((plan) => plan.items).filter(({ pool }) => pool === one.name);
  const devices = (count: (item: CostItem) => number): number =>
    items.reduce((total, { item }) => total + count(item) * item.accelerator.devices * (item.nodesPerReplica ?? 1), 0);
  const [least, most] = [devices(({ minimum }) => minimum), devices(({ maximum }) => maximum)];
  if (most <= Number(limit)) return [];
  const asked = least > Number(limit) ? `${least} at the fewest replicas` : `${most} at the most replicas`;
  return [`pool '${one.name}' is limited to ${limit} ${resource}, and its models take ${asked}: raise 'limits.devices', or pods stay pending`];
}

function idleItem(parts: PlannedIdleParts, discount: Discount | undefined): ClusterCostItem {
  const { natGateways, interfaceEndpoints, systemNodes, systemInstanceType, volumesGiB } = parts;
  const nodes = { name: 'system nodes', minimum: systemNodes, maximum: systemNodes, discount };
  return {
    natGateways,
    interfaceEndpoints,
    volumesGiB,
    systemNodes: systemInstanceType ? [{ ...nodes, accelerator: cpuType(systemInstanceType) }] : [],
  };
}

/** A type outside the catalogue has no price, and nothing else is asked of it. */
function cpuType(instanceType: string): Accelerator {
  if (Accelerator.catalogue().includes(instanceType)) return Accelerator.fromInstanceType(instanceType);
  return Accelerator.of({ instanceType, kind: AcceleratorKind.CPU, vcpus: 1, memoryMiB: 1024 });
}

/** Without a price for everything, the part that is known says nothing of the whole. */
function budgetOf(usdPerHour: number, { maximumUsd }: PlannedCost): PlannedBudget {
  return { usdPerHour, kept: maximumUsd === undefined ? undefined : maximumUsd <= usdPerHour };
}

function overBudget({ usdPerHour }: PlannedBudget, { maximumUsd = 0 }: PlannedCost, planned: readonly ModelPlan[]): string {
  const most = (plan: ModelPlan): number => plan.model.cost.maximumUsd ?? 0;
  const largest = [...planned].sort((a, b) => most(b) - most(a)).slice(0, 3);
  const named = largest.map((plan) => `${plan.model.name} $${most(plan).toFixed(2)}`).join(', ');
  return (
    `'budgetUsdPerHour' ($${usdPerHour}) is less than the $${maximumUsd.toFixed(2)} an hour that everything costs at its largest ` +
    `(${named}): lower the most replicas of these, or raise the budget`
  );
}
