import { Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { KarpenterFeatureGate } from '../lib/node-pools/node-pool';
import { Versions } from '../lib/versions';
import { InterruptionQueue } from './interruption-queue';
import { KarpenterPolicies } from './karpenter-policies';
import type { KarpenterFeatureGates, KarpenterSettings } from './karpenter-settings';
import { NodeRole } from './node-role';
import { PodIdentity } from './pod-identity';
import { mergeValues } from './private/merge-values';

/** Options of Karpenter. */
export interface KarpenterOptions {
  /**
   * Version of both charts, without a `v`.
   *
   * @default - the version the library is tested with
   */
  readonly version?: string;

  /**
   * Settings of the controller.
   *
   * @default - those of the chart
   */
  readonly settings?: KarpenterSettings;

  /**
   * Features that are not generally available.
   *
   * @default - reserved and static capacity
   */
  readonly featureGates?: KarpenterFeatureGates;

  /**
   * Role of the nodes that Karpenter starts.
   *
   * @default - a new role that can pull images, join, and give the VPC CNI its permissions
   */
  readonly nodeRole?: iam.IRole;

  /**
   * Values of the chart, over those set here: maps are merged deeply, arrays and scalars replaced.
   *
   * @default - none
   */
  readonly values?: { [key: string]: unknown }; // free form, the chart checks it
}

/** Properties of Karpenter. */
export interface KarpenterProps extends KarpenterOptions {
  /** The cluster. Its pod identity agent must run, and so must nodes that Karpenter does not own. */
  readonly cluster: eks.ICluster;

  /**
   * Name of the cluster as text.
   *
   * @default - the cluster's own, which may be known at deployment only
   */
  readonly clusterName?: string;
}

/**
 * Starts the nodes that pods ask for, and stops them when nothing runs on them.
 *
 * It brings the CRDs as a release of their own, because Helm never upgrades those inside a chart. What it may do is
 * limited to the nodes of this cluster. Node pools must depend on this construct: their nodes are gone before it goes.
 */
export class Karpenter extends Construct {
  /** Role of the nodes that Karpenter starts. */
  public readonly nodeRole: iam.IRole;

  /** The controller's AWS identity. */
  public readonly identity: PodIdentity;

  /** Where AWS announces that nodes will be gone. */
  public readonly interruptionQueue: sqs.Queue;

  /** The release of the controller. */
  public readonly controller: eks.HelmChart;

  /**
   * Share of a node's memory that it does not count on. Undefined: as its chart has it, or known at deployment only.
   *
   * @internal
   */
  public readonly _vmMemoryOverhead?: number;

  private readonly featureGates: KarpenterFeatureGates;
  private readonly neededGates = new Set<KarpenterFeatureGate>();

  constructor(scope: Construct, id: string, props: KarpenterProps) {
    super(scope, id);
    checkOptions(props);
    const { cluster } = props;
    this.featureGates = props.featureGates ?? {};
    const overhead = props.settings?.vmMemoryOverhead;
    this._vmMemoryOverhead = Token.isUnresolved(overhead) ? undefined : overhead;
    const clusterName = props.clusterName ?? cluster.clusterName;
    const version = props.version ?? Versions.KARPENTER;

    const interruptions = new InterruptionQueue(this, 'Interruptions');
    this.interruptionQueue = interruptions.queue;
    this.nodeRole = props.nodeRole ?? new NodeRole(this, 'NodeRole');
    const joining = new eks.AccessEntry(this, 'NodeAccess', {
      cluster,
      principal: this.nodeRole.roleArn,
      accessEntryType: eks.AccessEntryType.EC2_LINUX,
      accessPolicies: [],
    });

    this.identity = new PodIdentity(this, 'Identity', {
      cluster,
      namespace: NAMESPACE,
      serviceAccount: SERVICE_ACCOUNT,
      description: 'Karpenter controller',
    });
    const policies = new KarpenterPolicies(this, 'Policies', {
      role: this.identity.role,
      clusterName,
      clusterArn: cluster.clusterArn,
      nodeRole: this.nodeRole,
      queueArn: this.interruptionQueue.queueArn,
    });

    const crds = new eks.HelmChart(this, 'Crds', {
      cluster,
      chart: 'karpenter-crd',
      repository: 'oci://public.ecr.aws/karpenter/karpenter-crd',
      version,
      release: 'karpenter-crd',
      namespace: NAMESPACE,
      createNamespace: false,
    });
    this.controller = new eks.HelmChart(this, 'Controller', {
      cluster,
      chart: 'karpenter',
      repository: 'oci://public.ecr.aws/karpenter/karpenter',
      version,
      release: 'karpenter',
      namespace: NAMESPACE,
      createNamespace: false,
      wait: true,
      timeout: Duration.minutes(10),
      // Node pools come later and may need more features, so the values are read at the end.
      values: Lazy.any({ produce: () => mergeValues(this.values(clusterName, props), props.values) }) as unknown as HelmValues,
    });
    this.controller.node.addDependency(crds, policies, joining, this.identity, interruptions);
  }

  /**
   * Turn on a feature that a node pool cannot do without.
   *
   * @throws when it was turned off by hand
   */
  public enableFeatureGate(gate: KarpenterFeatureGate): void {
    const off = {
      [KarpenterFeatureGate.STATIC_CAPACITY]: this.featureGates.staticCapacity === false && 'staticCapacity',
      [KarpenterFeatureGate.NODE_OVERLAY]: this.featureGates.nodeOverlay === false && 'nodeOverlay',
    }[gate];
    if (off) throw new Error(`'${off}' (false) of Karpenter's 'featureGates' is needed by a node pool: leave it out`);
    this.neededGates.add(gate);
  }

  private values(clusterName: string, props: KarpenterProps): { [key: string]: unknown } {
    const { settings = {} } = props;
    const featureGates = this.featureGates;
    return {
      serviceAccount: { name: SERVICE_ACCOUNT },
      replicas: 2,
      dnsPolicy: 'Default', // of the VPC: nodes can be made while cluster DNS is down, or not there yet
      controller: {
        resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '1Gi' } },
        env: [{ name: 'AWS_REGION', value: Stack.of(this).region }],
      },
      settings: {
        clusterName,
        eksControlPlane: true,
        interruptionQueue: this.interruptionQueue.queueName,
        batchIdleDuration: goDuration(settings.batchIdle),
        batchMaxDuration: goDuration(settings.batchMax),
        vmMemoryOverheadPercent: settings.vmMemoryOverhead,
        preferencePolicy: settings.preferences,
        isolatedVPC: settings.isolatedVpc,
        enableZonalShift: settings.zonalShift,
        enableDRA: featureGates.dynamicResourceAllocation,
        featureGates: this.gates(),
        awsFeatureGates: { rebootForRepair: featureGates.rebootForRepair },
      },
    };
  }

  private gates(): { [gate: string]: boolean | undefined } {
    const { reservedCapacity, staticCapacity, nodeOverlay, nodeRepair, capacityBuffer, spotToSpotConsolidation } = this.featureGates;
    return {
      reservedCapacity: reservedCapacity ?? true,
      staticCapacity: staticCapacity ?? true,
      nodeOverlay: nodeOverlay ?? this.neededGates.has(KarpenterFeatureGate.NODE_OVERLAY),
      nodeRepair,
      capacityBuffer,
      spotToSpotConsolidation,
    };
  }
}

/** What `HelmChart` takes; it resolves tokens in the place of the map too, which its type does not say. */
type HelmValues = { [key: string]: unknown };

const NAMESPACE = 'kube-system';
const SERVICE_ACCOUNT = 'karpenter';

function checkOptions(options: KarpenterOptions): void {
  const { version, settings, featureGates } = options;
  if (version !== undefined && !Token.isUnresolved(version) && !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`'version' (${version}) of Karpenter must be a chart version: write it like '${Versions.KARPENTER}'`);
  }
  const overhead = settings?.vmMemoryOverhead;
  if (overhead !== undefined && !Token.isUnresolved(overhead) && !(overhead > 0 && overhead < 1)) {
    throw new Error(`'vmMemoryOverhead' (${overhead}) must be a share above 0 and below 1: write 0.075`);
  }
  if (featureGates?.rebootForRepair && !featureGates.nodeRepair) {
    throw new Error("'rebootForRepair' has no effect alone: turn on 'nodeRepair' too");
  }
}

/** A duration as Go reads it. */
function goDuration(duration?: Duration): string | undefined {
  return duration && `${duration.toMilliseconds()}ms`;
}
