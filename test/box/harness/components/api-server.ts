import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeKey } from '../certificates';
import { answers, Child } from '../child';
import { addressOf, type Component } from '../component';
import { freePorts } from '../ports';

/** The file with the key of service account tokens; the controller manager signs with it too. */
export const SERVICE_ACCOUNT_KEY = 'service-account.key';

export const apiServer: Component = {
  name: 'api-server',
  requires: ['etcd'],
  async start(context) {
    const { addresses, authority, controlPlane, folder, logs, token, tools } = context;
    // started again by an upgrade, it is where it was
    const port = addresses.apiServer === undefined ? (await freePorts(1))[0] : new URL(addresses.apiServer).port;
    const serving = await authority.issue(join(folder, 'certificates', 'api-server'), 'kube-apiserver');
    const frontProxy = await authority.issue(join(folder, 'certificates', 'front-proxy'), 'front-proxy-client');
    const key = join(folder, SERVICE_ACCOUNT_KEY);
    if (!existsSync(key)) await makeKey(key);
    const tokens = join(folder, 'tokens.csv');
    await writeFile(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
    const server = `https://127.0.0.1:${port}`;
    const child = await Child.start({
      name: 'api-server',
      command: tools.binary(controlPlane, 'kube-apiserver'),
      args: [
        `--etcd-servers=${addressOf(context, 'etcd')}`,
        '--bind-address=127.0.0.1', `--secure-port=${port}`, '--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none',
        `--tls-cert-file=${serving.certificate}`, `--tls-private-key-file=${serving.key}`,
        '--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`,
        `--token-auth-file=${tokens}`, '--authorization-mode=Node,RBAC', '--allow-privileged=true', '--service-cluster-ip-range=10.96.0.0/16',
        // the identity with which it calls aggregated APIs (the metrics adapter of KEDA)
        `--client-ca-file=${authority.certificate}`, `--requestheader-client-ca-file=${authority.certificate}`, '--requestheader-allowed-names=front-proxy-client',
        '--requestheader-username-headers=X-Remote-User', '--requestheader-group-headers=X-Remote-Group', '--requestheader-extra-headers-prefix=X-Remote-Extra-',
        `--proxy-client-cert-file=${frontProxy.certificate}`, `--proxy-client-key-file=${frontProxy.key}`,
      ],
      logFolder: logs,
      ready: answers(`${server}/livez`, 200), // anonymous, and before the rest of the post-start hooks
    });
    addresses.apiServer = server;
    await writeFile(context.kubeconfig, JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'box',
      clusters: [{ name: 'box', cluster: { server, 'certificate-authority-data': await authority.bundle() } }],
      users: [{ name: 'admin', user: { token } }],
      contexts: [{ name: 'box', context: { cluster: 'box', user: 'admin' } }],
    }, undefined, 2), { mode: 0o600 });
    return [child];
  },
};
