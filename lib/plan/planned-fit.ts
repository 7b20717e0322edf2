import type { ParallelismSizes } from '../parallelism';

/** Whether a model fits, and what its memory goes to. All sizes are of the fullest rank, which is what decides. */
export interface PlannedFit {
  /** Whether the model can be served as asked. */
  readonly fits: boolean;
  /** Whether the shape of the model is known. When it is not, only what is known was checked. */
  readonly known: boolean;
  /** Why it does not fit: each a sentence with the fix. Empty when it fits. */
  readonly problems: string[];
  /** Memory of the device that one rank is on. */
  readonly memory: PlannedMemory;
  /** Budget less everything that is needed, in GiB: negative when it does not fit. */
  readonly marginGiB: number;
  /** The context that memory is planned for, in tokens: what was asked for, or 8192 as far as the model allows them. */
  readonly plannedContextLength: number;
  /** The requests in flight that memory is planned for. */
  readonly concurrency: number;
  /** The longest context at this concurrency, in tokens: what the engine is given when nothing is asked for. 0 when not known. */
  readonly maxContextLength: number;
  /** The most requests of the planned context in one replica. 0 when not known. */
  readonly maxConcurrency: number;
  /** How the model is split over devices. */
  readonly parallelism: ParallelismSizes;
  /** Why it is split this way. */
  readonly reason: string;
  /** The cheapest instance types that would hold it. Empty when it fits. */
  readonly alternatives: PlannedAlternative[];
}

/** Memory of the device that one rank is on, in GiB. Without devices: of the node. */
export interface PlannedMemory {
  /** What a program sees. */
  readonly deviceGiB: number;
  /** What the engine may use of it. */
  readonly budgetGiB: number;
  /** Weights. */
  readonly weightsGiB: number;
  /** KV cache of the requests that are planned for. */
  readonly kvCacheGiB: number;
  /** Peak of activations. */
  readonly activationsGiB: number;
  /** CUDA graphs. */
  readonly graphsGiB: number;
  /** Device context, workspaces and communication buffers. */
  readonly runtimeGiB: number;
  /** LoRA adapters. */
  readonly loraGiB: number;
  /** Draft model and its cache. */
  readonly draftGiB: number;
  /** What stays free within the budget: engines use it for more KV cache. */
  readonly freeGiB: number;
}

/** An instance type that would hold a model. */
export interface PlannedAlternative {
  /** EC2 instance type. */
  readonly instanceType: string;
  /** Nodes of one replica. */
  readonly nodes: number;
  /** How the model would be split. */
  readonly parallelism: ParallelismSizes;
  /** Memory that would stay free on the fullest device, in GiB. */
  readonly marginGiB: number;
  /** On-demand list price of all nodes, in US dollars an hour. Absent where it is not known. */
  readonly usdPerHour?: number;
  /** Region of the price. */
  readonly priceRegion: string;
}
