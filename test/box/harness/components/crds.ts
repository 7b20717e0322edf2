import type { Component } from '../component';
import { installDefinitions } from '../definitions';

/** Kinds that our charts emit and that no controller of the box serves: monitors, alert rules, gateways. */
export const crds: Component = {
  name: 'crds',
  requires: ['api-server'],
  async start(context) {
    const monitoring = (kind: string): string => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`;
    await installDefinitions(context, 'crds', 'github.com/prometheus-operator/prometheus-operator', ...['podmonitors', 'servicemonitors', 'prometheusrules'].map(monitoring));
    await installDefinitions(context, 'crds', 'sigs.k8s.io/gateway-api', 'config/crd/standard');
    await installDefinitions(context, 'crds', 'sigs.k8s.io/gateway-api-inference-extension', 'config/crd/bases');
    return [];
  },
};
