/**
 * Recipes: a model, what serves it and on what, one line each. Take a line, and change it.
 *
 *     npm run build && npx cdk synth --quiet --app 'node dist/examples/05-recipes.js' -c recipe=gpt-oss-20b
 *
 * The names: see RECIPES below. `-c model=ID` serves any model of the catalogue as it recommends instead.
 */
import { App, Stack } from 'aws-cdk-lib';
import {
  Accelerator,
  AIBrix,
  AIBrixControlPlane,
  Diffusers,
  GpuPool,
  GravitonPool,
  type IAddon,
  type IEngine,
  InferenceCluster,
  InferentiaPool,
  type INodePool,
  type IScaling,
  type ITopology,
  Keda,
  KubePrometheusStack,
  KubeRay,
  LeaderWorkerSet,
  LlamaCpp,
  Model,
  MultiNode,
  Nim,
  Parallelism,
  QueueScaling,
  Ray,
  SgLang,
  TextEmbeddings,
  TrainiumPool,
  Triton,
  Vllm,
  X86Pool,
} from 'cdk-eks-inference';

/** A model and how it is served. */
export interface Recipe {
  readonly model: Model;
  readonly accelerator: string;
  readonly engine?: IEngine;
  readonly topology?: ITopology;
  readonly scaling?: IScaling;
  readonly contextLength?: number;
  readonly servedName?: string;
  readonly parallelism?: Parallelism;
}

const llama1b = Model.huggingFace('NousResearch/Llama-3.2-1B');
const qwen = Model.QWEN3_1_7B;
const llama8b = Model.huggingFace('NousResearch/Meta-Llama-3-8B-Instruct');

export const RECIPES: { readonly [name: string]: Recipe } = {
  // one GPU
  'qwen3-1.7b': { model: qwen, accelerator: 'g6.xlarge' },
  'qwen3-1.7b-triton': { model: qwen, accelerator: 'g6.xlarge', engine: new Triton(), servedName: 'qwen3' },
  'qwen3-1.7b-sglang': { model: qwen, accelerator: 'g6.xlarge', engine: new SgLang() },
  'llama-3.2-1b': { model: llama1b, accelerator: 'g6.xlarge', contextLength: 8192 },
  'llama-3.2-1b-ray': { model: llama1b, accelerator: 'g6.xlarge', topology: new Ray() },
  'llama-3.2-1b-ray-autoscaling': {
    model: llama1b,
    accelerator: 'g6.xlarge',
    topology: new Ray(),
    scaling: new QueueScaling({ minReplicas: 1, maxReplicas: 4, requestsPerReplica: 8 }),
  },
  'llama-3.2-1b-keda': { model: llama1b, accelerator: 'g6.xlarge', scaling: new QueueScaling({ maxReplicas: 4 }) },
  'llama-3.2-1b-aibrix': { model: llama1b, accelerator: 'g6.xlarge', topology: new AIBrix() },
  'llama-3.2-1b-triton': { model: llama1b, accelerator: 'g5.2xlarge', engine: new Triton(), servedName: 'llama-3.2-1b' },
  'gpt-oss-20b': { model: Model.GPT_OSS_20B, accelerator: 'g6e.2xlarge', contextLength: 8192 },
  'deepseek-r1-distill-llama-8b-ray': {
    model: Model.DEEPSEEK_R1_DISTILL_LLAMA_8B,
    accelerator: 'g6e.2xlarge',
    topology: new Ray(),
    contextLength: 8192,
  },
  'qwen3-embedding': { model: Model.huggingFace('Qwen/Qwen3-Embedding-0.6B'), accelerator: 'g6.xlarge', engine: new TextEmbeddings() },

  // several GPUs, one node
  'mistral-small-24b-ray': { model: Model.MISTRAL_SMALL_24B, accelerator: 'g6e.12xlarge', topology: new Ray() },
  'llama-4-scout': { model: Model.LLAMA_4_SCOUT, accelerator: 'g6e.48xlarge', contextLength: 8192 },
  'llama-4-maverick': { model: Model.huggingFace('RedHatAI/Llama-4-Maverick-17B-128E-Instruct-FP8'), accelerator: 'p5.48xlarge', contextLength: 8192 },
  'glm-4.5-air': { model: Model.huggingFace('zai-org/GLM-4.5-Air'), accelerator: 'p5.48xlarge', contextLength: 32_768 },
  'glm-5.2': { model: Model.huggingFace('zai-org/GLM-5.2-FP8'), accelerator: 'p5en.48xlarge', contextLength: 131_072 },
  'deepseek-r1': { model: Model.DEEPSEEK_R1, accelerator: 'p5en.48xlarge', contextLength: 32_768 },

  // several nodes
  'llama-4-scout-lws': {
    model: Model.LLAMA_4_SCOUT,
    accelerator: 'g6e.12xlarge',
    topology: new MultiNode({ nodes: 2 }),
    contextLength: 8192,
  },
  'qwen3-coder-480b-lws': {
    model: Model.QWEN3_CODER_480B_A35B,
    accelerator: 'p5.48xlarge',
    topology: new MultiNode({ nodes: 2 }),
    contextLength: 32_768,
  },

  // Inferentia and Trainium
  'llama-3.1-8b-neuron': { model: llama8b, accelerator: 'inf2.8xlarge', contextLength: 2048 },
  'deepseek-r1-distill-llama-8b-neuron': { model: Model.DEEPSEEK_R1_DISTILL_LLAMA_8B, accelerator: 'trn1.2xlarge', contextLength: 2048 },
  'llama-3-70b-neuron': { model: Model.huggingFace('NousResearch/Meta-Llama-3-70B-Instruct'), accelerator: 'inf2.48xlarge', contextLength: 4096 },

  // Graviton
  'qwen3-1.7b-graviton': { model: qwen, accelerator: 'm8g.4xlarge' },
  'llama-3.2-1b-llama-cpp': { model: llama1b, accelerator: 'c8g.4xlarge', engine: new LlamaCpp({ repository: 'unsloth/Llama-3.2-1B-Instruct-GGUF' }) },

  // text to image
  'flux-1-schnell': { model: Model.huggingFace('black-forest-labs/FLUX.1-schnell'), accelerator: 'g6e.4xlarge', engine: new Diffusers() },
  'stable-diffusion-3.5-large': {
    model: Model.huggingFace('stabilityai/stable-diffusion-3.5-large'),
    accelerator: 'g6e.4xlarge',
    engine: new Diffusers(),
  },
  'stable-diffusion-xl': {
    model: Model.huggingFace('stabilityai/stable-diffusion-xl-base-1.0'),
    accelerator: 'g6e.2xlarge',
    engine: new Diffusers(),
  },

  // NVIDIA NIM
  'llama-3-8b-nim': {
    model: llama8b,
    accelerator: 'g6e.2xlarge',
    engine: new Nim({ image: 'nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.12', ngcApiKey: { secretName: 'ngc-api', key: 'NGC_API_KEY' } }),
    servedName: 'meta/llama-3.1-8b-instruct',
  },
};

