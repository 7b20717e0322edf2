import { Token } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import { KubernetesObjects } from './kubernetes-objects';

/** What pods of a namespace may ask of their node (Kubernetes Pod Security Standards). */
export enum PodSecurity {
  /** As little as possible: not root, no host access, no added capabilities. */
  RESTRICTED = 'restricted',
  /** No known way to more rights; EFA's locked memory needs a capability that `restricted` refuses. */
  BASELINE = 'baseline',
  /** Everything, which device plugins and other agents need. */
  PRIVILEGED = 'privileged',
}

/** Options of a namespace. */
export interface InferenceNamespaceOptions {
  /**
   * What pods may ask of their node; others are refused.
   *
   * @default PodSecurity.BASELINE - and what `restricted` would refuse is warned of and audited
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

  constructor(scope: Construct, id: string, props: InferenceNamespaceProps) {
    super(scope, id);
    if (!Token.isUnresolved(props.name) && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(props.name)) {
      throw new Error(
        `'name' (${props.name}) of a namespace must be a DNS label, at most 63 of a-z, 0-9 and '-': write something like 'inference'`,
      );
    }
    this.name = props.name;
    const podSecurity = props.podSecurity ?? PodSecurity.BASELINE;
    const watched = podSecurity === PodSecurity.PRIVILEGED ? PodSecurity.BASELINE : PodSecurity.RESTRICTED;

    const chart = new Chart(new App(), props.name);
    new k8s.KubeNamespace(chart, 'Namespace', {
      metadata: {
        name: props.name,
        labels: {
          'pod-security.kubernetes.io/enforce': podSecurity,
          'pod-security.kubernetes.io/audit': watched,
          'pod-security.kubernetes.io/warn': watched,
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
}

function quotaOf(resource: string, most: number): [string, k8s.Quantity] {
  if (!Token.isUnresolved(most) && (!Number.isInteger(most) || most < 0)) {
    throw new Error(`'deviceQuota' of ${resource} (${most}) must be a whole number of devices, 0 or more: write 8`);
  }
  return [`requests.${resource}`, k8s.Quantity.fromNumber(most)];
}
