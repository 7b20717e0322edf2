import { App, Testing } from 'cdk8s';
import * as library from '../../lib';
import { type StartedContainer, containersOf } from './support/containers';

/** What of the library is put to the engines. */
export interface Served {
  /** The combination, in words. */
  readonly name: string;
  readonly engine: string;
  readonly model: library.Model;
  readonly chart: library.ModelServerChart;
  /** Containers of all its pods. */
  readonly containers: readonly StartedContainer[];
  /** What Ray Serve is given, where it serves. */
  readonly serveConfig?: string;
}

const { Accelerator, Model, Weights } = library;

const IMAGES = Model.huggingFace('black-forest-labs/FLUX.1-schnell');
const VECTORS = Model.huggingFace('BAAI/bge-m3');

/** Every engine with nothing set, and with everything set that it takes. */
const ENGINES: { [name: string]: () => library.IEngine } = {
  'vllm': () => new library.Vllm(),
  'vllm with options': () => new library.Vllm({
    gpuMemoryUtilization: 0.9, maxBatchedTokens: 8192, kvCacheDtype: 'fp8', quantization: 'fp8', prefixCaching: true, enforceEager: true,
    toolCallParser: 'hermes', reasoningParser: 'qwen3', structuredOutputsBackend: 'xgrammar', speculative: { method: 'ngram', tokens: 3 },
    trustRemoteCode: true, kvOffloadGiB: 4, chatTemplate: '{{ messages }}', apiKey: { secretName: 'keys' },
    lora: { adapters: [{ name: 'sql', source: 'org/sql' }, { name: 'law', source: 'org/law' }], maxRank: 32, runtimeUpdates: true },
  }),
  'vllm with options of any device': () => new library.Vllm({
    toolCallParser: 'hermes', reasoningParser: 'qwen3', structuredOutputsBackend: 'guidance', maxBatchedTokens: 65536, apiKey: { secretName: 'keys' },
  }),
  'vllm with a draft model': () => new library.Vllm({ speculative: { method: 'eagle3', model: 'org/draft', tokens: 2 }, prefixCaching: false }),
  'sglang': () => new library.SgLang(),
  'sglang with options': () => new library.SgLang({
    staticMemoryFraction: 0.85, chunkedPrefillTokens: 4096, kvCacheDtype: 'fp8_e5m2', quantization: 'fp8', toolCallParser: 'qwen25',
    reasoningParser: 'qwen3', grammarBackend: 'xgrammar', chatTemplate: '{{ messages }}', apiKey: { secretName: 'keys' }, trustRemoteCode: true,
    lora: { adapters: [{ name: 'sql', source: 'org/sql' }, { name: 'law', source: 'org/law' }], maxRank: 32 },
  }),
  'triton': () => new library.Triton(),
  'triton with options': () => new library.Triton({
    defaultMaxTokens: 512, gpuMemoryUtilization: 0.9, maxBatchedTokens: 8192, kvCacheDtype: 'fp8', quantization: 'fp8', toolCallParser: 'llama3',
    speculative: { method: 'ngram', tokens: 3 }, chatTemplate: '{{ messages }}', trustRemoteCode: true, extraArgs: { 'max-num-seqs': 64 },
  }),
  'triton on tensorrt-llm': () => new library.Triton({ backend: library.TritonBackend.TENSORRT_LLM }),
  'llama-cpp': () => new library.LlamaCpp({ file: 'model-Q4_K_M.gguf' }),
  'llama-cpp with options': () => new library.LlamaCpp({
    file: 'model-Q4_K_M.gguf', kvCacheDtype: 'q8_0', threads: 4, apiKey: { secretName: 'keys' }, extraArgs: { 'flash-attn': 'on' },
  }),
  'diffusers': () => new library.Diffusers(),
  'diffusers with options': () => new library.Diffusers({ vaeTiling: true, trustRemoteCode: true, apiKey: { secretName: 'keys' } }),
  'text-embeddings': () => new library.TextEmbeddings(),
  'text-embeddings with options': () => new library.TextEmbeddings({
    maxBatchTokens: 8192, maxClientBatchSize: 8, autoTruncate: false, pooling: 'last-token', apiKey: { secretName: 'keys' }, extraArgs: { 'default-prompt': 'query: ' },
  }),
  'nim': () => new library.Nim({ image: 'nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.12', ngcApiKey: { secretName: 'ngc' } }),
};

