import type { ThroughputProfile } from '../../lib/cost';
import type { DiffusersOptions } from '../../lib/engines/diffusers';
import type { LlamaCppOptions } from '../../lib/engines/llama-cpp';
import type { NimOptions } from '../../lib/engines/nim';
import type { SgLangOptions } from '../../lib/engines/sglang';
import type { TextEmbeddingsOptions } from '../../lib/engines/text-embeddings';
import type { TritonOptions } from '../../lib/engines/triton';
import type { VllmOptions } from '../../lib/engines/vllm-options';
import type { ModelOptions } from '../../lib/models/model-options';
import type { AcceleratedPoolOptions } from '../../lib/node-pools/accelerated-pool-options';
import type { NodePoolLimits } from '../../lib/node-pools/node-pool-options';
import type { ParallelismSizes } from '../../lib/parallelism';
import type { HpaScalingOptions } from '../../lib/scaling/hpa-scaling';
import type { QueueScalingOptions } from '../../lib/scaling/queue-scaling';
import type { AIBrixOptions } from '../../lib/topologies/ai-brix-options';
import type { DisaggregatedOptions, PrefillOptions } from '../../lib/topologies/disaggregated';
import type { MultiNodeOptions } from '../../lib/topologies/multi-node';
import type { RayOptions } from '../../lib/topologies/ray-options';
import type { SingleNodeOptions } from '../../lib/topologies/single-node';

/**
 * The config file of the app: a cluster and the models on it. Everything is off by default but the cluster.
 *
 * The JSON Schema that editors use is generated from these types, and most of them are the props of the library
 * themselves, so the file, the schema and the code cannot drift apart.
 */
export interface InferenceConfig {
  /**
   * Name of the stack and, in lower case, of the cluster.
   * @default "Inference"
   * @pattern ^[A-Za-z][A-Za-z0-9-]{0,99}$
   */
  readonly name?: string;
  /** AWS account, 12 digits. Without it the account of the credentials is used at deployment. */
  readonly account?: string;
  /** AWS region, for instance `us-west-2`. With it, what the region does not sell is refused at synth. */
  readonly region?: string;
  /** Tags of every resource. */
  readonly tags?: { readonly [key: string]: string };
  /** The cluster. */
  readonly cluster?: ClusterConfig;
  /** Which nodes may come. A model needs a pool that has its accelerator. */
  readonly nodePools?: NodePoolsConfig;
  /** Controllers, by name: `true`, or options. */
  readonly addons?: AddonsConfig;
  /** A bucket that holds the weights: `true`, or options. Without it every pod downloads from the Hugging Face hub. */
  readonly modelStore?: boolean | ModelStoreConfig;
  /** The models, by name. The name is the Service's: `http://<name>.<namespace>`. */
  readonly models?: { readonly [name: string]: ModelConfig };
  /** Most that the app may cost in US dollars an hour, at its largest. Above it, synth fails. */
  readonly budgetUsdPerHour?: number;
  /**
   * How much less than list price is paid, where a pool has no discount of its own: what the plan and the budget count
   * with. What is committed is taken off the system nodes as well.
   */
  readonly discount?: DiscountConfig;
}

/** How much less than list price is paid: each a share, 0.3 for 30 %. */
export interface DiscountConfig {
  /**
   * Saved on capacity that is not spot: Savings Plans, reservations, a contract.
   * @minimum 0
   * @maximum 1
   */
  readonly committed?: number;
  /**
   * Saved on spot. Without it nothing: spot prices change and are not guessed.
   * @minimum 0
   * @maximum 1
   */
  readonly spot?: number;
  /**
   * Nodes that are spot, of those of pools that buy it beside other capacity.
   * @minimum 0
   * @maximum 1
   */
  readonly spotShare?: number;
}

/** The cluster. */
export interface ClusterConfig {
  /** Name of the EKS cluster. Without it: the stack's name in lower case. */
  readonly name?: string;
  /**
   * Number of Availability Zones.
   * @minimum 1
   * @maximum 6
   * @default 4
   */
  readonly zones?: number;
  /** Names of the Availability Zones, instead of their number. */
  readonly availabilityZones?: string[];
  /**
   * Who starts nodes: Karpenter, run in the cluster, or EKS Auto Mode, run by AWS.
   * @default "karpenter"
   */
  readonly compute?: 'karpenter' | 'auto-mode';
  /**
   * Keep the pool `general-purpose` of EKS Auto Mode: x86 nodes on demand for pods that ask for nothing special, without a
   * limit on how many. Without it such pods need a pool of yours: `x86: true` under nodePools.
   * @default true
   */
  readonly generalPurposePool?: boolean;
  /**
   * NAT gateways: one a zone, or a single one, which is cheaper and less available.
   * @default "per-zone"
   */
  readonly natGateways?: 'per-zone' | 'single';
  /** Interface endpoints of the AWS services that nodes call, so that the traffic stays in the VPC. */
  readonly interfaceEndpoints?: boolean;
  /** Log the network flows of the VPC. Without it: yes. */
  readonly flowLogs?: boolean;
  /** Close the public endpoint of the Kubernetes API. */
  readonly privateEndpoint?: boolean;
  /** Ranges that may reach the public endpoint of the Kubernetes API. */
  readonly publicAccessCidrs?: string[];
  /** ARNs of the IAM roles that administer the cluster. */
  readonly administrators?: string[];
  /** Refuse to delete the cluster. */
  readonly deletionProtection?: boolean;
}

