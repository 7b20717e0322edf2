import { ModelTask } from '../model-task';
import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of other publishers. */
export const OTHERS: CatalogueEntry[] = [
  {
    id: 'zai-org/GLM-4.7-FP8', parametersBillions: 353, activeParametersBillions: 32, format: WeightsFormat.FP8,
    architecture: {
      layers: 92, hiddenSize: 5120, attentionHeads: 96, kvHeads: 8, headDim: 128, maxPositions: 202752, vocabularySize: 151552,
      intermediateSize: 12288, moeIntermediateSize: 1536, experts: 160, expertsPerToken: 8, sharedExperts: 1, moeLayers: 89,
    },
    toolCallParser: 'glm47', reasoningParser: 'glm45',
    recommendation: { engine: 'vllm', instanceType: 'p5.48xlarge', tensor: 8 },
    source: 'aiconfigurator, parameters counted',
  },
  {
    id: 'zai-org/GLM-4.7-Flash', parametersBillions: 30, activeParametersBillions: 3, format: WeightsFormat.BF16,
    architecture: {
      layers: 47, hiddenSize: 2048, attentionHeads: 20, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 202752, vocabularySize: 154880,
      experts: 64, expertsPerToken: 4, sharedExperts: 1,
    },
    toolCallParser: 'glm47', reasoningParser: 'glm45',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'aiconfigurator, parameters by name',
  },
  {
    id: 'zai-org/GLM-5.2-FP8', parametersBillions: 753.7, weightsGiB: 703.75, format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 78, hiddenSize: 6144, attentionHeads: 64, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 1048576,
      vocabularySize: 154880, intermediateSize: 12288, moeIntermediateSize: 2048, experts: 256, expertsPerToken: 8, sharedExperts: 1,
      moeLayers: 75,
    },
    toolCallParser: 'glm47', reasoningParser: 'glm45',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json, parameters counted, files (KAITO)',
  },
  {
    id: 'MiniMaxAI/MiniMax-M2.7', parametersBillions: 229, activeParametersBillions: 10, weightsGiB: 214.34,
    format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 62, hiddenSize: 3072, attentionHeads: 48, kvHeads: 8, headDim: 128, maxPositions: 204800, vocabularySize: 200064,
      intermediateSize: 1536, moeIntermediateSize: 1536, experts: 256, expertsPerToken: 8,
    },
    toolCallParser: 'minimax_m2', reasoningParser: 'minimax_m2',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8, expert: true },
    source: 'config.json, files (KAITO), parameters counted',
  },
  {
    id: 'microsoft/phi-4', parametersBillions: 14.66, weightsGiB: 27.31, format: WeightsFormat.BF16,
    architecture: {
      layers: 40, hiddenSize: 5120, attentionHeads: 40, kvHeads: 10, headDim: 128, maxPositions: 16384, vocabularySize: 100352,
      intermediateSize: 17920,
    },
    recommendation: { engine: 'vllm', instanceType: 'p5.4xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'microsoft/Phi-4-mini-instruct', parametersBillions: 3.84, weightsGiB: 7.15, format: WeightsFormat.BF16,
    architecture: {
      layers: 32, hiddenSize: 3072, attentionHeads: 24, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 200064,
      tiedEmbeddings: true, intermediateSize: 8192,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'MiniMaxAI/MiniMax-M3', parametersBillions: 425, format: WeightsFormat.BF16,
    architecture: {
      layers: 60, hiddenSize: 6144, attentionHeads: 64, kvHeads: 4, headDim: 128, maxPositions: 1048576, vocabularySize: 200064,
      intermediateSize: 3072, moeIntermediateSize: 3072, experts: 128, expertsPerToken: 4, sharedExperts: 1, moeLayers: 57,
    },
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json; parameters counted from it',
  },
  {
    id: 'nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', parametersBillions: 31.6, activeParametersBillions: 3, weightsGiB: 58.82,
    format: WeightsFormat.BF16,
    architecture: {
      layers: 52, hiddenSize: 2688, attentionHeads: 32, kvHeads: 2, headDim: 128, fullAttentionLayers: 6, stateMiBPerSequence: 46,
      maxPositions: 262144, vocabularySize: 131072, intermediateSize: 1856, ungatedFeedForward: true, moeIntermediateSize: 1856,
      experts: 128, expertsPerToken: 6, sharedExperts: 1, moeLayers: 23,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json, files (KAITO)',
  },
  {
    id: 'nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-BF16', parametersBillions: 123.6, activeParametersBillions: 12, weightsGiB: 230.25,
    format: WeightsFormat.BF16,
    architecture: {
      layers: 88, hiddenSize: 4096, attentionHeads: 32, kvHeads: 2, headDim: 128, fullAttentionLayers: 8, stateMiBPerSequence: 160,
      maxPositions: 262144, vocabularySize: 131072, intermediateSize: 2688, ungatedFeedForward: true, moeIntermediateSize: 2688,
      expertHiddenSize: 1024, experts: 512, expertsPerToken: 22, sharedExperts: 1, moeLayers: 40,
    },
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json of the FP8 model, files (KAITO)',
  },
  {
    id: 'zai-org/GLM-4.5-Air', parametersBillions: 106, activeParametersBillions: 12, format: WeightsFormat.BF16,
    architecture: {
      layers: 46, hiddenSize: 4096, attentionHeads: 96, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 151552,
      intermediateSize: 10944, moeIntermediateSize: 1408, experts: 128, expertsPerToken: 8, sharedExperts: 1, moeLayers: 45,
    },
    toolCallParser: 'glm45', reasoningParser: 'glm45',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'model card',
  },
  {
    id: 'ibm-granite/granite-4.1-8b', parametersBillions: 8.8, weightsGiB: 16.38, format: WeightsFormat.BF16,
    architecture: { layers: 40, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 131072 },
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'KAITO',
  },
  {
    id: 'BAAI/bge-m3', parametersBillions: 0.57, format: WeightsFormat.FP32, task: ModelTask.EMBEDDING,
    architecture: {
      layers: 24, hiddenSize: 1024, attentionHeads: 16, kvHeads: 16, headDim: 64, maxPositions: 8192, vocabularySize: 250002,
      tiedEmbeddings: true, intermediateSize: 4096,
    },
    recommendation: { engine: 'tei', instanceType: 'g6.xlarge' },
    source: 'model card',
  },
  {
    id: 'black-forest-labs/FLUX.1-schnell', parametersBillions: 16.9, format: WeightsFormat.BF16, task: ModelTask.TEXT_TO_IMAGE,
    recommendation: { engine: 'diffusers', instanceType: 'g6e.2xlarge' },
    source: 'model card: 12 B transformer, T5-XXL and CLIP encoders',
  },
  {
    id: 'stabilityai/stable-diffusion-3.5-large', parametersBillions: 13.9, format: WeightsFormat.FP16, gated: true,
    task: ModelTask.TEXT_TO_IMAGE,
    recommendation: { engine: 'diffusers', instanceType: 'g6e.2xlarge' },
    source: 'model card: 8.1 B transformer, T5-XXL and two CLIP encoders',
  },
  {
    id: 'stabilityai/stable-diffusion-xl-base-1.0', parametersBillions: 3.5, format: WeightsFormat.FP16, task: ModelTask.TEXT_TO_IMAGE,
    recommendation: { engine: 'diffusers', instanceType: 'g6e.2xlarge' },
    source: 'model card',
  },
];
