import type { Accelerator } from './accelerators/accelerator';
import { priceDateOf } from './accelerators/list-prices';
import { checkDiscount, checkThroughput, paidShare, usdPerMillionTokens } from './private/rates';

/** Hours of a month, as AWS counts them. */
const HOURS_PER_MONTH = 730;

/** What a cluster costs besides its instances, in US dollars. */
interface ServicePrices {
  readonly controlPlaneHour: number;
  readonly extendedSupportHour: number;
  readonly natGatewayHour: number;
  readonly interfaceEndpointHour: number;
  readonly loadBalancerHour: number;
  readonly gp3GiBMonth: number;
}

/**
 * Prices of services, of the regions where they are known. Data that passes through NAT gateways, endpoints and load
 * balancers costs extra.
 *
 * Source: AWS price pages of EKS, VPC, PrivateLink, Elastic Load Balancing and EBS (2026); for us-west-2 the AWS Price
 * List (usage types USW2-*, October 2026).
 */
const SERVICE_PRICES: { readonly [region: string]: ServicePrices } = {
  'us-east-1': {
    controlPlaneHour: 0.1,
    extendedSupportHour: 0.6,
    natGatewayHour: 0.045,
    interfaceEndpointHour: 0.01,
    loadBalancerHour: 0.0225,
    gp3GiBMonth: 0.08,
  },
  'us-west-2': {
    controlPlaneHour: 0.1,
    extendedSupportHour: 0.6,
    natGatewayHour: 0.045,
    interfaceEndpointHour: 0.01,
    loadBalancerHour: 0.0225,
    gp3GiBMonth: 0.08,
  },
};

/** How much less than list price is paid. */
export interface Discount {
  /**
   * Share of list price that is saved on capacity that is not spot, 0 to 1: Savings Plans, reservations, a contract.
   * @default 0
   */
  readonly committed?: number;

  /**
   * Share of the nodes that are spot, 0 to 1.
   * @default 0
   */
  readonly spotShare?: number;

  /**
   * Share of list price that is saved on spot, 0 to 1.
   * @default 0 - spot prices change and are not guessed
   */
  readonly spot?: number;
}

/** A measured rate of tokens, from the result of a benchmark. */
export interface ThroughputProfile {
  /** Tokens that one replica generates a second, over all requests, at the load it is meant for. */
  readonly outputTokensPerSecond: number;

  /** The instance type it was measured on: another one has another rate. */
  readonly instanceType: string;

  /**
   * Where the number is from: a file or an address.
   * @default - not said
   */
  readonly source?: string;
}

/** Nodes that something costs. */
export interface CostItem {
  /** Name of the model server or pool. */
  readonly name: string;

  /** The instance type, with the devices that a pod takes: a pod that takes half of a node costs half of it. */
  readonly accelerator: Accelerator;

  /**
   * Nodes of one replica. For a pool: 1.
   * @default 1
   */
  readonly nodesPerReplica?: number;

  /** Fewest replicas, or nodes of a pool. */
  readonly minimum: number;

  /** Most replicas, or nodes of a pool. */
  readonly maximum: number;

  /**
   * Replicas, or nodes, at a usual hour.
   * @default - half way between the fewest and the most, rounded up
   */
  readonly typical?: number;

  /**
   * How much less than list price is paid.
   * @default - list price
   */
  readonly discount?: Discount;

  /**
   * A measured rate of tokens.
   * @default - no price of a token is worked out
   */
  readonly throughput?: ThroughputProfile;
}

/** What a cluster has whether or not a model serves. */
export interface ClusterCostItem {
  /**
   * Control planes.
   * @default 1
   */
  readonly controlPlanes?: number;

  /**
   * Whether the Kubernetes version is in extended support.
   * @default false
   */
  readonly extendedSupport?: boolean;

  /**
   * NAT gateways.
   * @default 0
   */
  readonly natGateways?: number;

  /**
   * Network interfaces of interface endpoints: endpoints × zones.
   * @default 0
   */
  readonly interfaceEndpoints?: number;

  /**
   * Load balancers.
   * @default 0
   */
  readonly loadBalancers?: number;

  /**
   * EBS volumes that stay, in GiB.
   * @default 0
   */
  readonly volumesGiB?: number;

  /**
   * Nodes for controllers.
   * @default - none
   */
  readonly systemNodes?: CostItem[];
}

