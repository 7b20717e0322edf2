import { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import type { EngineConfig } from '../engines/engine';

/** Properties of the network policy of a model server. */
export interface ModelServerNetworkPolicyProps {
  /** Name of the model server. */
  readonly name: string;
  /** Its namespace. */
  readonly namespace: string;
  /** Labels of its objects. */
  readonly labels: { readonly [key: string]: string };
  /** Labels that select its pods. */
  readonly selector: { readonly [key: string]: string };
  /** Its engine's container. */
  readonly engine: EngineConfig;
  /** Namespaces whose pods may send requests; empty: only the pods of the server itself. */
  readonly allowedNamespaces: string[];
  /** Namespace that Prometheus scrapes from. */
  readonly monitoringNamespace: string;
  /**
   * Who else may reach its pods.
   * @default - nobody
   */
  readonly ingress?: k8s.NetworkPolicyIngressRule[];
  /**
   * Whom else its pods may reach.
   * @default - nobody
   */
  readonly egress?: k8s.NetworkPolicyEgressRule[];
}

/**
 * Who may reach the pods of a model server, and whom they may reach. Everything else is refused.
 *
 * In: requests from the allowed namespaces, scrapes from Prometheus (an API key does not protect the metrics), and
 * the pods of the same server, whose NCCL and NIXL ports are chosen at run time. Out: DNS, HTTPS (hub, S3, STS), the
 * Pod Identity agent, and the pods of the same server.
 */
export class ModelServerNetworkPolicy extends Construct {
  /** The Pod Identity agent of the node, IPv4 and IPv6. */
  private static readonly POD_IDENTITY_AGENT = ['169.254.170.23/32', 'fd00:ec2::23/128'];

  constructor(scope: Construct, id: string, props: ModelServerNetworkPolicyProps) {
    super(scope, id);
    const self: k8s.NetworkPolicyPeer = { podSelector: { matchLabels: props.selector } };
    const tcp = (port: number): k8s.NetworkPolicyPort => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) });

    new k8s.KubeNetworkPolicy(this, 'Resource', {
      metadata: { name: props.name, namespace: props.namespace, labels: props.labels },
      spec: {
        podSelector: { matchLabels: props.selector },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          { from: [self] },
          // a rule with an empty `from` would let everybody in
          ...(props.allowedNamespaces.length > 0
            ? [{ from: props.allowedNamespaces.map(namespacePeer), ports: [tcp(props.engine.port)] }]
            : []),
          { from: [namespacePeer(props.monitoringNamespace)], ports: [tcp(props.engine.metricsPort ?? props.engine.port)] },
          ...(props.ingress ?? []),
        ],
        egress: [
          { to: [self] },
          { ports: [{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, tcp(53)] },
          { ports: [tcp(443)] },
          { to: ModelServerNetworkPolicy.POD_IDENTITY_AGENT.map((cidr) => ({ ipBlock: { cidr } })), ports: [tcp(80)] },
          ...(props.egress ?? []),
        ],
      },
    });
  }
}

function namespacePeer(namespace: string): k8s.NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}
