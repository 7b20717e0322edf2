import { Annotations as AppAnnotations, Stack, type App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { ImportedCluster } from '../../constructs/imported-cluster';
import { NodePool, type NodePoolProps } from '../../constructs/node-pool';
import { GpuPool, GravitonPool, NodeProvisioner, TrainiumPool, type INodePool, type NodeEnvironment } from '../../lib/node-pools';
import { resourcesOf, testStack } from './stack-fixture';

const environment: NodeEnvironment = { provisioner: NodeProvisioner.KARPENTER, clusterName: 'prod', nodeRoleName: 'prod-node' };

function nodePool(stack: Stack, id = 'Gpu', override: Partial<NodePoolProps> = {}): NodePool {
  const { cluster } = new ImportedCluster(stack, `${id}Cluster`, { clusterName: 'prod' });
  return new NodePool(stack, id, { cluster, pool: new GpuPool(), environment, ...override });
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template?: { readonly spec: { readonly nodeClassRef: { readonly name: string } } } };
}

/** What is applied, one list for each custom resource. Only literal manifests are read. */
function manifests(stack: Stack): Manifest[][] {
  const resources = resourcesOf(Template.fromStack(stack), eks.KubernetesManifest.RESOURCE_TYPE);
  return Object.values(resources).map((resource) => JSON.parse(resource.Properties.Manifest));
}

describe('a pool on an existing cluster', () => {
  const stack = testStack();
  const pool = nodePool(stack);
  const applied = manifests(stack);

  test('is one unit of a node class and a NodePool', () => {
    expect(applied.map((unit) => unit.map((object) => object.kind))).toEqual([['EC2NodeClass', 'NodePool']]);
  });

  test('has one name that refers from one object to the other', () => {
    const [nodeClass, karpenterPool] = ['EC2NodeClass', 'NodePool'].map((kind) => applied.flat().find((object) => object.kind === kind));

    expect(nodeClass?.metadata.name).toBe(pool.poolName);
    expect(karpenterPool?.metadata.name).toBe(pool.poolName);
    expect(karpenterPool?.spec.template?.spec.nodeClassRef.name).toBe(pool.poolName);
    expect(pool.poolName).toMatch(/^[a-z][a-z0-9-]{0,62}$/);
  });

  test('costs one custom resource', () => {
    const without = testStack();
    new ImportedCluster(without, 'GpuCluster', { clusterName: 'prod' });
    const count = (of: Stack): number => Object.keys(Template.fromStack(of).toJSON().Resources).length;

    expect(count(stack) - count(without)).toBe(1);
  });
});

describe('NodePool', () => {
  test('two pools of one id in two stacks have two names', () => {
    const names = ['One', 'Two'].map((id) => nodePool(testStack(undefined, id)).poolName);

    expect(new Set(names).size).toBe(2);
  });

  test('a name can be given', () => {
    const stack = testStack();
    nodePool(stack, 'Gpu', { poolName: 'gpu' });

    expect(manifests(stack).flat().map((object) => object.metadata.name)).toEqual(['gpu', 'gpu']);
  });

  test('names of the cluster and its role may be known only at deployment', () => {
    const stack = testStack();
    const shared = new Stack(stack.node.root as App, 'Shared'); // testStack makes an App
    const role = shared.exportValue('prod-node', { name: 'role' });
    nodePool(stack, 'Gpu', { environment: { ...environment, nodeRoleName: role } });

    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain('Fn::ImportValue');
  });

  test('a NodeOverlay is removed when the option that needs it goes', () => {
    const stack = testStack();
    nodePool(stack, 'Gpu', { pool: new GpuPool({ families: ['g6f'] }) });

    expect(manifests(stack).map((unit) => unit.map((object) => object.kind))).toEqual([['EC2NodeClass', 'NodePool'], ['NodeOverlay']]);
  });

  test('EKS Auto Mode gets its own node class', () => {
    const stack = testStack();
    nodePool(stack, 'Cpu', { pool: new GravitonPool(), environment: { ...environment, provisioner: NodeProvisioner.EKS_AUTO_MODE } });

    expect(manifests(stack).flat().map((object) => object.kind)).toEqual(['NodeClass', 'NodePool']);
  });
});

describe('NodePool and regions', () => {
  const p5en: INodePool = new GpuPool({ families: ['p5en'] });
  const zones = ['us-west-2a', 'us-west-2b', 'us-west-2c', 'us-west-2d'];

  test('fails where nothing of it is sold, by the region of the stack', () => {
    const stack = testStack({ account: '123456789012', region: 'af-south-1' });

    expect(() => nodePool(stack, 'Gpu', { pool: p5en })).toThrow(/^'families' \(p5en\) are not sold in af-south-1: /);
  });

  test('does not guess a region', () => {
    expect(() => nodePool(testStack(), 'Trainium', { pool: new TrainiumPool() })).not.toThrow();
  });

  test('warns of fewer zones, until that is acknowledged', () => {
    const [noisy, quiet] = [false, true].map((acknowledged) => {
      const stack = testStack({ account: '123456789012', region: 'us-west-2' });
      const pool = nodePool(stack, 'Gpu', { pool: p5en, poolName: 'p5en', environment: { ...environment, zones } });
      if (acknowledged) AppAnnotations.of(pool).acknowledgeWarning('cdk-eks-inference:node-pool-fewer-zones', 'pods spread softly');
      return stack;
    });

    Annotations.fromStack(noisy).hasWarning('/Inference/Gpu', Match.stringLikeRegexp("node pool 'p5en': 'families' \\(p5en\\) are sold in 3 zones of us-west-2"));
    Annotations.fromStack(quiet).hasNoWarning('/Inference/Gpu', Match.anyValue());
  });
});
