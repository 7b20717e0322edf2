import { Accelerator, AIBrix, type AIBrixAdapter, FixedReplicas, type ModelServerChartProps, QueueScaling, Vllm } from '../../../lib';
import { endpoints } from '../fixtures/endpoints';
import { modelServer, objectsOf } from '../fixtures/library';
import { fakeNode } from '../fixtures/workloads';
import { Box } from '../harness/box';
import {
  EndpointSlices, isTrue, type KubeObject, ModelAdapters, Nodes, type Pod, PodAutoscalers, RoleSets, Services, StatefulSets,
} from '../harness/kinds';
import { eventually } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'library-aibrix';
const GPU_NAME = 'karpenter.k8s.aws/instance-gpu-name';

const EVERYWHERE: AIBrixAdapter = { name: 'sql', source: 'huggingface://acme/sql' };
const SOMEWHERE: AIBrixAdapter = { name: 'law', source: '/adapters/law', everywhere: false };

function serverOf(name: string, props: Partial<ModelServerChartProps>, namespace: string = NAMESPACE): KubeObject[] {
  return objectsOf(modelServer({ namespace, name, ...props }));
}

const mixed = (adapters: AIBrixAdapter[]): KubeObject[] => serverOf('mixed', {
  topology: new AIBrix({ pools: [{ accelerator: Accelerator.G6E_XLARGE }], adapters }),
  engine: new Vllm({ lora: { runtimeUpdates: true } }),
  scaling: new QueueScaling({ minReplicas: 2, maxReplicas: 4, scaleUpSeconds: 0 }),
});

const apart = (decode: number, namespace: string, image?: string): KubeObject[] => serverOf('apart', {
  topology: new AIBrix({ disaggregation: { prefillReplicas: 2 } }), scaling: new FixedReplicas(decode), engine: new Vllm({ image }),
}, namespace);

