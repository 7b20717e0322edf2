import type { PlacementRequest } from '../placement-request';
import { rankHost } from './device-memory';
import { splitProblems } from './divisibility';
import type { Split } from './weights';

/** A way to split a model, and why it is considered. */
export interface ChosenSplit {
  readonly split: Split;
  readonly reason: string;
}

/**
 * The splits to try, best first: the sizes that were asked for, and for the others every tensor size that the ranks of
 * a node allow, powers of two first and large before small.
 */
export function candidateSplits(request: PlacementRequest): ChosenSplit[] {
  const { parallelism, nodes = 1, accelerator } = request;
  const { ranksPerNode } = rankHost(accelerator);
  const data = parallelism?.data ?? 1;
  const pipeline = parallelism?.pipeline ?? defaultStages(request, nodes);
  const ranksForTensor = Math.max(1, Math.floor((ranksPerNode * nodes) / (pipeline * data)));
  const tensors = parallelism?.tensor !== undefined ? [parallelism.tensor] : tensorSizes(Math.min(ranksPerNode, ranksForTensor));
  return tensors.map((tensor) => withExperts(request, { tensor, pipeline, data }));
}

/** One stage for every node, unless the ranks of several nodes are already taken by the sizes that were given. */
function defaultStages(request: PlacementRequest, nodes: number): number {
  const { parallelism, accelerator } = request;
  const { ranksPerNode } = rankHost(accelerator);
  const given = (parallelism?.tensor ?? 1) * (parallelism?.data ?? 1);
  return given > ranksPerNode ? Math.max(1, Math.floor((ranksPerNode * nodes) / given)) : nodes;
}

/** Sizes from 1 to a limit: powers of two from the largest, then the others from the largest. */
export function tensorSizes(limit: number): number[] {
  const sizes = Array.from({ length: limit }, (_, index) => limit - index);
  const isPowerOfTwo = (size: number): boolean => (size & (size - 1)) === 0;
  return [...sizes.filter(isPowerOfTwo), ...sizes.filter((size) => !isPowerOfTwo(size))];
}

/** Whole experts a rank where that was asked for, or where slices of experts are impossible and whole experts are not. */
function withExperts(request: PlacementRequest, sizes: Omit<Split, 'expert'>): ChosenSplit {
  const asked = request.parallelism?.expert;
  const sliced: Split = { ...sizes, expert: asked ?? false };
  if (asked === undefined && request.model.architecture?.experts && splitProblems(request.model, sliced).length > 0) {
    const whole: Split = { ...sizes, expert: true };
    if (splitProblems(request.model, whole).length === 0) {
      return { split: whole, reason: `${describe(request, whole)}, whole experts on each rank because slices break their quantization blocks` };
    }
  }
  return { split: sliced, reason: describe(request, sliced) };
}

function describe(request: PlacementRequest, split: Split): string {
  const { parallelism } = request;
  const parts = [
    parallelism?.tensor !== undefined
      ? `tensor ${split.tensor} as asked`
      : `tensor ${split.tensor}, the largest that the devices of a node and the model's heads allow`,
  ];
  if (split.pipeline > 1) {
    parts.push(parallelism?.pipeline !== undefined ? `pipeline ${split.pipeline} as asked` : `pipeline ${split.pipeline}, one stage a node`);
  }
  if (split.data > 1) parts.push(`data ${split.data} as asked`);
  if (split.expert) parts.push('expert parallel');
  return parts.join(', ');
}
