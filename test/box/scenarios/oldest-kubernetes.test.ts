import { App, Stack } from 'aws-cdk-lib';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { KubernetesRelease } from '../../../constructs';
import { Accelerator, CapacityType, GpuPool, MultiNode } from '../../../lib';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { changedByAdmission, POOLS, sweep } from '../fixtures/sweep';
import { synthesizeAll } from '../harness/app';
import { Box } from '../harness/box';
import { exampleApps } from '../harness/example-apps';
import { Nodes, type KubeObject } from '../harness/kinds';
import { ensureNamespace } from '../harness/namespaces';
import { Workspace } from '../harness/workspace';

/** A release as the library sees it; the layer is never deployed. */
function release(minor: number): KubernetesRelease {
  const stack = new Stack(new App(), 'Any');
  return KubernetesRelease.of(`1.${minor}`, LayerVersion.fromLayerVersionArn(stack, 'Kubectl', 'arn:aws:lambda:us-west-2:123456789012:layer:kubectl:1'));
}

describe('given a cluster of the oldest Kubernetes that we support', () => {
  let box: Box;

  beforeAll(async () => {
    box = await Box.start({ controlPlane: 'kube-oldest', components: ['karpenter', 'lws'], definitionsOf: ['crds', 'kuberay', 'aibrix', 'keda'] });
  }, 300_000);

  afterAll(() => (box as Box | undefined)?.stop(), 60_000); // there is none when it could not start

  /** What the API server refuses or stores otherwise, by the name of the case; a few at a time. */
  async function refusals(cases: readonly { readonly name: string; readonly objects: readonly KubeObject[] }[]): Promise<Record<string, unknown>> {
    const [waiting, found] = [[...cases], {} as Record<string, unknown>];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { name, objects } = next;
        for (const { metadata, kind } of objects) {
          const namespace = kind === 'Namespace' ? metadata.name : metadata.namespace;
          if (namespace !== undefined) await ensureNamespace(box.cluster, namespace);
        }
        const changed = await changedByAdmission(box.cluster, objects).catch((error: unknown) => [error instanceof Error ? error.message : String(error)]);
        if (changed.length > 0) found[name] = changed;
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    return found;
  }

  test('then it is the one that the library says: nothing older', async () => {
    const { minor } = (await box.cluster.call('GET', '/version')) as { minor: string };
    expect([release(Number(minor)).isSupported, release(Number(minor) - 1).isSupported]).toEqual([true, false]);
  });

  test('then it admits every engine on every topology with every scaling, and every pool, as they were written', async () => {
    const cases = [...sweep('sweep'), ...POOLS.map(([name, pool]) => ({ name, objects: objectsOf(libraryPool(box, name, pool)) }))].filter(({ objects }) => objects.length > 0);
    expect(cases.length).toBeGreaterThan(25);
    expect(await refusals(cases)).toEqual({});
  }, 300_000);

  test('then it admits every form of every example, as it was written', async () => {
    const apps = exampleApps();
    const units = await synthesizeAll(box, apps);
    const cases = apps.map(({ title }, index) => ({ name: title, objects: (units[index] ?? []).flatMap(({ objects }) => objects) }));
    expect(cases.length).toBeGreaterThan(20);
    expect(await refusals(cases)).toEqual({});
  }, 300_000);

  test('then a server and a group over two nodes run there, on nodes that Karpenter launches', async () => {
    const place = await Workspace.create(box, 'oldest');
    const pool = new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 1000 } });
    await place.apply(
      ...objectsOf(libraryPool(box, 'oldest', pool)),
      ...objectsOf(modelServer({ namespace: place.namespace, name: 'single' })),
      ...objectsOf(modelServer({ namespace: place.namespace, name: 'group', topology: new MultiNode({ nodes: 2 }), accelerator: Accelerator.G6_12XLARGE })),
    );
    const pods = await place.running(3, {}, 240);
    const nodes = new Map((await box.cluster.list(Nodes)).map((node) => [node.metadata.name, node.metadata.labels ?? {}]));
    const of = (name: string, label: string): (string | undefined)[] => pods
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === name).map(({ spec }) => nodes.get(spec.nodeName ?? '')?.[label]);
    expect(of('single', 'node.kubernetes.io/instance-type')).toEqual(['g6.xlarge']);
    expect(of('group', 'node.kubernetes.io/instance-type')).toEqual(['g6.12xlarge', 'g6.12xlarge']);
    expect(new Set(of('group', 'topology.kubernetes.io/zone')).size).toBe(1);
  }, 300_000);
});
