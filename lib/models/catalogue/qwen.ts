import { ModelTask } from '../model-task';
import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of Qwen. */
export const QWEN: CatalogueEntry[] = [
  {
    id: 'Qwen/Qwen3-0.6B', parametersBillions: 0.6, format: WeightsFormat.BF16,
    architecture: {
      layers: 28, hiddenSize: 1024, attentionHeads: 16, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      tiedEmbeddings: true, intermediateSize: 3072,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'config.json, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-1.7B', parametersBillions: 1.72, format: WeightsFormat.BF16,
    architecture: {
      layers: 28, hiddenSize: 2048, attentionHeads: 16, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      tiedEmbeddings: true, intermediateSize: 6144,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'config.json, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-4B', parametersBillions: 4.02, format: WeightsFormat.BF16,
    architecture: {
      layers: 36, hiddenSize: 2560, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      tiedEmbeddings: true, intermediateSize: 9728,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'config.json of Qwen3-VL-4B-Instruct, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-8B', parametersBillions: 8.19, format: WeightsFormat.BF16,
    architecture: {
      layers: 36, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 12288,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'config.json, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-8B-AWQ', parametersBillions: 8.2, weightsGiB: 5.68, format: WeightsFormat.AWQ_INT4,
    architecture: {
      layers: 36, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 12288,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'config.json of Qwen3-8B, files (KAITO)',
  },
  {
    id: 'Qwen/Qwen3-14B', parametersBillions: 14.77, format: WeightsFormat.BF16,
    architecture: {
      layers: 40, hiddenSize: 5120, attentionHeads: 40, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 17408,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'LMCache, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-32B', parametersBillions: 32.76, format: WeightsFormat.BF16,
    architecture: {
      layers: 64, hiddenSize: 5120, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 25600,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'config.json, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-30B-A3B', parametersBillions: 30.52, activeParametersBillions: 3.3, format: WeightsFormat.BF16,
    architecture: {
      layers: 48, hiddenSize: 2048, attentionHeads: 32, kvHeads: 4, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 6144, moeIntermediateSize: 768, experts: 128, expertsPerToken: 8,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-235B-A22B', parametersBillions: 235, activeParametersBillions: 22, format: WeightsFormat.BF16,
    architecture: {
      layers: 94, hiddenSize: 4096, attentionHeads: 64, kvHeads: 4, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 12288, moeIntermediateSize: 1536, experts: 128, expertsPerToken: 8,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'p5.48xlarge', tensor: 8 },
    source: 'config.json, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-Coder-480B-A35B-Instruct', parametersBillions: 480, activeParametersBillions: 35, format: WeightsFormat.BF16,
    architecture: {
      layers: 62, hiddenSize: 6144, attentionHeads: 96, kvHeads: 8, headDim: 128, maxPositions: 262144, vocabularySize: 151936,
      intermediateSize: 8192, moeIntermediateSize: 2560, experts: 160, expertsPerToken: 8,
    },
    toolCallParser: 'qwen3_coder',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json, parameters counted',
  },
  {
    id: 'Qwen/Qwen3.5-4B', parametersBillions: 4, weightsGiB: 8.68, format: WeightsFormat.BF16,
    architecture: {
      layers: 32, hiddenSize: 2560, attentionHeads: 16, kvHeads: 4, headDim: 256, fullAttentionLayers: 8, maxPositions: 262144,
      vocabularySize: 248320,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'Qwen/Qwen3.5-9B', parametersBillions: 9, weightsGiB: 17.98, format: WeightsFormat.BF16,
    architecture: {
      layers: 32, hiddenSize: 4096, attentionHeads: 16, kvHeads: 4, headDim: 256, fullAttentionLayers: 8, maxPositions: 262144,
      vocabularySize: 248320,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'Qwen/Qwen3.6-27B', parametersBillions: 27, weightsGiB: 51.75, format: WeightsFormat.BF16,
    architecture: {
      layers: 64, hiddenSize: 5120, attentionHeads: 24, kvHeads: 4, headDim: 256, fullAttentionLayers: 16, stateMiBPerSequence: 74.8,
      maxPositions: 262144, vocabularySize: 248320, intermediateSize: 17408,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json of Qwen3.5-27B, files (KAITO)',
  },
  {
    id: 'Qwen/Qwen3.8-27B', parametersBillions: 27, weightsGiB: 51.75, format: WeightsFormat.BF16,
    architecture: {
      layers: 64, hiddenSize: 5120, attentionHeads: 24, kvHeads: 4, headDim: 256, fullAttentionLayers: 16, stateMiBPerSequence: 74.8,
      maxPositions: 262144, vocabularySize: 248320, intermediateSize: 17408,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json of Qwen3.5-27B, files (KAITO)',
  },
  {
    id: 'Qwen/Qwen3.6-35B-A3B', parametersBillions: 33.98, activeParametersBillions: 3, weightsGiB: 66.97, format: WeightsFormat.BF16,
    architecture: {
      layers: 40, hiddenSize: 2048, attentionHeads: 16, kvHeads: 2, headDim: 256, fullAttentionLayers: 10, stateMiBPerSequence: 31.4,
      maxPositions: 262144, vocabularySize: 248320, moeIntermediateSize: 512, experts: 256, expertsPerToken: 8,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'config.json of Qwen3.5-35B-A3B, files (KAITO), parameters counted',
  },
  {
    id: 'Qwen/Qwen3.5-122B-A10B', parametersBillions: 120, activeParametersBillions: 10, weightsGiB: 232.99, format: WeightsFormat.BF16,
    architecture: {
      layers: 48, hiddenSize: 3072, attentionHeads: 32, kvHeads: 2, headDim: 256, fullAttentionLayers: 12, stateMiBPerSequence: 74.5,
      maxPositions: 262144, vocabularySize: 248320, moeIntermediateSize: 1024, experts: 256, expertsPerToken: 8,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json, files (KAITO), parameters counted',
  },
  {
    id: 'Qwen/Qwen3.6-35B-A3B-FP8', parametersBillions: 33.98, activeParametersBillions: 3, weightsGiB: 34.9, format: WeightsFormat.FP8,
    architecture: {
      layers: 40, hiddenSize: 2048, attentionHeads: 16, kvHeads: 2, headDim: 256, fullAttentionLayers: 10, stateMiBPerSequence: 31.4,
      maxPositions: 262144, vocabularySize: 248320, moeIntermediateSize: 512, experts: 256, expertsPerToken: 8,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'config.json of Qwen3.5-35B-A3B, files (KAITO), parameters counted',
  },
  {
    id: 'Qwen/Qwen3.5-397B-A17B-GPTQ-Int4', parametersBillions: 393, activeParametersBillions: 17, weightsGiB: 219.56,
    format: WeightsFormat.GPTQ_INT4,
    architecture: {
      layers: 60, hiddenSize: 4096, attentionHeads: 32, kvHeads: 2, headDim: 256, fullAttentionLayers: 15, stateMiBPerSequence: 93.2,
      maxPositions: 262144, vocabularySize: 248320, moeIntermediateSize: 1024, experts: 512, expertsPerToken: 10,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json of Qwen3.5-397B-A17B, files (KAITO), parameters counted',
  },
  {
    id: 'Qwen/Qwen2.5-Coder-7B-Instruct', parametersBillions: 7.62, weightsGiB: 14.19, format: WeightsFormat.BF16,
    architecture: {
      layers: 28, hiddenSize: 3584, attentionHeads: 28, kvHeads: 4, headDim: 128, maxPositions: 32768, vocabularySize: 152064,
      intermediateSize: 18944,
    },
    toolCallParser: 'hermes',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'Qwen/Qwen2.5-Coder-32B-Instruct', parametersBillions: 32.8, weightsGiB: 61.03, format: WeightsFormat.BF16,
    architecture: {
      layers: 64, hiddenSize: 5120, attentionHeads: 40, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 152064,
      intermediateSize: 27648,
    },
    toolCallParser: 'hermes',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'Qwen/Qwen2.5-72B-Instruct', parametersBillions: 72.7, format: WeightsFormat.BF16,
    architecture: {
      layers: 80, hiddenSize: 8192, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 152064,
      intermediateSize: 29568,
    },
    toolCallParser: 'hermes',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'aiconfigurator, parameters counted',
  },
  {
    id: 'Qwen/Qwen3-32B-FP8', parametersBillions: 32.8, format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 64, hiddenSize: 5120, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 25600,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json',
  },
  {
    id: 'Qwen/Qwen3-30B-A3B-FP8', parametersBillions: 30.5, activeParametersBillions: 3.3, format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 48, hiddenSize: 2048, attentionHeads: 32, kvHeads: 4, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 6144, moeIntermediateSize: 768, experts: 128, expertsPerToken: 8,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'config.json',
  },
  {
    id: 'Qwen/Qwen3-235B-A22B-FP8', parametersBillions: 235, activeParametersBillions: 22, format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 94, hiddenSize: 4096, attentionHeads: 64, kvHeads: 4, headDim: 128, maxPositions: 40960, vocabularySize: 151936,
      intermediateSize: 12288, moeIntermediateSize: 1536, experts: 128, expertsPerToken: 8,
    },
    toolCallParser: 'hermes', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8, expert: true },
    source: 'config.json',
  },
  {
    id: 'Qwen/Qwen3-Coder-30B-A3B-Instruct', parametersBillions: 30.5, activeParametersBillions: 3.3, format: WeightsFormat.BF16,
    architecture: {
      layers: 48, hiddenSize: 2048, attentionHeads: 32, kvHeads: 4, headDim: 128, maxPositions: 262144, vocabularySize: 151936,
      intermediateSize: 6144, moeIntermediateSize: 768, experts: 128, expertsPerToken: 8,
    },
    toolCallParser: 'qwen3_coder',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'shape of Qwen3-30B-A3B, 262144 positions',
  },
  {
    id: 'Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8', parametersBillions: 480, activeParametersBillions: 35,
    format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 62, hiddenSize: 6144, attentionHeads: 96, kvHeads: 8, headDim: 128, maxPositions: 262144, vocabularySize: 151936,
      intermediateSize: 8192, moeIntermediateSize: 2560, experts: 160, expertsPerToken: 8,
    },
    toolCallParser: 'qwen3_coder',
    recommendation: { engine: 'vllm', instanceType: 'p5.48xlarge', tensor: 8, expert: true },
    source: 'shape of the bf16 model',
  },
  {
    id: 'Qwen/Qwen3-Embedding-0.6B', parametersBillions: 0.6, format: WeightsFormat.BF16, task: ModelTask.EMBEDDING,
    architecture: {
      layers: 28, hiddenSize: 1024, attentionHeads: 16, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 151936,
      tiedEmbeddings: true, intermediateSize: 3072,
    },
    recommendation: { engine: 'tei', instanceType: 'g6.xlarge' },
    source: 'shape of Qwen3-0.6B',
  },
  {
    id: 'Qwen/Qwen3-Embedding-8B', parametersBillions: 7.57, format: WeightsFormat.BF16, task: ModelTask.EMBEDDING,
    architecture: {
      layers: 36, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 151936,
      tiedEmbeddings: true, intermediateSize: 12288,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'shape of Qwen3-8B without output layer',
  },
  {
    id: 'Qwen/Qwen3-Reranker-8B', parametersBillions: 7.57, format: WeightsFormat.BF16, task: ModelTask.RERANKING,
    architecture: {
      layers: 36, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 32768, vocabularySize: 151936,
      tiedEmbeddings: true, intermediateSize: 12288,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'shape of Qwen3-8B without output layer',
  },
  {
    id: 'Qwen/Qwen3.5-122B-A10B-GPTQ-Int4', parametersBillions: 120, activeParametersBillions: 10, weightsGiB: 73.47,
    format: WeightsFormat.GPTQ_INT4,
    architecture: {
      layers: 48, hiddenSize: 3072, attentionHeads: 32, kvHeads: 2, headDim: 256, fullAttentionLayers: 12, stateMiBPerSequence: 74.5,
      maxPositions: 262144, vocabularySize: 248320, moeIntermediateSize: 1024, experts: 256, expertsPerToken: 8,
    },
    toolCallParser: 'qwen3_coder', reasoningParser: 'qwen3',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'config.json of the bf16 model, files (KAITO), parameters counted',
  },
];
