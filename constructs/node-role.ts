import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeIam } from './private/acknowledge';

/** Properties of a node role. */
export interface NodeRoleProps {
  /**
   * Let the VPC CNI take its permissions from the node.
   *
   * @default true - turn it off where the add-on vpc-cni has a role of its own, so that no pod on the node can have them
   */
  readonly cniPermissions?: boolean;
}

/** The role of nodes that join a cluster: pull images, join, and be reached through Systems Manager instead of SSH. */
export class NodeRole extends iam.Role {
  constructor(scope: Construct, id: string, props: NodeRoleProps = {}) {
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [
        'AmazonEKSWorkerNodePolicy',
        'AmazonEC2ContainerRegistryPullOnly',
        'AmazonSSMManagedInstanceCore',
        ...((props.cniPermissions ?? true) ? ['AmazonEKS_CNI_Policy'] : []),
      ].map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)),
    });
    acknowledgeIam(this, 'EKS requires these policies of its nodes, and AWS keeps them up to date');
  }
}
