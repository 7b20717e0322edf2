import { request } from 'node:http';
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
