import { join } from 'node:path';
import { answers, Child } from '../child';
import type { Component } from '../component';
import { freePorts } from '../ports';
import { SERVICE_ACCOUNT_KEY } from './api-server';

export const controllerManager: Component = {
  name: 'controller-manager',
  requires: ['api-server'],
  async start({ authority, controlPlane, folder, kubeconfig, logs, tools }) {
    const [port] = await freePorts(1);
    return [await Child.start({
      name: 'controller-manager',
      command: tools.binary(controlPlane, 'kube-controller-manager'),
      args: [
        `--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`, `--authorization-kubeconfig=${kubeconfig}`,
        '--bind-address=127.0.0.1', `--secure-port=${port}`, '--leader-elect=false',
        `--service-account-private-key-file=${join(folder, SERVICE_ACCOUNT_KEY)}`, `--root-ca-file=${authority.certificate}`,
        '--controllers=*,-nodeipam,-cloud-node-lifecycle',
        // no metrics server here, and nobody wants to wait the usual quarter of a minute
        '--horizontal-pod-autoscaler-sync-period=3s',
        '--node-monitor-period=2s', '--node-monitor-grace-period=40s',
        '--kube-api-qps=200', '--kube-api-burst=400',
      ],
      logFolder: logs,
      ready: answers(`https://127.0.0.1:${port}/healthz`, 200),
    })];
  },
};
