import { ALLOWED, removeTenants, tenants } from '../fixtures/tenants';
import { Box } from '../harness/box';
import { NetworkPolicies, type Peer, peerOf } from '../harness/network-policies';
import type { Labels, Pod } from '../harness/kinds';
import { eventually } from '../harness/wait';
import { Workspace } from '../harness/workspace';

/** Who reaches whom, by the policies and pods that are stored: nothing in the box enforces them. */

const box = Box.attach();
const NAMESPACE = 'access-network';

/** A pod that no policy is about. */
function somePodIn(namespace: string, labels: Labels = { app: 'some-pod' }): Peer {
  return { namespace, labels, address: '10.9.9.9' };
}

describe('given one of everything that the library runs, in one namespace', () => {
  const all = tenants(NAMESPACE);
  let place: Workspace;
  let policies: NetworkPolicies;
  let pods: readonly Pod[];

  /** The pod with these labels. */
  function pod(labels: Labels): Peer {
    const found = pods.filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value));
    if (found[0] === undefined) throw new Error(`no pod has ${JSON.stringify(labels)}`);
    return peerOf(found[0]);
  }

  const named = (name: string, more: Labels = {}): Peer => pod({ 'app.kubernetes.io/name': name, ...more });
  const open = (from: Peer, to: Peer): string => policies.open(from, to).toString();

  /** Who reaches which TCP ports of a pod. */
  function into(to: Peer): Record<string, string> {
    return {
      'a client of the namespace': open(somePodIn(NAMESPACE), to),
      'a client of an allowed namespace': open(somePodIn(ALLOWED), to),
      'a pod of another namespace': open(somePodIn('access-elsewhere'), to),
      'Prometheus': open(somePodIn('monitoring', { 'app.kubernetes.io/name': 'prometheus' }), to),
      'KubeRay': open(somePodIn('kuberay-system'), to),
      'AIBrix': open(somePodIn('aibrix-system'), to),
      'its gateway': open(somePodIn('envoy-gateway-system'), to),
      'another model': open(named('neighbour'), to),
      'the internet': open({ address: '203.0.113.7' }, to),
      'the cloud network': open({ address: '10.0.7.7' }, to),
    };
  }

  const CLOSED = {
    'a client of the namespace': 'none', 'a client of an allowed namespace': 'none', 'a pod of another namespace': 'none', 'Prometheus': 'none', 'KubeRay': 'none',
    'AIBrix': 'none', 'its gateway': 'none', 'another model': 'none', 'the internet': 'none', 'the cloud network': 'none',
  };
  const clients = (port: string): object => ({ 'a client of the namespace': port, 'a client of an allowed namespace': port });

  /** What a pod reaches outside its model. */
  function outOf(from: Peer): Record<string, string> {
    return {
      'the internet': open(from, { address: '203.0.113.7' }),
      'the internet, UDP': policies.open(from, { address: '203.0.113.7' }, 'UDP').toString(),
      'the internet, IPv6': open(from, { address: '2001:db8::7' }),
      'the cloud network': open(from, { address: '10.0.7.7' }),
      'Pod Identity': open(from, { address: '169.254.170.23' }),
      'Pod Identity, IPv6': open(from, { address: 'fd00:ec2::23' }),
      'metadata of the node': open(from, { address: '169.254.169.254' }),
      'metadata of the node, IPv6': open(from, { address: 'fd00:ec2::254' }),
      'a pod of the namespace': open(from, somePodIn(NAMESPACE)),
      'another model': open(from, named('neighbour')),
      'the DNS server, UDP': policies.open(from, somePodIn('kube-system', { 'k8s-app': 'kube-dns' }), 'UDP').toString(),
    };
  }

  /** DNS, HTTPS and the credentials of EKS Pod Identity; not the node's metadata, which are on port 80. */
  const USUAL = {
    'the internet': '53, 443', 'the internet, UDP': '53', 'the internet, IPv6': '53, 443', 'the cloud network': '53, 443',
    'Pod Identity': '53, 80, 443', 'Pod Identity, IPv6': '53, 80, 443',
    'metadata of the node': '53, 443', 'metadata of the node, IPv6': '53, 443',
    'a pod of the namespace': '53, 443', 'another model': 'none', 'the DNS server, UDP': '53',
  };

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    await place.apply(...Object.values(all).flatMap(({ objects }) => objects));
    for (const { name, pods: count } of Object.values(all)) {
      await eventually(`the pods of ${name}`, async () => expect((await place.pods({ 'app.kubernetes.io/name': name })).length).toBe(count));
    }
    await eventually('the pods of the KV cache', async () => expect((await place.pods({ 'kvcache.orchestration.aibrix.ai/name': 'brix-kv-cache' })).length).toBe(3));
    [policies, pods] = await Promise.all([NetworkPolicies.read(box.cluster), place.pods()]);
  });

  afterAll(() => removeTenants(place));

  test('then every pod of the library has a policy for both directions', () => {
    for (const stored of pods) {
      expect({ pod: stored.metadata.name, in: open(somePodIn('access-elsewhere'), peerOf(stored)), out: policies.open(peerOf(stored), { address: '203.0.113.7' }).has(8080) })
        .toEqual({ pod: stored.metadata.name, in: 'none', out: false });
    }
  });

  describe('into', () => {
    test('a model server: clients to the API, Prometheus to the metrics, which are there as well', () => {
      expect(into(named('chat'))).toEqual({ ...CLOSED, ...clients('8000'), 'Prometheus': '8000' });
    });

    test('one that lets no namespace in: Prometheus alone', () => {
      expect(into(named('closed'))).toEqual({ ...CLOSED, 'Prometheus': '8000' });
    });

    test('Triton: the front end alone, not the server behind it', () => {
      expect(into(named('triton'))).toEqual({ ...CLOSED, ...clients('9000'), 'Prometheus': '9000' });
    });

    test('a leader and its workers', () => {
      for (const index of ['0', '1']) {
        expect(into(named('groups', { 'leaderworkerset.sigs.k8s.io/worker-index': index }))).toEqual({ ...CLOSED, ...clients('8000'), 'Prometheus': '8000' });
      }
    });

    test('prefill and decode: clients meet the router, and never the engines behind it', () => {
      for (const role of ['prefill', 'decode']) {
        expect(into(named('split', { 'cdk-eks-inference/role': role }))).toEqual({ ...CLOSED, ...clients('8080'), 'Prometheus': '8000' });
      }
    });

    test('Ray: clients meet Ray Serve, the operator the dashboard, and nobody the control store', () => {
      for (const type of ['head', 'worker']) {
        expect(into(named('ray', { 'ray.io/node-type': type }))).toEqual({ ...CLOSED, ...clients('8000'), 'Prometheus': '8080', 'KubeRay': '8265' });
      }
    });

    test('AIBrix: its controllers and its gateway come too', () => {
      expect(into(named('brix'))).toEqual({ ...CLOSED, ...clients('8000'), 'Prometheus': '8000', 'AIBrix': '8000', 'its gateway': '8000' });
    });

    test('the KV cache of a server: its engines alone', () => {
      for (const role of ['cache', 'metadata', 'kvwatcher']) {
        const cache = pod({ 'kvcache.orchestration.aibrix.ai/role': role });
        expect(into(cache)).toEqual(CLOSED);
        expect(open(named('brix'), cache)).toBe('all');
        expect(open(named('chat'), cache)).toBe('none');
      }
    });

    test('Jobs: nobody', () => {
      for (const job of [all.copy, all.benchmark]) expect(into(named(job.name))).toEqual(CLOSED);
    });
  });

  describe('between the pods of one server', () => {
    const LWS = 'leaderworkerset.sigs.k8s.io/worker-index';
    const ROLE = 'cdk-eks-inference/role';
    const RAY = 'ray.io/node-type';

    test.each<[server: string, label: string, one: string, other: string]>([
      ['groups', LWS, '0', '1'],
      ['split', ROLE, 'decode', 'prefill'],
      ['ray', RAY, 'head', 'worker'],
      ['ray-fixed', RAY, 'head', 'worker'],
    ])('%s: all ports, both ways, since many are chosen at run time', (server, label, one, other) => {
      const [a, b] = [named(server, { [label]: one }), named(server, { [label]: other })];
      expect([open(a, b), open(b, a)]).toEqual(['all', 'all']);
    });

    test('and none to those of another server', () => {
      const servers = [
        named('chat'), named('closed'), named('triton'), named('brix'),
        named('groups', { [LWS]: '0' }), named('groups', { [LWS]: '1' }), named('split', { [ROLE]: 'decode' }), named('split', { [ROLE]: 'prefill' }),
        named('ray', { [RAY]: 'head' }), named('ray', { [RAY]: 'worker' }), named('ray-fixed', { [RAY]: 'head' }),
      ];
      const server = (peer: Peer): string | undefined => ('labels' in peer ? peer.labels['app.kubernetes.io/name'] : undefined);
      const pairs = servers.flatMap((from) => servers
        .filter((to) => server(to) !== server(from))
        .map((to) => ({ from: server(from), to: server(to), ports: open(from, to) })));
      expect(pairs.filter(({ ports }) => ports !== 'none')).toEqual([]);
      expect(pairs.length).toBeGreaterThan(80);
    });
  });

  describe('out of', () => {
    test.each(['chat', 'triton', 'groups', 'split', 'ray', 'brix'])('%s: DNS, HTTPS and its credentials', (name) => {
      expect(outOf(named(name))).toEqual(USUAL);
    });

    test('Ray with a store for its state: that port too', () => {
      const [to6380, usual] = ['53, 443, 6380', outOf(named('ray-fixed'))];
      expect(usual).toMatchObject({ 'the cloud network': to6380, 'a pod of the namespace': to6380, 'another model': 'none' });
    });

    test('the copy of a model: the port of the mirror, but not on the link of the node', () => {
      expect(outOf(named(all.copy.name))).toEqual({
        ...USUAL,
        ...Object.fromEntries(['the internet', 'the internet, IPv6', 'the cloud network', 'a pod of the namespace'].map((where) => [where, '53, 443, 8081'])),
      });
    });

    test('a benchmark: the server that it measures, and no other', () => {
      const benchmark = named(all.benchmark.name);
      expect(outOf(benchmark)).toEqual(USUAL);
      expect(open(benchmark, named('chat'))).toBe('8000');
      expect(open(benchmark, named('triton'))).toBe('none');
    });
  });
});
