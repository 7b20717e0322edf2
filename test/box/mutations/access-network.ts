import type { Mutation } from './mutation';

const server = { file: 'lib/charts/model-server-network-policy.ts', caughtBy: 'access-network' };
const ray = { file: 'lib/topologies/ray.ts', caughtBy: 'access-network' };
const cache = { file: 'lib/topologies/private/ai-brix-kv-cache.ts', caughtBy: 'access-network' };
const copy = { file: 'lib/charts/model-copy-chart.ts', caughtBy: 'access-network' };
const benchmark = { file: 'lib/charts/benchmark-chart.ts', caughtBy: 'access-network' };

export const MUTATIONS: readonly Mutation[] = [
  { ...server, breaks: 'an empty list of namespaces lets nobody in', replace: 'props.allowedNamespaces.length > 0', by: 'props.allowedNamespaces.length >= 0' },
  { ...server, breaks: 'clients reach the port of the API alone', replace: 'props.allowedNamespaces.map(namespacePeer), ports: [tcp(props.engine.port)] }', by: 'props.allowedNamespaces.map(namespacePeer) }' },
  { ...server, breaks: 'Prometheus reaches the metrics, where they have a port of their own', replace: 'tcp(props.engine.metricsPort ?? props.engine.port)', by: 'tcp(props.engine.port)' },
  { ...server, breaks: 'pods of one server reach each other', replace: '          { from: [self] },\n', by: '' },
  { ...server, breaks: 'another model of the namespace reaches nothing', replace: 'from: [self]', by: 'from: [{ podSelector: {} }]' },
  { ...server, breaks: 'a server reaches no other pods', replace: '          { to: [self] },', by: '          { to: [{ podSelector: {} }] },' },
  { ...server, breaks: 'a server reaches nothing else at all', replace: "policyTypes: ['Ingress', 'Egress'],", by: "policyTypes: ['Ingress']," },
  { ...server, breaks: 'hub and buckets are reached', replace: '          { ports: [tcp(443)] },\n', by: '' },
  { ...server, breaks: 'names are found by UDP', replace: "{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, ", by: '' },
  { ...server, breaks: 'the credentials of Pod Identity are reached', replace: "['169.254.170.23/32', 'fd00:ec2::23/128']", by: "['169.254.170.24/32', 'fd00:ec2::23/128']" },
  { ...server, breaks: 'the metadata of the node are not', replace: "['169.254.170.23/32', 'fd00:ec2::23/128']", by: "['169.254.0.0/16', 'fd00:ec2::23/128']" },
  { ...ray, breaks: 'KubeRay reaches the dashboard', replace: 'port: k8s.IntOrString.fromNumber(Ray.DASHBOARD_PORT)', by: 'port: k8s.IntOrString.fromNumber(Ray.SERVE_PORT)' },
  { ...ray, breaks: 'Ray reaches the store of its state', replace: 'egress: gcsStore && [{ ports', by: 'egress: gcsStore && [{ to: [{ podSelector: {} }], ports' },
  {
    breaks: 'AIBrix and its gateway reach the engines', file: 'lib/topologies/ai-brix.ts', caughtBy: 'access-network',
    replace: "['aibrix-system', 'envoy-gateway-system']", by: "['aibrix-system']",
  },
  { ...cache, breaks: 'the KV cache is for the server\'s pods alone', replace: 'ingress: [{ from: [self, {', by: 'ingress: [{}, { from: [self, {' },
  { ...cache, breaks: 'the server\'s pods reach the KV cache', replace: '{ podSelector: { matchLabels: { ...selector } } }', by: '{ podSelector: { matchLabels: { ...selector, other: "" } } }' },
  { ...cache, breaks: 'the KV cache has no other way out', replace: "policyTypes: ['Ingress', 'Egress'],", by: "policyTypes: ['Ingress']," },
  { ...copy, breaks: 'a mirror of the hub is reached', replace: 'const mirror = hub === undefined || isToken(hub) ? 443 : portOf(hub);', by: 'const mirror = hub === undefined || isToken(hub) ? 443 : 443;' },
  { ...copy, breaks: 'the port of the mirror is closed on the link of the node', replace: "'0.0.0.0/0', except: ['169.254.0.0/16']", by: "'0.0.0.0/0', except: ['169.254.169.0/32']" },
  { ...copy, breaks: 'nobody reaches the copy of a model', replace: "policyTypes: ['Ingress', 'Egress']", by: "policyTypes: ['Egress']" },
  { ...benchmark, breaks: 'a benchmark reaches the server that it measures', replace: 'podSelector: { matchLabels: server.endpointSelector }', by: "podSelector: { matchLabels: { app: 'none' } }" },
  { ...benchmark, breaks: 'a benchmark reaches no other server', replace: '          podSelector: { matchLabels: server.endpointSelector },\n', by: '' },
];
