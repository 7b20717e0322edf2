import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmRelease, type HelmValues } from './addon';

/** The EFA device plugin, which makes `vpc.amazonaws.com/efa` known on nodes with Elastic Fabric Adapters. */
export class EfaDevicePlugin extends HelmAddon {
  public readonly name: string = 'efa-device-plugin';

  protected readonly builtIntoAutoMode: boolean = true;
  protected readonly release: HelmRelease = {
    repository: 'https://aws.github.io/eks-charts',
    chart: 'aws-efa-k8s-device-plugin',
    version: Versions.EFA_DEVICE_PLUGIN_CHART,
    namespace: 'kube-system',
    controllers: [],
  };

  /** @internal */
  protected _values(): HelmValues {
    // The chart tolerates no accelerator taint by itself, and EFA is on accelerated nodes.
    return {
      tolerations: ['nvidia.com/gpu', 'aws.amazon.com/neuron', 'vpc.amazonaws.com/efa'].map((key) => ({
        key,
        operator: 'Exists',
      })),
    };
  }
}
