import { Annotations, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { KubernetesRelease } from './kubernetes-release';
import type { IInferenceNetwork } from './network';
import { acknowledgeIam } from './private/acknowledge';
import { acknowledgeKubectlProvider } from './private/kubectl-provider';

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

/** Options of a control plane. */
export interface ControlPlaneOptions {
  /**
   * Kubernetes version and kubectl.
   *
   * @default KubernetesRelease.V1_35
   */
  readonly release?: KubernetesRelease;

  /**
   * How the API server is reached: `eks.EndpointAccess.PRIVATE`, or `PUBLIC_AND_PRIVATE.onlyFrom('203.0.113.0/24')`.
   *
   * With `PUBLIC` alone the function that runs kubectl is outside the VPC. Its network interfaces there can take Lambda
   * twenty minutes to give back when the stack is deleted.
   *
   * @default - inside the VPC, and from the internet by whoever has an access entry
   */
  readonly endpointAccess?: eks.EndpointAccess;

  /**
   * ARNs of the IAM roles that may do everything on the cluster.
   *
   * @default - none but the one that runs kubectl for this app
   */
  readonly administrators?: string[];

  /**
   * Roles that may do less.
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
   * How long the logs of the control plane are kept. All five kinds are written, about 1 USD a month on a quiet cluster.
   *
   * @default logs.RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Refuse to delete the cluster until this is turned off, and keep its logs and the key of its secrets after that. For
   * production.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;
}

/** Properties of a control plane. */
export interface ControlPlaneProps extends ControlPlaneOptions {
  /** Name of the cluster, as text. */
  readonly clusterName: string;

  /** Where the cluster lives. */
  readonly network: IInferenceNetwork;

  /**
   * Let EKS start the nodes (EKS Auto Mode), with these of its built-in pools: `system`, `general-purpose`.
   *
   * @default - no nodes and no networking add-ons
   */
  readonly autoModePools?: string[];
}

/**
 * An EKS control plane with encrypted secrets, all its logs, access by entries only, and kubectl for this app.
 *
 * It has no nodes, and none of the add-ons that EKS would install unasked: they come as EKS add-ons, which EKS patches.
 */
export class ControlPlane extends Construct {
  /** The cluster. */
  public readonly cluster: eks.Cluster;

  constructor(scope: Construct, id: string, props: ControlPlaneProps) {
    super(scope, id);
    const release = props.release ?? KubernetesRelease.V1_35;
    if (!release.isSupported) {
      Annotations.of(this).addWarningV2(
        'cdk-eks-inference:kubernetesUnsupported',
        `EKS makes no clusters of Kubernetes ${release.version} any more, and Karpenter does not run on it: write KubernetesRelease.V1_35`,
      );
    }
    const removalPolicy = props.deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const logRetention = this.keepLogs(`/aws/eks/${props.clusterName}/cluster`, props.logRetention, removalPolicy);

    this.cluster = new eks.Cluster(this, 'Cluster', {
      clusterName: props.clusterName,
      version: release.kubernetesVersion,
      vpc: props.network.vpc,
      vpcSubnets: [props.network.controlPlaneSubnets],
      ...(props.autoModePools
        ? { defaultCapacityType: eks.DefaultCapacityType.AUTOMODE, compute: { nodePools: props.autoModePools } }
        : { defaultCapacityType: eks.DefaultCapacityType.NODEGROUP, defaultCapacity: 0 }),
      bootstrapSelfManagedAddons: false,
      bootstrapClusterCreatorAdminPermissions: props.bootstrapClusterCreatorAdminPermissions ?? false,
      endpointAccess: props.endpointAccess ?? eks.EndpointAccess.PUBLIC_AND_PRIVATE,
      secretsEncryptionKey: props.secretsEncryptionKey ?? this.secretsKey(props.clusterName, removalPolicy),
      clusterLogging: Object.values(eks.ClusterLoggingTypes),
      kubectlProviderOptions: { kubectlLayer: release.bindKubectlLayer(this) },
      prune: true,
    });
    const resource = this.cluster.node.defaultChild as eks.CfnCluster; // the L2 has no prop for the protection
    resource.deletionProtection = props.deletionProtection ?? false;
    resource.node.addDependency(logRetention); // the logs go after what writes them
    Validations.of(resource).acknowledge({
      id: 'CloudFormation-Validate::W9009',
      reason: "CDK's cluster writes 'EncryptionConfig.Resources', which EKS still takes",
    });
    // The function that runs kubectl is in the VPC: it needs the routes for as long as it has something to delete.
    this.cluster.kubectlProvider?.node.addDependency(props.network.connectivity);
    if (this.cluster.kubectlProvider) acknowledgeKubectlProvider(this.cluster.kubectlProvider);
    for (const child of this.cluster.node.children.filter((one) => one instanceof iam.Role)) {
      acknowledgeIam(child, 'EKS requires these policies of the control plane, and of the nodes that Auto Mode starts');
    }

    const administrators = (props.administrators ?? []).map((roleArn, i) => ({
      id: administratorId(roleArn, i),
      roleArn,
      policy: eks.AccessPolicyArn.AMAZON_EKS_CLUSTER_ADMIN_POLICY,
    }));
    for (const access of [...administrators, ...(props.access ?? [])]) this.grantAccess(access);
  }

  /**
   * EKS makes the log group by itself and keeps it for ever; it even makes it again with what it writes while the cluster
   * goes. A log group of our own would then fail on the next cluster of this name, a retention does not.
   */
  private keepLogs(logGroupName: string, retention: logs.RetentionDays | undefined, removalPolicy: RemovalPolicy): logs.LogRetention {
    const logRetention = new logs.LogRetention(this, 'Logs', {
      logGroupName,
      retention: retention ?? logs.RetentionDays.THREE_MONTHS,
      removalPolicy,
    });
    const functions = Stack.of(this).node.children.filter((child) => child.node.id.startsWith('LogRetention'));
    for (const one of functions) acknowledgeIam(one, "CDK's function that sets how long logs are kept, of any log group");
    return logRetention;
  }

  private secretsKey(clusterName: string, removalPolicy: RemovalPolicy): kms.Key {
    return new kms.Key(this, 'SecretsKey', {
      description: `Kubernetes secrets of the cluster ${clusterName}`,
      enableKeyRotation: true,
      removalPolicy,
    });
  }

  private grantAccess({ id, roleArn, policy, namespaces }: ClusterAccess): void {
    new eks.AccessEntry(this, `Access-${id}`, {
      cluster: this.cluster,
      principal: roleArn,
      accessPolicies: [
        new eks.AccessPolicy({
          policy: policy ?? eks.AccessPolicyArn.AMAZON_EKS_VIEW_POLICY,
          accessScope: namespaces ? { type: eks.AccessScopeType.NAMESPACE, namespaces } : { type: eks.AccessScopeType.CLUSTER },
        }),
      ],
    });
  }
}

/** The name of the role, so that the order of the list does not matter where names are known. */
function administratorId(roleArn: string, index: number): string {
  if (Token.isUnresolved(roleArn)) return `Administrator${index + 1}`;
  const name = /^arn:[\w-]+:iam::\d{12}:(?:role|user)\/(.+)$/.exec(roleArn)?.[1];
  if (!name) {
    throw new Error(
      `'administrators' (${roleArn}) must be ARNs of IAM roles: write something like arn:aws:iam::111122223333:role/Admin`,
    );
  }
  return name;
}
