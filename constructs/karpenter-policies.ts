import { Aws, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeIam } from './private/acknowledge';

/** Properties of the controller's policies. */
export interface KarpenterPoliciesProps {
  /** Role of the controller. */
  readonly role: iam.IRole;

  /** Name of the cluster. */
  readonly clusterName: string;

  /** ARN of the cluster. */
  readonly clusterArn: string;

  /** Role of the nodes, the only one that the controller may give away. */
  readonly nodeRole: iam.IRole;

  /** ARN of the interruption queue. */
  readonly queueArn: string;
}

/**
 * What the Karpenter 1.15 controller may do: the six policies of its own CloudFormation template.
 *
 * Everything that changes something is limited to what carries the tags of this cluster. One policy would pass the
 * size limit of IAM, so there are six. The cluster's name is part of condition keys, which CloudFormation takes only
 * when the whole document is text: a name known at deployment only is written like that.
 */
export class KarpenterPolicies extends Construct {
  constructor(scope: Construct, id: string, props: KarpenterPoliciesProps) {
    super(scope, id);
    const statements = new ControllerStatements(this, props);
    const policies: { readonly [id: string]: Statement[] } = {
      NodeLifecycle: statements.nodeLifecycle(),
      IamIntegration: statements.iamIntegration(),
      EksIntegration: statements.eksIntegration(),
      Interruption: statements.interruption(),
      ZonalShift: statements.zonalShift(),
      ResourceDiscovery: statements.resourceDiscovery(),
    };
    for (const [name, Statement] of Object.entries(policies)) {
      const document = { Version: '2012-10-17', Statement };
      new iam.CfnManagedPolicy(this, name, {
        description: `Karpenter controller: ${name}`,
        policyDocument: Token.isUnresolved(props.clusterName) ? Stack.of(this).toJsonString(document) : document,
        roles: [props.role.roleName],
      });
    }
    acknowledgeIam(this, "Karpenter's own policies: what changes something is limited by the tags of this cluster");
  }
}

/** A statement as IAM writes it. */
interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string | string[] } };
}

/** The statements of karpenter.sh/v1.15/reference/cloudformation, with the names they have there. */
class ControllerStatements {
  private readonly owned: string;

  constructor(
    private readonly scope: Construct,
    private readonly props: KarpenterPoliciesProps,
  ) {
    this.owned = `kubernetes.io/cluster/${props.clusterName}`;
  }

