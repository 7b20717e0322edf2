import { podTemplate } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { KubectlProvider, resourceOf } from '../harness/kubectl-provider';
import { ConfigMaps, type KubeObject } from '../harness/kinds';
import { Workspace } from '../harness/workspace';

const box = Box.attach();

describe('given a namespace with Pod Security "restricted"', () => {
  let place: Workspace;

  beforeAll(async () => {
    place = await Workspace.create(box, 'restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  afterAll(() => place.dispose());

  function pod(name: string, securityContext: object, container: object): KubeObject {
    const { spec } = podTemplate({ name }) as { spec: { containers: object[] } };
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { ...spec, securityContext, containers: spec.containers.map((c) => ({ ...c, securityContext: container })) } };
  }

  test('when a pod says nothing of its security, then it is refused', async () => {
    await expect(place.apply(pod('careless', {}, {}))).rejects.toThrow(/violates PodSecurity "restricted:latest"/);
  });

  test('when a pod drops what it does not need, then it is admitted', async () => {
    await place.apply(pod('careful', { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } }, { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }));
  });

  test('when a field is unknown, then strict validation names it', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'typo' }, dada: { a: 'b' } };
    await expect(place.apply(object)).rejects.toThrow(/field not declared in schema|unknown field "dada"/);
  });
});

describe('given CDK\'s own kubectl handler', () => {
  const provider = new KubectlProvider(box);
  let place: Workspace;

  const map = (name: string, data: Record<string, string>): KubeObject => ({
    apiVersion: 'v1', kind: 'ConfigMap', data,
    metadata: { name, namespace: place.namespace, labels: { 'aws.cdk.eks/prune-box': '' } },
  });

  beforeAll(async () => {
    place = await Workspace.create(box, 'kubectl-handler');
  });

  afterAll(() => place.dispose());

  test('then it creates, changes, prunes what an update leaves out, and deletes', async () => {
    const names = async (): Promise<string[]> => (await box.cluster.list(ConfigMaps, { namespace: place.namespace }))
      .map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
    const prune = { PruneLabel: 'aws.cdk.eks/prune-box' };

    await provider.create({ ...resourceOf([map('one', { a: '1' }), map('two', { a: '1' })]), ...prune });
    expect(await names()).toEqual(['one', 'two']);

    await provider.update({ ...resourceOf([map('one', { a: '2' })]), ...prune });
    expect(await names()).toEqual(['one']);
    expect((await box.cluster.get(ConfigMaps, 'one', place.namespace)).data).toEqual({ a: '2' });

    await provider.delete({ ...resourceOf([map('one', { a: '2' })]), ...prune });
    expect(await names()).toEqual([]);
  });

  test('when an object exists already, then a create fails and says so', async () => {
    await provider.create(resourceOf([map('twice', {})]));
    await expect(provider.create(resourceOf([map('twice', {})]))).rejects.toThrow(/already exists/);
  });
});
