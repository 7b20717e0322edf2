import { AcceleratorKind } from './accelerators/accelerator-kind';
import { Accelerator } from './accelerators/accelerator';
import { allocatableHostGiB, rankHost } from './memory/device-memory';
import { splitProblems } from './memory/divisibility';
import { type Footprint, footprint, MemoryDemand } from './memory/footprint';
import { cheapestAlternatives } from './memory/alternatives';
import { candidateSplits, type ChosenSplit } from './memory/splits';
import { storedGiB } from './memory/weights';
import { Parallelism } from './parallelism';
import type { AlternativesOptions, PlacementAlternative, PlacementRequest } from './placement-request';

/**
 * Share of the device memory that estimates are good to: below it a fit is called tight, and a context that nobody
 * asked for stays clear of it.
 */
const TIGHT_SHARE = 0.05;

/** A context that nobody asked for is a multiple of this many tokens. */
const CONTEXT_STEP = 1024;

/** Memory that the operating system's programs of an engine take in the node: the server, and each rank's process. */
const SERVER_GIB = 2;
const RANK_PROCESS_GIB = 1.5;

/** Largest buffer of the Run:ai model streamer, in GiB (its own default is 40 GB). */
const STREAMER_LIMIT_GIB = 37;

/** Compiled kernels, logs and downloaded tokenizers in the cache folder, in GiB. */
const CACHE_FOLDER_GIB = 10;

/**
 * Whether a model fits on an accelerator, and how it is split over the devices.
 *
 * Everything is counted for the fullest rank, which is what decides: a rank is a GPU, a logical NeuronCore, or a node
 * without devices.
 *
 *     visible memory × utilisation = weights + KV cache + activations + CUDA graphs + runtime + LoRA + draft + free
 *
 * Sizes of the split that are not given are chosen so that the pod's devices are all used: pipeline stages are the
 * nodes, and the tensor size is the largest power of two up to the devices of a node that divides the model's heads and
 * quantization blocks (other sizes when no power of two does). Whole experts go to ranks only where slicing them is
 * impossible. How many devices would be enough is told by `minimumTensor`.
 *
 * The formulas and their sources are in `lib/memory`. They follow vLLM, whose defaults are assumed; other engines need
 * the same weights and cache, and have overheads of the same size.
 */
export class Placement {
  /**
   * Places a model.
   *
   * @throws when the request itself is not possible, such as a negative context. A model that does not fit is no error.
   */
  public static plan(request: PlacementRequest): Placement {
    return new Placement(request);
  }

  /**
   * Places a model that must fit.
   *
   * @throws when it does not, naming what it needs, what there is, and the cheapest instance types that have it
   */
  public static require(request: PlacementRequest): Placement {
    const placement = new Placement(request);
    if (!placement.fits) throw new Error(placement.refusal());
    return placement;
  }

  /** Whether the model can be served as asked. */
  public readonly fits: boolean;
  /** Whether the model's facts are known. When they are not, only what is known was checked. */
  public readonly known: boolean;
  /** How the model is split: every size is set. */
  public readonly parallelism: Parallelism;
  /** Why it is split this way. */
  public readonly reason: string;
  /** The smallest tensor size that holds the model on these nodes. Absent when none does, or the model is not known. */
  public readonly minimumTensor?: number;
  /** Nodes of one replica. */
  public readonly nodes: number;

  /** Memory that a program sees on the device of one rank, in GiB. */
  public readonly deviceGiB: number;
  /** What the engine may use of it, in GiB. */
  public readonly budgetGiB: number;
  /** Weights on the fullest rank, in GiB. */
  public readonly weightsGiB: number;
  /** KV cache on the fullest rank for the requests that are planned for, in GiB. */
  public readonly kvCacheGiB: number;
  /** Peak of activations on one rank, in GiB. */
  public readonly activationsGiB: number;
  /** CUDA graphs on one rank, in GiB. */
  public readonly graphsGiB: number;
  /** Device context, workspaces and communication buffers on one rank, in GiB. */
  public readonly runtimeGiB: number;
  /** LoRA adapters on one rank, in GiB. */
  public readonly loraGiB: number;
  /** Draft model and its cache on one rank, in GiB. */
  public readonly draftGiB: number;
  /** What stays free within the budget, in GiB. Engines use it for more KV cache. Never negative. */
  public readonly freeGiB: number;
  /** Budget less everything that is needed, in GiB: negative when it does not fit. */
  public readonly marginGiB: number;

