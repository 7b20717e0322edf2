import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of the GPU operator. */
export interface GpuOperatorOptions extends HelmAddonOptions {
  /**
   * Cut GPUs into MIG slices that pods ask for by size (`nvidia.com/mig-1g.10gb`), instead of one size per node.
   *
   * @default false - strategy `single`: a node's slices are all one size, and are asked for as `nvidia.com/gpu`
   */
  readonly mixedMig?: boolean;
}

/**
 * The NVIDIA GPU operator: device plugin, GPU feature discovery, MIG manager and DCGM exporter in one, for Amazon Linux
 * 2023 nodes. The EKS AMIs carry the driver and the container toolkit, so it installs neither.
 *
 * Bottlerocket has all but the exporter built in. Its GPU nodes must carry `nvidia.com/gpu.deploy.operands: "false"`,
 * and are then left alone.
 */
export class GpuOperator extends HelmAddon {
  public readonly name: string = 'gpu-operator';
  public readonly conflictsWith: string[] = ['nvidia-device-plugin', 'dcgm-exporter'];

  protected readonly builtIntoAutoMode: boolean = true;
  protected readonly release: HelmRelease = {
    repository: 'https://helm.ngc.nvidia.com/nvidia',
    chart: 'gpu-operator',
    version: Versions.GPU_OPERATOR_CHART,
    namespace: 'gpu-operator',
    controllers: ['operator', 'node-feature-discovery.master', 'node-feature-discovery.gc'],
  };

  constructor(private readonly gpuOperator: GpuOperatorOptions = {}) {
    super(gpuOperator);
  }

  /** @internal */
  protected _values(): HelmValues {
    return {
      driver: { enabled: false },
      toolkit: { enabled: false },
      mig: { strategy: this.gpuOperator.mixedMig ? 'mixed' : 'single' },
      'node-feature-discovery': {
        worker: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'nvidia.com/gpu.deploy.operands', operator: 'NotIn', values: ['false'] }] },
                ],
              },
            },
          },
        },
      },
    };
  }
}
