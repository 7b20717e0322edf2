import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';

/** What AWS says about nodes that will soon be gone. */
const EVENTS: { readonly [id: string]: events.EventPattern } = {
  ScheduledChange: { source: ['aws.health'], detailType: ['AWS Health Event'] },
  SpotInterruption: { source: ['aws.ec2'], detailType: ['EC2 Spot Instance Interruption Warning'] },
  Rebalance: { source: ['aws.ec2'], detailType: ['EC2 Instance Rebalance Recommendation'] },
  InstanceStateChange: { source: ['aws.ec2'], detailType: ['EC2 Instance State-change Notification'] },
  CapacityReservation: { source: ['aws.ec2'], detailType: ['EC2 Capacity Reservation Instance Interruption Warning'] },
};

/** Tells Karpenter in time that a node will be taken away, so that it drains the node and starts another one. */
export class InterruptionQueue extends Construct {
  /** The queue. */
  public readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.minutes(5), // a warning is two minutes ahead: an old one is of no use
    });
    acknowledge(this.queue, 'SQS3', 'a warning that was not read in five minutes is about a node that is gone');
    for (const [name, eventPattern] of Object.entries(EVENTS)) {
      new events.Rule(this, name, { eventPattern, targets: [new targets.SqsQueue(this.queue)] });
    }
  }
}