describe('given model servers of the library on AIBrix', () => {
  let place: Workspace;
  let other: Workspace;

  const named = (name: string): Record<string, string> => ({ 'app.kubernetes.io/name': name });
  const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name).sort();
  const addresses = (pods: readonly Pod[]): string[] => pods.map(({ status }) => status.podIP ?? '').sort();

  /** Addresses behind a Service, by whoever wrote them there. */
  async function slices(service: string): Promise<string[]> {
    const found = await box.cluster.list(EndpointSlices, { namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': service } });
    return found.flatMap((slice) => slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses).sort();
  }

  /** Addresses of the engines that have an adapter, as place they were told. */
  async function holders(adapter: string, path: string): Promise<string[]> {
    const engines = await box.network.adapters();
    return Object.keys(engines).filter((address) => engines[address]?.[adapter] === path).sort();
  }

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    other = await Workspace.create(box, `${NAMESPACE}-2`);
    await box.network.ended(Object.keys(await box.network.adapters()));
    const node = (number: number, gpu: string, memory: string): KubeObject => fakeNode({
      name: `aibrix-${gpu}-${number}`, zone: 'us-west-2a', devices: { 'nvidia.com/gpu': 8 },
      labels: { [GPU_NAME]: gpu, 'karpenter.k8s.aws/instance-gpu-count': '1', 'karpenter.k8s.aws/instance-gpu-memory': memory },
    });
    await place.apply(node(1, 'l4', '22888'), node(2, 'l4', '22888'), node(1, 'l40s', '45776'));
    await place.apply(
      ...mixed([EVERYWHERE, SOMEWHERE]), ...apart(2, NAMESPACE), ...serverOf('cached', { topology: new AIBrix({ kvCache: { engineImage: 'example.com/vllm-aibrix:1', replicas: 2 } }) }),
    );
    await other.apply(...apart(1, other.namespace));
  });

  afterAll(async () => {
    await Promise.all([place.dispose(), other.dispose()]);
  });

  describe('on two instance types', () => {
    test('then AIBrix\'s autoscaler sees to the fewest pods of its pool, each pool is on its type, and both Services send requests to all', async () => {
      const pods = await place.running(3, named('mixed'));
      const types = await Promise.all(pods.map(async ({ metadata, spec }) => [
        metadata.labels?.['cdk-eks-inference/pool'], (await box.cluster.get(Nodes, spec.nodeName ?? '')).metadata.labels?.[GPU_NAME],
      ]));
      expect(types.sort()).toEqual([['g6e-xlarge', 'l40s'], ['main', 'l4'], ['main', 'l4']]);
      await eventually('the autoscaler has looked', async () => {
        const autoscaler = await box.cluster.get(PodAutoscalers, 'mixed', NAMESPACE);
        expect([isTrue(autoscaler, 'AbleToScale'), autoscaler.status?.desiredScale]).toEqual([true, 2]);
      });
      await eventually('endpoints', async () => {
        expect(await endpoints(place, 'mixed')).toEqual(names(pods));
        expect(await endpoints(place, 'mixed-aibrix')).toEqual(names(pods));
      });
    });

    test('then adapters are loaded, one by every engine and one by one engine, and AIBrix sends their requests there', async () => {
      const pods = await place.pods(named('mixed'));
      await eventually('the engines have them', async () => {
        expect(await holders('sql', 'acme/sql')).toEqual(addresses(pods));
        expect(await holders('law', '/adapters/law')).toHaveLength(1);
      });
      await eventually('requests go where they are', async () => {
        expect(await slices('sql')).toEqual(addresses(pods));
        expect(await slices('law')).toEqual(await holders('law', '/adapters/law'));
        for (const adapter of ['sql', 'law']) expect(isTrue(await box.cluster.get(ModelAdapters, adapter, NAMESPACE), 'Ready')).toBe(true);
      });
      // the gateway finds the pods of the base model by the label of the Service
      expect((await box.cluster.get(Services, 'sql', NAMESPACE)).metadata.labels?.['model.aibrix.ai/name']).toBe('mixed-aibrix');
    });

    test('when the only engine with an adapter is lost, then another has it; when the adapter leaves the app, then it is unloaded', async () => {
      const before = await place.running(3, named('mixed'));
      const [address = ''] = await slices('law');
      const lost = before.find(({ status }) => status.podIP === address);
      await box.cluster.kubectl(['delete', 'pod', lost?.metadata.name ?? '', '--namespace', NAMESPACE, '--wait=true']);
      await box.network.ended([address]);
      await eventually('another engine has it', async () => {
        const running = await place.running(3, named('mixed'), 0);
        const [now = ''] = await slices('law');
        expect(addresses(running)).toContain(now);
        expect(await holders('law', '/adapters/law')).toContain(now);
      });
      // what is being loaded while the adapter is taken away stays
      await eventually('the new engine has the other as well', async () => {
        expect(await slices('sql')).toEqual(addresses(await place.running(3, named('mixed'), 0)));
      });

      await box.cluster.remove(ModelAdapters, 'sql', NAMESPACE);
      await eventually('no engine has the other', async () => {
        const running = addresses(await place.pods(named('mixed')));
        expect((await holders('sql', 'acme/sql')).filter((holder) => running.includes(holder))).toEqual([]);
        expect(await box.cluster.find(Services, 'sql', NAMESPACE)).toBeUndefined();
      });
    });
  });

  describe('with prefill and decode apart', () => {
    const role = (name: string): Record<string, string> => ({ ...named('apart'), 'role-name': name });

    test('then it is one set of roles, decode takes the requests, and a server of that name elsewhere has its own', async () => {
      await place.running(2, role('prefill'));
      const decode = await place.running(2, role('decode'));
      expect(await box.cluster.list(RoleSets, { namespace: NAMESPACE })).toHaveLength(1);
      await eventually('decode takes requests', async () => {
        expect(await endpoints(place, 'apart')).toEqual(names(decode));
        expect(await endpoints(place, 'apart-aibrix')).toEqual(names(decode));
      });
      await other.running(1, role('decode'));
      await other.running(2, role('prefill'));
    });

    test('when there is to be more decode, then there is, and nothing else is touched', async () => {
      const before = names(await place.pods(named('apart')));
      await place.apply(...apart(3, NAMESPACE));
      await place.running(3, role('decode'));
      expect(names(await place.pods(named('apart')))).toEqual(expect.arrayContaining(before));
    });

    test('when the engine changes, then its pods are replaced in place, and there is always as much decode as before', async () => {
      const image = 'vllm/vllm-openai:v0.30.0';
      await place.apply(...apart(3, NAMESPACE, image));
      let fewest = Infinity;
      await eventually('all pods have it', async () => {
        fewest = Math.min(fewest, (await endpoints(place, 'apart')).length);
        const pods = await place.running(5, named('apart'), 0);
        expect(new Set(pods.map(({ spec }) => spec.containers[0]?.image))).toEqual(new Set([image]));
      });
      expect(fewest).toBeGreaterThanOrEqual(3);
      expect(await box.cluster.list(RoleSets, { namespace: NAMESPACE })).toHaveLength(1);
    });
  });

  test('when a KV cache is shared, then it is pods with a catalogue, where the engine looks for it, and behind the policy of it', async () => {
    const cache = { 'kvcache.orchestration.aibrix.ai/name': 'cached-kv-cache' };
    const pods = await place.running(4, cache);
    expect((await box.cluster.get(StatefulSets, 'cached-kv-cache', NAMESPACE)).spec.replicas).toBe(2);
    // every pod that AIBrix makes of it has the label that the policies select by
    const owned = (await place.pods()).filter(({ metadata }) => metadata.name.startsWith('cached-kv-cache'));
    expect(names(owned)).toEqual(names(pods));
    const [engine] = await place.running(1, named('cached'));
    const url = new URL(engine?.spec.containers[0]?.env?.find(({ name }) => name === 'AIBRIX_KV_CACHE_OL_META_SERVICE_URL')?.value ?? '');
    expect((await box.cluster.get(Services, url.hostname, NAMESPACE)).spec.ports?.map(({ port }) => String(port))).toEqual([url.port]);
    await eventually('the catalogue answers there', async () => {
      expect(await endpoints(place, url.hostname)).toHaveLength(1);
    });
  });
});
