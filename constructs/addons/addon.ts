import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import { PodIdentity } from '../pod-identity';
import { mergeValues } from '../private/merge-values';

/** What a controller has to know about the cluster that it is installed on. */
export interface AddonContext {
  /** The cluster, created here or imported with a kubectl provider. */
  readonly cluster: eks.ICluster;

  /**
   * Whether EKS Auto Mode runs the nodes. It brings the device plugins of its accelerated nodes.
   *
   * @default false - nodes are managed node groups, Karpenter's, or your own
   */
  readonly autoMode?: boolean;

  /**
   * Tolerations of controller pods, so that they can run on the nodes set aside for them.
   *
   * @default - tolerates `CriticalAddonsOnly`, the taint of the system node group and of Auto Mode's system pool
   */
  readonly systemTolerations?: k8s.Toleration[];
}

/**
 * A controller on the cluster.
 *
 * Its identity is `name`, its order is `requires`: both are literals that can be read off the file.
 */
export interface IAddon {
  /** Name of the add-on, unique on a cluster; a DNS label. */
  readonly name: string;

  /** Names of the add-ons that must be there first. */
  readonly requires: string[];

  /**
   * Names of the add-ons that cannot be on the same cluster.
   *
   * Empty where it goes with every other add-on.
   */
  readonly conflictsWith: string[];

  /**
   * Install it on a cluster.
   *
   * @param scope where the construct is made; its stack owns the controller, whatever stack the cluster is in
   * @returns the construct to depend on for whatever needs the controller
   */
  bind(scope: Construct, context: AddonContext): Construct;
}

/** Where a chart is, and how it is installed. */
export interface HelmRelease {
  /** Address of the repository: `https://…`, or `oci://…` with the chart's name at its end. */
  readonly repository: string;

  /** Name of the chart. */
  readonly chart: string;

  /** Version of the chart that the library is tested with. */
  readonly version: string;

  /** Namespace of the release; Helm creates it. */
  readonly namespace: string;

  /**
   * Name of the service account of the controller, which gets the AWS permissions in `policyStatements`.
   *
   * @default - the add-on's name
   */
  readonly serviceAccount?: string;

  /**
   * Where in the chart's values the pods of each controller take `tolerations` and `affinity`, as dotted paths; `''`
   * is the top level. Agents that must run on every node, or on accelerated nodes, are not listed here.
   */
  readonly controllers: string[];
}

/**
 * Values of a chart: free form, each chart has its own.
 *
 * @internal
 */
export type HelmValues = { readonly [key: string]: unknown };

/**
 * Where Helm gets a chart from: a repository, or an asset of the app.
 *
 * @internal
 */
export type HelmChartSource = Pick<eks.HelmChartOptions, 'repository' | 'chart' | 'version' | 'chartAsset'>;

/** What every add-on installed by Helm takes. */
export interface HelmAddonOptions {
  /**
   * Version of the chart: one exact version.
   *
   * @default - the version that the library is tested with
   */
  readonly version?: string;

  /**
   * Values of the chart, over those that the add-on sets: maps are merged deeply, arrays and scalars replaced, and
   * `null` takes a default of the chart away.
   *
   * @default - only the values that the add-on sets
   */
  readonly values?: { readonly [key: string]: unknown };

  /**
   * How long the installation may take before the deployment fails; at most 15 minutes.
   *
   * @default Duration.minutes(10)
   */
  readonly timeout?: Duration;
}

/**
 * An add-on installed by Helm: a subclass is a name, a chart and a pinned version, and overrides `_values` and
 * `_policyStatements` where there is something to say.
 *
 * The controller's pods tolerate and prefer the nodes kept for the system. The release waits until it is ready, so
 * what depends on the add-on finds it running.
 */
export abstract class HelmAddon implements IAddon {
  public abstract readonly name: string;
  public readonly requires: string[] = [];
  public readonly conflictsWith: string[] = [];

  /** The chart. */
  protected abstract readonly release: HelmRelease;

  /** Whether EKS Auto Mode does the same by itself, so that a second one would fight with it. */
  protected readonly builtIntoAutoMode: boolean = false;

