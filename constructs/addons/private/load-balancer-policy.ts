import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * What the AWS Load Balancer Controller may do: the actions of its own policy (docs/install/iam_policy.json, v3.5.0),
 * narrowed from "tagged by any such controller" to this cluster's own load balancers, target groups and security groups.
 */
export function loadBalancerPolicy(stack: Stack, clusterName: string): PolicyStatement[] {
  const cluster = 'elbv2.k8s.aws/cluster';
  const asksForOurTag = { StringEquals: { [`aws:RequestTag/${cluster}`]: clusterName } };
  const hasOurTag = { StringEquals: { [`aws:ResourceTag/${cluster}`]: clusterName } };
  // Later changes of tags must leave the cluster's own tag alone.
  const hasOurTagAndKeepsIt = { ...hasOurTag, Null: { [`aws:RequestTag/${cluster}`]: 'true' } };

  const securityGroups = arn('ec2', 'security-group', '*');
  const targetGroups = arn('elasticloadbalancing', 'targetgroup', '*/*');
  const loadBalancers = ['net', 'app'].map((kind) => arn('elasticloadbalancing', `loadbalancer/${kind}`, '*/*'));
  const listeners = ['listener', 'listener-rule'].flatMap((resource) =>
    ['net', 'app'].map((kind) => arn('elasticloadbalancing', `${resource}/${kind}`, '*/*/*')),
  );

  return [
    new PolicyStatement({
      actions: ['iam:CreateServiceLinkedRole'],
      resources: ['*'],
      conditions: { StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' } },
    }),
    new PolicyStatement({ actions: DESCRIBE, resources: ['*'] }),
    new PolicyStatement({ actions: CERTIFICATES_AND_FIREWALLS, resources: ['*'] }),
    // The rules that let a load balancer reach pods are on the nodes' security groups, which are not the controller's.
    new PolicyStatement({
      actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress', 'ec2:CreateSecurityGroup'],
      resources: ['*'],
    }),
    new PolicyStatement({
      actions: ['ec2:CreateTags'],
      resources: [securityGroups],
      conditions: { StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup', ...asksForOurTag.StringEquals } },
    }),
    new PolicyStatement({
      actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
      resources: [securityGroups],
      conditions: hasOurTagAndKeepsIt,
    }),
    new PolicyStatement({ actions: ['ec2:DeleteSecurityGroup'], resources: ['*'], conditions: hasOurTag }),
    new PolicyStatement({
      actions: elb('CreateLoadBalancer', 'CreateTargetGroup'),
      resources: ['*'],
      conditions: asksForOurTag,
    }),
    new PolicyStatement({
      actions: elb('AddTags'),
      resources: [targetGroups, ...loadBalancers],
      conditions: {
        StringEquals: {
          'elasticloadbalancing:CreateAction': ['CreateTargetGroup', 'CreateLoadBalancer'],
          ...asksForOurTag.StringEquals,
        },
      },
    }),
    new PolicyStatement({
      actions: elb('AddTags', 'RemoveTags'),
      resources: [targetGroups, ...loadBalancers],
      conditions: hasOurTagAndKeepsIt,
    }),
    new PolicyStatement({ actions: elb('AddTags', 'RemoveTags'), resources: listeners }),
    new PolicyStatement({ actions: elb(...CHANGE_OWN), resources: ['*'], conditions: hasOurTag }),
    // Listeners and rules do not inherit the tag of their load balancer, so it cannot be asked for here.
    new PolicyStatement({ actions: elb(...LISTENERS), resources: ['*'] }),
    new PolicyStatement({ actions: elb('RegisterTargets', 'DeregisterTargets'), resources: [targetGroups] }),
  ];

  function arn(service: string, resource: string, resourceName: string): string {
    return stack.formatArn({
      service,
      region: '*',
      account: '*',
      resource,
      resourceName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}

function elb(...actions: string[]): string[] {
  return actions.map((action) => `elasticloadbalancing:${action}`);
}

const DESCRIBE = [
  ...[
    'AccountAttributes',
    'Addresses',
    'AvailabilityZones',
    'CoipPools',
    'Instances',
    'InternetGateways',
    'IpamPools',
    'NetworkInterfaces',
    'RouteTables',
    'SecurityGroups',
    'Subnets',
    'Tags',
    'VpcPeeringConnections',
    'Vpcs',
  ].map((what) => `ec2:Describe${what}`),
  'ec2:GetCoipPoolUsage',
  'ec2:GetSecurityGroupsForVpc',
  ...[
    'CapacityReservation',
    'ListenerAttributes',
    'ListenerCertificates',
    'Listeners',
    'LoadBalancerAttributes',
    'LoadBalancers',
    'Rules',
    'SSLPolicies',
    'Tags',
    'TargetGroupAttributes',
    'TargetGroups',
    'TargetHealth',
    'TrustStores',
  ].map((what) => `elasticloadbalancing:Describe${what}`),
];

const CERTIFICATES_AND_FIREWALLS = [
  'acm:DescribeCertificate',
  'acm:ListCertificates',
  'cognito-idp:DescribeUserPoolClient',
  'iam:GetServerCertificate',
  'iam:ListServerCertificates',
  ...['GetSubscriptionState', 'DescribeProtection', 'CreateProtection', 'DeleteProtection'].map((action) => `shield:${action}`),
  ...['waf-regional', 'wafv2'].flatMap((service) =>
    ['GetWebACL', 'GetWebACLForResource', 'AssociateWebACL', 'DisassociateWebACL'].map((action) => `${service}:${action}`),
  ),
];

const CHANGE_OWN = [
  'DeleteLoadBalancer',
  'DeleteTargetGroup',
  'ModifyCapacityReservation',
  'ModifyIpPools',
  'ModifyListenerAttributes',
  'ModifyLoadBalancerAttributes',
  'ModifyTargetGroup',
  'ModifyTargetGroupAttributes',
  'SetIpAddressType',
  'SetSecurityGroups',
  'SetSubnets',
];

const LISTENERS = [
  'AddListenerCertificates',
  'CreateListener',
  'CreateRule',
  'DeleteListener',
  'DeleteRule',
  'ModifyListener',
  'ModifyRule',
  'RemoveListenerCertificates',
  'SetRulePriorities',
  'SetWebAcl',
];
