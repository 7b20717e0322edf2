import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of DeepSeek. */
export const DEEPSEEK: CatalogueEntry[] = [
  {
    id: 'deepseek-ai/DeepSeek-R1-0528', parametersBillions: 672, activeParametersBillions: 37, weightsGiB: 641.3,
    format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 128, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 163840,
      vocabularySize: 129280, intermediateSize: 18432, moeIntermediateSize: 2048, experts: 256, expertsPerToken: 8, sharedExperts: 1,
      moeLayers: 58,
    },
    toolCallParser: 'deepseek_v3', reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json of DeepSeek-R1, files (KAITO), parameters counted',
  },
  {
    id: 'deepseek-ai/DeepSeek-V3-0324', parametersBillions: 672, activeParametersBillions: 37, weightsGiB: 641.3,
    format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 128, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 163840,
      vocabularySize: 129280, intermediateSize: 18432, moeIntermediateSize: 2048, experts: 256, expertsPerToken: 8, sharedExperts: 1,
      moeLayers: 58,
    },
    toolCallParser: 'deepseek_v3',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json of DeepSeek-V3, files (KAITO), parameters counted',
  },
  {
    id: 'deepseek-ai/DeepSeek-V3.2', parametersBillions: 672, activeParametersBillions: 37, weightsGiB: 642.14,
    format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 128, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 163840,
      vocabularySize: 129280, intermediateSize: 18432, moeIntermediateSize: 2048, experts: 256, expertsPerToken: 8, sharedExperts: 1,
      moeLayers: 58,
    },
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json, files (KAITO), parameters counted',
  },
  {
    id: 'deepseek-ai/DeepSeek-V4-Flash-0731', weightsGiB: 155.43, format: WeightsFormat.FP8,
    architecture: {
      layers: 43, hiddenSize: 4096, attentionHeads: 64, kvHeads: 1, headDim: 512, qkRopeHeadDim: 64, slidingWindow: 128,
      slidingWindowLayers: 43, fullAttentionLayers: 6, maxPositions: 1048576, vocabularySize: 129280, moeIntermediateSize: 2048,
      experts: 256, expertsPerToken: 6, sharedExperts: 1,
    },
    toolCallParser: 'deepseek_v4', reasoningParser: 'deepseek_v4',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json of DeepSeek-V4-Flash, files (KAITO)',
  },
  {
    id: 'deepseek-ai/DeepSeek-V4-Pro', weightsGiB: 805.34, format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 128, kvHeads: 1, headDim: 512, qkRopeHeadDim: 64, slidingWindow: 128,
      slidingWindowLayers: 61, fullAttentionLayers: 8, maxPositions: 1048576, vocabularySize: 129280, moeIntermediateSize: 3072,
      experts: 384, expertsPerToken: 6, sharedExperts: 1,
    },
    toolCallParser: 'deepseek_v4', reasoningParser: 'deepseek_v4',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json, files (KAITO)',
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B', parametersBillions: 1.78, format: WeightsFormat.BF16,
    architecture: {
      layers: 28, hiddenSize: 1536, attentionHeads: 12, kvHeads: 2, headDim: 128, maxPositions: 131072, vocabularySize: 151936,
      intermediateSize: 8960,
    },
    reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'aiconfigurator, parameters counted',
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Qwen-7B', parametersBillions: 7.62, format: WeightsFormat.BF16,
    architecture: {
      layers: 28, hiddenSize: 3584, attentionHeads: 28, kvHeads: 4, headDim: 128, maxPositions: 131072, vocabularySize: 152064,
      intermediateSize: 18944,
    },
    reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'aiconfigurator, parameters derived',
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Llama-8B', parametersBillions: 8.03, weightsGiB: 14.96, format: WeightsFormat.BF16,
    architecture: {
      layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 14336,
    },
    reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'g6e.xlarge' },
    source: 'config.json of Meta-Llama-3.1-8B, files (KAITO)',
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Qwen-14B', parametersBillions: 14.77, weightsGiB: 27.51, format: WeightsFormat.BF16,
    architecture: {
      layers: 48, hiddenSize: 5120, attentionHeads: 40, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 152064,
      intermediateSize: 13824,
    },
    reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'KAITO, files (KAITO)',
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Qwen-32B', parametersBillions: 32.8, format: WeightsFormat.BF16,
    architecture: {
      layers: 64, hiddenSize: 5120, attentionHeads: 40, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 152064,
      intermediateSize: 27648,
    },
    reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'g6e.12xlarge', tensor: 4 },
    source: 'aiconfigurator, parameters derived',
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Llama-70B', parametersBillions: 70.6, format: WeightsFormat.BF16,
    architecture: {
      layers: 80, hiddenSize: 8192, attentionHeads: 64, kvHeads: 8, headDim: 128, maxPositions: 131072, vocabularySize: 128256,
      intermediateSize: 28672,
    },
    reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'g6e.48xlarge', tensor: 8 },
    source: 'config.json of Meta-Llama-3.1-70B, parameters derived',
  },
  {
    id: 'deepseek-ai/DeepSeek-R1', parametersBillions: 672, activeParametersBillions: 37, weightsGiB: 641.3,
    format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 128, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 163840,
      vocabularySize: 129280, intermediateSize: 18432, moeIntermediateSize: 2048, experts: 256, expertsPerToken: 8, sharedExperts: 1,
      moeLayers: 58,
    },
    toolCallParser: 'deepseek_v3', reasoningParser: 'deepseek_r1',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'model card, files of R1-0528 (KAITO), parameters counted',
  },
];
