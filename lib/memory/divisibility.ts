import type { Model } from '../models/model';
import type { ModelArchitecture } from '../models/model-architecture';
import { AttentionKind } from '../models/model-architecture';
import { groupSize } from './formats';
import { attentionKind } from './kv-cache';
import type { Split } from './weights';

/**
 * Why a model cannot be split in these sizes: one sentence a reason, each with the sizes that are possible. Empty when
 * it can.
 */
export function splitProblems(model: Model, split: Split): string[] {
  const { architecture } = model;
  if (!architecture) return [];
  return [
    ...headProblems(architecture, split.tensor),
    ...blockProblems(model, architecture, split),
    ...expertProblems(architecture, split),
    ...stageProblems(architecture, split.pipeline),
  ];
}

function headProblems(architecture: ModelArchitecture, tensor: number): string[] {
  const { attentionHeads } = architecture;
  if (attentionHeads % tensor !== 0) {
    return [
      `'tensor' (${tensor}) must divide the ${attentionHeads} attention heads: choose one of ${headSizes(architecture).join(', ')}`,
    ];
  }
  if (!sharesKvHeads(architecture, tensor)) {
    return [
      `'tensor' (${tensor}) must divide the ${architecture.kvHeads} key-value heads or be a multiple of them: ` +
        `choose one of ${headSizes(architecture).join(', ')}`,
    ];
  }
  return [];
}

function sharesKvHeads(architecture: ModelArchitecture, tensor: number): boolean {
  if (attentionKind(architecture) === AttentionKind.MLA) return true;
  const kvHeads = architecture.kvHeads ?? architecture.attentionHeads;
  return kvHeads % tensor === 0 || tensor % kvHeads === 0;
}

/** Tensor-parallel sizes that the heads of a model allow, up to 64. */
export function headSizes(architecture: ModelArchitecture): number[] {
  return Array.from({ length: 64 }, (_, index) => index + 1).filter(
    (size) => architecture.attentionHeads % size === 0 && sharesKvHeads(architecture, size),
  );
}

/** Quantized matrices are sliced in whole groups, so a slice of the feed-forward width must hold whole groups. */
function blockProblems(model: Model, architecture: ModelArchitecture, split: Split): string[] {
  const group = groupSize(model.format);
  if (group === undefined || PADDED_FORMATS.has(model.format)) return [];
  const problems: string[] = [];
  const { intermediateSize, moeIntermediateSize, experts = 0, layers, moeLayers = layers } = architecture;
  if (intermediateSize && (experts === 0 || moeLayers < layers) && (intermediateSize / split.tensor) % group !== 0) {
    problems.push(
      `'tensor' (${split.tensor}) cuts the feed-forward width ${intermediateSize} into slices that are no multiple of ` +
        `${group}, the block of ${model.format}: choose a smaller 'tensor'`,
    );
  }
  const expertRanks = split.tensor * split.data;
  if (experts > 0 && moeIntermediateSize && !split.expert && (moeIntermediateSize / expertRanks) % group !== 0) {
    problems.push(
      `'tensor' (${split.tensor}) cuts the expert width ${moeIntermediateSize} into slices that are no multiple of ` +
        `${group}, the block of ${model.format}: set expert: true, or choose a smaller 'tensor'`,
    );
  }
  return problems;
}

/** Formats whose kernels pad slices to whole groups. */
const PADDED_FORMATS: ReadonlySet<string> = new Set(['mxfp4', 'nvfp4', 'int4']);

function expertProblems(architecture: ModelArchitecture, split: Split): string[] {
  if (!split.expert) return [];
  const { experts = 0 } = architecture;
  const ranks = split.tensor * split.data;
  if (experts === 0) return [`'expert' (true) needs a mixture of experts, and the model is dense: leave it out`];
  if (ranks > experts) {
    return [`'tensor' × 'data' (${ranks}) must be at most the ${experts} experts, so that every rank holds one`];
  }
  return [];
}

function stageProblems(architecture: ModelArchitecture, pipeline: number): string[] {
  return pipeline > architecture.layers
    ? [`'pipeline' (${pipeline}) must be at most the ${architecture.layers} layers of the model`]
    : [];
}
