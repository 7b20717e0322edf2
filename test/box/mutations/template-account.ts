import type { Mutation } from './mutation';

export const MUTATIONS: readonly Mutation[] = [
  {
    file: 'constructs/network.ts', caughtBy: 'template-account',
    breaks: 'the node subnets have the tag by which Karpenter finds them',
    replace: 'forEach(([key, value]) => Tags.of(subnet).add(key, value))',
    by: 'forEach(([key, value]) => Tags.of(subnet).add(`not-${key}`, value))',
  },
  {
    file: 'constructs/inference-cluster.ts', caughtBy: 'template-account',
    breaks: 'nodes are in the security group that EKS makes for the cluster',
    replace: "securityGroupTags: { 'aws:eks:cluster-name': this.clusterName }",
    by: "securityGroupTags: { 'aws:eks:cluster-name': 'another' }",
  },
  {
    file: 'constructs/interruption-queue.ts', caughtBy: 'template-account',
    breaks: 'Karpenter hears of spot interruptions',
    replace: "detailType: ['EC2 Spot Instance Interruption Warning']",
    by: "detailType: ['EC2 Spot Instance Interruption']",
  },
  {
    file: 'constructs/karpenter.ts', caughtBy: 'template-account',
    breaks: 'Karpenter reads the queue that the rules write to',
    replace: 'interruptionQueue: this.interruptionQueue.queueName',
    by: 'interruptionQueue: undefined',
  },
  {
    file: 'constructs/karpenter.ts', caughtBy: 'template-account',
    breaks: 'the nodes that Karpenter starts may join the cluster',
    replace: 'principal: this.nodeRole.roleArn',
    by: 'principal: `${this.nodeRole.roleArn}-not`',
  },
];
