import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of the Neuron device plugin. */
export interface NeuronDevicePluginOptions extends HelmAddonOptions {
  /**
   * Run a second scheduler that hands out neighbouring devices. Pods that take some of a node's devices, but not all,
   * ask for it with `schedulerName: my-scheduler`.
   *
   * @default false - whole nodes, or one device at a time
   */
  readonly scheduler?: boolean;
}

/** The AWS Neuron device plugin, which makes `aws.amazon.com/neuron` known on Inferentia and Trainium nodes. */
export class NeuronDevicePlugin extends HelmAddon {
  public readonly name: string = 'neuron-device-plugin';

  protected readonly builtIntoAutoMode: boolean = true;
  protected readonly release: HelmRelease = {
    repository: 'oci://public.ecr.aws/neuron/neuron-helm-chart',
    chart: 'neuron-helm-chart',
    version: Versions.NEURON_CHART,
    namespace: 'kube-system',
    controllers: ['scheduler', 'scheduler.customScheduler'],
  };

  constructor(private readonly neuron: NeuronDevicePluginOptions = {}) {
    super(neuron);
  }

  /** @internal */
  protected _values(): HelmValues {
    return {
      scheduler: { enabled: this.neuron.scheduler ?? false },
      npd: { enabled: false }, // the EKS node monitoring agent watches the same kernel messages
    };
  }
}
