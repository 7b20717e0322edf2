import type { Accelerator } from './accelerators/accelerator';
import { AcceleratorKind } from './accelerators/accelerator-kind';
import { storedGiB } from './memory/weights';
import type { Model } from './models/model';
import { type Weights, WeightsSource } from './models/weights';
import type { Placement } from './placement';

const MB_PER_GIB = 1073.741824;

/** What a start of a model server depends on. */
export interface ColdStartRequest {
  /** The model. */
  readonly model: Model;

  /** The instance type. */
  readonly accelerator: Accelerator;

  /** Where the model was placed. */
  readonly placement: Placement;

  /** Where the weights are read from. */
  readonly weights: Weights;

  /**
   * Size of the container image, compressed, in MB.
   * @default 8500 - a vLLM image with CUDA; 1500 on CPU
   */
  readonly imageMB?: number;

  /**
   * Whether the node pulls and unpacks layers in parallel (SOCI parallel pull, `FastImagePull`).
   * @default false
   */
  readonly fastImagePull?: boolean;

  /**
   * Whether images and caches are on the local NVMe disks of the node, as one RAID 0.
   * @default - true where the instance type has local NVMe
   */
  readonly localNvme?: boolean;

  /**
   * Throughput of the root volume, in MB/s.
   * @default 125 - what a gp3 volume has when nothing is set
   */
  readonly rootVolumeMBps?: number;

  /**
   * Whether a node is already there, as with capacity kept in reserve.
   * @default false
   */
  readonly warmNode?: boolean;

  /**
   * Whether compiled kernels are found in a cache that outlives the pod.
   * @default false
   */
  readonly compileCached?: boolean;
}

/** One stage of a start. */
export interface ColdStartStage {
  /** What happens: `node`, `image`, `weights` or `engine`. */
  readonly name: string;
  /** How long it takes, in seconds. */
  readonly seconds: number;
  /** What it waits for most. */
  readonly limitedBy: string;
}

/** What a medium can do, in MB/s, and what it is called. */
interface Rate {
  readonly name: string;
  readonly mbps: number;
}

/**
 * What one stream of pull and unpack decompresses, in MB of compressed image a second. containerd unpacks the layers of
 * an image one after the other; with parallel pull the largest layer still is one stream.
 */
const UNPACK_STREAM_MBPS = 100;

/** What each vCPU adds when all layers are unpacked at once, in MB of compressed image a second. */
const UNPACK_PER_VCPU_MBPS = 25;

/** Size of an unpacked image over its compressed size. */
const UNPACKED_RATIO = 2.2;

/** Share of the largest layer (the framework's wheels) in an inference image. */
const LARGEST_LAYER_SHARE = 0.4;

/** What a registry gives one image over parallel connections, in MB/s: 20 to 30 connections of about 40 MB/s. */
const REGISTRY_MBPS = 1000;

/** What the Hugging Face hub gives with its high-performance client, in MB/s. */
const HUB_MBPS = 2000;

/** What the streamer reads from S3 at most, in MB/s: 15 GB in 4.9 s on g5.12xlarge (NVIDIA, Run:ai Model Streamer). */
const STREAMER_MBPS = 3300;

/** Copy from host memory to the devices, in MB/s. */
const TO_DEVICE_MBPS = 6000;

/** Network that a small instance type can burst to for the minutes of a start, in Mbps ("up to 10 Gigabit"). */
const BURST_MBPS = 10_000;

/** Share of the network's bandwidth that transfers reach. */
const NETWORK_EFFICIENCY = 0.8;

/**
 * Local NVMe in MB/s of sequential writes for each GB of its size: larger disks are more disks. An assumption; AWS
 * publishes operations a second only.
 */
const NVME_MBPS_PER_GB = 0.55;
const NVME_LEAST_MBPS = 200;
const NVME_MOST_MBPS = 8000;

/** Seconds from Karpenter's decision to a Ready node that advertises its devices. An assumption, on the long side. */
const NODE_SECONDS = { cpu: 50, accelerated: 90, wholeServer: 180 };

/** vLLM: seconds for Python and the API server, for compiling each layer, and for capturing CUDA graphs. */
const ENGINE_SECONDS = { server: 28, compileLayer: 0.85, graphs: 15, groupOfRanks: 10 };

/** Seconds in which neuronx-cc compiles a model, when no compiled one is found. */
const NEURON_COMPILE_SECONDS = 1800;

