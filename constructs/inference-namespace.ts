import { Lazy, Token } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import { KubernetesObjects } from './kubernetes-objects';

/** What pods of a namespace may ask of their node (Kubernetes Pod Security Standards). */
export enum PodSecurity {
  /** As little as possible: not root, no host access, no added capabilities. */
  RESTRICTED = 'restricted',
  /** No known way to more rights. The locked memory of EFA needs a capability that it refuses as well. */
  BASELINE = 'baseline',
  /** Everything, which device plugins and other agents need. */
  PRIVILEGED = 'privileged',
}

/** Options of a namespace. */
export interface InferenceNamespaceOptions {
  /**
   * What pods may ask of their node; others are refused.
   *
   * @default PodSecurity.BASELINE - and what `restricted` would refuse is warned of and audited; PodSecurity.PRIVILEGED
   * where a model server of an `InferenceCluster` locks memory for EFA, which both others refuse
   */
  readonly podSecurity?: PodSecurity;

  /**
   * The most devices that all pods together may ask for, by resource: `{ 'nvidia.com/gpu': 8 }`.
   *
   * @default - as many as the node pools give
   */
  readonly deviceQuota?: { readonly [resource: string]: number };
}

/** Properties of a namespace. */
export interface InferenceNamespaceProps extends InferenceNamespaceOptions {
  /** The cluster. */
  readonly cluster: eks.ICluster;

  /** Name of the namespace, a DNS label. */
  readonly name: string;
}

/** A namespace for model servers. Everything in it goes when it goes. */
export class InferenceNamespace extends Construct {
  /** Name of the namespace. */
  public readonly name: string;

  private readonly chosen?: PodSecurity;
  private locksMemory = false;

  constructor(scope: Construct, id: string, props: InferenceNamespaceProps) {
    super(scope, id);
    if (!Token.isUnresolved(props.name) && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(props.name)) {
      throw new Error(
        `'name' (${props.name}) of a namespace must be a DNS label, at most 63 of a-z, 0-9 and '-': write something like 'inference'`,
      );
    }
    this.name = props.name;
    this.chosen = props.podSecurity;
    const enforced = () => this.chosen ?? (this.locksMemory ? PodSecurity.PRIVILEGED : PodSecurity.BASELINE);
    const watched = () => (enforced() === PodSecurity.PRIVILEGED ? PodSecurity.BASELINE : PodSecurity.RESTRICTED);

    const chart = new Chart(new App(), props.name);
    new k8s.KubeNamespace(chart, 'Namespace', {
      metadata: {
        name: props.name,
        labels: {
          // servers come later, and one of them may lock memory
          'pod-security.kubernetes.io/enforce': Lazy.string({ produce: enforced }),
          'pod-security.kubernetes.io/audit': Lazy.string({ produce: watched }),
          'pod-security.kubernetes.io/warn': Lazy.string({ produce: watched }),
        },
      },
    });
    if (props.deviceQuota) {
      new k8s.KubeResourceQuota(chart, 'DeviceQuota', {
        metadata: { name: 'devices', namespace: props.name },
        spec: { hard: Object.fromEntries(Object.entries(props.deviceQuota).map(([resource, most]) => quotaOf(resource, most))) },
      });
    }
    new KubernetesObjects(this, 'Objects', { cluster: props.cluster, chart, overwrite: true });
  }

  /**
   * Let pods lock memory (`IPC_LOCK`), as EFA needs. Pod Security knows no level between: `baseline` refuses it, so the
   * namespace gets `privileged`, and what `baseline` would refuse is warned of and audited.
   *
   * @param server name of the model server that needs it
   * @throws when another level was asked for
   */
  public allowLockedMemory(server: string): void {
    if (this.chosen !== undefined && this.chosen !== PodSecurity.PRIVILEGED) {
      throw new Error(
        `'podSecurity' (${this.chosen}) of the namespace '${this.name}' refuses the pods of model server '${server}', which lock ` +
          "memory for EFA: leave it out, or put the server into a namespace of its own with 'privileged'",
      );
    }
    this.locksMemory = true;
  }
}

function quotaOf(resource: string, most: number): [string, k8s.Quantity] {
  if (!Token.isUnresolved(most) && (!Number.isInteger(most) || most < 0)) {
    throw new Error(`'deviceQuota' of ${resource} (${most}) must be a whole number of devices, 0 or more: write 8`);
  }
  return [`requests.${resource}`, k8s.Quantity.fromNumber(most)];
}
