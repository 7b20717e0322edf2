import { DcgmExporter } from '../../constructs/addons/dcgm-exporter';
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
import { testStack } from './stack-fixture';

const CHAT = { model: Model.QWEN3_1_7B, engine: new Vllm(), accelerator: Accelerator.G6_XLARGE };

function inferenceCluster(props: InferenceClusterProps = {}): InferenceCluster {
  return new InferenceCluster(testStack({ region: 'us-east-1' }), 'Cluster', { clusterName: 'inference', ...props });
}

describe('the pods that add-ons put on nodes', () => {
  /** How much of one resource a pod can ask for on a node, to one part in a thousand. */
  function room(daemons: PodManifest[], instanceType: string, resource: 'cpu' | 'memory'): number {
    const pool = { metadata: { name: 'any' }, spec: { template: { spec: {} } } };
    const { vcpus, memoryMiB } = Accelerator.fromInstanceType(instanceType);
    const most = resource === 'cpu' ? vcpus * 1000 : memoryMiB;
    const fits = (amount: number) => {
      const requests = { [resource]: resource === 'cpu' ? `${amount}m` : `${amount}Mi` };
      const pod = { nodeSelector: { 'node.kubernetes.io/instance-type': instanceType }, containers: [{ resources: { requests } }] };
      return KarpenterChoice.of(pod, [pool], { daemons }).schedulable;
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
    const daemons = inferenceCluster(props)._daemonPods();
    expect(room([], instanceType, 'cpu') - room(daemons, instanceType, 'cpu')).toBe(millicores);
    expect(room([], instanceType, 'memory') - room(daemons, instanceType, 'memory')).toBe(mebibytes);
  });

  test('the EFA device plugin is on nodes with EFA alone', () => {
    const cluster = inferenceCluster();
    cluster.addNodePool('gpu', new GpuPool({ instanceTypes: [Accelerator.P5_48XLARGE] }));
    const daemons = cluster._daemonPods();
    expect(room([], 'p5.48xlarge', 'cpu') - room(daemons, 'p5.48xlarge', 'cpu')).toBe(200);
    expect(room([], 'g6.xlarge', 'cpu') - room(daemons, 'g6.xlarge', 'cpu')).toBe(190);
  });

  test('are in the plan: a pod that fits only an empty node gets none', () => {
    // given
    const cluster = inferenceCluster();
    cluster.addNodePool('gpu', new GpuPool({ instanceTypes: [Accelerator.G6_XLARGE] }));
    const plan = new InferencePlan(cluster, 'Plan', { inference: cluster });
    cluster.addModelServer('chat', CHAT);
    const problemsWith = (daemons: PodManifest[]) => {
      jest.spyOn(cluster, '_daemonPods').mockReturnValue(daemons);
      return new InferencePlan(cluster, `Plan-${daemons.length}`, { inference: cluster }).plan().problems;
    };
    // then
    expect(plan.plan().problems).toEqual([]);
    const large = { tolerations: [{ operator: 'Exists' }], containers: [{ resources: { requests: { cpu: '3900m' } } }] };
    expect(problemsWith([large])).toEqual([expect.stringContaining('g6.xlarge lacks cpu')]);
  });
});
