import type { Mutation } from './mutation';

const evaluator = { file: 'test/box/harness/network-policies.ts', caughtBy: 'network-policies' };

export const MUTATIONS: readonly Mutation[] = [
  { ...evaluator, breaks: 'an empty list of peers is everybody', replace: 'peers === undefined || peers.length === 0) return true', by: 'peers === undefined) return true' },
  { ...evaluator, breaks: 'an empty list of ports is all of them', replace: 'ports === undefined || ports.length === 0) return PortRanges.ALL', by: 'ports === undefined) return PortRanges.ALL' },
  { ...evaluator, breaks: 'both ends have to allow a connection', replace: 'return out.intersection(into);', by: 'return out.union(into);' },
  { ...evaluator, breaks: 'several policies add up', replace: '.reduce((open, { ports }) => open.union(portsOf(ports, receiver, protocol)), PortRanges.NONE)', by: '.slice(0, 1).reduce((open, { ports }) => open.union(portsOf(ports, receiver, protocol)), PortRanges.NONE)' },
  { ...evaluator, breaks: 'a policy selects pods of its own namespace', replace: 'policy.metadata.namespace === pod.namespace\n      && ', by: '' },
  { ...evaluator, breaks: 'a range of ports ends', replace: 'PortRanges.of(port, endPort)', by: 'PortRanges.of(port)' },
  { ...evaluator, breaks: 'a pod on the network of its node is an address', replace: 'if (spec.hostNetwork === true) return', by: 'if (spec.hostNetwork === false) return' },
  { ...evaluator, breaks: 'egress without a rule closes everything', replace: "spec.policyTypes ?? ['Ingress'", by: "['Ingress'" },
  { ...evaluator, breaks: 'blocks have exceptions', replace: "&& !(ipBlock.except ?? []).some((cidr) => contains(cidr, other.address ?? ''))", by: '' },
];