  /**
   * The context to serve, in tokens: what was asked for, else the longest that the model allows and that surely fits,
   * less than `maxContextLength` by what estimates are good to.
   */
  public readonly contextLength: number;
  /** The requests in flight that are planned for. */
  public readonly concurrency: number;
  /** The longest context that the model allows and the memory holds at this concurrency, in tokens. 0 when not known. */
  public readonly maxContextLength: number;
  /** The most requests of the planned context that the memory holds, in one replica. 0 when not known. */
  public readonly maxConcurrency: number;

  /** Memory of the node that the pod needs, in GiB. */
  public readonly hostMemoryGiB: number;
  /** Memory of the node that the pod can have, in GiB. */
  public readonly allocatableHostGiB: number;
  /** Shared memory, in GiB: part of the host memory. */
  public readonly sharedMemoryGiB: number;
  /** Buffer through which weights are streamed, in whole GiB: as large as the host memory allows. */
  public readonly streamerBufferGiB: number;
  /** Disk for weights and caches of one pod, in GiB, without the container image. */
  public readonly diskGiB: number;

  /** Why it does not fit: each a sentence with the fix. Empty when it fits. */
  public readonly problems: string[];
  /** What to know although it fits. */
  public readonly warnings: string[];

  private readonly request: PlacementRequest;

  private constructor(request: PlacementRequest) {
    validate(request);
    this.request = request;
    this.nodes = request.nodes ?? 1;
    const { accelerator, model } = request;
    const host = rankHost(accelerator);
    const demand = new MemoryDemand(request);
    const choice = choose(request, demand);
    const split = choice.split;
    this.parallelism = Parallelism.of(split);
    this.reason = choice.reason;
    this.minimumTensor = choice.minimumTensor;
    this.known = demand.known;

    const needs = choice.footprint;
    this.deviceGiB = host.memoryGiB;
    this.budgetGiB = demand.budgetGiB;
    this.weightsGiB = needs.weightsGiB;
    this.kvCacheGiB = needs.kvCacheGiB;
    this.activationsGiB = needs.activationsGiB;
    this.graphsGiB = needs.graphsGiB;
    this.runtimeGiB = needs.runtimeGiB;
    this.loraGiB = needs.loraGiB;
    this.draftGiB = needs.draftGiB;
    this.marginGiB = demand.budgetGiB - needs.totalGiB;
    this.freeGiB = Math.max(0, this.marginGiB);
    this.concurrency = demand.concurrency;
    this.maxContextLength = demand.maxContextLength(split);
    this.contextLength = request.contextLength ?? comfortableContext(demand, split, host.memoryGiB);
    this.maxConcurrency = demand.maxConcurrency(split);

    const ranksPerNode = Math.min(host.ranksPerNode, Math.ceil((split.tensor * split.pipeline * split.data) / this.nodes));
    this.sharedMemoryGiB = request.sharedMemoryGiB ?? sharedMemoryGiB(ranksPerNode);
    this.allocatableHostGiB = allocatableHostGiB(accelerator);
    const onCpu = accelerator.kind === AcceleratorKind.CPU;
    const inHost = onCpu ? needs.totalGiB : RANK_PROCESS_GIB * ranksPerNode + SERVER_GIB;
    const withoutBuffer = inHost + this.sharedMemoryGiB + (request.kvOffloadGiB ?? 0);
    const perNodeWeights = (storedGiB(model) ?? 0) / this.nodes;
    this.streamerBufferGiB = Math.max(
      1,
      Math.floor(Math.min(STREAMER_LIMIT_GIB, Math.max(1, perNodeWeights), this.allocatableHostGiB - withoutBuffer)),
    );
    this.hostMemoryGiB = withoutBuffer + (request.streamed ? this.streamerBufferGiB : 0);
    this.diskGiB = Math.ceil((request.streamed ? 0 : (model.repositoryGiB ?? storedGiB(model) ?? 0) * 1.1) + CACHE_FOLDER_GIB);

    this.problems = [
      ...deviceProblems(request, split),
      ...splitProblems(model, split),
      ...this.memoryProblems(),
      ...this.hostProblems(),
    ];
    this.fits = this.problems.length === 0;
    this.warnings = this.fits ? this.adviceWhenFitting(host.ranksPerNode) : [];
  }

