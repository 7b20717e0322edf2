/**
 * One model, one endpoint, and what serves it chosen by one word. Clients notice nothing.
 *
 *     npm run build && npx cdk synth --quiet --app 'node dist/examples/04-one-line.js' -c serve=sglang
 *
 * The words: vllm, sglang, triton, ray, leader-worker-set, aibrix.
 */
import { App, Stack } from 'aws-cdk-lib';
import {
  Accelerator,
  AIBrix,
  AIBrixControlPlane,
  GpuPool,
  type IAddon,
  type IEngine,
  InferenceCluster,
  type ITopology,
  KubeRay,
  LeaderWorkerSet,
  Model,
  MultiNode,
  Ray,
  SgLang,
  Triton,
  Vllm,
  X86Pool,
} from 'cdk-eks-inference';

interface Serving {
  readonly engine: IEngine;
  readonly topology?: ITopology;
  readonly addons?: IAddon[];
}

export const SERVE: { readonly [word: string]: Serving } = {
  vllm: { engine: new Vllm() },
  sglang: { engine: new SgLang() },
  triton: { engine: new Triton() },
  ray: { engine: new Vllm(), topology: new Ray(), addons: [new KubeRay()] },
  'leader-worker-set': { engine: new Vllm(), topology: new MultiNode({ nodes: 2 }), addons: [new LeaderWorkerSet()] },
  aibrix: { engine: new Vllm(), topology: new AIBrix(), addons: [new AIBrixControlPlane()] },
};

/** The stack that serves the model by a word. */
export function oneLine(app: App, word: string): Stack {
  const serving = SERVE[word];
  if (!serving) throw new Error(`'serve' (${word}) must be one of ${Object.keys(SERVE).join(', ')}`);

  const stack = new Stack(app, 'OneLine');
  const cluster = new InferenceCluster(stack, 'Cluster', { addons: serving.addons });
  cluster.addNodePool('gpu', new GpuPool({ families: ['g6'] }));
  cluster.addNodePool('cpu', new X86Pool()); // for what computes nothing, as the head of Ray
  cluster.addModelServer('Qwen3', {
    name: 'qwen3',
    model: Model.huggingFace('Qwen/Qwen3-1.7B', { servedName: 'qwen3' }),
    accelerator: Accelerator.G6_XLARGE,
    engine: serving.engine,
    topology: serving.topology,
  });
  return stack;
}

const app = new App();
oneLine(app, String(app.node.tryGetContext('serve') ?? 'vllm'));