/** Layers of a model that does not say. */
const USUAL_LAYERS = 32;

/**
 * How long a model server takes from nothing to its first answer, stage by stage.
 *
 * Stages follow one another: the node boots, the image is pulled, the weights are read, the engine compiles and captures
 * its graphs. Each is the slowest of what it waits for (network, disk, processor), so the estimate also says what to
 * improve.
 *
 * Calibrated on one published measurement (AWS, "AI on EKS": image and 15 GB of weights on two kinds of node, before
 * and after SOCI parallel pull and streaming from S3), to within 8 % of each of its numbers. The instance types
 * were not published; a g6.xlarge with gp3 volumes and one device of a g6e.12xlarge with local NVMe are assumed. Node boot and
 * Neuron compilation are assumptions. Expect a factor of 1.5 elsewhere, which the derived limits allow for.
 */
export class ColdStart {
  /** The stages of a start. */
  public static estimate(request: ColdStartRequest): ColdStart {
    const { imageMB, rootVolumeMBps } = request;
    for (const [prop, value] of [['imageMB', imageMB], ['rootVolumeMBps', rootVolumeMBps]] as const) {
      if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
        throw new Error(`'${prop}' (${value}) must be greater than 0`);
      }
    }
    return new ColdStart([node(request), image(request), weights(request), engine(request)]);
  }

  /** Seconds from nothing to the first answer. */
  public readonly totalSeconds: number;
  /** The longest stage. */
  public readonly limitingStage: ColdStartStage;

  private constructor(
    /** The stages in their order. */
    public readonly stages: ColdStartStage[],
  ) {
    this.totalSeconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
    this.limitingStage = stages.reduce((longest, stage) => (stage.seconds > longest.seconds ? stage : longest));
  }

  /** How long one stage takes, in seconds: `node`, `image`, `weights` or `engine`. */
  public seconds(stage: string): number {
    const found = this.stages.find(({ name }) => name === stage);
    if (!found) {
      throw new Error(`'stage' (${stage}) must be one of ${this.stages.map(({ name }) => name).join(', ')}`);
    }
    return found.seconds;
  }

  /**
   * Seconds that the startup probe allows: three times the weights and the engine, between 10 minutes and 3 hours.
   *
   * The probe begins when the container does, after the node and the image. Too short is an endless loop of restarts;
   * too long only delays the restart of a pod that hangs.
   */
  public get startupProbeSeconds(): number {
    const started = this.seconds('weights') + this.seconds('engine');
    return clamp(roundUp(3 * started, 10), 600, 10_800);
  }

  /** Seconds that a rollout may take for each pod (`progressDeadlineSeconds`): everything before the probe as well. */
  public get progressDeadlineSeconds(): number {
    const before = this.seconds('node') + this.seconds('image');
    return this.startupProbeSeconds + roundUp(2 * before, 10) + 300;
  }

  /**
   * Seconds that scaling waits before it removes what it has added: at least the time to get it back, so that a lull
   * shorter than a start costs nothing.
   */
  public get scalingCooldownSeconds(): number {
    return Math.max(300, roundUp(1.5 * this.totalSeconds, 10));
  }
}

function node({ accelerator, warmNode }: ColdStartRequest): ColdStartStage {
  if (warmNode) return { name: 'node', seconds: 0, limitedBy: 'nothing: a node is there' };
  const { kind, nodeDevices } = accelerator;
  if (kind === AcceleratorKind.CPU) return { name: 'node', seconds: NODE_SECONDS.cpu, limitedBy: 'boot' };
  const seconds = nodeDevices >= 8 ? NODE_SECONDS.wholeServer : NODE_SECONDS.accelerated;
  return { name: 'node', seconds, limitedBy: 'boot and device plugin' };
}

