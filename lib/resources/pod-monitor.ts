import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';

/** One port that is scraped on each pod. */
export interface PodMetricsEndpoint {
  /** Name of the container port. */
  readonly port: string;
  /** Path of the metrics. */
  readonly path: string;
  /** Time between scrapes, for instance `15s`. */
  readonly interval: string;
  /** Time a scrape may take; at most the interval. */
  readonly scrapeTimeout: string;
  /**
   * What the scraper sends as `Authorization`.
   * @default - nothing
   */
  readonly authorization?: PodMetricsAuthorization;
}

/** A bearer token. */
export interface PodMetricsAuthorization {
  /** Where the token is: a Secret in the namespace of the PodMonitor. */
  readonly credentials: PodMetricsSecretKey;
}

/** A key of a Secret. */
export interface PodMetricsSecretKey {
  /** Name of the Secret. */
  readonly name: string;
  /** Key in the Secret. */
  readonly key: string;
}

/** Which pods are scraped, and how. */
export interface PodMonitorSpec {
  /** The pods. */
  readonly selector: PodMonitorSelector;
  /** Their ports. */
  readonly podMetricsEndpoints: PodMetricsEndpoint[];
}

/** Pods by their labels. */
export interface PodMonitorSelector {
  /** Labels that a pod must have. */
  readonly matchLabels: { readonly [key: string]: string };
}

/** Properties of a PodMonitor. */
export interface PodMonitorProps {
  /** Name, namespace and labels. */
  readonly metadata: ApiObjectMetadata;
  /** What is scraped. */
  readonly spec: PodMonitorSpec;
}

/** PodMonitor of the Prometheus operator (`monitoring.coreos.com/v1`): scrapes every replica, not one behind a Service. */
export class PodMonitor extends ApiObject {
  constructor(scope: Construct, id: string, props: PodMonitorProps) {
    super(scope, id, { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', ...props });
  }
}
