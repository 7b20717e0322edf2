import type { Discount } from '../cost';
import type { PlannedCost } from './planned-cost';

/** The cluster that the models are on. */
export interface PlannedCluster {
  /** Name of the EKS cluster. */
  readonly name: string;
  /** AWS region. Absent when it is only known at deployment. */
  readonly region?: string;
  /** Number of Availability Zones. */
  readonly zones: number;
  /** Who starts nodes: `karpenter` or `eks-auto-mode`. */
  readonly provisioner: string;
  /** Which nodes may come. */
  readonly pools: PlannedPool[];
  /** What is there whether or not a model serves. */
  readonly idle: PlannedIdleParts;
  /** What it costs while no model serves. */
  readonly cost: PlannedCost;
}

/** What a cluster has whether or not a model serves. */
export interface PlannedIdleParts {
  /** NAT gateways. */
  readonly natGateways: number;
  /** Network interfaces of interface endpoints: endpoints × zones. */
  readonly interfaceEndpoints: number;
  /** Nodes for controllers. */
  readonly systemNodes: number;
  /** Instance type of the nodes for controllers. Absent without any. */
  readonly systemInstanceType?: string;
  /** EBS volumes of these nodes, in GiB. */
  readonly volumesGiB: number;
}

/** A node pool. */
export interface PlannedPool {
  /** Name. */
  readonly name: string;
  /** What computes in its nodes: `nvidia`, `inferentia`, `trainium`, `cpu`. */
  readonly kind: string;
  /** The instance types that may come, as far as the catalogue has them. */
  readonly instanceTypes: string[];
  /** What the nodes may be together, by Kubernetes resource. Empty without a limit. */
  readonly limits: { readonly [resource: string]: string };
  /** Nodes that are there whether pods ask for them or not. 0 when nodes come and go. */
  readonly fixedNodes: number;
  /** How much less than list price its nodes cost. Absent at list price. */
  readonly discount?: Discount;
  /** What its nodes cost: those of the model servers on it, and its fixed ones. */
  readonly cost: PlannedCost;
}
