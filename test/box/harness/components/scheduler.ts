import { answers, Child } from '../child';
import type { Component } from '../component';
import { freePorts } from '../ports';

export const scheduler: Component = {
  name: 'scheduler',
  requires: ['api-server'],
  async start({ controlPlane, kubeconfig, logs, tools }) {
    const [port] = await freePorts(1);
    return [await Child.start({
      name: 'scheduler',
      command: tools.binary(controlPlane, 'kube-scheduler'),
      args: [
        `--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`, `--authorization-kubeconfig=${kubeconfig}`,
        '--bind-address=127.0.0.1', `--secure-port=${port}`, '--leader-elect=false', '--kube-api-qps=200', '--kube-api-burst=400',
      ],
      logFolder: logs,
      ready: answers(`https://127.0.0.1:${port}/healthz`, 200),
    })];
  },
};
