import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of Google. */
export const GOOGLE: CatalogueEntry[] = [
  {
    id: 'google/gemma-3-4b-it', parametersBillions: 4.3, weightsGiB: 8.01, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 34, hiddenSize: 2560, attentionHeads: 8, kvHeads: 4, headDim: 256, slidingWindow: 1024, slidingWindowLayers: 29,
      maxPositions: 131072, vocabularySize: 262208, tiedEmbeddings: true, intermediateSize: 10240,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'google/gemma-3-12b-it', parametersBillions: 11.77, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 48, hiddenSize: 3840, attentionHeads: 16, kvHeads: 8, headDim: 256, slidingWindow: 1024, slidingWindowLayers: 40,
      maxPositions: 131072, vocabularySize: 262208, tiedEmbeddings: true, intermediateSize: 15360,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'MaxText, parameters counted',
  },
  {
    id: 'google/gemma-3-27b-it', parametersBillions: 27.4, weightsGiB: 51.1, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 62, hiddenSize: 5376, attentionHeads: 32, kvHeads: 16, headDim: 128, slidingWindow: 1024, slidingWindowLayers: 52,
      maxPositions: 131072, vocabularySize: 262208, tiedEmbeddings: true, intermediateSize: 21504,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'google/gemma-4-31B-it', parametersBillions: 31.3, weightsGiB: 58.25, format: WeightsFormat.BF16,
    architecture: {
      layers: 60, hiddenSize: 5376, attentionHeads: 32, kvHeads: 16, headDim: 256, slidingWindow: 1024, slidingWindowLayers: 50,
      globalKvHeads: 4, globalHeadDim: 512, maxPositions: 262144, vocabularySize: 262144, tiedEmbeddings: true, intermediateSize: 21504,
    },
    toolCallParser: 'gemma4', reasoningParser: 'gemma4',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'config.json of Gemma-4-31B-IT-NVFP4, files (KAITO)',
  },
  {
    id: 'google/gemma-4-26B-A4B-it', parametersBillions: 25.8, activeParametersBillions: 4, weightsGiB: 48.07,
    format: WeightsFormat.BF16,
    architecture: {
      layers: 30, hiddenSize: 2816, attentionHeads: 16, kvHeads: 8, headDim: 256, slidingWindow: 1024, slidingWindowLayers: 25,
      globalKvHeads: 2, globalHeadDim: 512, maxPositions: 262144, vocabularySize: 262144, tiedEmbeddings: true, intermediateSize: 2112,
      moeIntermediateSize: 704, experts: 128, expertsPerToken: 8,
    },
    toolCallParser: 'gemma4', reasoningParser: 'gemma4',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json of gemma-4-26B-A4B, files (KAITO)',
  },
  {
    id: 'google/gemma-4-12B-it', parametersBillions: 12, weightsGiB: 22.28, format: WeightsFormat.BF16,
    architecture: {
      layers: 48, hiddenSize: 3840, attentionHeads: 16, kvHeads: 8, headDim: 256, slidingWindow: 1024, slidingWindowLayers: 40,
      maxPositions: 262144, vocabularySize: 262144, tiedEmbeddings: true,
    },
    toolCallParser: 'gemma4', reasoningParser: 'gemma4',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
];
