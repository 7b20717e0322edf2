import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of the NVIDIA device plugin. */
export interface NvidiaDevicePluginOptions extends HelmAddonOptions {
  /**
   * Label the nodes with what their GPUs are (GPU feature discovery).
   *
   * @default false
   */
  readonly featureDiscovery?: boolean;
}

/**
 * The NVIDIA device plugin, which makes `nvidia.com/gpu` known on Amazon Linux 2023 nodes.
 *
 * Bottlerocket's NVIDIA variants run the plugin as a host service, and a second one crashes there: it goes only to nodes
 * that carry `nvidia.com/gpu.present`, which the AL2023 NVIDIA AMI sets and Bottlerocket does not, and never to nodes
 * with `nvidia.com/gpu.deploy.operands: "false"`.
 */
export class NvidiaDevicePlugin extends HelmAddon {
  public readonly name: string = 'nvidia-device-plugin';
  public readonly conflictsWith: string[] = ['gpu-operator'];

  protected readonly builtIntoAutoMode: boolean = true;
  protected readonly release: HelmRelease = {
    repository: 'https://nvidia.github.io/k8s-device-plugin',
    chart: 'nvidia-device-plugin',
    version: Versions.NVIDIA_DEVICE_PLUGIN_CHART,
    namespace: 'nvidia-device-plugin',
    controllers: [],
  };

  constructor(private readonly devicePlugin: NvidiaDevicePluginOptions = {}) {
    super(devicePlugin);
  }

  /** @internal */
  protected _values(): HelmValues {
    return {
      gfd: { enabled: this.devicePlugin.featureDiscovery ?? false },
      nfd: { enabled: false }, // would label Bottlerocket's GPU nodes as well
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'nvidia.com/gpu.present', operator: 'In', values: ['true'] },
                  { key: 'nvidia.com/gpu.deploy.operands', operator: 'NotIn', values: ['false'] },
                ],
              },
            ],
          },
        },
      },
    };
  }
}