/** Node pools, by accelerator: `true`, or options. */
export interface NodePoolsConfig {
  /** NVIDIA GPUs. */
  readonly gpu?: boolean | PoolConfig;
  /** AWS Inferentia2. */
  readonly inferentia?: boolean | PoolConfig;
  /** AWS Trainium. */
  readonly trainium?: boolean | PoolConfig;
  /** Graviton: small models without a GPU. */
  readonly graviton?: boolean | PoolConfig;
  /** x86 without accelerators. */
  readonly x86?: boolean | PoolConfig;
}

/** A node pool. */
export interface PoolConfig
  extends Pick<
    AcceleratedPoolOptions,
    | 'families' | 'minVcpus' | 'minMemoryGiB' | 'minDevices' | 'maxDevices' | 'minDeviceMemoryMiB' | 'efa'
    | 'replicas' | 'weight' | 'zones' | 'labels' | 'amiAlias' | 'instanceStore' | 'parallelPull' | 'tags'
  > {
  /** Exactly these EC2 instance types, instead of families. */
  readonly instanceTypes?: string[];
  /** Ways to buy, the first that can be had is taken. */
  readonly capacityTypes?: ('reserved' | 'on-demand' | 'spot')[];
  /** Ids of capacity reservations and capacity blocks (`cr-…`). */
  readonly reservations?: string[];
  /** Operating system of the nodes. */
  readonly os?: 'bottlerocket' | 'al2023';
  /** What the nodes may be together: the cap on the spend. */
  readonly limits?: NodePoolLimits;
  /** How much less than list price its nodes cost. Without it: as the whole app. */
  readonly discount?: DiscountConfig;
}

/** Controllers. */
export interface AddonsConfig {
  /** AIBrix: gateway, autoscaling and adapters of models. It brings Envoy Gateway and KubeRay, so not beside these. */
  readonly aibrix?: boolean | AddonConfig;
  /** AWS Load Balancer Controller. */
  readonly 'aws-load-balancer-controller'?: boolean | AddonConfig;
  /** cert-manager. */
  readonly 'cert-manager'?: boolean | AddonConfig;
  /** DCGM exporter: GPU metrics. */
  readonly 'dcgm-exporter'?: boolean | AddonConfig;
  /** Envoy Gateway. */
  readonly 'envoy-gateway'?: boolean | AddonConfig;
  /** GPU operator, instead of the NVIDIA device plugin: MIG, GPUDirect. */
  readonly 'gpu-operator'?: boolean | AddonConfig;
  /** KEDA: scaling on queues and schedules. */
  readonly keda?: boolean | AddonConfig;
  /** Prometheus, Alertmanager and Grafana. */
  readonly 'kube-prometheus-stack'?: boolean | AddonConfig;
  /** KubeRay: the Ray topology. */
  readonly 'kube-ray'?: boolean | AddonConfig;
  /** LeaderWorkerSet: models across nodes. */
  readonly 'leader-worker-set'?: boolean | AddonConfig;
}

/** A controller. */
export interface AddonConfig {
  /** Exact version of the chart. */
  readonly version?: string;
  /** Values of the chart, over those of the library. */
  readonly values?: { readonly [key: string]: unknown };
}

/** The bucket of the weights. */
export interface ModelStoreConfig {
  /** Name of an existing bucket. Without it a bucket is made. */
  readonly bucketName?: string;
}

/** A model and how it is served. */
export interface ModelConfig {
  /** Repository id on the Hugging Face hub, or the id with facts. */
  readonly model: string | ModelSource;
  /** EC2 instance type, or part of one. */
  readonly accelerator: string | AcceleratorConfig;
  /** What runs in the container. Without it: vLLM. */
  readonly engine?: EngineName | EngineChoice;
  /** Who lays the pods out. Without it: one node serves one replica. */
  readonly topology?: TopologyName | TopologyChoice;
  /** How many replicas, and who decides. Without it: one. */
  readonly scaling?: ScalingChoice;
  /** Namespace, made if it is not there. */
  readonly namespace?: string;
  /** The name that clients send as `model`. Without it: the repository id. */
  readonly servedName?: string;
  /** Longest prompt plus answer, in tokens. */
  readonly contextLength?: number;
  /** Requests in flight at once per replica. */
  readonly concurrency?: number;
  /** Parallel sizes. Without them the smallest that fit. */
  readonly parallelism?: ParallelismSizes;
  /** A measured rate of tokens: with it the plan says what a million tokens cost. */
  readonly throughput?: ThroughputConfig;
  /** Namespaces whose pods may send requests. Without it: the model's own. */
  readonly allowedNamespaces?: string[];
  /** Spread replicas softly over zones. Without it: yes, unless a pool with `reservations` serves the model. */
  readonly spreadZones?: boolean;
  /** Kubernetes Secret with the Hugging Face token, for gated models. */
  readonly hubTokenSecret?: string;
  /** Stream the weights from the model store. Without it: yes where there is a store. */
  readonly fromStore?: boolean;
}

