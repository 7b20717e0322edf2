import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of Moonshot AI. */
export const MOONSHOT: CatalogueEntry[] = [
  {
    id: 'moonshotai/Kimi-K2-Instruct', parametersBillions: 1000, activeParametersBillions: 32, format: WeightsFormat.FP8_BLOCK128,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 64, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 131072, vocabularySize: 163840,
      intermediateSize: 18432, moeIntermediateSize: 2048, experts: 384, expertsPerToken: 8, sharedExperts: 1, moeLayers: 60,
    },
    toolCallParser: 'kimi_k2',
    recommendation: { engine: 'vllm', instanceType: 'p6-b200.48xlarge', tensor: 8 },
    source: 'config.json, parameters by model card',
  },
  {
    id: 'moonshotai/Kimi-K2.5', parametersBillions: 1033, activeParametersBillions: 32, weightsGiB: 554.32, format: WeightsFormat.INT4,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 64, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 262144, vocabularySize: 163840,
      intermediateSize: 18432, moeIntermediateSize: 2048, experts: 384, expertsPerToken: 8, sharedExperts: 1, moeLayers: 60,
    },
    toolCallParser: 'kimi_k2', reasoningParser: 'kimi_k2',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json, files (KAITO), parameters counted',
  },
  {
    id: 'moonshotai/Kimi-K2.6', parametersBillions: 1033, activeParametersBillions: 32, weightsGiB: 554.32, format: WeightsFormat.INT4,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 64, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 262144, vocabularySize: 163840,
      intermediateSize: 18432, moeIntermediateSize: 2048, experts: 384, expertsPerToken: 8, sharedExperts: 1, moeLayers: 60,
    },
    toolCallParser: 'kimi_k2', reasoningParser: 'kimi_k2',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json of Kimi-K2.5, files (KAITO), parameters counted',
  },
  {
    id: 'moonshotai/Kimi-K2.7-Code', parametersBillions: 1033, activeParametersBillions: 32, weightsGiB: 554.32,
    format: WeightsFormat.INT4,
    architecture: {
      layers: 61, hiddenSize: 7168, attentionHeads: 64, kvLoraRank: 512, qkRopeHeadDim: 64, maxPositions: 262144, vocabularySize: 163840,
      intermediateSize: 18432, moeIntermediateSize: 2048, experts: 384, expertsPerToken: 8, sharedExperts: 1, moeLayers: 60,
    },
    toolCallParser: 'kimi_k2', reasoningParser: 'kimi_k2',
    recommendation: { engine: 'vllm', instanceType: 'p5en.48xlarge', tensor: 8 },
    source: 'config.json of Kimi-K2.5, files (KAITO), parameters counted',
  },
  {
    id: 'moonshotai/Kimi-K3', parametersBillions: 2757, format: WeightsFormat.MXFP4,
    architecture: {
      layers: 93, hiddenSize: 7168, attentionHeads: 96, kvLoraRank: 512, qkRopeHeadDim: 64, fullAttentionLayers: 24,
      maxPositions: 1048576, vocabularySize: 163840, intermediateSize: 33792, moeIntermediateSize: 3072, expertHiddenSize: 3584,
      experts: 896, expertsPerToken: 16, sharedExperts: 2, moeLayers: 92,
    },
    toolCallParser: 'kimi_k3', reasoningParser: 'kimi_k3',
    recommendation: { engine: 'vllm', instanceType: 'p6-b300.48xlarge', tensor: 8 },
    source: 'config.json; parameters counted from it',
  },
];
