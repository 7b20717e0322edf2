import { configApp, synthesizeAll, type Unit } from '../harness/app';
import { Box } from '../harness/box';
import { KubectlProvider } from '../harness/kubectl-provider';
import { inventory } from '../harness/inventory';
import { Deployments, Ec2NodeClasses, HorizontalPodAutoscalers, NodeClaims, NodePools, Nodes, PodDisruptionBudgets, Pods } from '../harness/kinds';
import { eventually } from '../harness/wait';

const box = Box.attach();
const NAMESPACE = 'lifecycle';

const model = (options: object = {}): object => ({ model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge', namespace: NAMESPACE, ...options });
const GPUS = { gpu: { families: ['g6'], limits: { devices: 4 } } };
const config = (models: object, nodePools: object = GPUS): object => ({ name: 'Lifecycle', cluster: { name: box.clusterName }, nodePools, models });

/** The versions of the app. */
const VERSIONS = {
  three: config({ one: model(), two: model(), three: model({ accelerator: 'm8g.4xlarge' }) }, { ...GPUS, graviton: true }),
  two: config({ one: model(), two: model() }),
  changed: config({ one: model({ contextLength: 4096, servedName: 'small' }), two: model() }),
  scaled: config({ one: model({ scaling: { hpa: { maxReplicas: 2, cpuPercent: 70 } } }), two: model() }),
  onRay: { ...config({ one: model({ topology: 'ray' }), two: model() }, { ...GPUS, x86: true }), addons: { 'kube-ray': true } },
  single: config({ two: model() }),
};

/** What Kubernetes and AWS put beside an app, and leave: a namespace's own, and what is known of a node that has gone. */
const NOT_OF_THE_APP = /^(ConfigMap [^/]*\/kube-root-ca\.crt|ServiceAccount [^/]*\/default|Namespace \/lifecycle)$/;

describe('given an app with three models on two pools, deployed by CDK\'s own handler', () => {
  const provider = new KubectlProvider(box);
  const versions = new Map<string, Unit[]>();
  let units: Unit[];
  let before: ReadonlySet<string>;

  const id = ({ stack, logicalId }: Unit): string => `${stack}/${logicalId}`;

  /** Deploys another version of the app in CloudFormation's order: what is new or changed, then what is gone. */
  async function deploy(version: keyof typeof VERSIONS): Promise<void> {
    const next = versions.get(version) ?? [];
    const [known, wanted] = [new Set(units.map(id)), new Set(next.map(id))];
    for (const unit of next) await (known.has(id(unit)) ? provider.update(unit.properties) : provider.create(unit.properties));
    for (const unit of [...units].reverse()) if (!wanted.has(id(unit))) await provider.delete(unit.properties);
    units = next;
  }

  /** What is on the cluster and was not before the app came. */
  const added = async (): Promise<string[]> => [...(await inventory(box.cluster)).keys()].filter((name) => !before.has(name) && !NOT_OF_THE_APP.test(name));
  const pod = async (name: string): Promise<{ uid?: string; node?: string }> => {
    const pods = await box.cluster.list(Pods, { namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': name } });
    if (pods.length !== 1 || pods[0]?.status.phase !== 'Running') throw new Error(`${pods.length} pods, ${pods[0]?.status.phase}`);
    return { uid: pods[0].metadata.uid, node: pods[0].spec.nodeName };
  };

  beforeAll(async () => {
    before = new Set((await inventory(box.cluster)).keys());
    units = [];
    const apps = Object.entries(VERSIONS).map(([title, app]) => configApp(box, title, app));
    (await synthesizeAll(box, apps)).forEach((synthesized, index) => versions.set(apps[index]?.title ?? '', synthesized));
    await deploy('three');
  }, 300_000);

  afterAll(async () => {
    for (const { properties } of [...units].reverse()) await provider.delete(properties);
  }, 300_000);

  test('then all models run, on nodes that their pools brought, and nothing collides', async () => {
    for (const [name, pool] of [['one', 'gpu'], ['two', 'gpu'], ['three', 'graviton']] as const) {
      const { node = '' } = await eventually(`${name} runs`, () => pod(name), { seconds: 180 });
      expect((await box.cluster.get(Nodes, node)).metadata.labels?.['karpenter.sh/nodepool']).toBe(pool);
    }
  });

  test('when the same app is deployed again, then no serving pod is restarted', async () => {
    const serving = await Promise.all([pod('one'), pod('two'), pod('three')]);
    await deploy('three');
    const { metadata } = await box.cluster.get(Deployments, 'one', NAMESPACE);
    expect(metadata.generation).toBe(1);
    expect(await Promise.all([pod('one'), pod('two'), pod('three')])).toEqual(serving);
  });

  test('when a pool is taken out with its model, then its NodePool, its node class and its nodes go, and the other pool stays', async () => {
    const serving = await Promise.all([pod('one'), pod('two')]);
    await deploy('two');
    await eventually('nothing of the pool is left', async () => {
      const labels = { 'karpenter.sh/nodepool': 'graviton' };
      const objects = [await box.cluster.find(NodePools, 'graviton'), await box.cluster.find(Ec2NodeClasses, 'graviton')].filter((x) => x !== undefined);
      const left = [...objects, ...await box.cluster.list(NodeClaims, { labels }), ...await box.cluster.list(Nodes, { labels })];
      if (left.length > 0) throw new Error(left.map(({ metadata }) => metadata.name).join(', '));
    }, { seconds: 120 });
    expect(await box.cluster.find(NodePools, 'gpu')).toBeDefined();
    expect(await Promise.all([pod('one'), pod('two')])).toEqual(serving);
  }, 300_000);

  test('when one model changes, then it alone is rolled, and no field turns out to be immutable', async () => {
    const serving = await pod('two');
    await deploy('changed');
    expect((await box.cluster.get(Deployments, 'one', NAMESPACE)).metadata.generation).toBeGreaterThan(1);
    await eventually('the new pod is the only one', () => pod('one'), { seconds: 180 });
    expect(await pod('two')).toEqual(serving);
  });

  test('when an autoscaler is switched on and off again, then it is gone', async () => {
    await deploy('scaled');
    expect(await box.cluster.list(HorizontalPodAutoscalers, { namespace: NAMESPACE })).toHaveLength(1);
    await deploy('two');
    expect(await box.cluster.list(HorizontalPodAutoscalers, { namespace: NAMESPACE })).toHaveLength(0);
  });

  test('when a model moves to Ray, then nothing of its Deployment stays, and the budget that is left refuses no drain', async () => {
    await deploy('onRay');
    expect(await box.cluster.find(Deployments, 'one', NAMESPACE)).toBeUndefined();
    expect((await box.cluster.get(PodDisruptionBudgets, 'one', NAMESPACE)).spec).toMatchObject({ minAvailable: 0 });
    expect((await box.cluster.get(PodDisruptionBudgets, 'one', NAMESPACE)).spec).not.toHaveProperty('maxUnavailable');
    await deploy('two');
    await eventually('it runs as before', () => pod('one'), { seconds: 180 });
  }, 300_000);

  test('when one model is taken out of the app, then its objects go and the other stays', async () => {
    const serving = await pod('two');
    await deploy('single');
    await eventually('nothing of it is left', async () => {
      const left = (await added()).filter((name) => name.includes(` ${NAMESPACE}/one`));
      if (left.length > 0) throw new Error(left.join(', '));
    });
    expect(await pod('two')).toEqual(serving);
  });

  test('when everything is taken out, then nothing is on the cluster that was not there before', async () => {
    for (const { properties } of [...units].reverse()) await provider.delete(properties);
    units = [];
    await eventually('nothing is left', async () => {
      const left = await added();
      if (left.length > 0) throw new Error(left.join(', '));
    }, { seconds: 120, everySeconds: 2 });
  }, 300_000);
});
