import { NetworkPolicies, peerOf, type Peer } from '../harness/network-policies';
import type { NetworkPolicy, Pod } from '../harness/kinds';
import { PortRanges } from '../harness/port-ranges';

/** The evaluator itself, by the examples of the Kubernetes documentation and the corners of the API's own text. */

const namespaces = new Map([
  ['shop', { 'kubernetes.io/metadata.name': 'shop', team: 'a' }],
  ['tools', { 'kubernetes.io/metadata.name': 'tools', team: 'b' }],
]);
const db: Peer = {
  namespace: 'shop', labels: { app: 'db' }, address: '10.1.0.1',
  ports: [{ name: 'sql', containerPort: 5432 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }],
};
const web: Peer = { namespace: 'shop', labels: { app: 'web', tier: 'front' }, address: '10.1.0.2' };
const scraper: Peer = { namespace: 'tools', labels: { app: 'web' }, address: '10.2.0.1' };
const outside: Peer = { address: '203.0.113.7' };
const everybody = { web, scraper, outside };

/** The policy of the database in `shop`. */
function policy(spec: Partial<NetworkPolicy['spec']>): NetworkPolicies {
  return new NetworkPolicies([{ metadata: { name: 'db', namespace: 'shop' }, spec: { podSelector: { matchLabels: { app: 'db' } }, ...spec } }], namespaces);
}

/** Who gets in to which ports of the database. */
function into(spec: Partial<NetworkPolicy['spec']>, protocol: 'TCP' | 'UDP' = 'TCP'): Record<string, string> {
  const policies = policy(spec);
  return Object.fromEntries(Object.entries(everybody).map(([name, peer]) => [name, policies.open(peer, db, protocol).toString()]));
}

/** Whom the database reaches. */
function outOf(spec: Partial<NetworkPolicy['spec']>): Record<string, string> {
  const policies = policy(spec);
  return Object.fromEntries(Object.entries(everybody).map(([name, peer]) => [name, policies.open(db, peer).toString()]));
}

const [all, none] = [{ web: 'all', scraper: 'all', outside: 'all' }, { web: 'none', scraper: 'none', outside: 'none' }];
const ingress = (...from: NonNullable<NonNullable<NetworkPolicy['spec']['ingress']>[0]['from']>): Partial<NetworkPolicy['spec']> => ({ ingress: [{ from }] });

describe('what gets in', () => {
  test.each<[what: string, spec: Partial<NetworkPolicy['spec']>, expected: Record<string, string>]>([
    ['a policy for other pods', { podSelector: { matchLabels: { app: 'web' } } }, all],
    ['no rule', {}, none],
    ['an empty list of rules', { ingress: [] }, none],
    ['a rule without a word', { ingress: [{}] }, all],
    ['a rule with an empty list of peers', ingress(), all],
    ['a policy for egress alone', { policyTypes: ['Egress'] }, all],
    ['pods, of the same namespace', ingress({ podSelector: { matchLabels: { app: 'web' } } }), { ...none, web: 'all' }],
    ['all pods, of the same namespace', ingress({ podSelector: {} }), { ...none, web: 'all' }],
    ['a namespace by its name', ingress({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tools' } } }), { ...none, scraper: 'all' }],
    ['all namespaces, and no address', ingress({ namespaceSelector: {} }), { web: 'all', scraper: 'all', outside: 'none' }],
    ['pods and namespace in one peer: both must be', ingress({ namespaceSelector: { matchLabels: { team: 'a' } }, podSelector: { matchLabels: { tier: 'front' } } }), { ...none, web: 'all' }],
    ['pods and namespace in two peers: either', ingress({ namespaceSelector: { matchLabels: { team: 'b' } } }, { podSelector: { matchLabels: { tier: 'front' } } }), { ...all, outside: 'none' }],
    ['a namespace that does not fit, with pods that do', ingress({ namespaceSelector: { matchLabels: { team: 'b' } }, podSelector: { matchLabels: { tier: 'front' } } }), none],
    ['addresses', ingress({ ipBlock: { cidr: '203.0.113.0/24' } }), { ...none, outside: 'all' }],
    ['addresses but some', ingress({ ipBlock: { cidr: '0.0.0.0/0', except: ['203.0.113.0/28', '10.2.0.0/16'] } }), { ...none, web: 'all' }],
    ['addresses of the other family', ingress({ ipBlock: { cidr: '::/0' } }), none],
    ['In', ingress({ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'api'] }] } }), { ...none, web: 'all' }],
    ['NotIn, which a missing label meets', ingress({ podSelector: { matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['test'] }] } }), { ...none, web: 'all' }],
    ['Exists', ingress({ namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } }), { ...none, web: 'all' }],
    ['DoesNotExist', ingress({ namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } }), { ...none, scraper: 'all' }],
  ])('%s', (_, spec, expected) => {
    expect(into(spec)).toEqual(expected);
  });

  test.each<[what: string, ports: NonNullable<NonNullable<NetworkPolicy['spec']['ingress']>[0]['ports']>, tcp: string, udp: string]>([
    ['an empty list', [], 'all', 'all'],
    ['a number, of TCP where nothing is said', [{ port: 5432 }], '5432', 'none'],
    ['a name, of the pod that receives', [{ port: 'sql' }], '5432', 'none'],
    ['a name of another protocol', [{ port: 'dns', protocol: 'UDP' }], 'none', '53'],
    ['a name that the pod has not', [{ port: 'http' }], 'none', 'none'],
    ['a protocol without a port', [{ protocol: 'UDP' }], 'none', 'all'],
    ['a range', [{ port: 8000, endPort: 8010 }, { port: 8011 }, { port: 80 }], '80, 8000-8011', 'none'],
  ])('ports: %s', (_, ports, tcp, udp) => {
    expect([into({ ingress: [{ ports }] }).web, into({ ingress: [{ ports }] }, 'UDP').web]).toEqual([tcp, udp]);
  });
});

