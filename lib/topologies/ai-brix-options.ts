import type { Accelerator } from '../accelerators/accelerator';
import type { Parallelism } from '../parallelism';
import type { IScaling } from '../scaling/scaling';

/** How AIBrix's gateway chooses the pod for a request. */
export class AIBrixRouting {
  /** Any pod. */
  public static readonly RANDOM = AIBrixRouting.of('random');
  /** The pod with the fewest requests. */
  public static readonly LEAST_REQUEST = AIBrixRouting.of('least-request');
  /** The pod that has answered fastest. */
  public static readonly LEAST_LATENCY = AIBrixRouting.of('least-latency');
  /** The pod whose KV cache is the least full. */
  public static readonly LEAST_KV_CACHE = AIBrixRouting.of('least-kv-cache');
  /** The pod with the fewest tokens in work. */
  public static readonly THROUGHPUT = AIBrixRouting.of('throughput');
  /** The better of two pods. */
  public static readonly POWER_OF_TWO = AIBrixRouting.of('power-of-two');
  /** The pod that has the beginning of the prompt in its KV cache. */
  public static readonly PREFIX_CACHE = AIBrixRouting.of('prefix-cache');
  /** The pod that had the session before. */
  public static readonly SESSION_AFFINITY = AIBrixRouting.of('session-affinity');

  /** A strategy by AIBrix's name. */
  public static of(strategy: string): AIBrixRouting {
    return new AIBrixRouting(strategy);
  }

  private constructor(
    /** AIBrix's name of the strategy. */
    public readonly strategy: string,
  ) {}
}

/** A LoRA adapter that is loaded into running pods. */
export interface AIBrixAdapter {
  /** Name that clients send as `model`: a DNS label, unique in the namespace. */
  readonly name: string;
  /** `huggingface://owner/name`, or a path inside the pods. */
  readonly source: string;
  /**
   * Load it into every pod, not into one.
   * @default true
   */
  readonly everywhere?: boolean;
}

/** More pods of the same model on another instance type. The gateway shares requests among all of them. */
export interface AIBrixPool {
  /** Instance type. */
  readonly accelerator: Accelerator;
  /**
   * Parallel sizes.
   * @default - chosen for the accelerator
   */
  readonly parallelism?: Parallelism;
  /**
   * How many replicas, and who decides.
   * @default - one replica
   */
  readonly scaling?: IScaling;
}

/** Prefill and decode in pods of their own, between which AIBrix's gateway passes requests. */
export interface AIBrixDisaggregation {
  /** Pods that read prompts. */
  readonly prefillReplicas: number;
  /**
   * Instance type of the pods that read prompts.
   * @default - the model server's
   */
  readonly prefillAccelerator?: Accelerator;
}

/** Memory of other pods as a second level of the KV cache, shared by all engines. */
export interface AIBrixKvCache {
  /**
   * Image of the engine with AIBrix's connector (`AIBrixOffloadingConnectorV1Type3`), which the engine's own images lack.
   */
  readonly engineImage: string;
  /**
   * Pods that hold the cache.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Memory of each, in GiB.
   * @default 32
   */
  readonly memoryGiB?: number;
}

/** Options of the AIBrix topology. */
export interface AIBrixOptions {
  /**
   * Name of the model at AIBrix's gateway, unique in the cluster: a DNS label. The engine answers to it beside the served
   * name, and a Service of this name is made for the gateway.
   * @default - the model server's name and `-aibrix`
   */
  readonly modelName?: string;
  /**
   * How the gateway chooses the pod for a request.
   * @default AIBrixRouting.LEAST_REQUEST
   */
  readonly routing?: AIBrixRouting;
  /**
   * LoRA adapters. The engine must take them at run time: `new Vllm({ lora: { runtimeUpdates: true } })`.
   * @default - none
   */
  readonly adapters?: AIBrixAdapter[];
  /**
   * More pods on other instance types.
   * @default - none
   */
  readonly pools?: AIBrixPool[];
  /**
   * Prefill and decode in pods of their own.
   * @default - every pod does both
   */
  readonly disaggregation?: AIBrixDisaggregation;
  /**
   * A second level of the KV cache. Its pods are made by AIBrix and use the host's IPC, which a namespace with the Pod
   * Security level "restricted" or "baseline" refuses. One of them, the watcher, gets the right to run commands in every
   * pod of the namespace: give such a server a namespace of its own.
   * @default - none
   */
  readonly kvCache?: AIBrixKvCache;
}
