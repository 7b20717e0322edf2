import { answers, Child } from '../child';
import { addressOf, type Component } from '../component';
import { ensureNamespace } from '../namespaces';
import { freePorts } from '../ports';

/** AIBrix's controllers. Its webhook server listens on every interface, so it stays off. */
export const aibrix: Component = {
  name: 'aibrix',
  requires: ['controller-manager', 'network'],
  definitions: [{ tool: 'aibrix', module: 'github.com/vllm-project/aibrix', paths: ['config/crd'] }],
  async start(context) {
    const { cluster, kubeconfig, logs, tools } = context;
    await ensureNamespace(cluster, 'aibrix-system');
    const [metrics, health] = await freePorts(2);
    return [await Child.start({
      name: 'aibrix',
      command: tools.binary('aibrix'),
      args: [
        '-kubeconfig', kubeconfig, '-disable-webhook', '-leader-elect=false',
        '-metrics-bind-address', `127.0.0.1:${metrics}`, '-health-probe-bind-address', `127.0.0.1:${health}`,
      ],
      env: { HTTP_PROXY: addressOf(context, 'network'), POD_NAMESPACE: 'aibrix-system' },
      logFolder: logs,
      ready: answers(`http://127.0.0.1:${health}/readyz`, 200),
    })];
  },
};
