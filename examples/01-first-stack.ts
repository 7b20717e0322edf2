/**
 * The first stack: a cluster in four zones, GPU nodes when a pod asks for one, and one model.
 *
 *     npm run build && npx cdk synth --quiet --app 'node dist/examples/01-first-stack.js'
 */
import { App, Stack } from 'aws-cdk-lib';
import { Accelerator, GpuPool, InferenceCluster, Model, Vllm } from 'cdk-eks-inference';

const stack = new Stack(new App(), 'FirstModel');
const cluster = new InferenceCluster(stack, 'Cluster');
cluster.addNodePool('gpu', new GpuPool({ families: ['g6'] }));
cluster.addModelServer('qwen3', {
  model: Model.QWEN3_1_7B,
  engine: new Vllm(),
  accelerator: Accelerator.G6_XLARGE,
});
