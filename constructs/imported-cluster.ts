import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { KubernetesRelease } from './kubernetes-release';
import { acknowledgeKubectlProvider } from './private/kubectl-provider';

/** Properties of an existing cluster. */
export interface ImportedClusterProps {
  /** Name of the cluster. */
  readonly clusterName: string;

  /**
   * The Kubernetes version of the cluster, with its kubectl.
   *
   * @default KubernetesRelease.V1_35
   */
  readonly release?: KubernetesRelease;

  /**
   * VPC of the cluster.
   *
   * @default - none: the API server must be reachable from the internet, and 'vpc' of the cluster cannot be read
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Where the function that runs kubectl is, for a cluster whose endpoint is private. It needs a route to the AWS APIs.
   *
   * @default - the private subnets of 'vpc' when there is one
   */
  readonly kubectlSubnets?: ec2.ISubnet[];

  /**
   * Security group that may call the API server.
   *
   * @default - none: needed with 'vpc', where it is usually the cluster security group
   */
  readonly clusterSecurityGroupId?: string;

  /**
   * Make the function that runs kubectl an administrator of the cluster, by an access entry.
   *
   * @default true - turn it off where the cluster still uses the config map aws-auth, and add the role there yourself
   */
  readonly grantAccess?: boolean;
}

/**
 * An existing cluster on which Kubernetes objects can be made.
 *
 * `eks.Cluster.fromClusterAttributes` alone gives a cluster that nothing can be applied to. This adds the function that
 * runs kubectl, and its access to the cluster.
 */
export class ImportedCluster extends Construct {
  /** The cluster, to pass as `cluster` to every other construct. */
  public readonly cluster: eks.ICluster;

  /** What runs kubectl and Helm. Things on the cluster wait until it has access. */
  public readonly kubectlProvider: eks.KubectlProvider;

  constructor(scope: Construct, id: string, props: ImportedClusterProps) {
    super(scope, id);
    if (props.vpc && !props.clusterSecurityGroupId) {
      throw new Error(
        `'clusterSecurityGroupId' of '${props.clusterName}' is missing, kubectl in 'vpc' has to be in a group that may call ` +
          'the API server: write what `aws eks describe-cluster --query cluster.resourcesVpcConfig.clusterSecurityGroupId` says',
      );
    }
    if (props.kubectlSubnets && !props.vpc) {
      throw new Error(`'kubectlSubnets' of '${props.clusterName}' need 'vpc': pass the VPC that they are in`);
    }
    const attributes: eks.ClusterAttributes = {
      clusterName: props.clusterName,
      vpc: props.vpc,
      clusterSecurityGroupId: props.clusterSecurityGroupId,
    };
    // The provider needs a cluster and the cluster needs the provider, so it is imported twice.
    const bare = eks.Cluster.fromClusterAttributes(this, 'Bare', attributes);
    this.kubectlProvider = new eks.KubectlProvider(this, 'KubectlProvider', {
      cluster: bare,
      kubectlLayer: (props.release ?? KubernetesRelease.V1_35).bindKubectlLayer(this),
      privateSubnets: props.kubectlSubnets ?? props.vpc?.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }).subnets,
    });
    acknowledgeKubectlProvider(this.kubectlProvider);
    this.cluster = eks.Cluster.fromClusterAttributes(this, 'Cluster', { ...attributes, kubectlProvider: this.kubectlProvider });
    if (props.grantAccess ?? true) this.grantAccess(bare);
  }

  private grantAccess(cluster: eks.ICluster): void {
    const { role } = this.kubectlProvider;
    if (!role) return;
    const access = new eks.AccessEntry(this, 'KubectlAccess', {
      cluster,
      principal: role.roleArn,
      accessPolicies: [
        eks.AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', {
          accessScopeType: eks.AccessScopeType.CLUSTER,
        }),
      ],
    });
    // What kubectl applies refers to the function of this child, so it comes after the access and goes before it.
    this.kubectlProvider.node.findChild('Provider').node.addDependency(access);
  }
}
