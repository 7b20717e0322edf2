import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of Mistral AI. */
export const MISTRAL: CatalogueEntry[] = [
  {
    id: 'mistralai/Mistral-7B-Instruct-v0.3', parametersBillions: 7.25, weightsGiB: 13.5, format: WeightsFormat.BF16,
    architecture: {
      layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 32768,
      intermediateSize: 14336,
    },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'mistralai/Mistral-Small-24B-Instruct-2501', parametersBillions: 23.57, format: WeightsFormat.BF16,
    architecture: {
      layers: 40, hiddenSize: 5120, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 131072,
      intermediateSize: 32768,
    },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json, parameters counted',
  },
  {
    id: 'mistralai/Ministral-3-3B-Instruct-2512', parametersBillions: 3.8, weightsGiB: 4.35, format: WeightsFormat.FP8,
    architecture: {
      layers: 26, hiddenSize: 3072, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 262144, vocabularySize: 131072,
      tiedEmbeddings: true,
    },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'KAITO, files (KAITO), parameters by model card, with the vision encoder',
  },
  {
    id: 'mistralai/Ministral-3-8B-Instruct-2512', parametersBillions: 8, weightsGiB: 9.7, format: WeightsFormat.FP8,
    architecture: { layers: 34, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 262144 },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'mistralai/Ministral-3-14B-Instruct-2512', parametersBillions: 14, weightsGiB: 14.65, format: WeightsFormat.FP8,
    architecture: { layers: 40, hiddenSize: 5120, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 262144 },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'mistralai/Mistral-Small-4-119B-2603', parametersBillions: 119, weightsGiB: 112.63, format: WeightsFormat.FP8,
    architecture: { layers: 36, hiddenSize: 4096, attentionHeads: 32, kvLoraRank: 256, qkRopeHeadDim: 64, maxPositions: 1048576 },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'mistralai/Mistral-Large-3-675B-Instruct-2512', parametersBillions: 675, weightsGiB: 634.7, format: WeightsFormat.FP8,
    architecture: { layers: 61, hiddenSize: 7168, attentionHeads: 128, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 294912 },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'mistralai/Mistral-Medium-3.5-128B', parametersBillions: 128, weightsGiB: 124.43, format: WeightsFormat.FP8,
    architecture: { layers: 88, hiddenSize: 12288, attentionHeads: 96, kvHeads: 8, headDim: 128, maxPositions: 262144 },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'mistralai/Mixtral-8x7B-Instruct-v0.1', parametersBillions: 46.7, activeParametersBillions: 12.9, format: WeightsFormat.BF16,
    architecture: {
      layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 32000,
      intermediateSize: 14336, moeIntermediateSize: 14336, experts: 8, expertsPerToken: 2,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'config.json of Mixtral-8x7B-v0.1, parameters by model card',
  },
  {
    id: 'mistralai/Mixtral-8x22B-Instruct-v0.1', parametersBillions: 141, activeParametersBillions: 39, format: WeightsFormat.BF16,
    architecture: {
      layers: 56, hiddenSize: 6144, attentionHeads: 48, kvHeads: 8, headDim: 128, maxPositions: 65536, vocabularySize: 32000,
      intermediateSize: 16384, moeIntermediateSize: 16384, experts: 8, expertsPerToken: 2,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json of Mixtral-8x22B-v0.1, parameters by model card',
  },
  {
    id: 'mistralai/Mistral-Small-4-119B-2603-NVFP4', parametersBillions: 119, weightsGiB: 65.95, format: WeightsFormat.NVFP4,
    architecture: { layers: 36, hiddenSize: 4096, attentionHeads: 32, kvLoraRank: 256, qkRopeHeadDim: 64, maxPositions: 1048576 },
    toolCallParser: 'mistral',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'KAITO',
  },
];
