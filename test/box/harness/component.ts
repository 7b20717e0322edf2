import type { Authority } from './certificates';
import type { Child } from './child';
import type { Cluster } from './cluster';
import type { Tools } from './tools';

/**
 * A control plane that is built: 'kube' is the newest that EKS runs, 'kube-previous' the one that the library's clusters get, one minor
 * before it, and 'kube-oldest' the oldest that the library supports.
 */
export type ControlPlane = 'kube' | 'kube-previous' | 'kube-oldest';

/** Where a component found its neighbours; each is written by the component that opens it. */
export interface Addresses {
  etcd?: string;
  apiServer?: string;
  /** moto: EC2, EKS, IAM, SQS. */
  aws?: string;
  /** What moto lacks: public SSM parameters, prices. */
  awsFake?: string;
  /** The in-cluster HTTP network as an HTTP proxy. */
  network?: string;
  /** What pods use and count: the metrics APIs of Kubernetes. */
  metrics?: string;
  /** Metrics of Karpenter, with the prices that it goes by. */
  karpenterMetrics?: string;
}

export interface BoxContext {
  /** Temporary folder of this box. */
  readonly folder: string;
  readonly logs: string;
  readonly tools: Tools;
  readonly authority: Authority;
  readonly kubeconfig: string;
  readonly token: string;
  readonly addresses: Addresses;
  /** Name of the EKS cluster that the box plays, also the value of the discovery tags. */
  readonly clusterName: string;
  readonly region: string;
  /** The tool that the API server, the scheduler and the controller manager are started from. */
  readonly controlPlane: ControlPlane;
  /** The API; usable once the component 'api-server' is ready. */
  readonly cluster: Cluster;
}

/** Where custom resource definitions lie in the sources of a tool. */
export interface DefinitionSource {
  readonly tool: string;
  readonly module: string;
  /** Folders or files in the module. */
  readonly paths: readonly string[];
}

/** One part of the box. It is ready when `start` returns, and `start` leaves nothing behind when it throws. */
export interface Component {
  readonly name: string;
  /** Names of the components that must be ready first. */
  readonly requires: readonly string[];
  /** What it serves; installed before it starts. @default - no custom resources */
  readonly definitions?: readonly DefinitionSource[];
  start(context: BoxContext): Promise<readonly Child[]>;
}

/** An address that an earlier component has opened. */
export function addressOf(context: BoxContext, name: keyof Addresses): string {
  const address = context.addresses[name];
  if (address === undefined) throw new Error(`the box has no '${name}' yet: the component's 'requires' lacks it`);
  return address;
}
