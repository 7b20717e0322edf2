import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { Model } from '../models/model';
import type { PlacementRequest } from '../placement-request';
import { rankHost, visibleDeviceGiB } from './device-memory';
import { cacheBytes } from './formats';
import { KvCache } from './kv-cache';
import { activationGiB, graphsGiB, loraGiB, runtimeGiB, stepDefaults } from './overheads';
import { type Split, type WeightShares, weightShares, weightsPerRankGiB } from './weights';

/** vLLM's share of the device memory, from 0.29. */
export const DEFAULT_UTILIZATION = 0.92;

/** The context that must fit when none is asked for, in tokens. */
const DEFAULT_CONTEXT = 8192;

/** The largest context that is tried where a model does not say its own. */
const CONTEXT_LIMIT = 1_048_576;

/** Activations of a model whose shape is not known, in GiB: enough for a vision or diffusion model at its usual size. */
const UNKNOWN_ACTIVATIONS_GIB = 3;

/** Requests in one step on Neuron, where every batch size is compiled ahead. */
const NEURON_SEQUENCES = 32;

/** Memory of one rank by what takes it, in GiB. */
export interface Footprint {
  readonly weightsGiB: number;
  readonly kvCacheGiB: number;
  readonly activationsGiB: number;
  readonly graphsGiB: number;
  readonly runtimeGiB: number;
  readonly loraGiB: number;
  readonly draftGiB: number;
  readonly totalGiB: number;
}

/** What a request demands of memory, whatever the split. */
export class MemoryDemand {
  /** What the engine may use of a rank's memory, in GiB. */
  public readonly budgetGiB: number;
  /** Whether both the weights and the shape of the model are known. */
  public readonly known: boolean;
  /** Requests in flight. */
  public readonly concurrency: number;
  /** The context that must fit, in tokens. */
  public readonly plannedContext: number;

  private readonly shares?: WeightShares;
  private readonly draft?: MemoryDemand;
  private readonly batchedTokens: number;
  private readonly sequences: number;

  constructor(private readonly request: PlacementRequest) {
    const { model, accelerator, contextLength, concurrency } = request;
    const cpu = accelerator.kind === AcceleratorKind.CPU;
    const utilization = cpu ? 1 : (request.gpuMemoryUtilization ?? DEFAULT_UTILIZATION);
    this.budgetGiB = rankHost(accelerator).memoryGiB * utilization;
    this.shares = weightShares(model, request.quantization);
    this.known = this.shares !== undefined && model.architecture !== undefined;
    this.concurrency = concurrency ?? 1;
    this.plannedContext = contextLength ?? Math.min(DEFAULT_CONTEXT, model.architecture?.maxPositions ?? DEFAULT_CONTEXT);
    const defaults = stepDefaults(visibleDeviceGiB(accelerator), accelerator.deviceName);
    this.batchedTokens = request.maxBatchedTokens ?? defaults.batchedTokens;
    this.sequences = concurrency ?? (accelerator.isNeuron ? NEURON_SEQUENCES : defaults.sequences);
    this.draft = request.draftModel === undefined ? undefined : draftDemand(request, request.draftModel);
  }

  /** The longest context that the model allows, in tokens. */
  public get contextLimit(): number {
    return this.request.model.architecture?.maxPositions ?? CONTEXT_LIMIT;
  }

  /** Everything but the cache of the model itself, on the fullest rank. */
  public fixed(split: Split): Omit<Footprint, 'kvCacheGiB' | 'totalGiB'> {
    const { model, accelerator } = this.request;
    const { architecture } = model;
    const gpu = accelerator.kind === AcceleratorKind.NVIDIA;
    const ranks = split.tensor * split.pipeline * split.data;
    return {
      weightsGiB: this.shares ? weightsPerRankGiB(this.shares, architecture?.layers ?? 1, split) : 0,
      activationsGiB: architecture
        ? activationGiB(architecture, split, this.batchedTokens, this.sequences)
        : this.shares
          ? UNKNOWN_ACTIVATIONS_GIB
          : 0,
      graphsGiB: gpu && architecture ? graphsGiB(architecture, split) : 0,
      runtimeGiB: runtimeGiB(ranks),
      loraGiB: architecture ? loraGiB(architecture, split, this.request.loraAdapters ?? 0, this.request.loraRank ?? 16) : 0,
      draftGiB: this.draft ? this.draft.weightsAndCacheGiB(split) : 0,
    };
  }

  /** The cache on the fullest rank for what is planned, in GiB. */
  public kvCacheGiB(split: Split): number {
    return this.cache(split)?.perRankGiB(this.plannedContext, this.concurrency) ?? 0;
  }

  /**
   * The longest context at this concurrency that leaves some memory free, in tokens. 0 when nothing is known, or nothing
   * fits.
   */
  public maxContextLength(split: Split, reserveGiB = 0): number {
    const asked = this.request.contextLength ?? 0;
    const available = this.availableForCacheGiB(split) - reserveGiB;
    return this.cache(split)?.maxContext(available, this.concurrency, Math.max(this.contextLimit, asked)) ?? 0;
  }

  /** The most requests of the planned context. 0 when nothing is known, or nothing fits. */
  public maxConcurrency(split: Split): number {
    return this.cache(split)?.maxConcurrency(this.availableForCacheGiB(split), this.plannedContext) ?? 0;
  }

  private availableForCacheGiB(split: Split): number {
    const fixed = this.fixed(split);
    return this.budgetGiB - Object.values(fixed).reduce((sum, part) => sum + part, 0);
  }

  private cache(split: Split): KvCache | undefined {
    const { architecture } = this.request.model;
    if (!architecture) return undefined;
    return new KvCache(architecture, cacheBytes(this.request.kvCacheDtype ?? 'auto'), split, this.batchedTokens);
  }

  private weightsAndCacheGiB(split: Split): number {
    const weights = this.shares ? weightsPerRankGiB(this.shares, this.request.model.architecture?.layers ?? 1, split) : 0;
    return weights + this.kvCacheGiB(split);
  }
}

/** A draft model shares the requests of the model it drafts for. */
function draftDemand(request: PlacementRequest, draftModel: string): MemoryDemand {
  return new MemoryDemand({
    ...request,
    model: Model.huggingFace(draftModel),
    draftModel: undefined,
    quantization: undefined,
    loraAdapters: 0,
    contextLength: request.contextLength ?? DEFAULT_CONTEXT,
  });
}

/** The memory of the fullest rank under a split. */
export function footprint(demand: MemoryDemand, split: Split): Footprint {
  const fixed = demand.fixed(split);
  const kvCacheGiB = demand.kvCacheGiB(split);
  const totalGiB = kvCacheGiB + Object.values(fixed).reduce((sum, part) => sum + part, 0);
  return { ...fixed, kvCacheGiB, totalGiB };
}
