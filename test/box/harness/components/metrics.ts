import { join } from 'node:path';
import type { Component } from '../component';
import { ApiServices, isTrue, type KubeObject } from '../kinds';
import { ensureNamespace } from '../namespaces';
import { freePorts } from '../ports';
import { eventually } from '../wait';
import { startFake } from './fakes';

const NAMESPACE = 'metrics';
const SERVICE = 'metrics-api';

function apiService(group: string, version: string, port: number): KubeObject {
  return {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `${version}.${group}` },
    spec: {
      group, version, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true,
      service: { name: SERVICE, namespace: NAMESPACE, port },
    },
  };
}

/** What pods use and count, in place of metrics-server and of an adapter: for Kubernetes' own autoscaler. */
export const metrics: Component = {
  name: 'metrics',
  requires: ['controller-manager'],
  async start(context) {
    const { addresses, authority, cluster, folder, kubeconfig } = context;
    await ensureNamespace(cluster, NAMESPACE);
    const [port] = (await freePorts(1)) as [number];
    const certificates = join(folder, 'certificates', 'metrics-api');
    await authority.issue(certificates, 'metrics-api');
    const child = await startFake(context, 'metrics-api', { scheme: 'https', port }, certificates, kubeconfig);
    try {
      const services = [apiService('metrics.k8s.io', 'v1beta1', port), apiService('custom.metrics.k8s.io', 'v1beta2', port)];
      await cluster.apply([
        { apiVersion: 'v1', kind: 'Service', metadata: { name: SERVICE, namespace: NAMESPACE }, spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] } },
        ...services,
      ]);
      await eventually('the metrics APIs are available', async () => {
        for (const { metadata } of services) if (!isTrue(await cluster.get(ApiServices, metadata.name ?? ''), 'Available')) throw new Error(`${metadata.name} is not`);
      });
    } catch (error) {
      await child.stop();
      throw error;
    }
    addresses.metrics = `https://127.0.0.1:${port}`;
    return [child];
  },
};