/** A measured rate of tokens: the result file of a benchmark, or the number. */
export interface ThroughputConfig extends Pick<ThroughputProfile, 'instanceType'> {
  /**
   * Result of a benchmark, from the config file's folder: `benchmarks.json` of GuideLLM, or
   * `stage_N_lifecycle_metrics.json` of inference-perf.
   */
  readonly file?: string;
  /**
   * Stage of the file that is meant, from 1. Without it the one that generated most tokens: the server at its limit.
   * @minimum 1
   */
  readonly stage?: number;
  /**
   * Replicas that answered together when the file was made.
   * @minimum 1
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Tokens that one replica generates a second, instead of a file.
   * @exclusiveMinimum 0
   */
  readonly outputTokensPerSecond?: number;
  /** Where the number is from. */
  readonly source?: string;
}

/** A model outside the catalogue, or with facts of its own. */
export interface ModelSource extends Pick<ModelOptions, 'revision' | 'gated' | 'weightsGiB' | 'parametersBillions'> {
  /** Repository id on the Hugging Face hub: owner/name. */
  readonly id: string;
  /** Path of the model's config.json, from the config file's folder, to know the facts that memory depends on. */
  readonly configFile?: string;
}

/** Some of the devices of an instance type. */
export interface AcceleratorConfig {
  /** EC2 instance type. */
  readonly instanceType: string;
  /** Devices that a pod takes. Without it: all of them. */
  readonly devices?: number;
}

/** Engines without options. */
export type EngineName = Exclude<keyof EngineChoice, 'nim'>;

/**
 * An engine with options.
 * @minProperties 1
 * @maxProperties 1
 */
export interface EngineChoice {
  /** vLLM, the default: every accelerator. */
  readonly vllm?: VllmOptions;
  /** SGLang: NVIDIA GPUs. */
  readonly sglang?: SgLangOptions;
  /** Triton, with vLLM or TensorRT-LLM in it and the OpenAI API in front: NVIDIA GPUs. */
  readonly triton?: TritonOptions;
  /** llama.cpp: GGUF files on Graviton, x86 and NVIDIA GPUs. */
  readonly 'llama-cpp'?: LlamaCppOptions;
  /** Text to image: NVIDIA GPUs. */
  readonly diffusers?: DiffusersOptions;
  /** NVIDIA NIM: its image has the model. */
  readonly nim?: NimOptions;
  /** Text Embeddings Inference. */
  readonly 'text-embeddings'?: TextEmbeddingsOptions;
}

/** Topologies without options. */
export type TopologyName = Exclude<keyof TopologyChoice, 'multi-node'>;

/**
 * A topology with options.
 * @minProperties 1
 * @maxProperties 1
 */
export interface TopologyChoice {
  /** One node serves one replica. */
  readonly 'single-node'?: SingleNodeOptions;
  /** Several nodes serve one replica: a LeaderWorkerSet. Needs the add-on leader-worker-set. */
  readonly 'multi-node'?: MultiNodeOptions;
  /** Ray Serve LLM: a RayService that scales itself. Needs the add-on kube-ray. */
  readonly ray?: RayOptions;
  /** AIBrix: its gateway, autoscaler and adapters. Needs the add-on aibrix. */
  readonly aibrix?: AIBrixConfig;
  /** Prompts and answers on pods of their own. Across nodes it needs the add-on leader-worker-set. */
  readonly disaggregated?: DisaggregatedConfig;
}

/** AIBrix. */
export interface AIBrixConfig extends Pick<AIBrixOptions, 'modelName' | 'adapters' | 'kvCache'> {
  /** How its gateway chooses a pod: `least-request`, `prefix-cache`, … */
  readonly routing?: string;
}

/** Prompts and answers on pods of their own. The model's accelerator and scaling are those of the answers. */
export interface DisaggregatedConfig extends Pick<DisaggregatedOptions, 'decodeNodes' | 'acceptPrefillHeader'> {
  /** The side that reads prompts. Without it: one replica, as the other side. */
  readonly prefill?: PrefillConfig;
}

/** The side that reads prompts. */
export interface PrefillConfig extends Pick<PrefillOptions, 'nodes'> {
  /** EC2 instance type. */
  readonly accelerator?: string | AcceleratorConfig;
  /** Parallel sizes. */
  readonly parallelism?: ParallelismSizes;
  /** How many replicas, and who decides. */
  readonly scaling?: ScalingChoice;
}

/**
 * How many replicas.
 * @minProperties 1
 * @maxProperties 1
 */
export interface ScalingChoice {
  /** The same number at all times. */
  readonly replicas?: number;
  /** By what waits in the engine. Needs the add-ons keda and kube-prometheus-stack; Ray counts requests itself. */
  readonly queue?: QueueScalingOptions;
  /** By Kubernetes' own autoscaler. */
  readonly hpa?: HpaScalingOptions;
}
