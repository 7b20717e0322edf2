import { answers, Child } from '../child';
import { addressOf, type Component } from '../component';
import { freePorts } from '../ports';

/** The KubeRay operator. It reaches the Ray dashboards through the box's network. */
export const kuberay: Component = {
  name: 'kuberay',
  requires: ['controller-manager', 'network'],
  definitions: [{ tool: 'kuberay', module: 'github.com/ray-project/kuberay/ray-operator', paths: ['config/crd/bases'] }],
  async start(context) {
    const [metrics, health] = await freePorts(2);
    return [await Child.start({
      name: 'kuberay',
      command: context.tools.binary('kuberay'),
      args: ['--metrics-addr', `127.0.0.1:${metrics}`, '--health-probe-bind-address', `127.0.0.1:${health}`, '--enable-leader-election=false'],
      env: { KUBECONFIG: context.kubeconfig, HTTP_PROXY: addressOf(context, 'network') },
      logFolder: context.logs,
      ready: answers(`http://127.0.0.1:${health}/readyz`, 200),
    })];
  },
};
