/**
 * A cluster for production: reserved capacity, weights in S3, scaling on the engine's queue, metrics, a model over two
 * nodes, a private path to AWS services, and a cluster that is not deleted by mistake.
 *
 *     npm run build && npx cdk synth --quiet --app 'node dist/examples/03-production.js'
 */
import { App, Stack } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import {
  Accelerator,
  CapacityReservation,
  GpuPool,
  GravitonPool,
  InferenceCluster,
  InferenceNetwork,
  Keda,
  KubePrometheusStack,
  LeaderWorkerSet,
  Model,
  ModelCopy,
  MultiNode,
  QueueScaling,
  S3ModelStore,
  Vllm,
} from 'cdk-eks-inference';

const stack = new Stack(new App(), 'Inference', { env: { region: 'us-west-2' } });

const inference = new InferenceCluster(stack, 'Cluster', {
  clusterName: 'inference',
  network: new InferenceNetwork(stack, 'Network', { interfaceEndpoints: true, discoveryTag: 'inference' }),
  endpointAccess: eks.EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom('203.0.113.0/24'),
  access: [{ id: 'Operators', roleArn: 'arn:aws:iam::111122223333:role/Operators' }],
  deletionProtection: true,
  addons: [new Keda(), new KubePrometheusStack(), new LeaderWorkerSet()],
});
inference.addNodePool('l40s', new GpuPool({ families: ['g6e'], limits: { devices: 8 } }));
inference.addNodePool(
  'h200',
  new GpuPool({
    instanceTypes: [Accelerator.P5EN_48XLARGE],
    reservations: [CapacityReservation.id('cr-0123456789abcdef0')],
    zones: ['us-west-2b'], // where the reservation is
    limits: { devices: 16 },
  }),
);
inference.addNodePool('cpu', new GravitonPool());

const modelStore = new S3ModelStore(stack, 'Weights');
const chat = Model.huggingFace('Qwen/Qwen3-32B', { revision: 'main' });
const coder = Model.huggingFace('Qwen/Qwen3-Coder-480B-A35B-Instruct', { revision: 'main' });
for (const model of [chat, coder]) {
  new ModelCopy(stack, `Copy-${model.slug}`, { cluster: inference.cluster, modelStore, model, namespace: 'models' }).objects.node.addDependency(
    inference.namespace('models'),
  );
}

inference.addModelServer('Chat', {
  name: 'chat',
  namespace: 'models',
  model: chat,
  modelStore,
  engine: new Vllm({ toolCallParser: 'hermes', reasoningParser: 'qwen3' }),
  accelerator: Accelerator.G6E_12XLARGE,
  contextLength: 32_768,
  scaling: new QueueScaling({ minReplicas: 1, maxReplicas: 2 }),
});
inference.addModelServer('Coder', {
  name: 'coder',
  namespace: 'models',
  model: coder,
  modelStore,
  engine: new Vllm(),
  accelerator: Accelerator.P5EN_48XLARGE,
  topology: new MultiNode({ nodes: 2 }),
});
