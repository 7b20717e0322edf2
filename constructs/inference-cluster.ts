import { Annotations, Names, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
import { NodeProvisioner, type NodeEnvironment } from '../lib/node-pools/node-environment';
import type { IAddon } from './addons/addon';
import { AddonSet } from './addons/addon-set';
import { Compute, type KarpenterComputeOptions } from './compute';
import { EksAddon } from './eks-addon';
import { InferenceNamespace, type InferenceNamespaceOptions } from './inference-namespace';
import { Karpenter } from './karpenter';
import { KubernetesRelease } from './kubernetes-release';
import { ManagedAddon } from './managed-addon';
import { InferenceNetwork, type IInferenceNetwork } from './network';
import { NodeRole } from './node-role';
import { Gp3StorageClass } from './storage-class';
import { SystemNodeGroup } from './system-node-group';

/** Access of an IAM role to the cluster. */
export interface ClusterAccess {
  /** Name of the access, unique in the cluster; part of a logical id. */
  readonly id: string;

  /** ARN of the IAM role, for example of your administrators in IAM Identity Center. */
  readonly roleArn: string;

  /**
   * What it may do.
   *
   * @default eks.AccessPolicyArn.AMAZON_EKS_VIEW_POLICY - read everything but secrets
   */
  readonly policy?: eks.AccessPolicyArn;

  /**
   * Namespaces in which it may.
   *
   * @default - the whole cluster
   */
  readonly namespaces?: string[];
}

/** Properties of an inference cluster. */
export interface InferenceClusterProps {
  /**
   * Name of the cluster, unique in the account and region. Tags and permissions carry it, so it is fixed at synth; it
   * also keeps CloudFormation from replacing a cluster by accident.
   *
   * @default - made from the construct's path
   */
  readonly clusterName?: string;

  /**
   * Kubernetes version and kubectl.
   *
   * @default KubernetesRelease.V1_35
   */
  readonly release?: KubernetesRelease;

  /**
   * Where the cluster lives: `new InferenceNetwork(…)`, or `InferenceNetwork.fromVpc(vpc)`.
   *
   * @default - a new VPC in four zones
   */
  readonly network?: IInferenceNetwork;

  /**
   * Who starts the nodes.
   *
   * @default Compute.karpenter()
   */
  readonly compute?: Compute;

  /**
   * How the API server is reached: `eks.EndpointAccess.PRIVATE`, or `PUBLIC_AND_PRIVATE.onlyFrom('203.0.113.0/24')`.
   *
   * @default - inside the VPC, and from the internet by whoever has an access entry
   */
  readonly endpointAccess?: eks.EndpointAccess;

  /**
   * Roles that may use the cluster besides the one that runs kubectl for this app.
   *
   * @default - none
   */
  readonly access?: ClusterAccess[];

  /**
   * Make the identity that creates the cluster its administrator, without an access entry that could be seen or removed.
   * Changing it replaces the cluster.
   *
   * @default false - the creator is CloudFormation's role, which does not need it
   */
  readonly bootstrapClusterCreatorAdminPermissions?: boolean;

  /**
   * Key that encrypts Kubernetes secrets.
   *
   * @default - a new key, rotated yearly, about 1 USD a month
   */
  readonly secretsEncryptionKey?: kms.IKey;

  /**
   * How long the logs of the control plane are kept.
   *
   * @default logs.RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Refuse to delete the cluster until this is turned off; also keeps the key of its secrets. For production.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * Add-ons that EKS manages. One with the name of a default replaces it: `ManagedAddon.COREDNS.withVersion('v1.14.3-eksbuild.2')`.
   *
   * @default - networking, DNS, pod identity, EBS volumes, metrics and node monitoring
   */
  readonly eksAddons?: ManagedAddon[];

  /**
   * Controllers to install, for example `[new Keda(), new LeaderWorkerSet()]`.
   *
   * @default - none
   */
  readonly addons?: IAddon[];

  /**
   * Make encrypted gp3 volumes the default of claims.
   *
   * @default true
   */
  readonly defaultStorageClass?: boolean;
}

/**
 * An EKS cluster for inference: a network, a control plane, nodes for controllers, add-ons, and Karpenter or Auto Mode.
 *
 * It has a cluster and is none: everything in it can be used without it, on any `eks.ICluster`.
 */
export class InferenceCluster extends Construct {
  /** The cluster. */
  public readonly cluster: eks.Cluster;

  /** Where the cluster lives. */
  public readonly network: IInferenceNetwork;

  /** Name of the cluster. */
  public readonly clusterName: string;

  /** What node pools have to know about the cluster. */
  public readonly nodeEnvironment: NodeEnvironment;

  /** Karpenter, absent with EKS Auto Mode. */
  public readonly karpenter?: Karpenter;

  private readonly compute: Compute;
  private readonly addons: AddonSet;
  private readonly namespaces = new Map<string, InferenceNamespace>();

  constructor(scope: Construct, id: string, props: InferenceClusterProps = {}) {
    super(scope, id);
    this.compute = props.compute ?? Compute.karpenter();
    this.clusterName = literalName(this, props.clusterName);
    this.network = props.network ?? new InferenceNetwork(this, 'Network', { discoveryTag: this.clusterName });
    this.cluster = this.controlPlane(props);
    this.grantAccess(props.access ?? []);

    const eksAddons = this.installEksAddons(props.eksAddons ?? []);
    const nodes = this.compute.karpenterOptions
      ? this.karpenterNodes(this.compute.karpenterOptions, eksAddons)
      : this.autoModeNodes(eksAddons);
    this.karpenter = nodes.karpenter;
    this.nodeEnvironment = this.describe(nodes.nodeRole);

    if (props.defaultStorageClass ?? true) {
      new Gp3StorageClass(this, 'StorageClass', { cluster: this.cluster, autoMode: this.compute.isAutoMode });
    }
    const controllers = new Construct(this, 'Addons');
    controllers.node.addDependency(...nodes.forControllers);
    this.addons = new AddonSet(controllers, { cluster: this.cluster, autoMode: this.compute.isAutoMode });
    this.addons.add(...(props.addons ?? []));
  }

  /** Install a controller. It waits for what it requires and for nothing else. */
  public addAddon(addon: IAddon): void {
    this.addons.add(addon);
  }

  /** The namespace of this name, made on first use. */
  public namespace(name: string, options: InferenceNamespaceOptions = {}): InferenceNamespace {
    let namespace = this.namespaces.get(name);
    if (!namespace) {
      namespace = new InferenceNamespace(this, `Namespace-${name}`, { cluster: this.cluster, name, ...options });
      this.namespaces.set(name, namespace);
    }
    return namespace;
  }

  private controlPlane(props: InferenceClusterProps): eks.Cluster {
    const release = props.release ?? KubernetesRelease.V1_35;
    const removalPolicy = props.deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const key =
      props.secretsEncryptionKey ??
      new kms.Key(this, 'SecretsKey', {
        description: `Kubernetes secrets of the cluster ${this.clusterName}`,
        enableKeyRotation: true,
        removalPolicy,
      });
    const logGroup = new logs.LogGroup(this, 'ControlPlaneLogs', {
      logGroupName: `/aws/eks/${this.clusterName}/cluster`, // the name that EKS writes to; it would keep logs for ever
      retention: props.logRetention ?? logs.RetentionDays.THREE_MONTHS,
      removalPolicy,
    });
    const cluster = new eks.Cluster(this, 'Cluster', {
      clusterName: this.clusterName,
      version: release.kubernetesVersion,
      vpc: this.network.vpc,
      vpcSubnets: [this.network.controlPlaneSubnets],
      ...(this.compute.isAutoMode
        ? { defaultCapacityType: eks.DefaultCapacityType.AUTOMODE }
        : { defaultCapacityType: eks.DefaultCapacityType.NODEGROUP, defaultCapacity: 0 }),
      bootstrapSelfManagedAddons: false,
      bootstrapClusterCreatorAdminPermissions: props.bootstrapClusterCreatorAdminPermissions ?? false,
      endpointAccess: props.endpointAccess ?? eks.EndpointAccess.PUBLIC_AND_PRIVATE,
      secretsEncryptionKey: key,
      clusterLogging: Object.values(eks.ClusterLoggingTypes),
      kubectlProviderOptions: { kubectlLayer: release.bindKubectlLayer(this) },
      prune: true,
      outputConfigCommand: true,
    });
    const resource = cluster.node.defaultChild as eks.CfnCluster; // what the L2 makes as its default child
    resource.deletionProtection = props.deletionProtection ?? false;
    resource.node.addDependency(logGroup);
    // The function that runs kubectl is in the VPC: it needs the routes for as long as it has something to delete.
    cluster.kubectlProvider?.node.addDependency(this.network.connectivity);
    return cluster;
  }

  private grantAccess(access: readonly ClusterAccess[]): void {
    for (const { id, roleArn, policy, namespaces } of access) {
      new eks.AccessEntry(this, `Access-${id}`, {
        cluster: this.cluster,
        principal: roleArn,
        accessPolicies: [
          new eks.AccessPolicy({
            policy: policy ?? eks.AccessPolicyArn.AMAZON_EKS_VIEW_POLICY,
            accessScope: namespaces
              ? { type: eks.AccessScopeType.NAMESPACE, namespaces }
              : { type: eks.AccessScopeType.CLUSTER },
          }),
        ],
      });
    }
  }

  /** The add-ons of EKS by name, with the given ones in place of the defaults. */
  private installEksAddons(given: readonly ManagedAddon[]): InstalledAddon[] {
    const addons = new Map([...ManagedAddon.defaults(), ...given].map((addon) => [addon.name, addon]));
    return [...addons.values()]
      .filter((addon) => !(this.compute.isAutoMode && addon.options.builtIntoAutoMode))
      .map((addon) => ({ addon, construct: new EksAddon(this, `EksAddon-${addon.name}`, { cluster: this.cluster, addon }) }));
  }

  private karpenterNodes(options: KarpenterComputeOptions, eksAddons: readonly InstalledAddon[]): ClusterNodes {
    const systemNodes = new SystemNodeGroup(this, 'SystemNodes', {
      ...options.systemNodes,
      cluster: this.cluster,
      subnets: this.network.nodeSubnets,
      nodeRole: new NodeRole(this, 'SystemNodeRole', { cniPermissions: false }),
    });
    systemNodes.nodeGroup.node.addDependency(this.network.connectivity);
    for (const { addon, construct } of eksAddons) {
      if (addon.options.beforeNodes) systemNodes.nodeGroup.node.addDependency(construct);
      else if (addon.options.afterNodes ?? true) construct.node.addDependency(systemNodes.nodeGroup);
    }
    const karpenter = new Karpenter(this, 'Karpenter', {
      ...options,
      cluster: this.cluster,
      clusterName: this.clusterName,
      nodeRole: options.nodeRole ?? new NodeRole(this, 'NodeRole', { cniPermissions: false }),
    });
    const dns = eksAddons.filter(({ addon }) => addon.name === ManagedAddon.COREDNS.name).map(({ construct }) => construct);
    const forControllers = [systemNodes.nodeGroup, ...dns];
    karpenter.controller.node.addDependency(...forControllers);
    // EFA takes traffic only where a rule names the group itself; EKS makes such a rule for what comes in only.
    new ec2.CfnSecurityGroupEgress(this, 'EfaEgress', {
      groupId: this.cluster.clusterSecurityGroupId,
      destinationSecurityGroupId: this.cluster.clusterSecurityGroupId,
      ipProtocol: '-1',
      description: 'EFA between nodes',
    });
    return { nodeRole: karpenter.nodeRole, karpenter, forControllers };
  }

  /** EKS makes access for the role of its own node pools only; ours have a role of their own. */
  private autoModeNodes(eksAddons: readonly InstalledAddon[]): ClusterNodes {
    const nodeRole = new iam.Role(this, 'NodeRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((name) =>
        iam.ManagedPolicy.fromAwsManagedPolicyName(name),
      ),
    });
    const joining = new eks.AccessEntry(this, 'NodeAccess', {
      cluster: this.cluster,
      principal: nodeRole.roleArn,
      accessEntryType: eks.AccessEntryType.EC2,
      accessPolicies: [
        eks.AccessPolicy.fromAccessPolicyName('AmazonEKSAutoNodePolicy', { accessScopeType: eks.AccessScopeType.CLUSTER }),
      ],
    });
    for (const { construct } of eksAddons) construct.node.addDependency(this.network.connectivity);
    return { nodeRole, forControllers: [this.network.connectivity, joining] };
  }

  private describe(nodeRole: iam.IRole): NodeEnvironment {
    const { region } = Stack.of(this);
    if (!this.network.nodeSubnetTags) {
      Annotations.of(this).addWarningV2(
        'cdk-eks-inference:nodeSubnetTags',
        `Karpenter finds the subnets of an existing VPC by their tags: tag them karpenter.sh/discovery=${this.clusterName}, ` +
          "or pass the tags that they have as 'nodeSubnetTags' to InferenceNetwork.fromVpc()",
      );
    }
    return {
      provisioner: this.compute.isAutoMode ? NodeProvisioner.EKS_AUTO_MODE : NodeProvisioner.KARPENTER,
      clusterName: this.clusterName,
      nodeRoleName: nodeRole.roleName,
      subnetTags: this.network.nodeSubnetTags,
      securityGroupTags: { 'aws:eks:cluster-name': this.clusterName }, // EKS puts it on the cluster security group
      region: Token.isUnresolved(region) ? undefined : region,
      zones: this.network.vpc.availabilityZones.filter((zone) => !Token.isUnresolved(zone)),
    };
  }
}

interface InstalledAddon {
  readonly addon: ManagedAddon;
  readonly construct: EksAddon;
}

interface ClusterNodes {
  readonly nodeRole: iam.IRole;
  readonly karpenter?: Karpenter;
  /** What has to be there before a controller can run. */
  readonly forControllers: IDependable[];
}

function literalName(scope: Construct, given?: string): string {
  const name = given ?? Names.uniqueResourceName(scope, { maxLength: 100, separator: '-', allowedSpecialCharacters: '-' });
  if (Token.isUnresolved(name)) {
    throw new Error("'clusterName' is only known at deployment, but tags and permissions carry it: write it as text");
  }
  if (!/^[0-9A-Za-z][-0-9A-Za-z_]{0,99}$/.test(name)) {
    throw new Error(`'clusterName' (${name}) must be 1 to 100 of A-Z, a-z, 0-9, '-' and '_', a letter or digit first: write 'inference'`);
  }
  return name;
}