/** An hourly cost in US dollars. Amounts are absent where a price is not known. */
export interface HourlyCost {
  /** With the fewest replicas. */
  readonly minimumUsd?: number;
  /** At a usual hour. */
  readonly typicalUsd?: number;
  /** With the most replicas. */
  readonly maximumUsd?: number;
}

/** The cost of one model server or pool. */
export interface CostLine extends HourlyCost {
  /** Name of the model server or pool. */
  readonly name: string;
  /** The instance type. */
  readonly instanceType: string;
  /** Cost of one million generated tokens in US dollars, at the measured rate. Absent without one, or without a price. */
  readonly usdPerMillionTokens?: number;
}

/** What is to be costed, and where. */
export interface CostRequest {
  /** Region of the prices. */
  readonly region: string;

  /** Model servers or pools. Give one or the other: the nodes of a pool are those of the servers on it. */
  readonly items: CostItem[];

  /**
   * The cluster.
   * @default - not counted
   */
  readonly cluster?: ClusterCostItem;

  /**
   * Most that everything may cost at its largest, in US dollars an hour.
   * @default - no limit
   */
  readonly budgetUsdPerHour?: number;
}

/**
 * What an app costs an hour: at its smallest, usually, and at its largest.
 *
 * Prices are on-demand list prices of the region, with the discounts that are given. Where a price is not known the
 * amount is absent, and so is every total that it is part of: `unpriced` says what is missing. Not counted: data
 * transfer, storage in S3, logs, requests, taxes.
 */
export class Cost {
  /**
   * Works out the cost.
   *
   * @throws when replicas, discounts or rates are not possible. A cost beyond the budget is no error: see `require`.
   */
  public static estimate(request: CostRequest): Cost {
    return new Cost(request);
  }

  /**
   * Works out a cost that must be within the budget.
   *
   * @throws when it is not, or cannot be known, naming the largest items
   */
  public static require(request: CostRequest): Cost {
    const cost = new Cost(request);
    if (!cost.withinBudget) throw new Error(cost.refusal());
    return cost;
  }

  /** Region of the prices. */
  public readonly region: string;
  /** When the prices were published: a day, or a month where the day is not known. Absent where none is known in the region. */
  public readonly priceDate?: string;
  /** Each model server or pool. */
  public readonly lines: CostLine[];
  /** The cluster while nothing serves. Absent where it is not counted. */
  public readonly cluster?: HourlyCost;
  /** Everything together. */
  public readonly total: HourlyCost;
  /** What has no known price in the region. */
  public readonly unpriced: string[];
  /** Most that it may cost at its largest, in US dollars an hour. Absent without a limit. */
  public readonly budgetUsdPerHour?: number;

  private constructor(request: CostRequest) {
    const { region, items, cluster, budgetUsdPerHour } = request;
    if (budgetUsdPerHour !== undefined) requireAtLeast("'budgetUsdPerHour'", budgetUsdPerHour, 0);
    [...items, ...(cluster?.systemNodes ?? [])].forEach(validate);
    this.region = region;
    this.priceDate = priceDateOf(region);
    this.budgetUsdPerHour = budgetUsdPerHour;
    this.lines = items.map((item) => lineOf(item, region));
    this.cluster = cluster && clusterCost(cluster, region);
    this.total = add([...this.lines, ...(this.cluster ? [this.cluster] : [])]);
    this.unpriced = unpriced(request);
  }

  /** Whether the cost at its largest is known and within the budget. True without a budget. */
  public get withinBudget(): boolean {
    if (this.budgetUsdPerHour === undefined) return true;
    return this.total.maximumUsd !== undefined && this.total.maximumUsd <= this.budgetUsdPerHour;
  }

  /** The total of a month of 730 hours. */
  public get monthly(): HourlyCost {
    return scale(this.total, HOURS_PER_MONTH);
  }

  private refusal(): string {
    const budget = `'budgetUsdPerHour' ($${this.budgetUsdPerHour})`;
    if (this.total.maximumUsd === undefined) {
      return `${budget} cannot be checked: no price is known in ${this.region} for ${this.unpriced.join(', ')}`;
    }
    const largest = [...this.lines].sort((a, b) => (b.maximumUsd ?? 0) - (a.maximumUsd ?? 0)).slice(0, 3);
    const named = largest.map(({ name, maximumUsd }) => `${name} $${maximumUsd?.toFixed(2)}`).join(', ');
    return (
      `${budget} is less than the $${this.total.maximumUsd.toFixed(2)} an hour that everything costs at its largest ` +
      `(${named}): lower the most replicas of these, or raise the budget`
    );
  }
}

