import { request } from 'node:http';
import type { CapacityReservation } from '../fakes/capacity-reservations';
import type { Box } from './box';

/** Calls an AWS API of moto that speaks JSON: `callAws(box, 'sqs', 'AmazonSQS.SendMessage', { … })`. */
export function callAws(box: Box, service: string, target: string, body: object): Promise<unknown> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(box.aws, {
      method: 'POST',
      timeout: 10_000,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(text),
        'x-amz-target': target,
        // moto reads region and service out of the signature, and checks nothing else of it
        authorization: `AWS4-HMAC-SHA256 Credential=box/20260101/${box.region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
    }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (data: string) => { answer += data; }).on('end', () => {
        if ((response.statusCode ?? 500) >= 300) reject(new Error(`${target}: ${response.statusCode}: ${answer.slice(0, 300)}`));
        else resolve(JSON.parse(answer));
      });
    });
    call.once('timeout', () => call.destroy(new Error(`${target}: no answer within 10 s`)));
    call.once('error', reject);
    call.end(text);
  });
}

/** Calls what the box's fake of AWS has for tests. */
function tell(box: Box, method: 'GET' | 'PUT', path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(`${box.awsFake}${path}`, { method, timeout: 10_000 }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (data: string) => { answer += data; }).on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`${method} ${path}: ${response.statusCode}: ${answer}`));
        else resolve(answer === '' ? undefined : JSON.parse(answer));
      });
    });
    call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within 10 s`)));
    call.once('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
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
  await tell(box, 'PUT', '/-/capacity', scarcities);
}

/** The launches that EC2 has refused since its capacity was last limited, in the order in which they were tried. */
export function refusedLaunches(box: Box): Promise<{ readonly type: string; readonly zone: string }[]> {
  return tell(box, 'GET', '/-/capacity/refused') as Promise<{ readonly type: string; readonly zone: string }[]>;
}

/** The account has these capacity reservations. Replaces what was said before; Karpenter asks again after a minute. */
export async function reserveCapacity(box: Box, ...reservations: readonly CapacityReservation[]): Promise<void> {
  await tell(box, 'PUT', '/-/reservations', reservations);
}

/** EC2 loses these instances: none of them exists any more. Replaces what was said before. */
export async function loseInstances(box: Box, ...instanceIds: readonly string[]): Promise<void> {
  await tell(box, 'PUT', '/-/lost', instanceIds);
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
