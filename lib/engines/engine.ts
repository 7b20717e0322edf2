import type { k8s } from 'cdk8s-plus-34';
import type { Accelerator } from '../accelerators/accelerator';
import type { Model } from '../models/model';
import type { SecretKey, Weights } from '../models/weights';
import type { Placement } from '../placement';

/**
 * What runs in the container: an inference engine.
 *
 * An engine turns the other axes (model, accelerator, parallel sizes, where the weights are) into one container. It
 * knows nothing of Deployments, groups or clusters, so every engine works in every topology that can hold it.
 */
export interface IEngine {
  /** The engine's short name: `vllm`, `sglang`, `triton`. */
  readonly name: string;

  /** What the engine's options change in the memory that a model needs. */
  readonly memory: EngineMemory;

  /**
   * Whether weights in a bucket go straight into device memory. Where they do not, they are copied to the node's disk
   * before each start.
   */
  streams(accelerator: Accelerator): boolean;

  /**
   * The container of this engine for a model on an accelerator.
   *
   * @throws when the engine has no build for the accelerator, naming the accelerators that have one
   */
  bind(context: EngineContext): EngineConfig;
}

/** What an engine's options change in the memory that a model needs. Absent members keep the placement's defaults. */
export interface EngineMemory {
  /**
   * Share of the device memory that the engine may use, 0 to 1.
   * @default 0.92
   */
  readonly gpuMemoryUtilization?: number;
  /**
   * Format of the KV cache, in the engine's words.
   * @default - as the model computes
   */
  readonly kvCacheDtype?: string;
  /**
   * Format the weights are converted to at load, in the engine's words.
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
   * Repository id of a draft model in the same device memory.
   * @default - none
   */
  readonly draftModel?: string;
  /**
   * Tokens in one step, over all requests.
   * @default - the engine's choice
   */
  readonly maxBatchedTokens?: number;
  /**
   * GiB of host memory for KV cache, over all devices.
   * @default 0
   */
  readonly kvOffloadGiB?: number;
}

/** Everything an engine may depend on. */
export interface EngineContext {
  /** The model that is served. */
  readonly model: Model;
  /** The name that clients send as `model`. */
  readonly servedName: string;
  /**
   * Further names that the same model answers to. An engine that has them all says so in `servedNames`.
   * @default - none
   */
  readonly aliases?: string[];
  /** The instance type, seen by its devices. */
  readonly accelerator: Accelerator;
  /** Where the model was placed: parallel sizes, memory, limits. */
  readonly placement: Placement;
  /** Where the weights are read from. */
  readonly weights: Weights;
  /** Nodes that serve one replica together. */
  readonly nodes: number;
  /**
   * Longest prompt plus answer, in tokens.
   * @default - the longest that the model allows and the memory holds
   */
  readonly contextLength?: number;
  /**
   * Requests in flight at once, per replica.
   * @default - the engine's own limit
   */
  readonly concurrency?: number;
  /** Seconds that requests in flight get to finish when a pod ends. */
  readonly drainSeconds: number;
  /**
   * The half of the work these pods do, where prefill and decode are apart.
   * @default ServingRole.BOTH
   */
  readonly role?: ServingRole;
}

/** The half of an answer that a pod computes. */
export enum ServingRole {
  /** Prompt and answer: every pod does all of it. */
  BOTH = 'both',
  /** Reads the prompt and hands its KV cache over. */
  PREFILL = 'prefill',
  /** Takes the KV cache and writes the answer. */
  DECODE = 'decode',
}

