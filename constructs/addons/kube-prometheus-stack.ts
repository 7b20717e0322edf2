import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of kube-prometheus-stack. */
export interface KubePrometheusStackOptions extends HelmAddonOptions {
  /**
   * How long Prometheus keeps metrics, in days.
   *
   * @default 10
   */
  readonly retentionDays?: number;

  /**
   * Size of the volume of Prometheus, in GiB. It is of the cluster's default StorageClass.
   *
   * @default 50
   */
  readonly storageGiB?: number;

  /**
   * Install Grafana. Its admin password is random, in the Secret `kube-prometheus-stack-grafana`.
   *
   * @default true
   */
  readonly grafana?: boolean;

  /**
   * Install Alertmanager.
   *
   * @default true
   */
  readonly alertmanager?: boolean;
}

/**
 * kube-prometheus-stack: the Prometheus operator, Prometheus, Alertmanager, Grafana and the cluster's own metrics.
 *
 * Prometheus takes up every ServiceMonitor, PodMonitor and PrometheusRule of the cluster, whatever its labels.
 */
export class KubePrometheusStack extends HelmAddon {
  public readonly name: string = 'kube-prometheus-stack';

  protected readonly release: HelmRelease = {
    repository: 'oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack',
    chart: 'kube-prometheus-stack',
    version: Versions.KUBE_PROMETHEUS_STACK_CHART,
    namespace: 'monitoring',
    controllers: [
      'prometheusOperator',
      'prometheusOperator.admissionWebhooks.patch',
      'prometheus.prometheusSpec',
      'alertmanager.alertmanagerSpec',
      'grafana',
      'kube-state-metrics',
    ],
  };

  constructor(private readonly stack: KubePrometheusStackOptions = {}) {
    super(stack);
    requirePositive('retentionDays', stack.retentionDays);
    requirePositive('storageGiB', stack.storageGiB);
  }

  /** @internal */
  protected _values(): HelmValues {
    const notReachableOnEks = { enabled: false }; // AWS runs them: targets that are always down, alerts that always fire
    return {
      grafana: { enabled: this.stack.grafana ?? true },
      alertmanager: { enabled: this.stack.alertmanager ?? true },
      kubeControllerManager: notReachableOnEks,
      kubeScheduler: notReachableOnEks,
      kubeEtcd: notReachableOnEks,
      kubeProxy: notReachableOnEks, // its metrics are bound to loopback
      prometheus: {
        prometheusSpec: {
          retention: `${this.stack.retentionDays ?? 10}d`,
          storageSpec: {
            volumeClaimTemplate: {
              spec: {
                accessModes: ['ReadWriteOnce'],
                resources: { requests: { storage: `${this.stack.storageGiB ?? 50}Gi` } },
              },
            },
          },
          serviceMonitorSelectorNilUsesHelmValues: false,
          podMonitorSelectorNilUsesHelmValues: false,
          ruleSelectorNilUsesHelmValues: false,
          probeSelectorNilUsesHelmValues: false,
        },
      },
    };
  }
}

function requirePositive(prop: string, value?: number): void {
  if (value !== undefined && !(value > 0)) {
    throw new Error(`'${prop}' (${value}) must be greater than 0: leave it out for the default`);
  }
}
