import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** Properties of a pod identity. */
export interface PodIdentityProps {
  /** The cluster whose pods get the role. It needs the add-on `eks-pod-identity-agent`; EKS Auto Mode has it built in. */
  readonly cluster: eks.ICluster;

  /** Namespace of the service account. */
  readonly namespace: string;

  /** Name of the service account. It may be created before or after the role. */
  readonly serviceAccount: string;

  /** What the role is for, shown in the IAM console. */
  readonly description?: string;
}

/**
 * The AWS identity of one service account: a role that only pods with this service account, in this namespace of this
 * cluster, can take.
 *
 * It creates no Kubernetes object, so it needs no kubectl provider. Pods read the association when they start: what
 * runs them must depend on this construct.
 */
export class PodIdentity extends Construct implements iam.IGrantable {
  /** The role, to grant to. */
  public readonly role: iam.Role;

  public readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: PodIdentityProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', {
      description: props.description ?? `pods of ${props.namespace}/${props.serviceAccount}`,
      assumedBy: new iam.SessionTagsPrincipal(
        // EKS sets these tags itself when it takes the role; see the EKS user guide, pod-id-role.
        new iam.ServicePrincipal('pods.eks.amazonaws.com', {
          conditions: {
            StringEquals: {
              'aws:RequestTag/eks-cluster-name': props.cluster.clusterName,
              'aws:RequestTag/kubernetes-namespace': props.namespace,
              'aws:RequestTag/kubernetes-service-account': props.serviceAccount,
            },
          },
        }),
      ),
    });
    this.grantPrincipal = this.role;

    new eks.CfnPodIdentityAssociation(this, 'Association', {
      clusterName: props.cluster.clusterName,
      namespace: props.namespace,
      serviceAccount: props.serviceAccount,
      roleArn: this.role.roleArn,
    });
  }
}
