/** Who turns a node pool into nodes. */
export enum NodeProvisioner {
  /** Karpenter, run by you: its node class is `EC2NodeClass`, its labels begin with `karpenter.k8s.aws`. */
  KARPENTER = 'karpenter',
  /** EKS Auto Mode, run by AWS: its node class is `NodeClass`, its labels begin with `eks.amazonaws.com`. */
  EKS_AUTO_MODE = 'eks-auto-mode',
}

/** What a node pool has to know of the cluster that its nodes join. Any cluster can be described with it. */
export interface NodeEnvironment {
  /** Who turns the pool into nodes. */
  readonly provisioner: NodeProvisioner;

  /** Name of the EKS cluster. */
  readonly clusterName: string;

  /**
   * Name, not ARN, of the IAM role of the nodes. Under Auto Mode it needs an access entry of type EC2 with the policy
   * AmazonEKSAutoNodePolicy.
   */
  readonly nodeRoleName: string;

  /**
   * Name of an instance profile to use instead of one that Karpenter makes for the role: needed where the controller
   * cannot reach IAM, which has no endpoint inside a VPC.
   * @default - the provisioner makes an instance profile for the role
   */
  readonly instanceProfileName?: string;

  /**
   * Tags of the subnets that nodes are launched in.
   * @default - `karpenter.sh/discovery` with the name of the cluster
   */
  readonly subnetTags?: { readonly [key: string]: string };

  /**
   * Ids of the subnets that nodes are launched in, instead of their tags: for subnets that are not yours to tag.
   * @default - the subnets are found by their tags
   */
  readonly subnetIds?: string[];

  /**
   * Tags of the security groups of the nodes. For EFA the group must allow all traffic from and to itself.
   * @default - `karpenter.sh/discovery` with the name of the cluster
   */
  readonly securityGroupTags?: { readonly [key: string]: string };

  /**
   * Region of the cluster, for checks of what is sold there.
   * @default - unknown: nothing is checked
   */
  readonly region?: string;

  /**
   * Names of the Availability Zones that the cluster spans, for checks of what is sold in how many of them.
   * @default - unknown: nothing is checked
   */
  readonly zones?: string[];
}
