import type { Model } from '../models/model';
import type { ModelArchitecture } from '../models/model-architecture';
import { WeightsFormat } from '../models/weights-format';
import { bytesPerParameter, formatAfterLoad, quantizesEmbeddings } from './formats';

const BYTES_PER_GIB = 1024 ** 3;

/** Bytes of one number of embeddings and norms, which stay in 16 bits in every format but GGUF. */
const UNQUANTIZED_BYTES = 2;

/**
 * What the weights take once loaded, over what their files take.
 *
 * vLLM loads Llama-3.1-8B's 14.96 GiB into 14.99 (vllm-project/vllm#17122). MXFP4 experts are padded and reordered for
 * their kernels: gpt-oss-20b's 12.8 GiB become 13.7 and gpt-oss-120b's 60.8 become 64.4 to 66.0
 * (vllm-project/vllm#33155, #23278).
 */
export function loadFactor(format: WeightsFormat): number {
  return format === WeightsFormat.MXFP4 ? 1.07 : 1.005;
}

/** Weights of a model in device memory, in GiB, by how they can be split. */
export interface WeightShares {
  /** Everything, before any split. */
  readonly totalGiB: number;
  /** Routed experts. */
  readonly expertsGiB: number;
  /** Embeddings and the output layer: on the first and the last pipeline stage only. */
  readonly embeddingsGiB: number;
  /** All other layers. */
  readonly layersGiB: number;
}

/** The weights of a model by how they can be split, or undefined when their size is not known. */
export function weightShares(model: Model, quantization?: string): WeightShares | undefined {
  const stored = storedGiB(model);
  if (stored === undefined) return undefined;
  const format = formatAfterLoad(model.format, quantization);
  const embeddings = Math.min(stored, embeddingsGiB(model.architecture, model.format));
  const linear = (stored - embeddings) * (bytesPerParameter(format) / bytesPerParameter(model.format));
  const experts = Math.min(linear, (expertParameters(model.architecture) * bytesPerParameter(format)) / BYTES_PER_GIB);
  const factor = loadFactor(format);
  return {
    totalGiB: (embeddings + linear) * factor,
    expertsGiB: experts * factor,
    embeddingsGiB: embeddings * factor,
    layersGiB: (linear - experts) * factor,
  };
}

/** Size of the weight files, in GiB: as measured, else parameters × bytes of the format. */
export function storedGiB(model: Model): number | undefined {
  if (model.weightsGiB !== undefined) return model.weightsGiB;
  const parameters = model.parametersBillions !== undefined ? model.parametersBillions * 1e9 : countParameters(model.architecture);
  if (parameters === undefined) return undefined;
  const embeddings = Math.min(parameters, embeddingParameters(model.architecture));
  const embeddingBytes = quantizesEmbeddings(model.format) ? bytesPerParameter(model.format) : wideBytes(model.format);
  return ((parameters - embeddings) * bytesPerParameter(model.format) + embeddings * embeddingBytes) / BYTES_PER_GIB;
}

function wideBytes(format: WeightsFormat): number {
  return Math.max(UNQUANTIZED_BYTES, format === WeightsFormat.FP32 ? 4 : 0);
}

function embeddingsGiB(architecture: ModelArchitecture | undefined, format: WeightsFormat): number {
  const bytes = quantizesEmbeddings(format) ? bytesPerParameter(format) : wideBytes(format);
  return (embeddingParameters(architecture) * bytes) / BYTES_PER_GIB;
}

function embeddingParameters(architecture: ModelArchitecture | undefined): number {
  if (!architecture?.vocabularySize) return 0;
  return architecture.vocabularySize * architecture.hiddenSize * (architecture.tiedEmbeddings ? 1 : 2);
}

/** Matrices of a feed-forward layer: gate, up and down projection, or the last two alone. */
function matrices(architecture: ModelArchitecture): number {
  return architecture.ungatedFeedForward ? 2 : 3;
}

/** Parameters of the routed experts. */
export function expertParameters(architecture: ModelArchitecture | undefined): number {
  if (!architecture?.experts || !architecture.moeIntermediateSize) return 0;
  const layers = architecture.moeLayers ?? architecture.layers;
  const width = architecture.expertHiddenSize ?? architecture.hiddenSize;
  return layers * architecture.experts * matrices(architecture) * width * architecture.moeIntermediateSize;
}

/** Parameters counted from the shape, for models that say nothing else. Undefined when a width is missing. */
export function countParameters(architecture: ModelArchitecture | undefined): number | undefined {
  if (!architecture) return undefined;
  const { layers, hiddenSize, attentionHeads, intermediateSize, experts = 0 } = architecture;
  const moeLayers = experts > 0 ? (architecture.moeLayers ?? layers) : 0;
  const denseLayers = layers - moeLayers;
  if (denseLayers > 0 && !intermediateSize) return undefined;
  if (moeLayers > 0 && !architecture.moeIntermediateSize) return undefined;
  const headDim = architecture.headDim ?? Math.floor(hiddenSize / attentionHeads);
  const kvHeads = architecture.kvHeads ?? attentionHeads;
  const attention = hiddenSize * headDim * (2 * attentionHeads + 2 * kvHeads);
  const dense = denseLayers * matrices(architecture) * hiddenSize * (intermediateSize ?? 0);
  const sharedWidth = (architecture.sharedExperts ?? 0) * (architecture.moeIntermediateSize ?? 0);
  const shared = moeLayers * matrices(architecture) * hiddenSize * sharedWidth;
  return layers * attention + dense + shared + expertParameters(architecture) + embeddingParameters(architecture);
}

/** Sizes of the split that the weights of one rank depend on. */
export interface Split {
  readonly tensor: number;
  readonly pipeline: number;
  readonly data: number;
  readonly expert: boolean;
}

/**
 * Weights of the fullest rank, in GiB.
 *
 * Layers are cut in slices by tensor parallelism and in stages by pipeline parallelism; the fullest stage has the most
 * layers and one end of the embeddings. Experts are spread over tensor × data ranks: whole ones with expert
 * parallelism, slices of every one without (vLLM, "Expert Parallel Deployment": without the flag the mixture-of-experts
 * layers form a tensor-parallel group of size tensor × data).
 */
export function weightsPerRankGiB(shares: WeightShares, layers: number, split: Split): number {
  const stage = Math.ceil(layers / split.pipeline) / layers;
  const embeddings = split.pipeline === 1 ? shares.embeddingsGiB : shares.embeddingsGiB / 2;
  return (shares.layersGiB * stage + embeddings) / split.tensor + (shares.expertsGiB * stage) / (split.tensor * split.data);
}
