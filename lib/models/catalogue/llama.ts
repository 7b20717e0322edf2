import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of Meta, and copies of its models that are not gated or are quantized. */
export const LLAMA: CatalogueEntry[] = [
  {
    id: 'meta-llama/Llama-3.2-1B-Instruct', parametersBillions: 1.24, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 16, hiddenSize: 2048, attentionHeads: 32, kvHeads: 8, headDim: 64, maxPositions: 131072, vocabularySize: 128256,
      tiedEmbeddings: true, intermediateSize: 8192,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'LMCache, parameters counted',
  },
  {
    id: 'meta-llama/Llama-3.2-3B-Instruct', parametersBillions: 3.21, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 28, hiddenSize: 3072, attentionHeads: 24, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      tiedEmbeddings: true, intermediateSize: 8192,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'LMCache, parameters counted',
  },
  {
    id: 'meta-llama/Llama-3.1-8B-Instruct', parametersBillions: 8.03, weightsGiB: 14.96, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 14336,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'config.json of Meta-Llama-3.1-8B, files (KAITO)',
  },
  {
    id: 'meta-llama/Llama-3.1-70B-Instruct', parametersBillions: 70.6, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 80, hiddenSize: 8192, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 28672,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json of Meta-Llama-3.1-70B, parameters derived',
  },
  {
    id: 'meta-llama/Llama-3.3-70B-Instruct', parametersBillions: 70.6, weightsGiB: 131.42, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 80, hiddenSize: 8192, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 28672,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json of Meta-Llama-3.1-70B, files (KAITO)',
  },
  {
    id: 'meta-llama/Llama-3.1-405B-Instruct', parametersBillions: 406, format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 126, hiddenSize: 16384, attentionHeads: 128, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 53248,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json of Meta-Llama-3.1-405B, parameters counted',
  },
  {
    id: 'meta-llama/Llama-4-Scout-17B-16E-Instruct', parametersBillions: 109, activeParametersBillions: 17, format: WeightsFormat.BF16,
    gated: true,
    architecture: {
      layers: 48, hiddenSize: 5120, attentionHeads: 40, kvHeads: 8, headDim: 128, slidingWindow: 8192, slidingWindowLayers: 36,
      maxPositions: 10485760, vocabularySize: 202048, intermediateSize: 16384, moeIntermediateSize: 8192, experts: 16,
      expertsPerToken: 1, sharedExperts: 1,
    },
    toolCallParser: 'llama4_pythonic',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json, parameters by model card',
  },
  {
    id: 'meta-llama/Llama-4-Maverick-17B-128E-Instruct', parametersBillions: 400, activeParametersBillions: 17,
    format: WeightsFormat.BF16, gated: true,
    architecture: {
      layers: 48, hiddenSize: 5120, attentionHeads: 40, kvHeads: 8, headDim: 128, slidingWindow: 8192, slidingWindowLayers: 36,
      maxPositions: 1048576, vocabularySize: 202048, intermediateSize: 16384, moeIntermediateSize: 8192, experts: 128,
      expertsPerToken: 1, sharedExperts: 1, moeLayers: 24,
    },
    toolCallParser: 'llama4_pythonic',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json, parameters by model card',
  },
  {
    id: 'meta-llama/Llama-3.1-405B-Instruct-FP8', parametersBillions: 405, format: WeightsFormat.FP8, gated: true,
    architecture: {
      layers: 126, hiddenSize: 16384, attentionHeads: 128, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 53248,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'p5.48xlarge', tensor: 8 },
    source: 'shape of the bf16 model',
  },
  {
    id: 'RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic', parametersBillions: 70.6, format: WeightsFormat.FP8,
    architecture: {
      layers: 80, hiddenSize: 8192, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 28672,
    },
    toolCallParser: 'llama3_json',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'shape of the bf16 model',
  },
  {
    id: 'RedHatAI/Llama-4-Maverick-17B-128E-Instruct-FP8', parametersBillions: 400, activeParametersBillions: 17,
    format: WeightsFormat.FP8,
    architecture: {
      layers: 48, hiddenSize: 5120, attentionHeads: 40, kvHeads: 8, headDim: 128, slidingWindow: 8192, slidingWindowLayers: 36,
      maxPositions: 1048576, vocabularySize: 202048, intermediateSize: 16384, moeIntermediateSize: 8192, experts: 128,
      expertsPerToken: 1, sharedExperts: 1, moeLayers: 24,
    },
    toolCallParser: 'llama4_pythonic',
    recommendation: { engine: 'vllm', instanceType: 'p5.48xlarge', tensor: 8 },
    source: 'shape of the bf16 model',
  },
  {
    id: 'NousResearch/Meta-Llama-3-8B-Instruct', parametersBillions: 8.03, weightsGiB: 14.96, format: WeightsFormat.BF16,
    architecture: {
      layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 8192, vocabularySize: 128256,
      intermediateSize: 14336,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'shape of Llama-3.1-8B, 8192 positions',
  },
  {
    id: 'NousResearch/Meta-Llama-3-70B-Instruct', parametersBillions: 70.6, weightsGiB: 131.42, format: WeightsFormat.BF16,
    architecture: {
      layers: 80, hiddenSize: 8192, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 8192, vocabularySize: 128256,
      intermediateSize: 28672,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'shape of Llama-3.1-70B, 8192 positions',
  },
  {
    id: 'NousResearch/Llama-3.2-1B', parametersBillions: 1.24, format: WeightsFormat.BF16,
    architecture: {
      layers: 16, hiddenSize: 2048, attentionHeads: 32, kvHeads: 8, headDim: 64, maxPositions: 131072, vocabularySize: 128256,
      tiedEmbeddings: true, intermediateSize: 8192,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'shape of Llama-3.2-1B-Instruct',
  },
];
