import { BlockList, isIPv6 } from 'node:net';
import type { Cluster } from './cluster';
import { NetworkPolicies as NetworkPolicyKind, Namespaces, type LabelSelector, type Labels, type NetworkPolicy, type NetworkPolicyPeer, type NetworkPolicyPort, type Pod } from './kinds';
import { PortRanges } from './port-ranges';

/** What sends or gets: a pod, or an address that belongs to none. */
export type Peer = PodPeer | AddressPeer;

/** A pod, stored or only thought of. */
export interface PodPeer {
  readonly namespace: string;
  readonly labels: Labels;
  /** Address of the pod, for policies that name addresses. @default - none yet */
  readonly address?: string;
  /** Names of its ports, for policies that name them. @default - none */
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
}

export interface AddressPeer {
  readonly address: string;
}

type Protocol = 'TCP' | 'UDP' | 'SCTP';
type Direction = 'Ingress' | 'Egress';

/**
 * Which connections the NetworkPolicies of a cluster allow, by the rules of the API (networking.k8s.io/v1): nothing in the box
 * enforces them.
 *
 * A pod is isolated in a direction as soon as one policy of its namespace selects it for that direction; then only what a rule of
 * one of those policies matches gets through. Both ends have to allow a connection: the sender's egress and the receiver's
 * ingress. Ports are those of the receiving pod, behind any Service.
 */
export class NetworkPolicies {
  /** The policies and namespaces that are stored. */
  public static async read(cluster: Cluster): Promise<NetworkPolicies> {
    const [policies, namespaces] = await Promise.all([cluster.list(NetworkPolicyKind), cluster.list(Namespaces)]);
    return new NetworkPolicies(policies, new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])));
  }

  /**
   * @param policies of all namespaces
   * @param namespaces labels of each namespace; one that is not there has the label that the API server gives to every one
   */
  constructor(private readonly policies: readonly NetworkPolicy[], private readonly namespaces: ReadonlyMap<string, Labels>) {}

  /** Ports of `to` that `from` reaches. */
  public open(from: Peer, to: Peer, protocol: Protocol = 'TCP'): PortRanges {
    if (from === to) return PortRanges.ALL; // nobody is kept from himself
    const out = isPod(from) ? this.allowed('Egress', from, to, to, protocol) : PortRanges.ALL;
    const into = isPod(to) ? this.allowed('Ingress', to, from, to, protocol) : PortRanges.ALL;
    return out.intersection(into);
  }

  private allowed(direction: Direction, pod: PodPeer, other: Peer, receiver: Peer, protocol: Protocol): PortRanges {
    const isolating = this.policies.filter((policy) => policy.metadata.namespace === pod.namespace
      && typesOf(policy).includes(direction) && selects(policy.spec.podSelector, pod.labels));
    if (isolating.length === 0) return PortRanges.ALL;
    return isolating
      .flatMap((policy) => rulesOf(policy, direction).filter(({ peers }) => this.matches(peers, other, pod.namespace)))
      .reduce((open, { ports }) => open.union(portsOf(ports, receiver, protocol)), PortRanges.NONE);
  }

  /** Whether a list of peers has this one. A list that is missing, or empty, has everybody. */
  private matches(peers: readonly NetworkPolicyPeer[] | undefined, other: Peer, policyNamespace: string): boolean {
    if (peers === undefined || peers.length === 0) return true;
    return peers.some(({ ipBlock, namespaceSelector, podSelector }) => {
      if (ipBlock !== undefined) return other.address !== undefined && contains(ipBlock.cidr, other.address) && !(ipBlock.except ?? []).some((cidr) => contains(cidr, other.address ?? ''));
      if (!isPod(other)) return false;
      const sameNamespace = namespaceSelector === undefined ? other.namespace === policyNamespace : selects(namespaceSelector, this.labelsOf(other.namespace));
      return sameNamespace && selects(podSelector ?? {}, other.labels);
    });
  }

  private labelsOf(namespace: string): Labels {
    return this.namespaces.get(namespace) ?? { 'kubernetes.io/metadata.name': namespace };
  }
}

/** A stored pod. One on the network of its node is, to policies, an address of that node. */
export function peerOf({ metadata, spec, status }: Pod): Peer {
  if (spec.hostNetwork === true) return { address: status.hostIP ?? '0.0.0.0' };
  return {
    namespace: metadata.namespace ?? 'default', labels: metadata.labels ?? {}, address: status.podIP,
    ports: [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ ports = [] }) => ports),
  };
}

function isPod(peer: Peer): peer is PodPeer {
  return 'namespace' in peer;
}

/** Without `policyTypes` a policy is for ingress, and for egress if it has a rule for it. */
function typesOf({ spec }: NetworkPolicy): readonly string[] {
  return spec.policyTypes ?? ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])];
}

function rulesOf({ spec }: NetworkPolicy, direction: Direction): { peers?: readonly NetworkPolicyPeer[]; ports?: readonly NetworkPolicyPort[] }[] {
  return direction === 'Ingress'
    ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
    : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

/** A list of ports that is missing, or empty, has all of them. */
function portsOf(ports: readonly NetworkPolicyPort[] | undefined, receiver: Peer, protocol: Protocol): PortRanges {
  if (ports === undefined || ports.length === 0) return PortRanges.ALL;
  return ports.filter((entry) => (entry.protocol ?? 'TCP') === protocol).reduce((open, { port, endPort }) => {
    if (port === undefined) return PortRanges.ALL;
    if (typeof port === 'number') return open.union(PortRanges.of(port, endPort));
    const named = isPod(receiver) ? (receiver.ports ?? []).filter((one) => one.name === port && (one.protocol ?? 'TCP') === protocol) : [];
    return named.reduce((sum, { containerPort }) => sum.union(PortRanges.of(containerPort)), open);
  }, PortRanges.NONE);
}

/** A selector without conditions selects everything. */
function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
    && matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      return operator === 'Exists' ? value !== undefined : value === undefined;
    });
}

function contains(cidr: string, address: string): boolean {
  const [network = '', bits] = cidr.split('/');
  if (isIPv6(network) !== isIPv6(address)) return false;
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return block.check(address, family);
}