function image(request: ColdStartRequest): ColdStartStage {
  const { accelerator, fastImagePull = false } = request;
  const megabytes = request.imageMB ?? (accelerator.kind === AcceleratorKind.CPU ? 1500 : 8500);
  const disk = diskRate(request);
  const written = { name: disk.name, seconds: (megabytes * UNPACKED_RATIO) / disk.mbps };
  if (!fastImagePull) {
    // layers are decompressed and written one after the other, while the next ones are downloaded
    const unpack = { name: 'serial unpacking', seconds: megabytes / UNPACK_STREAM_MBPS };
    return stage('image', [unpack, written], unpack.seconds + written.seconds);
  }
  return stage('image', [
    { name: 'registry and network', seconds: megabytes / Math.min(REGISTRY_MBPS, networkRate(accelerator).mbps) },
    { name: 'processor', seconds: megabytes / (UNPACK_PER_VCPU_MBPS * accelerator.vcpus) },
    { name: 'the largest layer', seconds: (megabytes * LARGEST_LAYER_SHARE) / UNPACK_STREAM_MBPS },
    written,
  ]);
}

function weights(request: ColdStartRequest): ColdStartStage {
  const { model, accelerator, placement } = request;
  const perNode = ((storedGiB(model) ?? 0) * MB_PER_GIB) / placement.nodes;
  const toDevice = { name: 'copy to the devices', seconds: perNode / TO_DEVICE_MBPS };
  const network = networkRate(accelerator);
  switch (request.weights.source) {
    case WeightsSource.S3:
      return stage('weights', [
        { name: network.name, seconds: perNode / network.mbps },
        { name: 'streamer', seconds: perNode / STREAMER_MBPS },
      ]);
    case WeightsSource.VOLUME:
      return stage('weights', [{ name: network.name, seconds: perNode / network.mbps }, toDevice]);
    case WeightsSource.HUB: {
      const disk = diskRate(request);
      const slowest = [network, { name: 'hub', mbps: HUB_MBPS }, disk].reduce((a, b) => (b.mbps < a.mbps ? b : a));
      const download = { name: slowest.name, seconds: perNode / slowest.mbps };
      const cachedMB = Math.max(0, placement.allocatableHostGiB - placement.hostMemoryGiB) * MB_PER_GIB;
      const reread = { name: disk.name, seconds: Math.max(0, perNode - cachedMB) / disk.mbps };
      return stage('weights', [download, reread, toDevice], download.seconds + reread.seconds + toDevice.seconds);
    }
  }
}

function engine({ model, accelerator, placement, compileCached = false }: ColdStartRequest): ColdStartStage {
  const layers = model.architecture?.layers ?? USUAL_LAYERS;
  const server = { name: 'server', seconds: ENGINE_SECONDS.server };
  const group = { name: 'group of ranks', seconds: placement.parallelism.devices > 1 ? ENGINE_SECONDS.groupOfRanks : 0 };
  if (accelerator.kind === AcceleratorKind.CPU) return stage('engine', [server], server.seconds);
  if (accelerator.isNeuron) {
    const compile = { name: 'compilation', seconds: compileCached ? 60 : NEURON_COMPILE_SECONDS };
    return stage('engine', [server, compile], server.seconds + compile.seconds);
  }
  const compile = { name: 'compilation', seconds: (ENGINE_SECONDS.compileLayer * layers) / (compileCached ? 5 : 1) };
  const graphs = { name: 'graph capture', seconds: ENGINE_SECONDS.graphs };
  const parts = [server, compile, graphs, group];
  return stage('engine', parts, parts.reduce((sum, part) => sum + part.seconds, 0));
}

interface Part {
  readonly name: string;
  readonly seconds: number;
}

/** A stage that takes as long as its slowest part, unless its parts follow one another. */
function stage(name: string, parts: Part[], seconds?: number): ColdStartStage {
  const slowest = parts.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  return { name, seconds: seconds ?? slowest.seconds, limitedBy: slowest.name };
}

function networkRate(accelerator: Accelerator): Rate {
  const mbps = Math.max(accelerator.networkMbps, BURST_MBPS);
  return { name: 'network', mbps: (mbps / 8) * NETWORK_EFFICIENCY };
}

/** The disk that holds images and caches. */
function diskRate({ accelerator, localNvme, rootVolumeMBps = 125 }: ColdStartRequest): Rate {
  if (localNvme ?? accelerator.localNvmeGB > 0) {
    const mbps = clamp(accelerator.localNvmeGB * NVME_MBPS_PER_GB, NVME_LEAST_MBPS, NVME_MOST_MBPS);
    return { name: 'local NVMe', mbps };
  }
  const limit = accelerator.ebsBandwidthMbps > 0 ? accelerator.ebsBandwidthMbps / 8 : Infinity;
  return { name: 'root volume', mbps: Math.min(rootVolumeMBps, limit) };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
