import type { Accelerator } from './accelerators/accelerator';
import type { Model } from './models/model';
import type { Parallelism } from './parallelism';

/** What is to be placed, and where. */
export interface PlacementRequest {
  /** The model. */
  readonly model: Model;

  /** The instance type of every node, with the devices that a pod takes. */
  readonly accelerator: Accelerator;

  /**
   * Nodes that serve one replica together.
   * @default 1
   */
  readonly nodes?: number;

  /**
   * How the model is split. Sizes that are missing are chosen.
   * @default - chosen: see Placement
   */
  readonly parallelism?: Parallelism;

  /**
   * Longest prompt plus answer, in tokens.
   * @default - the longest that the model allows and the memory holds; at least 8192 must fit, or all the model allows
   */
  readonly contextLength?: number;

  /**
   * Requests of that length in flight at once, in one replica.
   * @default 1
   */
  readonly concurrency?: number;

  /**
   * Format of the KV cache, in the engine's words: `auto`, `fp8`, `q8_0`.
   * @default 'auto' - 16 bits
   */
  readonly kvCacheDtype?: string;

  /**
   * Share of the device memory that the engine may use, 0 to 1.
   * @default 0.92 - vLLM's, from 0.29
   */
  readonly gpuMemoryUtilization?: number;

  /**
   * Format that the weights are converted to at load, in the engine's words: `fp8`, `bitsandbytes`.
   * @default - as they are stored
   */
  readonly quantization?: string;

  /**
   * LoRA adapters held in device memory.
   * @default 0
   */
  readonly loraAdapters?: number;

  /**
   * Largest rank of an adapter.
   * @default 16
   */
  readonly loraRank?: number;

  /**
   * Repository id of a draft model for speculative decoding, in the same device memory.
   * @default - none
   */
  readonly draftModel?: string;

  /**
   * Tokens in one step, over all requests.
   * @default - vLLM's: 8192 on devices of 70 GiB and more (A100 excepted), else 2048
   */
  readonly maxBatchedTokens?: number;

  /**
   * Host memory for KV cache, in GiB, over all devices of a node.
   * @default 0
   */
  readonly kvOffloadGiB?: number;

  /**
   * Shared memory (`/dev/shm`), in GiB.
   * @default - 1 for one rank, 8 for several, 16 for eight and more
   */
  readonly sharedMemoryGiB?: number;

  /**
   * Whether the weights are streamed through a buffer in host memory, as from S3.
   * @default false - they are mapped from files
   */
  readonly streamed?: boolean;

  /**
   * Region, so that a refusal proposes only what it sells. What was asked for is not checked against it.
   * @default - alternatives of any region
   */
  readonly region?: string;

  /**
   * Zone ids of the cluster (`use1-az4`), with `region`: alternatives are sold in one of them.
   * @default - all zones of the region
   */
  readonly zoneIds?: string[];
}

/** Where alternatives may be bought. */
export interface AlternativesOptions {
  /**
   * Region.
   * @default - the region of the request; without one any, and prices are those of us-east-1
   */
  readonly region?: string;

  /**
   * Zone ids of the cluster (`use1-az4`). A type must be sold in at least one of them.
   * @default - the zones of the request, else all of the region
   */
  readonly zoneIds?: string[];

  /**
   * Most nodes of one replica.
   * @default 2
   */
  readonly maxNodes?: number;
}

/** An instance type and a split that would hold the model. */
export interface PlacementAlternative {
  /** The EC2 instance type. */
  readonly instanceType: string;
  /** Nodes of one replica. */
  readonly nodes: number;
  /** How the model is split there. */
  readonly parallelism: Parallelism;
  /** Region of the price. */
  readonly priceRegion: string;
  /** On-demand list price of all nodes, in US dollars an hour. Absent where it is not known. */
  readonly usdPerHour?: number;
  /** Memory that stays free on the fullest device, in GiB. */
  readonly marginGiB: number;
}
