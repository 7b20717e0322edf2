import { Lazy } from 'aws-cdk-lib';
import { DcgmExporter } from '../../constructs/addons/dcgm-exporter';
import { KubeRay } from '../../constructs/addons/kube-ray';
import { KubePrometheusStack } from '../../constructs/addons/kube-prometheus-stack';
import { Compute } from '../../constructs/compute';
import { InferenceCluster, type InferenceClusterProps } from '../../constructs/inference-cluster';
import { InferencePlan } from '../../constructs/inference-plan';
import { Accelerator } from '../../lib/accelerators/accelerator';
import { Vllm } from '../../lib/engines/vllm';
import { KarpenterChoice } from '../../lib/karpenter-choice';
import type { PodManifest } from '../../lib/karpenter/manifests';
import { Model } from '../../lib/models/model';
import { GpuPool } from '../../lib/node-pools/gpu-pool';
import { GravitonPool } from '../../lib/node-pools/graviton-pool';
import type { INodePool } from '../../lib/node-pools/node-pool';
import { X86Pool } from '../../lib/node-pools/x86-pool';
import { Ray } from '../../lib/topologies/ray';
import { testStack } from './stack-fixture';

const CHAT = { model: Model.QWEN3_1_7B, engine: new Vllm(), accelerator: Accelerator.G6_XLARGE };

function inferenceCluster(props: InferenceClusterProps = {}): InferenceCluster {
  return new InferenceCluster(testStack({ region: 'us-east-1' }), 'Cluster', { clusterName: 'inference', ...props });
}

describe('the head of a Ray cluster', () => {
  const ray = { ...CHAT, topology: new Ray() };

  test.each<[string, InferenceClusterProps, INodePool[]]>([
    ['nodes with GPUs alone', {}, []],
    ['Graviton nodes, whose processor is another', {}, [new GravitonPool()]],
    ['EKS Auto Mode without its pool for general purposes', { compute: Compute.autoMode({ generalPurposePool: false }) }, []],
  ])('gets no node on %s: the model server is refused', (_what, props, pools) => {
    const cluster = inferenceCluster({ ...props, addons: [new KubeRay()] });
    cluster.addNodePool('gpu', new GpuPool({ families: ['g6'] }));
    pools.forEach((pool, i) => cluster.addNodePool(`more-${i}`, pool));
    const message = (): string => {
      try {
        return `made ${cluster.addModelServer('chat', ray).endpoint}`;
      } catch (error) {
        return String(error);
      }
    };
    const said = message();
    expect(said).toMatch(/^Error: model server 'chat': no node can come for its pods 'head': /);
    expect(said).toContain("NodePool 'gpu': the pod does not tolerate its taint nvidia.com/gpu:NoSchedule");
    expect(said).toMatch(/: add a pool without accelerators first, new X86Pool\(\), or x86: true under nodePools$/);
  });

  test.each<[string, InferenceClusterProps, INodePool[]]>([
    ['an x86 pool', {}, [new X86Pool()]],
    ["EKS Auto Mode's pool for general purposes", { compute: Compute.autoMode() }, []],
  ])('gets one of %s', (_what, props, pools) => {
    const cluster = inferenceCluster({ ...props, addons: [new KubeRay()] });
    cluster.addNodePool('gpu', new GpuPool({ families: ['g6'] }));
    pools.forEach((pool, i) => cluster.addNodePool(`more-${i}`, pool));
    cluster.addModelServer('chat', ray);
    const { problems, warnings } = new InferencePlan(cluster, 'Plan', { inference: cluster }).plan();
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("the nodes of its pods 'head' and their price are not known: they are left to the pool")]);
  });
});

test('an x86 pool is no excuse for pods with GPUs that get no node', () => {
  const cluster = inferenceCluster();
  cluster.addNodePool('gpu', new GpuPool({ families: ['g6'], limits: { devices: 0 } }));
  cluster.addNodePool('x86', new X86Pool());
  cluster.addModelServer('chat', CHAT);
  const [problem, ...more] = new InferencePlan(cluster, 'Plan', { inference: cluster }).plan().problems;
  expect(problem).toMatch(/no node can come for its pods 'server': .*NodePool 'gpu': every instance type that suits is beyond its limits/);
  expect(more).toEqual([]);
});