  constructor(private readonly options: HelmAddonOptions = {}) {
    const { version, timeout } = options;
    if (version !== undefined && !Token.isUnresolved(version) && !EXACT_VERSION.test(version)) {
      throw new Error(`'version' (${version}) of an add-on must be one exact chart version: write it like '1.2.3'`);
    }
    if (timeout && !timeout.isUnresolved() && timeout.toMinutes({ integral: false }) > 15) {
      throw new Error(`'timeout' (${timeout.toHumanString()}) of an add-on must be at most 15 minutes, the limit of Lambda`);
    }
  }

  public bind(scope: Construct, context: AddonContext): Construct {
    if (context.autoMode && this.builtIntoAutoMode) {
      throw new Error(`the add-on '${this.name}' is built into EKS Auto Mode: remove it from the add-ons of this cluster`);
    }
    const addon = new Construct(scope, this.name);
    if (!eks.KubectlProvider.getKubectlProvider(addon, context.cluster)) {
      throw new Error(
        `the add-on '${this.name}' cannot be installed, its 'cluster' (${context.cluster.node.path}) has no kubectl ` +
          "provider: pass 'kubectlProviderOptions' when creating it, or import it with ImportedCluster",
      );
    }
    const { release } = this;
    const chart = new eks.HelmChart(addon, 'Chart', {
      cluster: context.cluster,
      release: this.name,
      ...this._source(addon, context),
      namespace: release.namespace,
      createNamespace: true,
      wait: true,
      timeout: this.options.timeout ?? Duration.minutes(10),
      values: this.mergedValues(Stack.of(addon), context),
    });
    const statements = this._policyStatements(Stack.of(addon), context);
    if (statements.length > 0) {
      const identity = new PodIdentity(addon, 'Identity', {
        cluster: context.cluster,
        namespace: release.namespace,
        serviceAccount: release.serviceAccount ?? this.name,
        description: `add-on ${this.name}`,
      });
      statements.forEach((statement) => identity.role.addToPolicy(statement));
      chart.node.addDependency(identity);
    }
    return addon;
  }

  /** Version of the chart: the user's, else the one that the library is tested with. */
  protected get version(): string {
    return this.options.version ?? this.release.version;
  }

  /**
   * Where Helm gets the chart from.
   *
   * @internal
   */
  protected _source(_scope: Construct, _context: AddonContext): HelmChartSource {
    return { repository: this.release.repository, chart: this.release.chart, version: this.version };
  }

  /**
   * The values that the add-on sets, before the user's.
   *
   * @param _stack the stack that owns the controller, for its region and partition
   *
   * @internal
   */
  protected _values(_stack: Stack, _context: AddonContext): HelmValues {
    return {};
  }

  /**
   * What the controller may do in AWS; none, and it gets no role.
   *
   * @internal
   */
  protected _policyStatements(_stack: Stack, _context: AddonContext): PolicyStatement[] {
    return [];
  }

  private mergedValues(stack: Stack, context: AddonContext): HelmValues {
    const pods = {
      tolerations: context.systemTolerations ?? SYSTEM_TOLERATIONS,
      affinity: { nodeAffinity: PREFER_SYSTEM_NODES },
    };
    return [
      ...this.release.controllers.map((path) => at(path, pods)),
      this._values(stack, context),
      this.options.values ?? {},
    ].reduce(mergeValues, {});
  }
}

/** Semantic version, with or without a `v`; no range, no `latest`. */
const EXACT_VERSION = /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)*$/;

/** @internal */
export const SYSTEM_TOLERATIONS: k8s.Toleration[] = [{ key: 'CriticalAddonsOnly', operator: 'Exists' }];

/** A preference, not a demand: a cluster without such nodes can run the controllers too. */
const PREFER_SYSTEM_NODES: k8s.NodeAffinity = {
  preferredDuringSchedulingIgnoredDuringExecution: [
    // Managed node groups carry it, Karpenter's nodes do not: a controller there would hold up their consolidation.
    { weight: 100, preference: { matchExpressions: [{ key: 'eks.amazonaws.com/nodegroup', operator: 'Exists' }] } },
    // The pool that EKS Auto Mode keeps for controllers.
    { weight: 100, preference: { matchExpressions: [{ key: 'karpenter.sh/nodepool', operator: 'In', values: ['system'] }] } },
  ],
};

function at(path: string, values: HelmValues): HelmValues {
  return path === '' ? values : path.split('.').reduceRight<HelmValues>((inner, key) => ({ [key]: inner }), values);
}
