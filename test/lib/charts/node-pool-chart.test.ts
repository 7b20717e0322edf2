import { App } from 'cdk8s';
import { NodePoolChart, type NodePoolChartProps } from '../../../lib/charts/node-pool-chart';
import { GpuPool, GravitonPool, NodeProvisioner, type NodeEnvironment } from '../../../lib/node-pools';

/** A Kubernetes object as the chart writes it. */
interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly [field: string]: unknown };
}

const environment: NodeEnvironment = { provisioner: NodeProvisioner.KARPENTER, clusterName: 'demo', nodeRoleName: 'demo-node' };

function objects(props: Partial<NodePoolChartProps> = {}): KubernetesObject[] {
  return new NodePoolChart(new App(), 'gpu', { pool: new GpuPool(), environment, ...props }).toJson();
}

const kinds = (all: KubernetesObject[]): string[] => all.map((object) => `${object.apiVersion}/${object.kind} ${object.metadata.name}`);

describe('NodePoolChart', () => {
  test('is a node class and a NodePool of one name', () => {
    expect(kinds(objects())).toEqual(['karpenter.k8s.aws/v1/EC2NodeClass gpu', 'karpenter.sh/v1/NodePool gpu']);
    expect(kinds(objects({ poolName: 'team-a' }))).toEqual(['karpenter.k8s.aws/v1/EC2NodeClass team-a', 'karpenter.sh/v1/NodePool team-a']);
  });

  test('under EKS Auto Mode has the NodeClass of Auto Mode', () => {
    const autoMode = { ...environment, provisioner: NodeProvisioner.EKS_AUTO_MODE };

    expect(kinds(objects({ environment: autoMode }))).toEqual(['eks.amazonaws.com/v1/NodeClass gpu', 'karpenter.sh/v1/NodePool gpu']);
  });

  test('adds a NodeOverlay for fractions of a GPU', () => {
    expect(kinds(objects({ pool: new GpuPool({ families: ['g6f'] }) }))).toContain('karpenter.sh/v1alpha1/NodeOverlay gpu');
  });

  test('writes nothing that is not set', () => {
    const text = JSON.stringify(objects());

    for (const field of ['undefined', 'null', 'snapshotID', 'networkInterfaces', 'kubelet', 'weight', 'replicas']) expect(text).not.toContain(field);
  });

  test('overrides merge into the objects: null removes, lists are replaced, the rest stays', () => {
    const [nodeClass, nodePool] = objects({
      pool: new GravitonPool({
        nodePoolOverrides: { spec: { weight: 7, disruption: { budgets: [{ nodes: '5%' }] }, limits: null } },
        nodeClassOverrides: { metadata: { annotations: { note: 'own AMI' } }, spec: { amiFamily: 'AL2023', amiSelectorTerms: [{ id: 'ami-0a' }] } },
      }),
    });

    expect(nodePool.spec).toMatchObject({ weight: 7, disruption: { consolidationPolicy: 'WhenEmpty', budgets: [{ nodes: '5%' }] } });
    expect(nodePool.spec).not.toHaveProperty('limits');
    expect(nodeClass.metadata).toEqual({ name: 'gpu', annotations: { note: 'own AMI' } });
    expect(nodeClass.spec).toMatchObject({ amiFamily: 'AL2023', amiSelectorTerms: [{ id: 'ami-0a' }], role: 'demo-node' });
  });

  test('is the same twice', () => {
    expect(JSON.stringify(objects())).toBe(JSON.stringify(objects()));
  });
});