/** What an engine serves, where it is no language model. */
const MODELS: { readonly [engine: string]: library.Model } = { 'diffusers': IMAGES, 'text-embeddings': VECTORS };

const TOPOLOGIES: { [name: string]: () => library.ITopology } = {
  'one node': () => new library.SingleNode(),
  'two nodes': () => new library.MultiNode({ nodes: 2 }),
  'ray': () => new library.Ray(),
  'aibrix': () => new library.AIBrix(),
  'aibrix, prefill apart': () => new library.AIBrix({ disaggregation: { prefillReplicas: 1 } }),
  'prefill apart': () => new library.Disaggregated(),
  'prefill apart, decode on two nodes': () => new library.Disaggregated({ decodeNodes: 2 }),
};

export const ENGINE_NAMES = Object.keys(ENGINES);
export const TOPOLOGY_NAMES = Object.keys(TOPOLOGIES);

/** One type of each kind and size that changes what is emitted: no bf16, one device, several, EFA, Neuron, no device. */
const ACCELERATORS = [
  'g4dn.xlarge', 'g6.xlarge', 'g6.12xlarge', 'g6e.48xlarge', 'p5.48xlarge', 'p6-b200.48xlarge',
  'inf2.xlarge', 'inf2.48xlarge', 'trn1.32xlarge', 'trn2.48xlarge', 'c8g.4xlarge', 'm8g.8xlarge',
];

const WEIGHTS: { [name: string]: library.Weights } = {
  hub: Weights.hub(),
  bucket: Weights.s3('s3://bucket/prefix/'),
  volume: Weights.volume({ claimName: 'weights' }),
};

/** Combinations of engine, topology, accelerator and weights that the library takes; those it refuses are another test's. */
export function combinations(): Served[] {
  const served: Served[] = [];
  for (const [engineName, engine] of Object.entries(ENGINES)) {
    for (const [topologyName, topology] of Object.entries(TOPOLOGIES)) {
      for (const type of ACCELERATORS) {
        for (const [weightsName, weights] of Object.entries(WEIGHTS)) {
          const name = `${engineName}, ${topologyName}, ${type}, ${weightsName}`;
          const one = trySynth(name, {
            model: MODELS[engineName.split(' ')[0]] ?? Model.QWEN3_1_7B,
            // vLLM on Triton takes no slash in it, and TensorRT-LLM no name but the repository's
            servedName: engineName === 'triton on tensorrt-llm' ? undefined : 'qwen3',
            engine: engine(), topology: topology(), accelerator: Accelerator.fromInstanceType(type), weights,
          });
          if (one) served.push(one);
        }
      }
    }
  }
  return served;
}

/** Every model of the catalogue on the images with an older vLLM: Ray's, and the one for groups that talk over EFA. */
export function presetsElsewhere(): Served[] {
  const places: [string, library.ITopology, library.Accelerator][] = [
    ['ray', new library.Ray(), Accelerator.P5EN_48XLARGE],
    ['two nodes', new library.MultiNode({ nodes: 2 }), Accelerator.P5EN_48XLARGE],
  ];
  return Model.catalogue().flatMap((id) => places.flatMap(([place, topology, accelerator]) => {
    const one = trySynth(`${id} on ${place}`, { model: Model.huggingFace(id), engine: new library.Vllm(), topology, accelerator });
    return one ? [one] : [];
  }));
}

function trySynth(name: string, options: library.ModelServerChartOptions): Served | undefined {
  try {
    return synth(name, options);
  } catch (error) {
    // a refusal in the library's words; anything else is a fault of the library
    if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) throw error;
    return undefined;
  }
}

function synth(name: string, options: library.ModelServerChartOptions): Served {
  const chart = new library.ModelServerChart(new App(), 'chat', { name: 'chat', namespace: 'inference', region: 'us-west-2', ...options });
  return {
    name,
    engine: options.engine.name,
    model: options.model,
    chart,
    serveConfig: (Testing.synth(chart) as { kind: string; spec: { serveConfigV2: string } }[]) // cdk8s types them as any
      .find(({ kind }) => kind === 'RayService')?.spec.serveConfigV2,
    containers: containersOf(chart).filter(({ spec }) => spec.name === library.ServingPod.CONTAINER),
  };
}
