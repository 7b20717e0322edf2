import type { CapacityReservation } from '../fakes/capacity-reservations';
import type { Box } from './box';
import { control, http } from './http';

/** Calls an AWS API of moto that speaks JSON: `callAws(box, 'sqs', 'AmazonSQS.SendMessage', { … })`. */
export async function callAws(box: Box, service: string, target: string, body: object): Promise<unknown> {
  const { status, text } = await http(box.aws, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      // moto reads region and service out of the signature, and checks nothing else of it
      authorization: `AWS4-HMAC-SHA256 Credential=box/20260101/${box.region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  if (status >= 300) throw new Error(`${target}: ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/** A lack of capacity in one zone. */
export interface Scarcity {
  readonly zone: string;
  /** Beginning of the instance types, such as "g6e." @default - every type */
  readonly types?: string;
  /** How many more can be launched. */
  readonly left: number;
}

/** From now on EC2 has no more than this to launch; what is not named it has without end. Replaces what was said before. */
export async function limitCapacity(box: Box, ...scarcities: readonly Scarcity[]): Promise<void> {
  await control('PUT', `${box.awsFake}/-/capacity`, scarcities);
}

/** The launches that EC2 has refused since its capacity was last limited, in the order in which they were tried. */
export function refusedLaunches(box: Box): Promise<{ readonly type: string; readonly zone: string }[]> {
  return control('GET', `${box.awsFake}/-/capacity/refused`) as Promise<{ readonly type: string; readonly zone: string }[]>;
}

/** The account has these capacity reservations. Replaces what was said before; Karpenter asks again after a minute. */
export async function reserveCapacity(box: Box, ...reservations: readonly CapacityReservation[]): Promise<void> {
  await control('PUT', `${box.awsFake}/-/reservations`, reservations);
}

/** EC2 loses these instances: none of them exists any more. Replaces what was said before. */
export async function loseInstances(box: Box, ...instanceIds: readonly string[]): Promise<void> {
  await control('PUT', `${box.awsFake}/-/lost`, instanceIds);
}

/** Puts the message on Karpenter's queue that EventBridge sends two minutes before EC2 takes a spot instance back. */
export async function interruptSpotInstance(box: Box, instanceId: string): Promise<void> {
  const queueUrl = `${box.aws}/123456789012/${box.clusterName}`;
  await callAws(box, 'sqs', 'AmazonSQS.SendMessage', {
    QueueUrl: queueUrl,
    MessageBody: JSON.stringify({
      version: '0', id: 'box', 'detail-type': 'EC2 Spot Instance Interruption Warning', source: 'aws.ec2',
      account: '123456789012', time: new Date().toISOString(), region: box.region,
      resources: [`arn:aws:ec2:${box.region}:123456789012:instance/${instanceId}`],
      detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
    }),
  });
}

/** Puts an event of EC2 on the account's event bus: rules take it from there. */
export async function announce(box: Box, detailType: string, detail: object): Promise<void> {
  const answer = await callAws(box, 'events', 'AWSEvents.PutEvents', {
    Entries: [{ Source: 'aws.ec2', DetailType: detailType, Detail: JSON.stringify(detail) }],
  }) as { FailedEntryCount?: number };
  if (answer.FailedEntryCount !== 0) throw new Error(`PutEvents: ${JSON.stringify(answer)}`);
}
