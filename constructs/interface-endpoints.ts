import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** Properties of the interface endpoints. */
export interface InterfaceEndpointsProps {
  /** The VPC that gets the endpoints. */
  readonly vpc: ec2.IVpc;

  /**
   * Where their interfaces are, one subnet a zone.
   *
   * @default - the private subnets
   */
  readonly subnets?: ec2.SubnetSelection;

  /**
   * Ranges that may call the endpoints; secondary ranges of the VPC have to be named.
   *
   * @default - the VPC's primary range
   */
  readonly clientCidrs?: string[];
}

/**
 * The AWS services that nodes, Karpenter and model servers call, reached inside the VPC.
 *
 * There is no such endpoint for IAM and for prices: a cluster without any way out sets Karpenter's 'isolatedVpc' and
 * gives its node pools an instance profile.
 */
export class InterfaceEndpoints extends Construct {
  constructor(scope: Construct, id: string, props: InterfaceEndpointsProps) {
    super(scope, id);
    const services: { readonly [id: string]: ec2.InterfaceVpcEndpointAwsService } = {
      EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
      EcrDocker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
      Sts: ec2.InterfaceVpcEndpointAwsService.STS,
      Ec2: ec2.InterfaceVpcEndpointAwsService.EC2,
      Eks: ec2.InterfaceVpcEndpointAwsService.EKS,
      EksAuth: ec2.InterfaceVpcEndpointAwsService.EKS_AUTH,
      Ssm: ec2.InterfaceVpcEndpointAwsService.SSM,
      Sqs: ec2.InterfaceVpcEndpointAwsService.SQS,
      Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    };
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'HTTPS from the VPC to the interface endpoints',
      allowAllOutbound: false,
    });
    for (const [name, service] of Object.entries(services)) {
      new ec2.InterfaceVpcEndpoint(this, name, {
        vpc: props.vpc,
        service,
        subnets: props.subnets,
        securityGroups: [securityGroup],
        open: false,
      });
    }
    for (const cidr of props.clientCidrs ?? [props.vpc.vpcCidrBlock]) {
      securityGroup.addIngressRule(ec2.Peer.ipv4(cidr), ec2.Port.HTTPS, `HTTPS from ${cidr}`);
    }
  }
}
