/** The nodes that a model server gets. */
export interface PlannedPlacement {
  /** EC2 instance type that was asked for. */
  readonly accelerator: string;
  /** Name of its device. Absent without devices. */
  readonly deviceName?: string;
  /** Devices that a pod takes. */
  readonly devicesPerPod: number;
  /** Devices of the node. */
  readonly devicesPerNode: number;
  /** Nodes that serve one replica together. */
  readonly nodesPerReplica: number;
  /** Names of the pools that bring its nodes. */
  readonly pools: string[];
  /** Its pods, by what they do. Empty when the model does not fit. */
  readonly pods: PlannedPods[];
}

/** Pods of one kind. */
export interface PlannedPods {
  /** What they do: `server`, `leader`, `workers`, `head`, `prefill`, `decode`. */
  readonly role: string;
  /** Fewest pods. */
  readonly minimum: number;
  /** Most pods. */
  readonly maximum: number;
  /** The instance types that they can get, cheapest first: the first is likely, the last is possible. */
  readonly instanceTypes: PlannedInstanceType[];
  /** Why no node can come for them. Empty when one can. */
  readonly problems: string[];
}

/** An instance type that a pod can get. */
export interface PlannedInstanceType {
  /** EC2 instance type. */
  readonly instanceType: string;
  /** The pool that brings it. */
  readonly pool: string;
  /** Share of the node that the pod takes, 0 to 1. */
  readonly nodeShare: number;
  /** On-demand list price of the whole node, in US dollars an hour. Absent where it is not known. */
  readonly usdPerHour?: number;
  /** Ids of the zones that sell it. Absent where the region is not known at synth. */
  readonly zoneIds?: string[];
}