  /**
   * The cheapest instance types and splits of the catalogue that would hold the model as asked, cheapest first. Types
   * without a known price come last.
   */
  public alternatives(options: AlternativesOptions = {}): PlacementAlternative[] {
    return cheapestAlternatives(this.request, options, (request) => Placement.plan(request));
  }

  private refusal(): string {
    const { model, accelerator } = this.request;
    const where = `${this.nodes > 1 ? `${this.nodes} × ` : ''}${accelerator.instanceType}`;
    const cheapest = this.alternatives().slice(0, 3);
    const fix =
      cheapest.length > 0
        ? `the cheapest that hold it: ${cheapest.map(describeAlternative).join('; ')}`
        : "no instance type of the catalogue holds it: lower 'contextLength' or 'concurrency', or choose a quantized model";
    return `model '${model.id}' does not fit on ${where}: ${this.problems.join('; ')}; ${fix}`;
  }

  private memoryProblems(): string[] {
    if (this.marginGiB >= 0) return [];
    const parts = [
      `weights ${this.weightsGiB.toFixed(1)}`,
      `KV cache ${this.kvCacheGiB.toFixed(1)}`,
      `activations, graphs and runtime ${(this.activationsGiB + this.graphsGiB + this.runtimeGiB).toFixed(1)}`,
      ...(this.loraGiB > 0 ? [`LoRA ${this.loraGiB.toFixed(1)}`] : []),
      ...(this.draftGiB > 0 ? [`draft model ${this.draftGiB.toFixed(1)}`] : []),
    ];
    const need = this.budgetGiB - this.marginGiB;
    const device = this.request.accelerator.nodeDevices > 0 ? 'each device' : 'the node';
    const smaller = this.maxContextLength >= 1024 ? `, or 'contextLength' of at most ${this.maxContextLength}` : '';
    return [
      `${device} needs ${need.toFixed(1)} GiB (${parts.join(', ')}) for ${this.concurrency} × ${this.plannedContextLength} tokens ` +
        `and has ${this.budgetGiB.toFixed(1)}: choose a larger 'accelerator'${smaller}`,
    ];
  }

  /**
   * The context that `kvCacheGiB` and `maxConcurrency` are about, in tokens: what was asked for, or 8192 as far as the
   * model allows them.
   */
  public get plannedContextLength(): number {
    return new MemoryDemand(this.request).plannedContext;
  }

  private hostProblems(): string[] {
    if (this.request.accelerator.kind === AcceleratorKind.CPU || this.hostMemoryGiB <= this.allocatableHostGiB) return [];
    return [
      `the pod needs ${this.hostMemoryGiB.toFixed(1)} GiB of host memory and ${this.request.accelerator.instanceType} has ` +
        `${this.allocatableHostGiB.toFixed(1)}: choose a larger size, or lower 'sharedMemoryGiB' or 'kvOffloadGiB'`,
    ];
  }

  private adviceWhenFitting(ranksPerNode: number): string[] {
    const { model, accelerator } = this.request;
    const warnings: string[] = [];
    if (!this.known) {
      warnings.push(
        `nothing is known of the shape of '${model.id}', so its memory was not fully checked: use Model.fromConfig() with its config.json`,
      );
    } else if (this.marginGiB < this.deviceGiB * TIGHT_SHARE) {
      warnings.push(
        `'${model.id}' fits on ${accelerator.instanceType} with only ${this.marginGiB.toFixed(1)} GiB to spare on each device: ` +
          'estimates are good to about 5 %',
      );
    }
    const used = this.parallelism.devices;
    const available = ranksPerNode * this.nodes;
    if (used < available && accelerator.nodeDevices > 0) {
      warnings.push(
        `'${model.id}' uses ${used} of ${available} ${accelerator.isNeuron ? 'cores' : 'devices'}: ` +
          "set 'data' to use the others for copies, or give the pod fewer with withDevices()",
      );
    }
    const limit = model.architecture?.maxPositions;
    if (limit !== undefined && this.request.contextLength !== undefined && this.request.contextLength > limit) {
      warnings.push(`'contextLength' (${this.request.contextLength}) is beyond the ${limit} positions that '${model.id}' was trained for`);
    }
    return warnings;
  }
}

/** A split, what it needs, and why it was taken. */
interface Choice extends ChosenSplit {
  readonly footprint: Footprint;
  readonly minimumTensor?: number;
}

