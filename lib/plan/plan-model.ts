import type { Accelerator } from '../accelerators/accelerator';
import type { ModelServerChart, ModelServerChartProps } from '../charts/model-server-chart';
import { placementRequestOf } from '../charts/private/placement-request-of';
import type { Discount, ThroughputProfile } from '../cost';
import { Weights } from '../models/weights';
import { Placement } from '../placement';
import type { PodManifest } from '../karpenter/manifests';
import { measuredElsewhere } from '../private/rates';
import { FixedReplicas } from '../scaling/fixed-replicas';
import type { PlannedModel } from './planned-model';
import type { PlannedPlacement, PlannedPods } from './planned-placement';
import { chooseNodes, hasFixedNodes } from './private/choose-nodes';
import { coldStartOf } from './private/cold-start-of';
import { costOf, itemsOf, type PooledItem } from './private/cost-of';
import { discountOf, type DiscountsToPlan } from './private/discount-of';
import { fitOf } from './private/fit-of';
import { nodesBeyond, type AllNodes } from './private/nodes-beyond';
import { podGroups } from './private/pod-groups';
import { pendingText } from './private/pods-without-nodes';
import { startOn, type NodeStart } from './private/start-on';
import { tokenCostOf } from './private/token-cost-of';

/** Where a model server is planned. */
export interface ModelPlanContext extends AllNodes {
  /** How much less than list price is paid. Absent at list price. */
  readonly discounts?: DiscountsToPlan;
  /** Measured rates of tokens, by the name of the model server. Absent without any. */
  readonly throughputs?: { readonly [server: string]: ThroughputProfile };
}

/** A planned model server, with its nodes as items to be costed. */
export interface ModelPlan {
  /** As data. */
  readonly model: PlannedModel;
  /** Its nodes, but those of pools that have their nodes anyway. */
  readonly items: PooledItem[];
}

/** Plans a model server that fits. */
export function planModel(chart: ModelServerChart, context: ModelPlanContext): ModelPlan {
  const { model, accelerator, placement, topology, scaling } = chart;
  const { pods, items, pending } = planPods(chart, context);
  const cost = costOf(context.region, items.map(({ item }) => item));
  const replicas = { minimum: scaling.replicas.min, maximum: scaling.replicas.max };
  const throughput = context.throughputs?.[chart.serverName];
  const elsewhere = throughput && measuredElsewhere(chart.serverName, throughput, accelerator);
  return {
    items,
    model: {
      name: chart.serverName,
      namespace: chart.objectsNamespace,
      model: model.id,
      servedName: chart.servedName,
      engine: chart.engine.name,
      topology: topology.name,
      endpoint: chart.endpoint,
      replicas,
      fit: fitOf(placement, context.region),
      placement: placementOf(accelerator, placement.nodes, pods),
      cost,
      tokenCost: throughput && !elsewhere ? tokenCostOf(throughput, cost, replicas) : undefined,
      coldStart: coldStartOf({ model, accelerator, placement, weights: chart.weights, ...startWith(chart, pods, context) }),
      problems: pending.filter(({ leftTo }) => leftTo === undefined).map(({ role, pod, problems }) => pendingText(role, pod, problems)),
      warnings: [
        ...placement.warnings,
        ...(elsewhere ? [elsewhere] : []),
        ...pending.flatMap(({ role, leftTo }) => (leftTo ? [`the nodes of its pods '${role}' and their price are not known: they are left to ${leftTo}`] : [])),
      ],
    },
  };
}

/** Without a node to come it is not known how nodes start: then as a pool does that says nothing. */
function startWith({ accelerator }: ModelServerChart, pods: readonly PlannedPods[], { pools }: ModelPlanContext): NodeStart {
  const likely = pods.flatMap(({ instanceTypes }) => instanceTypes.slice(0, 1));
  const serving = likely.find(({ instanceType }) => instanceType === accelerator.instanceType) ?? likely[0];
  const pool = pools.find(({ name }) => name === serving?.pool);
  return pool ? startOn(pool, accelerator) : { fastImagePull: true };
}

/** Plans a model server that does not fit: what it would need, and where it would fit. It has no pods yet. */
export function planRefused(props: ModelServerChartProps, context: Pick<ModelPlanContext, 'region' | 'discounts'>): ModelPlan {
  const { region, discounts } = context;
  const { model, accelerator, engine, topology, name, namespace } = props;
  const placement = Placement.plan(placementRequestOf(props));
  const { replicas } = props.scaling ?? new FixedReplicas(1);
  const nodes = { name, accelerator, minimum: replicas.min, maximum: replicas.max, nodesPerReplica: placement.nodes };
  const items = [{ item: { ...nodes, discount: discountOf(discounts, undefined) } }];
  const fit = fitOf(placement, region);
  return {
    items,
    model: {
      name,
      namespace,
      model: model.id,
      servedName: props.servedName ?? model.servedName,
      engine: engine.name,
      topology: topology?.name ?? 'single-node',
      endpoint: `http://${name}.${namespace}`,
      replicas: { minimum: replicas.min, maximum: replicas.max },
      fit,
      placement: placementOf(accelerator, placement.nodes, []),
      cost: costOf(region, items.map(({ item }) => item)),
      coldStart: coldStartOf({ model, accelerator, placement, weights: props.weights ?? Weights.hub(), fastImagePull: true }),
      problems: fit.problems.map((problem) => `does not fit on ${accelerator.instanceType}: ${problem}`),
      warnings: [],
    },
  };
}

/** Pods that no known instance type suits. */
interface PendingPods {
  readonly role: string;
  readonly pod: PodManifest;
  readonly problems: readonly string[];
  /** Who may bring a node for them. */
  readonly leftTo?: string;
}

/** The pods of a model server with their nodes. */
interface PodsPlan {
  readonly pods: PlannedPods[];
  /** The nodes to be costed. */
  readonly items: PooledItem[];
  /** Those that no known instance type suits. */
  readonly pending: readonly PendingPods[];
}

function planPods(chart: ModelServerChart, context: ModelPlanContext): PodsPlan {
  const { pools, discounts } = context;
  const fixed = new Set(pools.filter(hasFixedNodes).map(({ name }) => name));
  const groups = podGroups(chart).map(({ pod, ...group }) => ({
    pod,
    planned: { ...group, ...chooseNodes(pod, context) },
  }));
  const discount = (name: string | undefined): Discount | undefined => discountOf(discounts, pools.find((pool) => pool.name === name));
  const items = groups
    .flatMap(({ pod, planned }) => itemsOf(chart.serverName, pod, planned, chart.accelerator))
    .map(({ item, pool }) => ({ item: { ...item, discount: discount(pool) }, pool }));
  return {
    pods: groups.map(({ planned }) => planned),
    items: items.filter(({ pool }) => pool === undefined || !fixed.has(pool)),
    pending: groups
      .filter(({ planned }) => planned.problems.length > 0)
      .map(({ pod, planned: { role, problems } }) => ({ role, pod, problems, leftTo: nodesBeyond(pod, chart.accelerator, context) })),
  };
}

function placementOf(accelerator: Accelerator, nodesPerReplica: number, pods: PlannedPods[]): PlannedPlacement {
  return {
    accelerator: accelerator.instanceType,
    deviceName: accelerator.deviceName,
    devicesPerPod: accelerator.devices,
    devicesPerNode: accelerator.nodeDevices,
    nodesPerReplica,
    pools: [...new Set(pods.flatMap(({ instanceTypes }) => instanceTypes.map(({ pool }) => pool)))],
    pods,
  };
}
