import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, Child } from '../child';
import type { BoxContext, Component } from '../component';
import { freePorts } from '../ports';
import { startFake } from './fakes';

const run = promisify(execFile);

/** The environment of a program that believes it runs in an AWS account. */
export function awsEnvironment(context: BoxContext): Record<string, string> {
  return {
    AWS_REGION: context.region,
    AWS_DEFAULT_REGION: context.region,
    AWS_ACCESS_KEY_ID: 'box',
    AWS_SECRET_ACCESS_KEY: 'box',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_ENDPOINT_URL: context.addresses.aws ?? '',
    AWS_ENDPOINT_URL_EC2: context.addresses.awsFake ?? '',
    AWS_ENDPOINT_URL_SSM: context.addresses.awsFake ?? '',
    AWS_ENDPOINT_URL_PRICING: context.addresses.awsFake ?? '',
  };
}

/** moto with a VPC, an EKS cluster, roles and a queue in it, and a fake of what moto cannot play. */
export const aws: Component = {
  name: 'aws',
  requires: [],
  async start(context) {
    const { addresses, clusterName, controlPlane, folder, logs, region, tools } = context;
    const python = tools.binary('python', 'python');
    const [motoPort, fakePort] = (await freePorts(2)) as [number, number];
    const moto = await Child.start({
      name: 'moto',
      command: python,
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(motoPort)],
      env: { MOTO_PORT: String(motoPort), PYTHONUNBUFFERED: '1' },
      logFolder: logs,
      ready: answers(`http://127.0.0.1:${motoPort}/moto-api/data.json`, 200),
    });
    addresses.aws = `http://127.0.0.1:${motoPort}`;
    try {
      const minor = tools.version(controlPlane, 'k8s.io/kubernetes').split('.').slice(0, 2).join('.');
      const account = await run(python, [join(__dirname, '..', '..', 'fakes', 'account.py'), addresses.aws, region, clusterName, minor], { timeout: 60_000 });
      const file = join(folder, 'account.json');
      await writeFile(file, account.stdout);
      const fake = await startFake(context, 'aws-api', { scheme: 'http', port: fakePort }, file, addresses.aws);
      addresses.awsFake = `http://127.0.0.1:${fakePort}`;
      return [moto, fake];
    } catch (error) {
      await moto.stop();
      throw error;
    }
  },
};