/** The first candidate without problems that fits, or the first of all when none does. */
function choose(request: PlacementRequest, demand: MemoryDemand): Choice {
  const candidates = candidateSplits(request).map((candidate) => ({
    ...candidate,
    footprint: footprint(demand, candidate.split),
    possible: splitProblems(request.model, candidate.split).length === 0,
  }));
  const fitting = candidates.filter((candidate) => candidate.possible && candidate.footprint.totalGiB <= demand.budgetGiB);
  const chosen = fitting[0] ?? candidates.find((candidate) => candidate.possible) ?? candidates[0];
  const minimumTensor =
    demand.known && fitting.length > 0 ? Math.min(...fitting.map((candidate) => candidate.split.tensor)) : undefined;
  return { ...chosen, minimumTensor };
}

function deviceProblems(request: PlacementRequest, split: ChosenSplit['split']): string[] {
  const { accelerator, nodes = 1, model } = request;
  const problems: string[] = [];
  const { ranksPerNode } = rankHost(accelerator);
  const ranks = split.tensor * split.pipeline * split.data;
  if (ranks > ranksPerNode * nodes) {
    problems.push(
      `'tensor' × 'pipeline' × 'data' (${ranks}) must be at most ${ranksPerNode * nodes}, which is what ${nodes} × ` +
        `${accelerator.instanceType} ${nodes > 1 ? 'have' : 'has'}`,
    );
  }
  const capability = Number(accelerator.computeCapability ?? Infinity);
  if (capability < 8 && /^(fp8|mxfp4|nvfp4)/.test(model.format)) {
    problems.push(
      `${model.format} weights need compute capability 8.0 and ${accelerator.deviceName} has ${accelerator.computeCapability}: ` +
        'choose g5, g6 or newer',
    );
  }
  return problems;
}

/** The longest context that stays clear of the limit, in whole steps; at least what was planned for. */
function comfortableContext(demand: MemoryDemand, split: ChosenSplit['split'], deviceGiB: number): number {
  const longest = demand.maxContextLength(split, deviceGiB * TIGHT_SHARE);
  const whole = longest === demand.contextLimit ? longest : Math.floor(longest / CONTEXT_STEP) * CONTEXT_STEP;
  return Math.max(whole, demand.plannedContext);
}

function sharedMemoryGiB(ranks: number): number {
  if (ranks === 1) return 1;
  return ranks >= 8 ? 16 : 8;
}

function describeAlternative(alternative: PlacementAlternative): string {
  const { tensor, pipeline, expert } = alternative.parallelism;
  const sizes = `tensor ${tensor}${pipeline !== 1 ? `, pipeline ${pipeline}` : ''}${expert ? ', expert parallel' : ''}`;
  const price =
    alternative.usdPerHour === undefined
      ? 'price not known'
      : `$${alternative.usdPerHour.toFixed(2)}/h in ${alternative.priceRegion} on ${Accelerator.priceDate(alternative.priceRegion)}`;
  const nodes = alternative.nodes > 1 ? `${alternative.nodes} × ` : '';
  return `${nodes}${alternative.instanceType} (${sizes}; ${price})`;
}

function validate(request: PlacementRequest): void {
  requireCount('nodes', request.nodes);
  requireCount('contextLength', request.contextLength);
  requireCount('concurrency', request.concurrency);
  requireCount('maxBatchedTokens', request.maxBatchedTokens);
  requireCount('loraRank', request.loraRank);
  if (request.loraAdapters !== undefined && !(Number.isInteger(request.loraAdapters) && request.loraAdapters >= 0)) {
    throw new Error(`'loraAdapters' (${request.loraAdapters}) must be an integer of at least 0`);
  }
  const { gpuMemoryUtilization } = request;
  if (gpuMemoryUtilization !== undefined && !(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= 1)) {
    throw new Error(`'gpuMemoryUtilization' (${gpuMemoryUtilization}) must be greater than 0 and at most 1`);
  }
  for (const [prop, value] of [['kvOffloadGiB', request.kvOffloadGiB], ['sharedMemoryGiB', request.sharedMemoryGiB]] as const) {
    if (value !== undefined && !(value >= 0 && Number.isFinite(value))) {
      throw new Error(`'${prop}' (${value}) must be at least 0`);
    }
  }
}

function requireCount(prop: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
    throw new Error(`'${prop}' (${value}) must be a positive integer`);
  }
}
