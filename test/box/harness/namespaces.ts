import { ApiError, type Cluster } from './cluster';
import { eventually } from './wait';

/** Makes a namespace unless it is there. */
export async function ensureNamespace(cluster: Cluster, name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  try {
    await cluster.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  }
}

/** Makes a namespace unless it is there, and waits until pods are admitted: the controller manager has made their service account. */
export async function ensureNamespaceForPods(cluster: Cluster, name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await ensureNamespace(cluster, name, labels);
  await eventually(`service account of ${name}`, () => cluster.call('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`));
}
