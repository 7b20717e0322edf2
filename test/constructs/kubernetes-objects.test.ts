import { Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { ImportedCluster } from '../../constructs/imported-cluster';
import { ModelServer } from '../../constructs/model-server';
import { Accelerator } from '../../lib/accelerators';
import { Vllm } from '../../lib/engines';
import { Model } from '../../lib/models';
import { HpaScaling, QueueScaling, type IScaling } from '../../lib/scaling';
import { Ray, type ITopology } from '../../lib/topologies';
import { resourcesOf, testStack } from './stack-fixture';

/** The kinds of each lifecycle unit of a model server. */
function unitsOf(override: { readonly scaling?: IScaling; readonly topology?: ITopology }): string[][] {
  const stack = testStack({ account: '123456789012', region: 'us-west-2' });
  const { cluster } = new ImportedCluster(stack, 'Prod', { clusterName: 'prod' });
  new ModelServer(stack, 'Chat', { cluster, model: Model.QWEN3_1_7B, engine: new Vllm(), accelerator: Accelerator.G6_XLARGE, ...override });
  return Object.values(resourcesOf(Template.fromStack(stack), eks.KubernetesManifest.RESOURCE_TYPE))
    .map(({ Properties }) => (JSON.parse(Properties.Manifest) as { kind: string }[]).map(({ kind }) => kind));
}

/** What every model server has, whatever serves it: what is changed in place may stay in one unit. */
const ALWAYS = ['ServiceAccount', 'Service', 'PodDisruptionBudget', 'NetworkPolicy'];

describe('what pruning would leave behind when an option goes', () => {
  test.each<[string, Parameters<typeof unitsOf>[0], string[]]>([
    ['an autoscaler of Kubernetes', { scaling: new HpaScaling({ maxReplicas: 3, cpuPercent: 70 }) }, ['HorizontalPodAutoscaler']],
    ['an autoscaler of KEDA', { scaling: new QueueScaling({ maxReplicas: 3 }) }, ['PodMonitor', 'ScaledObject']],
    ['another topology', { topology: new Ray() }, ['RayService']],
    ['nothing optional', {}, []],
  ])('%s is removed by a unit of its own', (_, override, alone) => {
    const [together = [], ...separate] = unitsOf(override);
    expect(together).toEqual(expect.arrayContaining(ALWAYS));
    expect(separate.map((kinds) => kinds.join()).sort()).toEqual(alone);
  });
});
