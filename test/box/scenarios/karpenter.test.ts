import { Accelerator } from '../../../lib/accelerators';
import { AMD64, nodePool, ON_DEMAND, oneOf } from '../fixtures/karpenter';
import { server } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { isTrue, Ec2NodeClasses, Nodes, type Node, type NodeClaim } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const GPU = 'nvidia.com/gpu';

function values(claim: NodeClaim, key: string): readonly string[] {
  return claim.spec.requirements.find((requirement) => requirement.key === key)?.values ?? [];
}

function price(instanceType: string): number {
  const accelerator = Accelerator.fromInstanceType(instanceType);
  return accelerator.onDemandUsdPerHour(accelerator.pricedRegions[0] ?? '') ?? Infinity;
}

async function nodesOf(pool: string): Promise<Node[]> {
  return box.cluster.list(Nodes, { labels: { 'karpenter.sh/nodepool': pool } });
}

describe('given a pool of NVIDIA GPUs in four zones', () => {
  const pool = 'gpus';
  let place: Workspace;

  beforeAll(async () => {
    place = await Workspace.create(box, 'karpenter-gpus');
    await place.apply(...nodePool({
      name: pool, clusterName: box.clusterName, consolidateAfter: '5s', limits: { [GPU]: 4 },
      requirements: [oneOf('karpenter.k8s.aws/instance-family', 'g6', 'g6e'), ON_DEMAND, AMD64],
      taints: [{ key: GPU, effect: 'NoSchedule' }],
    }));
    await eventually('the node class is ready', async () => {
      const nodeClass = await box.cluster.get(Ec2NodeClasses, pool);
      if (!isTrue(nodeClass, 'Ready')) throw new Error(JSON.stringify(nodeClass.status?.conditions?.filter(({ status }) => status !== 'True')));
    });
  });

  afterAll(() => place.dispose());

  test('when four replicas are pending, then one node of the cheapest fitting type comes in each zone', async () => {
    await place.apply(server({ name: 'four', replicas: 4, devices: { [GPU]: 1 }, cpu: '3', memory: '10Gi', tolerates: [GPU], nodeSelector: { pool }, overZones: true }));
    const claims = await place.claimed(pool, 4);
    const pods = await place.running(4, { app: 'four' });

    const nodes = await nodesOf(pool);
    expect(new Set(nodes.map(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone'])).size).toBe(4);
    expect(nodes.map(({ metadata }) => metadata.labels?.['node.kubernetes.io/instance-type'])).toEqual(Array(4).fill('g6.xlarge'));
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(4);
    for (const claim of claims) {
      const types = values(claim, 'node.kubernetes.io/instance-type');
      expect(types).toContain('g6.xlarge');
      const cheapest = [...types].sort((a, b) => price(a) - price(b))[0];
      expect(cheapest).toBe('g6.xlarge');
    }
  });

  test('when the pool\'s limit is reached, then the next replica waits', async () => {
    await place.apply(server({ name: 'fifth', devices: { [GPU]: 1 }, cpu: '3', memory: '10Gi', tolerates: [GPU], nodeSelector: { pool } }));
    await throughout('no fifth node', 10, async () => {
      if ((await place.claims(pool)).length > 4) throw new Error('there is one');
    });
    expect((await place.pods({ app: 'fifth' })).map(({ status }) => status.phase)).toEqual(['Pending']);
  });

  test('when nothing runs any more, then the pool goes back to zero', async () => {
    await box.cluster.delete([
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'four', namespace: place.namespace } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'fifth', namespace: place.namespace } },
    ]);
    await place.claimed(pool, 0, 180);
    await eventually('no node is left', async () => {
      if ((await nodesOf(pool)).length > 0) throw new Error('there are nodes');
    });
  });
});
