import { Accelerator } from '../accelerators/accelerator';
import type { ModelServerChart, ModelServerChartProps } from '../charts/model-server-chart';
import { placementRequestOf } from '../charts/private/placement-request-of';
import type { Discount, ThroughputProfile } from '../cost';
import { Weights } from '../models/weights';
import { NodeProvisioner } from '../node-pools/node-environment';
import type { PodManifest } from '../karpenter/manifests';
import type { INodePool } from '../node-pools/node-pool';
import { Placement } from '../placement';
import { measuredElsewhere } from '../private/rates';
import { FixedReplicas } from '../scaling/fixed-replicas';
import type { PlannedModel } from './planned-model';
import type { PlannedPlacement, PlannedPods } from './planned-placement';
import { chooseNodes, hasFixedNodes, type PoolOnCluster } from './private/choose-nodes';
import { coldStartOf } from './private/cold-start-of';
import { costOf, itemsOf, type PooledItem } from './private/cost-of';
import { discountOf, type DiscountsToPlan } from './private/discount-of';
import { fitOf } from './private/fit-of';
import { podGroupsOf } from './private/pod-groups';
import { startOn, type NodeStart } from './private/start-on';
import { tokenCostOf } from './private/token-cost-of';

/** A pool to plan with. */
export interface PoolToPlan extends PoolOnCluster {
  /** Which nodes may come. */
  readonly pool: INodePool;
}

/** Where a model server is planned. */
export interface ModelPlanContext {
  /** Region of the cluster. Absent when it is only known at deployment. */
  readonly region?: string;
  /** Who starts nodes. */
  readonly provisioner: NodeProvisioner;
  /** The pools of the cluster. */
  readonly pools: readonly PoolToPlan[];
  /** Pods of the DaemonSets, which take their part of every node they can be on. */
  readonly daemons: readonly PodManifest[];
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
  const { pods, items } = planPods(chart, context);
  const pending = pods.filter(({ problems }) => problems.length > 0);
  const uncatalogued = poolOutsideCatalogue(chart, context);
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
      problems: uncatalogued ? [] : pending.map(pendingText),
      warnings: [
        ...placement.warnings,
        ...(elsewhere ? [elsewhere] : []),
        ...(uncatalogued ? pending.map(({ role }) => `the nodes of its pods '${role}' and their price are not known: they are left to ${uncatalogued}`) : []),
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

/** Pods beside the engines, such as the head of a Ray cluster, need nodes without devices. */
function pendingText({ role, problems }: PlannedPods): string {
  const fix = problems.every((problem) => problem.includes('taint')) ? ': add a pool without accelerators, new X86Pool() or x86: true' : '';
  return `no node can come for its pods '${role}': ${problems.join('; ')}${fix}`;
}

/** Who may bring nodes that nothing is known of here, so that a pod without a node is no mistake. */
function poolOutsideCatalogue({ accelerator }: ModelServerChart, { pools, provisioner }: ModelPlanContext): string | undefined {
  if (provisioner === NodeProvisioner.EKS_AUTO_MODE) return 'the pools of EKS Auto Mode';
  if (!Accelerator.catalogue().includes(accelerator.instanceType)) return `${accelerator.instanceType}, which is not in the catalogue`;
  const pool = pools.find((one) => one.pool.instanceTypes.length === 0);
  return pool && `the pool '${pool.name}'`;
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

function planPods(chart: ModelServerChart, context: ModelPlanContext): { pods: PlannedPods[]; items: PooledItem[] } {
  const { pools, discounts } = context;
  const fixed = new Set(pools.filter(hasFixedNodes).map(({ name }) => name));
  const groups = podGroupsOf(chart.toJson()).map(({ pod, ...group }) => ({
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
