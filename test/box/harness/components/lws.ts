import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { answers, Child } from '../child';
import type { BoxContext, Component } from '../component';
import type { KubeObject } from '../kinds';
import { ensureNamespace } from '../namespaces';
import { freePorts } from '../ports';

const run = promisify(execFile);

interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly { readonly clientConfig: { readonly service?: { readonly path?: string } } }[];
}

/** The webhooks as the chart would install them, with the service replaced by an address on this machine. */
async function webhooks({ authority, tools }: BoxContext, port: number): Promise<KubeObject[]> {
  const chart = tools.source('lws', 'sigs.k8s.io/lws', 'charts/lws');
  const { stdout } = await run(tools.binary('kubectl', 'helm'), ['template', 'lws', chart, '--namespace', 'lws-system'], { maxBuffer: 32 << 20 });
  const caBundle = await authority.bundle();
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as WebhookConfiguration | null)
    .filter((object) => object !== null && /WebhookConfiguration$/.test(object.kind))
    .map((object) => {
      const { webhooks: hooks, ...rest } = object as WebhookConfiguration;
      return {
        ...rest,
        webhooks: hooks.map((hook) => ({ ...hook, clientConfig: { url: `https://127.0.0.1:${port}${hook.clientConfig.service?.path ?? ''}`, caBundle } })),
      } as KubeObject;
    });
}

/** LeaderWorkerSet with its webhooks: without the one for pods no group is built. */
export const lws: Component = {
  name: 'lws',
  requires: ['controller-manager'],
  definitions: [{ tool: 'lws', module: 'sigs.k8s.io/lws', paths: ['config/crd/bases'] }],
  async start(context) {
    const { authority, cluster, folder, kubeconfig, logs, tools } = context;
    const [webhook, metrics, health] = (await freePorts(3)) as [number, number, number];
    const certificates = join(folder, 'certificates', 'lws');
    await authority.issue(certificates, 'lws');
    const config = join(folder, 'lws.yaml');
    await writeFile(config, JSON.stringify({
      apiVersion: 'config.lws.x-k8s.io/v1alpha1', kind: 'Configuration',
      leaderElection: { leaderElect: false },
      internalCertManagement: { enable: false },
      webhook: { host: '127.0.0.1', port: webhook, certDir: certificates },
      metrics: { bindAddress: `127.0.0.1:${metrics}` },
      health: { healthProbeBindAddress: `127.0.0.1:${health}` },
    }));
    await ensureNamespace(cluster, 'lws-system');
    const child = await Child.start({
      name: 'lws',
      command: tools.binary('lws'),
      args: ['--config', config],
      env: { KUBECONFIG: kubeconfig, POD_NAMESPACE: 'lws-system' },
      logFolder: logs,
      ready: answers(`http://127.0.0.1:${health}/readyz`, 200),
    });
    await cluster.apply(await webhooks(context, webhook));
    return [child];
  },
};
