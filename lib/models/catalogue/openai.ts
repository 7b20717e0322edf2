import { WeightsFormat } from '../weights-format';
import type { CatalogueEntry } from './catalogue-entry';

/** Models of OpenAI. */
export const OPENAI: CatalogueEntry[] = [
  {
    id: 'openai/gpt-oss-20b', parametersBillions: 20.9, activeParametersBillions: 3.6, weightsGiB: 12.82, repositoryGiB: 25.63,
    format: WeightsFormat.MXFP4,
    architecture: {
      layers: 24, hiddenSize: 2880, attentionHeads: 64, kvHeads: 8, headDim: 64, slidingWindow: 128, slidingWindowLayers: 12,
      maxPositions: 131072, vocabularySize: 201088, intermediateSize: 2880, moeIntermediateSize: 2880, experts: 32, expertsPerToken: 4,
    },
    toolCallParser: 'openai', reasoningParser: 'openai_gptoss',
    recommendation: { engine: 'vllm', instanceType: 'g6.xlarge' },
    source: 'config.json, files (KAITO)',
  },
  {
    id: 'openai/gpt-oss-120b', parametersBillions: 116.8, activeParametersBillions: 5.1, weightsGiB: 60.77, repositoryGiB: 121.54,
    format: WeightsFormat.MXFP4,
    architecture: {
      layers: 36, hiddenSize: 2880, attentionHeads: 64, kvHeads: 8, headDim: 64, slidingWindow: 128, slidingWindowLayers: 18,
      maxPositions: 131072, vocabularySize: 201088, intermediateSize: 2880, moeIntermediateSize: 2880, experts: 128, expertsPerToken: 4,
    },
    toolCallParser: 'openai', reasoningParser: 'openai_gptoss',
    recommendation: { engine: 'vllm', instanceType: 'g6.12xlarge', tensor: 4 },
    source: 'config.json, files (KAITO)',
  },
];