test.each<[string, number | undefined, string[]]>([
  ["Karpenter's own", undefined, []],
  ['more than the pod leaves of its type', 0.3, [expect.stringContaining('g6.xlarge lacks memory')]],
  ['known at deployment only', Lazy.number({ produce: () => 0.3 }), []],
])('the memory that Karpenter does not count on is %s: the plan neither', (_what, vmMemoryOverhead, problems) => {
  const cluster = inferenceCluster({ compute: Compute.karpenter({ settings: { vmMemoryOverhead } }) });
  cluster.addNodePool('gpu', new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE] }));
  cluster.addModelServer('chat', CHAT);
  expect(new InferencePlan(cluster, 'Plan', { inference: cluster }).plan().problems).toEqual(problems);
});

describe('the pods that add-ons put on nodes', () => {
  /** How much of one resource a pod can ask for on a node, to one part in a thousand. */
  function room(daemons: readonly PodManifest[], instanceType: string, resource: 'cpu' | 'memory'): number {
    const pool = { metadata: { name: 'any' }, spec: { template: { spec: {} } } };
    const { vcpus, memoryMiB } = Accelerator.fromInstanceType(instanceType);
    const most = resource === 'cpu' ? vcpus * 1000 : memoryMiB;
    const fits = (amount: number) => {
      const requests = { [resource]: resource === 'cpu' ? `${amount}m` : `${amount}Mi` };
      const pod = { nodeSelector: { 'node.kubernetes.io/instance-type': instanceType }, containers: [{ resources: { requests } }] };
      return KarpenterChoice.of(pod, [pool], { daemons: [...daemons] }).schedulable;
    };
    let [low, high] = [0, most];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  test.each<[string, InferenceClusterProps, string, number, number]>([
    // vpc-cni 50m, kube-proxy 100m, EBS CSI 30m and 120Mi, node monitoring 10m and 30Mi
    ['of every cluster', {}, 'g6.xlarge', 190, 150],
    ['on nodes without GPUs as well', {}, 'm8g.8xlarge', 190, 150],
    ['that ask for nothing', { addons: [new KubePrometheusStack(), new DcgmExporter()] }, 'g6.xlarge', 190, 150],
    ['where EKS Auto Mode has them built in', { compute: Compute.autoMode() }, 'g6.xlarge', 0, 0],
  ])('%s take what they request', (_what, props, instanceType, millicores, mebibytes) => {
    const daemons = inferenceCluster(props)._nodes().daemons;
    expect(room([], instanceType, 'cpu') - room(daemons, instanceType, 'cpu')).toBe(millicores);
    expect(room([], instanceType, 'memory') - room(daemons, instanceType, 'memory')).toBe(mebibytes);
  });

  test('the EFA device plugin is on nodes with EFA alone', () => {
    const cluster = inferenceCluster();
    cluster.addNodePool('gpu', new GpuPool({ instanceTypes: [Accelerator.P5_48XLARGE] }));
    const daemons = cluster._nodes().daemons;
    expect(room([], 'p5.48xlarge', 'cpu') - room(daemons, 'p5.48xlarge', 'cpu')).toBe(200);
    expect(room([], 'g6.xlarge', 'cpu') - room(daemons, 'g6.xlarge', 'cpu')).toBe(190);
  });

  test('are in the plan: a pod that fits only an empty node gets none', () => {
    // given
    const cluster = inferenceCluster();
    cluster.addNodePool('gpu', new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE] }));
    const plan = new InferencePlan(cluster, 'Plan', { inference: cluster });
    cluster.addModelServer('chat', CHAT);
    const nodes = cluster._nodes();
    const problemsWith = (daemons: PodManifest[]) => {
      jest.spyOn(cluster, '_nodes').mockReturnValue({ ...nodes, daemons });
      return new InferencePlan(cluster, `Plan-${daemons.length}`, { inference: cluster }).plan().problems;
    };
    // then
    expect(plan.plan().problems).toEqual([]);
    const large = { tolerations: [{ operator: 'Exists' }], containers: [{ resources: { requests: { cpu: '3900m' } } }] };
    expect(problemsWith([large])).toEqual([expect.stringContaining('g6.xlarge lacks cpu')]);
  });
});
