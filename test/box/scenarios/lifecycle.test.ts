import { synthesizeConfig, type Unit } from '../harness/app';
import { Box } from '../harness/box';
import { KubectlProvider } from '../harness/kubectl-provider';
import { Deployments, Ec2NodeClasses, NodePools, Nodes, Pods } from '../harness/kinds';
import { eventually } from '../harness/wait';

const box = Box.attach();
const NAMESPACE = 'lifecycle';

const model = (options: object = {}): object => ({ model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge', namespace: NAMESPACE, ...options });
const config = (models: object): object => ({
  name: 'Lifecycle', cluster: { name: box.clusterName }, nodePools: { gpu: { families: ['g6'], limits: { devices: 4 } } }, models,
});

/** Kinds of which nothing may be left behind. */
const KINDS = 'deployments,replicasets,pods,services,configmaps,serviceaccounts,poddisruptionbudgets,networkpolicies';

describe('given an app with two models and a pool, deployed by CDK\'s own handler', () => {
  const provider = new KubectlProvider(box);
  let units: Unit[];

  const unitsOf = (name: string): Unit[] => units.filter(({ objects }) => objects.some(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === name));
  const names = async (): Promise<string[]> => (await box.cluster.kubectl(['get', KINDS, '--namespace', NAMESPACE, '--output=name']))
    .trim().split('\n').filter((name) => name !== '' && !/configmap\/kube-root-ca.crt|serviceaccount\/default/.test(name));
  const pod = async (name: string): Promise<{ uid?: string; node?: string }> => {
    const pods = await box.cluster.list(Pods, { namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': name } });
    if (pods.length !== 1 || pods[0]?.status.phase !== 'Running') throw new Error(`${pods.length} pods, ${pods[0]?.status.phase}`);
    return { uid: pods[0].metadata.uid, node: pods[0].spec.nodeName };
  };

  beforeAll(async () => {
    units = await synthesizeConfig(box, config({ one: model(), two: model() }));
    for (const { properties } of units) await provider.create(properties);
  });

  afterAll(async () => {
    for (const { properties } of [...units].reverse()) await provider.delete(properties);
  }, 300_000);

  test('then both models run, on nodes that the pool brought, and nothing collides', async () => {
    for (const name of ['one', 'two']) {
      const { node = '' } = await eventually(`${name} runs`, () => pod(name), { seconds: 180 });
      expect((await box.cluster.get(Nodes, node)).metadata.labels?.['karpenter.sh/nodepool']).toBe('gpu');
    }
  });

  test('when the same app is deployed again, then no serving pod is restarted', async () => {
    const before = await Promise.all([pod('one'), pod('two')]);
    const again = await synthesizeConfig(box, config({ one: model(), two: model() }));
    for (const { properties } of again) await provider.update(properties);
    const { metadata } = await box.cluster.get(Deployments, 'one', NAMESPACE);
    expect(metadata.generation).toBe(1);
    expect(await Promise.all([pod('one'), pod('two')])).toEqual(before);
  });

  test('when one model changes, then it alone is rolled, and no field turns out to be immutable', async () => {
    const before = await pod('two');
    units = await synthesizeConfig(box, config({ one: model({ contextLength: 4096, servedName: 'small' }), two: model() }));
    for (const { properties } of units) await provider.update(properties);
    expect((await box.cluster.get(Deployments, 'one', NAMESPACE)).metadata.generation).toBeGreaterThan(1);
    await eventually('the new pod is the only one', () => pod('one'), { seconds: 180 });
    expect(await pod('two')).toEqual(before);
  });

  test('when one model is taken out of the app, then its objects go and the other stays', async () => {
    const before = await pod('two');
    for (const { properties } of unitsOf('one')) await provider.delete(properties);
    await eventually('nothing of it is left', async () => {
      const left = (await names()).filter((name) => /\/one(-|$)/.test(name));
      if (left.length > 0) throw new Error(left.join(', '));
    });
    expect(await pod('two')).toEqual(before);
    units = units.filter((unit) => !unitsOf('one').includes(unit));
  });

  test('when everything is taken out, then no object, node or pool is left', async () => {
    for (const { properties } of [...units].reverse()) await provider.delete(properties);
    await eventually('nothing is left', async () => {
      const left = [...await names(), ...[await box.cluster.find(NodePools, 'gpu'), await box.cluster.find(Ec2NodeClasses, 'gpu')].filter((x) => x !== undefined)];
      if (left.length > 0) throw new Error(JSON.stringify(left).slice(0, 300));
    }, { seconds: 120 });
  }, 300_000);
});
