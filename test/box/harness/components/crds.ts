import type { Component } from '../component';

const monitoring = (kind: string): string => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`;

/** Kinds that our charts emit and that no controller of the box serves: monitors, alert rules, gateways. */
export const crds: Component = {
  name: 'crds',
  requires: ['api-server'],
  definitions: [
    { tool: 'crds', module: 'github.com/prometheus-operator/prometheus-operator', paths: ['podmonitors', 'servicemonitors', 'prometheusrules'].map(monitoring) },
    { tool: 'crds', module: 'sigs.k8s.io/gateway-api', paths: ['config/crd/standard'] },
    { tool: 'crds', module: 'sigs.k8s.io/gateway-api-inference-extension', paths: ['config/crd/bases'] },
  ],
  start: () => Promise.resolve([]),
};