  public nodeLifecycle(): Statement[] {
    const created = ['fleet', 'instance', 'volume', 'network-interface', 'launch-template', 'spot-instances-request'];
    return [
      {
        Sid: 'AllowScopedEC2InstanceAccessActions',
        Effect: 'Allow',
        Action: ['ec2:RunInstances', 'ec2:CreateFleet'],
        Resource: [
          ...['image', 'snapshot'].map((type) => this.ec2(type, '')),
          ...['security-group', 'subnet', 'capacity-reservation', 'placement-group'].map((type) => this.ec2(type)),
        ],
      },
      {
        Sid: 'AllowScopedEC2LaunchTemplateAccessActions',
        Effect: 'Allow',
        Action: ['ec2:RunInstances', 'ec2:CreateFleet'],
        Resource: this.ec2('launch-template'),
        Condition: this.onOwnNodes(),
      },
      {
        Sid: 'AllowScopedEC2InstanceActionsWithTags',
        Effect: 'Allow',
        Action: ['ec2:RunInstances', 'ec2:CreateFleet', 'ec2:CreateLaunchTemplate'],
        Resource: created.map((type) => this.ec2(type)),
        Condition: this.whenTaggedAsOwn(),
      },
      {
        Sid: 'AllowScopedResourceCreationTagging',
        Effect: 'Allow',
        Action: 'ec2:CreateTags',
        Resource: created.map((type) => this.ec2(type)),
        Condition: this.whenTaggedAsOwn({ 'ec2:CreateAction': ['RunInstances', 'CreateFleet', 'CreateLaunchTemplate'] }),
      },
      {
        Sid: 'AllowScopedResourceTagging',
        Effect: 'Allow',
        Action: 'ec2:CreateTags',
        Resource: this.ec2('instance'),
        Condition: {
          ...this.onOwnNodes(),
          StringEqualsIfExists: { 'aws:RequestTag/eks:eks-cluster-name': this.props.clusterName },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['eks:eks-cluster-name', 'karpenter.sh/nodeclaim', 'Name'] },
        },
      },
      {
        Sid: 'AllowScopedDeletion',
        Effect: 'Allow',
        Action: ['ec2:TerminateInstances', 'ec2:DeleteLaunchTemplate', 'ec2:RebootInstances'],
        Resource: ['instance', 'launch-template'].map((type) => this.ec2(type)),
        Condition: this.onOwnNodes(),
      },
    ];
  }

  public iamIntegration(): Statement[] {
    const profiles = this.instanceProfiles();
    const resource = {
      [`aws:ResourceTag/${this.owned}`]: 'owned',
      'aws:ResourceTag/topology.kubernetes.io/region': Aws.REGION,
    };
    const request = {
      [`aws:RequestTag/${this.owned}`]: 'owned',
      'aws:RequestTag/eks:eks-cluster-name': this.props.clusterName,
      'aws:RequestTag/topology.kubernetes.io/region': Aws.REGION,
    };
    const resourceClass = { 'aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass': '*' };
    const requestClass = { 'aws:RequestTag/karpenter.k8s.aws/ec2nodeclass': '*' };
    return [
      {
        Sid: 'AllowPassingInstanceRole',
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: this.props.nodeRole.roleArn,
        Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'] } },
      },
      {
        Sid: 'AllowScopedInstanceProfileCreationActions',
        Effect: 'Allow',
        Action: 'iam:CreateInstanceProfile',
        Resource: profiles,
        Condition: { StringEquals: request, StringLike: requestClass },
      },
      {
        Sid: 'AllowScopedInstanceProfileTagActions',
        Effect: 'Allow',
        Action: 'iam:TagInstanceProfile',
        Resource: profiles,
        Condition: { StringEquals: { ...resource, ...request }, StringLike: { ...resourceClass, ...requestClass } },
      },
      {
        Sid: 'AllowScopedInstanceProfileActions',
        Effect: 'Allow',
        Action: ['iam:AddRoleToInstanceProfile', 'iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile'],
        Resource: profiles,
        Condition: { StringEquals: resource, StringLike: resourceClass },
      },
    ];
  }

  public eksIntegration(): Statement[] {
    return [
      {
        Sid: 'AllowAPIServerEndpointDiscovery',
        Effect: 'Allow',
        Action: 'eks:DescribeCluster',
        Resource: this.props.clusterArn,
      },
    ];
  }

  public interruption(): Statement[] {
    return [
      {
        Sid: 'AllowInterruptionQueueActions',
        Effect: 'Allow',
        Action: ['sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
        Resource: this.props.queueArn,
      },
    ];
  }

  public zonalShift(): Statement[] {
    return [
      {
        Sid: 'AllowZonalShiftStatusReadOnly',
        Effect: 'Allow',
        Action: 'arc-zonal-shift:GetManagedResource',
        Resource: '*',
        Condition: { StringEquals: { 'arc-zonal-shift:ResourceIdentifier': this.props.clusterArn } },
      },
    ];
  }

  public resourceDiscovery(): Statement[] {
    return [
      {
        Sid: 'AllowRegionalReadActions',
        Effect: 'Allow',
        Action: [
          'ec2:DescribeCapacityReservations',
          'ec2:DescribeImages',
          'ec2:DescribeInstances',
          'ec2:DescribeInstanceStatus',
          'ec2:DescribeInstanceTypeOfferings',
          'ec2:DescribeInstanceTypes',
          'ec2:DescribeLaunchTemplates',
          'ec2:DescribePlacementGroups',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeSpotPriceHistory',
          'ec2:DescribeSubnets',
        ],
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': Aws.REGION } },
      },
      {
        Sid: 'AllowSSMReadActions',
        Effect: 'Allow',
        Action: 'ssm:GetParameter',
        Resource: this.arn('ssm', '', 'parameter', 'aws/service/*'),
      },
      { Sid: 'AllowPricingReadActions', Effect: 'Allow', Action: 'pricing:GetProducts', Resource: '*' },
      { Sid: 'AllowUnscopedInstanceProfileListAction', Effect: 'Allow', Action: 'iam:ListInstanceProfiles', Resource: '*' },
      {
        Sid: 'AllowInstanceProfileReadActions',
        Effect: 'Allow',
        Action: 'iam:GetInstanceProfile',
        Resource: this.instanceProfiles(),
      },
    ];
  }

  /** Only what a node pool of this cluster has made. */
  private onOwnNodes(): { StringEquals: Tags; StringLike: Tags } {
    return {
      StringEquals: { [`aws:ResourceTag/${this.owned}`]: 'owned' },
      StringLike: { 'aws:ResourceTag/karpenter.sh/nodepool': '*' },
    };
  }

  /** Only what will carry the tags of this cluster and of a node pool. */
  private whenTaggedAsOwn(more: { [key: string]: string[] } = {}): { StringEquals: Tags; StringLike: Tags } {
    return {
      StringEquals: {
        [`aws:RequestTag/${this.owned}`]: 'owned',
        'aws:RequestTag/eks:eks-cluster-name': this.props.clusterName,
        ...more,
      },
      StringLike: { 'aws:RequestTag/karpenter.sh/nodepool': '*' },
    };
  }

  private ec2(type: string, account = '*'): string {
    return this.arn('ec2', account, type, '*');
  }

  private instanceProfiles(): string {
    return Stack.of(this.scope).formatArn({ service: 'iam', region: '', resource: 'instance-profile', resourceName: '*' });
  }

  private arn(service: string, account: string, resource: string, resourceName: string): string {
    return Stack.of(this.scope).formatArn({ service, account, resource, resourceName });
  }
}

interface Tags {
  readonly [key: string]: string | string[];
}