function lineOf(item: CostItem, region: string): CostLine {
  const price = pricePerReplica(item, region);
  const { throughput } = item;
  return {
    name: item.name,
    instanceType: item.accelerator.instanceType,
    ...hourly(price, item.minimum, typical(item), item.maximum),
    usdPerMillionTokens: throughput && price !== undefined ? usdPerMillionTokens(price, throughput.outputTokensPerSecond) : undefined,
  };
}

function pricePerReplica({ accelerator, nodesPerReplica = 1, discount }: CostItem, region: string): number | undefined {
  const list = accelerator.onDemandUsdPerHour(region);
  return list === undefined ? undefined : list * accelerator.nodeShare * nodesPerReplica * paidShare(discount);
}

function typical({ minimum, maximum, typical }: CostItem): number {
  return typical ?? Math.ceil((minimum + maximum) / 2);
}

function hourly(price: number | undefined, minimum: number, typical: number, maximum: number): HourlyCost {
  const times = (count: number): number | undefined => (price === undefined ? (count === 0 ? 0 : undefined) : price * count);
  return { minimumUsd: times(minimum), typicalUsd: times(typical), maximumUsd: times(maximum) };
}

function clusterCost(cluster: ClusterCostItem, region: string): HourlyCost {
  const prices = SERVICE_PRICES[region];
  const nodes = (cluster.systemNodes ?? []).map((item) => lineOf(item, region));
  const services = prices && servicesUsdPerHour(cluster, prices);
  return add([hourly(services, 1, 1, 1), ...nodes]);
}

function servicesUsdPerHour(cluster: ClusterCostItem, prices: ServicePrices): number {
  const { controlPlanes = 1, natGateways = 0, interfaceEndpoints = 0, loadBalancers = 0, volumesGiB = 0 } = cluster;
  return (
    controlPlanes * (cluster.extendedSupport ? prices.extendedSupportHour : prices.controlPlaneHour) +
    natGateways * prices.natGatewayHour +
    interfaceEndpoints * prices.interfaceEndpointHour +
    loadBalancers * prices.loadBalancerHour +
    (volumesGiB * prices.gp3GiBMonth) / HOURS_PER_MONTH
  );
}

function unpriced({ region, items, cluster }: CostRequest): string[] {
  const types = [...items, ...(cluster?.systemNodes ?? [])]
    .filter(({ accelerator }) => accelerator.onDemandUsdPerHour(region) === undefined)
    .map(({ accelerator }) => accelerator.instanceType);
  const services = cluster && !SERVICE_PRICES[region] ? ['control plane, network and volumes'] : [];
  return [...new Set([...types, ...services])];
}

function add(costs: HourlyCost[]): HourlyCost {
  const total = (amount: (cost: HourlyCost) => number | undefined): number | undefined =>
    costs.reduce<number | undefined>((sum, cost) => {
      const next = amount(cost);
      return sum === undefined || next === undefined ? undefined : sum + next;
    }, 0);
  return {
    minimumUsd: total((cost) => cost.minimumUsd),
    typicalUsd: total((cost) => cost.typicalUsd),
    maximumUsd: total((cost) => cost.maximumUsd),
  };
}

function scale(cost: HourlyCost, factor: number): HourlyCost {
  const times = (amount: number | undefined): number | undefined => (amount === undefined ? undefined : amount * factor);
  return { minimumUsd: times(cost.minimumUsd), typicalUsd: times(cost.typicalUsd), maximumUsd: times(cost.maximumUsd) };
}

function validate(item: CostItem): void {
  const { name, minimum, maximum, accelerator, throughput, discount } = item;
  requireAtLeast(`'minimum' of '${name}'`, minimum, 0);
  if (!(maximum >= minimum)) throw new Error(`'maximum' of '${name}' (${maximum}) must be at least 'minimum' (${minimum})`);
  const usual = typical(item);
  if (usual < minimum || usual > maximum) {
    throw new Error(`'typical' of '${name}' (${usual}) must be between 'minimum' (${minimum}) and 'maximum' (${maximum})`);
  }
  checkDiscount(name, discount);
  if (throughput) checkThroughput(name, throughput, accelerator);
}

function requireAtLeast(what: string, value: number, least: number): void {
  if (!(value >= least && Number.isFinite(value))) throw new Error(`${what} (${value}) must be at least ${least}`);
}