/** The stack that serves a recipe. */
export function recipeStack(app: App, recipe: Recipe): Stack {
  const stack = new Stack(app, 'Recipe');
  const accelerator = Accelerator.fromInstanceType(recipe.accelerator);
  const cluster = new InferenceCluster(stack, 'Cluster', { addons: addonsFor(recipe) });
  cluster.addNodePool('pool', poolFor(accelerator));
  if (recipe.topology instanceof Ray) cluster.addNodePool('head', new X86Pool()); // the head of Ray computes nothing: it takes no GPU node
  cluster.addModelServer('model', { ...recipe, accelerator, engine: recipe.engine ?? new Vllm(), name: 'model' });
  return stack;
}

function chosen(name = 'qwen3-1.7b', id?: string): Recipe {
  if (id) return recommended(Model.huggingFace(id));
  const found = RECIPES[name];
  if (!found) throw new Error(`'recipe' (${name}) must be one of ${Object.keys(RECIPES).join(', ')}`);
  return found;
}

/** A model of the catalogue as it is recommended there. */
export function recommended(model: Model): Recipe {
  const { recommendation } = model;
  if (!recommendation) throw new Error(`'model' (${model.id}) has no recommendation: choose one of ${Model.catalogue().join(', ')}`);
  const { instanceType, nodes = 1, tensor, pipeline, data, expert, contextLength } = recommendation;
  const engines: { readonly [name: string]: () => IEngine } = {
    sglang: () => new SgLang(),
    'text-embeddings': () => new TextEmbeddings(),
    diffusers: () => new Diffusers(),
  };
  return {
    model,
    accelerator: instanceType,
    engine: engines[recommendation.engine]?.(),
    topology: nodes > 1 ? new MultiNode({ nodes }) : undefined,
    parallelism: Parallelism.of({ tensor, pipeline, data, expert }),
    contextLength,
  };
}

function addonsFor({ topology, scaling }: Recipe): IAddon[] {
  const known: IAddon[] = [new KubeRay(), new LeaderWorkerSet(), new AIBrixControlPlane(), new Keda(), new KubePrometheusStack()];
  const scalingNeeds = topology?.scalesItself ? [] : (scaling?.requires ?? []);
  const needed = [...(topology?.requires ?? []), ...scalingNeeds];
  return known.filter((addon) => needed.includes(addon.name));
}

function poolFor({ family, kind }: Accelerator): INodePool {
  const families = [family];
  if (kind === 'nvidia') return new GpuPool({ families });
  if (kind === 'inferentia') return new InferentiaPool({ families });
  return kind === 'trainium' ? new TrainiumPool({ families }) : new GravitonPool({ families });
}

const app = new App();
recipeStack(app, chosen(app.node.tryGetContext('recipe') as string | undefined, app.node.tryGetContext('model') as string | undefined));
