import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeIam } from './private/acknowledge';

/** Properties of the node role for EKS Auto Mode. */
export interface AutoModeNodeRoleProps {
  /** The cluster, with EKS Auto Mode on. */
  readonly cluster: eks.ICluster;
}

/**
 * The role of nodes that EKS Auto Mode starts for node pools of your own.
 *
 * EKS gives the role of its built-in pools access to the cluster by itself, and that of no other role.
 */
export class AutoModeNodeRole extends Construct {
  /** The role. */
  public readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: AutoModeNodeRoleProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((name) =>
        iam.ManagedPolicy.fromAwsManagedPolicyName(name),
      ),
    });
    acknowledgeIam(this.role, 'EKS requires these policies of its nodes, and AWS keeps them up to date');
    new eks.AccessEntry(this, 'Access', {
      cluster: props.cluster,
      principal: this.role.roleArn,
      accessEntryType: eks.AccessEntryType.EC2,
      accessPolicies: [
        eks.AccessPolicy.fromAccessPolicyName('AmazonEKSAutoNodePolicy', { accessScopeType: eks.AccessScopeType.CLUSTER }),
      ],
    });
  }
}