/** A container of an engine: the model-server protocol of this library. */
export interface EngineConfig {
  /** The container image, with a fixed tag or digest. */
  readonly image: string;
  /**
   * The command.
   * @default - the image's entrypoint
   */
  readonly command?: string[];
  /** The arguments. None leaves those of the image. */
  readonly args: string[];
  /**
   * The same configuration as keywords, for hosts that start the engine themselves (Ray Serve, Triton).
   * @default - the engine can only be started by its command line
   */
  readonly keywords?: { readonly [keyword: string]: unknown };
  /**
   * What the engine's own HTTP server is told beside `keywords`, for a host that speaks the API with the engine's code
   * (Ray Serve LLM).
   * @default - nothing
   */
  readonly serverKeywords?: { readonly [keyword: string]: unknown };
  /**
   * Environment variables.
   * @default - none
   */
  readonly env?: k8s.EnvVar[];
  /** The port that speaks the OpenAI API. */
  readonly port: number;
  /**
   * The port that speaks Prometheus.
   * @default - the API port
   */
  readonly metricsPort?: number;
  /** The path of the metrics. */
  readonly metricsPath: string;
  /**
   * The key that the metrics ask for, as a bearer token.
   * @default - none: Prometheus needs no key
   */
  readonly metricsKey?: SecretKey;
  /** The path that answers 200 when requests are taken. */
  readonly readinessPath: string;
  /**
   * The path that answers 200 as long as restarting would not help.
   * @default - the readiness path
   */
  readonly livenessPath?: string;
  /** The paths of the API that clients use, for documentation and gateways. */
  readonly paths: string[];
  /**
   * The names that the engine answers to. The first is the one in the metrics.
   * @default - the served name only
   */
  readonly servedNames?: string[];
  /** The metrics that scaling, alerts and dashboards read. */
  readonly metrics: EngineMetrics;
  /** Who the container runs as. */
  readonly user: ContainerUser;
  /**
   * Files the engine reads, by absolute path; they become a ConfigMap.
   * @default - none
   */
  readonly files?: { readonly [path: string]: string };
  /**
   * Seconds the engine itself takes after SIGTERM to finish what it accepted.
   * @default - the engine stops at once: the pause before it is all that requests get
   */
  readonly shutdownSeconds?: number;
  /**
   * Cache folders to put on the node's disk.
   * @default - none
   */
  readonly cachePaths?: string[];
  /**
   * Memory the engine pins in the host for its own buffers, in GiB, beyond what the placement counts.
   * @default 0
   */
  readonly hostBuffersGiB?: number;
  /**
   * Secrets the container pulls its image with.
   * @default - none
   */
  readonly imagePullSecrets?: string[];
  /**
   * What must have ended before the engine starts, for instance a copy of weights to the node's disk.
   * @default - nothing
   */
  readonly initContainers?: EngineInitContainer[];
  /**
   * How the engine spans several nodes.
   * @default - the engine serves from one node only
   */
  readonly group?: EngineGroup;
  /**
   * Scheduler of the pod, where the device stack needs its own.
   * @default - the cluster's default scheduler
   */
  readonly schedulerName?: string;
}

/** What runs before an engine, with the same identity, user and cache folders. */
export interface EngineInitContainer {
  /** Name of the container. */
  readonly name: string;
  /** The container image, with a fixed tag or digest. */
  readonly image: string;
  /**
   * The command.
   * @default - the image's entrypoint
   */
  readonly command?: string[];
  /** The arguments. */
  readonly args: string[];
}

/**
 * How an engine spans the pods of a group, without a shell: the arguments use `$(LWS_LEADER_ADDRESS)`,
 * `$(LWS_GROUP_SIZE)` and `$(LWS_WORKER_INDEX)`, which Kubernetes expands in each pod.
 */
export interface EngineGroup {
  /** Arguments that the leader adds. */
  readonly leaderArgs: string[];
  /** Arguments that each worker adds. A worker serves no API, so it gets no HTTP probe. */
  readonly workerArgs: string[];
  /**
   * Environment of every pod of the group.
   * @default - none
   */
  readonly env?: k8s.EnvVar[];
}

/** The names of an engine's metrics. */
export interface EngineMetrics {
  /**
   * Requests that wait for a slot (gauge).
   * @default - the engine does not say, so nothing can scale on its queue
   */
  readonly queued?: string;
  /**
   * Requests being processed (gauge).
   * @default - the engine does not say
   */
  readonly running?: string;
  /**
   * Share of the KV cache in use, 0 to 1 (gauge).
   * @default - the engine does not say
   */
  readonly kvCacheUsage?: string;
  /**
   * Time to first token, in seconds (histogram).
   * @default - the engine does not say
   */
  readonly timeToFirstToken?: string;
  /**
   * Label that holds the served model name.
   * @default - series carry no model label; the pod's labels tell them apart
   */
  readonly modelLabel?: string;
}

/** Who a container runs as. */
export interface ContainerUser {
  /** User id. 0 is root, which needs a `rootReason`. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
  /** Group that owns mounted volumes. */
  readonly fsGroup: number;
  /**
   * Why the image works only as root. It is written on the pods, for whoever reviews them.
   * @default - it works as another user
   */
  readonly rootReason?: string;
}
