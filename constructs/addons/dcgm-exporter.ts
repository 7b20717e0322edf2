import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmRelease, type HelmValues } from './addon';

/**
 * DCGM exporter, the metrics of NVIDIA GPUs: memory, power, temperature, errors, and how busy the tensor cores are.
 *
 * It runs on every node with NVIDIA GPUs, as root with SYS_ADMIN: profiling metrics ask for that.
 */
export class DcgmExporter extends HelmAddon {
  public readonly name: string = 'dcgm-exporter';
  public readonly requires: string[] = ['kube-prometheus-stack']; // for the ServiceMonitor
  public readonly conflictsWith: string[] = ['gpu-operator'];

  protected readonly release: HelmRelease = {
    repository: 'https://nvidia.github.io/dcgm-exporter/helm-charts',
    chart: 'dcgm-exporter',
    version: Versions.DCGM_EXPORTER_CHART,
    namespace: 'dcgm-exporter',
    controllers: [],
  };

  /** @internal */
  protected _values(): HelmValues {
    return {
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            // Karpenter's label, EKS Auto Mode's, and the one of the AL2023 NVIDIA AMI: any of them.
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'karpenter.k8s.aws/instance-gpu-manufacturer', operator: 'In', values: ['nvidia'] }] },
              { matchExpressions: [{ key: 'eks.amazonaws.com/instance-gpu-manufacturer', operator: 'In', values: ['nvidia'] }] },
              { matchExpressions: [{ key: 'nvidia.com/gpu.present', operator: 'In', values: ['true'] }] },
            ],
          },
        },
      },
    };
  }
}
