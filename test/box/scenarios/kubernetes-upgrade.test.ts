import { Accelerator, MultiNode } from '../../../lib';
import { Versions } from '../../../lib/versions';
import { modelServer, objectsOf } from '../fixtures/library';
import { machine } from '../fixtures/machines';
import { setApart } from '../fixtures/previous-objects';
import { sweep } from '../fixtures/sweep';
import { Box } from '../harness/box';
import { inventory } from '../harness/inventory';
import { Pods, type KubeObject } from '../harness/kinds';
import { ensureNamespace } from '../harness/namespaces';
import { eventually } from '../harness/wait';
import { Workspace } from '../harness/workspace';

/** Changes by the hour or by every controller that starts: not the app's. */
const WITH_STATUS = /^(Node|Endpoints|EndpointSlice|ConfigMap|ValidatingWebhookConfiguration|MutatingWebhookConfiguration) /;

describe('given a cluster of the version that the library makes, with everything of the sweep on it', () => {
  let box: Box;
  let place: Workspace;
  let objects: KubeObject[];

  beforeAll(async () => {
    box = await Box.start({ controlPlane: 'kube-previous', components: ['lws', 'scheduler', 'kwok'], definitionsOf: ['crds', 'kuberay', 'aibrix', 'keda', 'karpenter'] });
    place = await Workspace.create(box, 'serving');
    const group = modelServer({ namespace: place.namespace, name: 'group', topology: new MultiNode({ nodes: 2 }), accelerator: Accelerator.G6_12XLARGE });
    const serving = [...objectsOf(modelServer({ namespace: place.namespace, name: 'single' })), ...objectsOf(group)];
    const stored = sweep('sweep').flatMap((one, index) => one.objects.map((object) => setApart(object, `sweep-${index}`)));
    await place.apply(machine('one', Accelerator.G6_XLARGE), ...['two', 'three'].map((name) => machine(name, Accelerator.G6_12XLARGE)));
    await place.apply(...serving);
    for (const namespace of new Set(stored.flatMap(({ metadata }) => metadata.namespace ?? []))) await ensureNamespace(box.cluster, namespace);
    await box.cluster.apply(stored);
    objects = [...serving, ...stored];
    await place.running(3, {}, 120);
  }, 300_000);

  afterAll(() => (box as Box | undefined)?.stop(), 60_000); // there is none when it could not start

  const version = async (): Promise<string> => {
    const { major, minor } = (await box.cluster.call('GET', '/version')) as { major: string; minor: string };
    return `${major}.${minor}`;
  };
  const pods = async (): Promise<(string | undefined)[]> => (await box.cluster.list(Pods, { namespace: place.namespace })).map(({ metadata, status }) => `${metadata.uid} ${status.phase}`).sort();
  const uids = async (): Promise<Record<string, string | undefined>> => Object.fromEntries([...await inventory(box.cluster)]
    .filter(([name]) => !WITH_STATUS.test(name)).map(([name, { uid }]) => [name, uid]));

  test('when the control plane becomes one minor newer, then everything is still there, no pod has restarted, and what is applied again changes no more than before', async () => {
    expect(await version()).toBe(Versions.KUBERNETES);
    await settled();
    const serving = await pods();
    const raised = await raisedByApplying();
    expect(raised.filter((name) => !name.startsWith('LeaderWorkerSet '))).toEqual([]); // its webhook writes some values in another form
    await settled();
    const before = await uids();
    expect(Object.keys(before).length).toBeGreaterThan(200);

    await box.upgrade('kube');
    const [major, minor] = Versions.KUBERNETES.split('.').map(Number);
    expect(await version()).toBe(`${major}.${(minor ?? 0) + 1}`);
    const after = await uids();
    expect(Object.entries(before).filter(([name, uid]) => after[name] !== uid)).toEqual([]);
    expect(await pods()).toEqual(serving);

    await settled();
    expect(await raisedByApplying()).toEqual([]);
    expect(await pods()).toEqual(serving);
  }, 300_000);

  /** The generation of each object that the app has written: a change of what is wanted raises it. */
  async function generations(): Promise<Record<string, number | undefined>> {
    const objects = [...await inventory(box.cluster)].filter(([name]) => !WITH_STATUS.test(name));
    return Object.fromEntries(objects.map(([name, { generation }]) => [name, generation]));
  }

  /** Applies everything once more, and names what the API server holds for changed by that. */
  async function raisedByApplying(): Promise<string[]> {
    const before = await generations();
    await box.cluster.apply(objects);
    return Object.entries(await generations()).filter(([name, generation]) => before[name] !== generation).map(([name]) => name).sort();
  }

  /** Waits until the controllers have made all that they make. */
  function settled(): Promise<void> {
    let last = '';
    return eventually('no object appears any more', async () => {
      const now = JSON.stringify(await generations());
      const same = now === last;
      last = now;
      if (!same) throw new Error('objects still change');
    }, { seconds: 60, everySeconds: 2 });
  }
});
