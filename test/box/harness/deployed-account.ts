import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Account } from '../../cloud/harness/account';
import { fakeNode } from '../fixtures/workloads';
import { Box } from './box';
import type { Component } from './component';
import { startFake } from './components/fakes';
import { startKarpenter } from './components/karpenter';
import { Deployments, type KubeObject } from './kinds';
import { freePorts } from './ports';
import { eventually } from './wait';

const IMAGES = join(__dirname, '..', 'fakes', 'images.py');
const KARPENTER = 'github.com/aws/karpenter-provider-aws';

/**
 * A box whose account is empty until `cdk deploy` fills it: the stack of test/cloud, with a real API server where there a stand-in
 * writes down what kubectl and helm are asked to do.
 */
export class DeployedAccount {
  public static async start(): Promise<DeployedAccount> {
    const box = await Box.start({ components: ['controller-manager', 'scheduler', 'kwok'] });
    try {
      const account = await Account.start({
        fromSources: true,
        cluster: {
          kubeconfig: box.kubeconfig, tools: dirname(box.tools.binary('kubectl')),
          charts: box.tools.source('karpenter', KARPENTER, 'charts'), chartVersion: box.tools.version('karpenter', KARPENTER),
        },
      });
      return new DeployedAccount(box, account);
    } catch (error) {
      await box.stop();
      throw error;
    }
  }

  private constructor(public readonly box: Box, public readonly account: Account) {}

  public async stop(): Promise<void> {
    await this.account.stop();
    await this.box.stop();
  }

  /** `cdk bootstrap` and `cdk deploy`; the nodes of the system node group come as soon as EKS has been asked for it. */
  public async deploy(): Promise<void> {
    const { account } = this;
    await account.synthesize();
    const bootstrapped = await account.bootstrap();
    if (bootstrapped.code !== 0) throw new Error(bootstrapped.output);
    const [deployed] = await Promise.all([account.deploy(), this.startNodeGroup()]);
    if (deployed.code !== 0) throw new Error(deployed.output);
  }

  /** Starts Karpenter as its Deployment says, which Helm made of the values in the template. */
  public async startKarpenter(): Promise<void> {
    const { box, account } = this;
    const deployment = await box.cluster.get(Deployments, 'karpenter', 'kube-system');
    const environment = deployment.spec.template?.spec.containers[0]?.env ?? [];
    const settings = Object.fromEntries(environment.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
    await box.add(awsOf(account));
    await box.add({
      name: 'karpenter', requires: [],
      start: async (context) => [await startKarpenter(context, { ...settings, SYSTEM_NAMESPACE: 'kube-system' })],
    });
  }

  /** What EKS does for a managed node group: nodes with its labels and taints in the zones of its subnets. */
  private async startNodeGroup(): Promise<void> {
    const { account, box } = this;
    const { group, zones } = await eventually('the node group is there', async () => {
      const { clusters, subnets } = await account.state();
      const found = clusters[0]?.nodeGroups[0];
      if (found === undefined) throw new Error('not yet');
      return { group: found, zones: found.subnets.map((id) => subnets.find((subnet) => subnet.id === id)?.zone ?? '').sort() };
    }, { seconds: 120, everySeconds: 2 });
    await box.cluster.apply(Array.from({ length: group.scalingConfig.desiredSize }, (_, index): KubeObject => ({
      ...fakeNode({
        name: `system-${index}`, zone: zones[index % zones.length] ?? '',
        labels: { 'kubernetes.io/arch': 'arm64', 'eks.amazonaws.com/nodegroup': group.nodegroupName, ...group.labels },
      }),
      // EKS spells NO_SCHEDULE what Kubernetes calls NoSchedule
      spec: { taints: group.taints.map(({ key, effect }) => ({ key, effect: effect === 'NO_SCHEDULE' ? 'NoSchedule' : effect })) },
    })));
  }
}

/** The account as the AWS of a box, and what moto lacks. */
function awsOf(account: Account): Component {
  return {
    name: 'aws', requires: [],
    async start(context) {
      const { addresses, folder, region, tools } = context;
      addresses.aws = account.endpoint;
      const images = await promisify(execFile)(tools.binary('python', 'python'), [IMAGES, account.endpoint, region], { timeout: 60_000 });
      const file = join(folder, 'images.json');
      await writeFile(file, images.stdout);
      const [port] = (await freePorts(1)) as [number];
      const fake = await startFake(context, 'aws-api', { scheme: 'http', port }, file, account.endpoint);
      addresses.awsFake = `http://127.0.0.1:${port}`;
      return [fake];
    },
  };
}