describe('what gets out', () => {
  test.each<[what: string, spec: Partial<NetworkPolicy['spec']>, expected: Record<string, string>]>([
    ['a policy without policyTypes and egress', {}, all],
    ['a policy without policyTypes, with egress', { egress: [{ to: [{ podSelector: {} }] }] }, { ...none, web: 'all' }],
    ['a policy for egress without a rule', { policyTypes: ['Egress'] }, none],
    ['a port to everybody', { egress: [{ ports: [{ port: 443 }] }] }, { web: '443', scraper: '443', outside: '443' }],
  ])('%s', (_, spec, expected) => {
    expect(outOf(spec)).toEqual(expected);
  });
});

test('both ends have to allow a connection, and several policies add up', () => {
  const to = (name: string, spec: Omit<NetworkPolicy['spec'], 'podSelector'>): NetworkPolicy => ({ metadata: { name, namespace: 'shop' }, spec: { podSelector: {}, ...spec } });
  const policies = new NetworkPolicies([
    to('one', { policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 80, endPort: 90 }] }] }),
    to('two', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 85, endPort: 100 }] }] }),
    to('three', { policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 95 }] }] }),
  ], namespaces);
  expect(policies.open(web, db).toString()).toBe('85-90, 95');
  expect(policies.open(outside, db).toString()).toBe('80-90, 95');
  expect(policies.open(db, outside).toString()).toBe('85-100');
  expect(policies.open(db, db).toString()).toBe('all');
});

test('a policy is for pods of its own namespace', () => {
  const closed: NetworkPolicy = { metadata: { name: 'closed', namespace: 'tools' }, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } };
  const policies = new NetworkPolicies([closed], namespaces);
  expect(policies.open(web, db).toString()).toBe('all');
  expect(policies.open(web, scraper).toString()).toBe('none');
});

test('a pod on the network of its node is an address', () => {
  const pod: Pod = { metadata: { name: 'agent', namespace: 'shop', labels: { app: 'db' } }, spec: { hostNetwork: true, containers: [] }, status: { hostIP: '10.0.0.9' } };
  const policies = policy(ingress({ podSelector: {} }));
  expect(policies.open(peerOf(pod), db).toString()).toBe('none');
  expect(policies.open(web, peerOf(pod)).toString()).toBe('all');
});

test('a namespace that is not stored has its name', () => {
  const policies = policy(ingress({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'new' } } }));
  expect(policies.open({ namespace: 'new', labels: {} }, db).toString()).toBe('all');
});

test('ranges', () => {
  expect(PortRanges.of(5, 4).toString()).toBe('none');
  expect(PortRanges.of(1, 3).union(PortRanges.of(4, 65_535)).toString()).toBe('all');
  expect(PortRanges.of(1, 10).intersection(PortRanges.of(5, 20)).union(PortRanges.of(30)).toString()).toBe('5-10, 30');
  expect([4, 5, 10, 11].map((port) => PortRanges.of(5, 10).has(port))).toEqual([false, true, true, false]);
});
