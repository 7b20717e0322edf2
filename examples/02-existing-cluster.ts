/**
 * A model server, a node pool, a store for weights and a controller on a cluster that exists already, each by itself.
 * Karpenter runs there, and its nodes' role and subnets have the names below.
 *
 *     npm run build && npx cdk synth --quiet --app 'node dist/examples/02-existing-cluster.js'
 */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  Accelerator,
  GpuPool,
  GravitonPool,
  ImportedCluster,
  Keda,
  Model,
  ModelCopy,
  ModelServer,
  NodePool,
  NodeProvisioner,
  S3ModelStore,
  SgLang,
} from 'cdk-eks-inference';

const stack = new Stack(new App(), 'Assistant');
const { cluster } = new ImportedCluster(stack, 'Prod', { clusterName: 'prod' });

// nodes: for the model, and for the job that copies its weights
const environment = { provisioner: NodeProvisioner.KARPENTER, clusterName: 'prod', nodeRoleName: 'KarpenterNodeRole-prod' };
const gpus = new NodePool(stack, 'Gpus', { cluster, environment, pool: new GpuPool({ families: ['g6e'], limits: { devices: 4 } }) });
new NodePool(stack, 'Cpus', { cluster, environment, pool: new GravitonPool() });

// weights: copied once into a bucket that exists, then streamed from it
const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'acme-weights');
const modelStore = new S3ModelStore(stack, 'Weights', { bucket });
const model = Model.huggingFace('Qwen/Qwen3-8B');
new ModelCopy(stack, 'Copy', { cluster, modelStore, model });

// a controller
new Keda().bind(stack, { cluster });

const assistant = new ModelServer(stack, 'Assistant', {
  cluster,
  name: 'assistant',
  model,
  modelStore,
  engine: new SgLang(),
  accelerator: Accelerator.G6E_XLARGE,
});
assistant.node.addDependency(gpus); // on removal the model goes before its nodes

new CfnOutput(stack, 'Endpoint', { value: assistant.endpoint });
