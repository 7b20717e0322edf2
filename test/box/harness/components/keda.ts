import { join } from 'node:path';
import { answers, Child } from '../child';
import { addressOf, type Component } from '../component';
import { ensureNamespace } from '../namespaces';
import { freePorts } from '../ports';
import { ApiServices, isTrue } from '../kinds';
import { eventually } from '../wait';

const NAMESPACE = 'keda';
const API_SERVICE = 'v1beta1.external.metrics.k8s.io';

/** KEDA's operator, and its metrics adapter behind the API server's aggregation. It reaches Prometheus through the box's network. */
export const keda: Component = {
  name: 'keda',
  requires: ['controller-manager', 'network'],
  definitions: [{ tool: 'keda', module: 'github.com/kedacore/keda/v2', paths: ['config/crd/bases'] }],
  async start(context) {
    const { authority, cluster, folder, kubeconfig, logs, tools } = context;
    await ensureNamespace(cluster, NAMESPACE);
    const [grpc, metrics, health, adapterPort, adapterMetrics] = (await freePorts(5)) as [number, number, number, number, number];
    const certificates = join(folder, 'certificates', 'keda');
    await authority.issue(certificates, 'keda');
    const env = {
      KUBECONFIG: kubeconfig, HTTP_PROXY: addressOf(context, 'network'),
      WATCH_NAMESPACE: '', POD_NAMESPACE: NAMESPACE, KEDA_CLUSTER_OBJECT_NAMESPACE: NAMESPACE,
    };
    const operator = await Child.start({
      name: 'keda-operator',
      command: tools.binary('keda', 'keda-operator'),
      args: [
        '--kubeconfig', kubeconfig, '--leader-elect=false', `--metrics-service-bind-address=127.0.0.1:${grpc}`,
        `--metrics-bind-address=127.0.0.1:${metrics}`, `--health-probe-bind-address=127.0.0.1:${health}`,
        '--cert-dir', certificates, '--ca-dir', certificates, '--enable-webhook-patching=false', '--enable-apiservice-patching=false',
      ],
      env, logFolder: logs,
      ready: answers(`http://127.0.0.1:${health}/readyz`, 200),
    });
    let adapter: Child | undefined;
    try {
      adapter = await Child.start({
        name: 'keda-adapter',
        command: tools.binary('keda', 'keda-adapter'),
        args: [
          '--kubeconfig', kubeconfig, '--lister-kubeconfig', kubeconfig, '--authentication-kubeconfig', kubeconfig, '--authorization-kubeconfig', kubeconfig,
          '--bind-address', '127.0.0.1', '--secure-port', String(adapterPort), '--port', String(adapterMetrics),
          '--metrics-service-address', `localhost:${grpc}`, '--metrics-service-grpc-authority', 'localhost', '--cert-dir', certificates,
        ],
        env, logFolder: logs,
        ready: answers(`https://127.0.0.1:${adapterPort}/healthz`),
      });
      await cluster.apply([
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'keda-adapter', namespace: NAMESPACE }, spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port: adapterPort }] } },
        {
          apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: API_SERVICE },
          spec: { group: 'external.metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: { name: 'keda-adapter', namespace: NAMESPACE, port: adapterPort } },
        },
      ]);
      await eventually('the external metrics API is available', async () => {
        if (!isTrue(await cluster.get(ApiServices, API_SERVICE), 'Available')) throw new Error('not Available');
      });
      return [operator, adapter];
    } catch (error) {
      await Promise.all([operator.stop(), adapter?.stop()]);
      throw error;
    }
  },
};
