import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of KubeRay. */
export interface KubeRayOptions extends HelmAddonOptions {
  /**
   * Feature gates of the operator, by name.
   *
   * @default - the operator's own defaults
   */
  readonly featureGates?: { [gate: string]: boolean };
}

/** KubeRay, the operator of Ray clusters and Ray Serve applications. */
export class KubeRay extends HelmAddon {
  public readonly name: string = 'kube-ray';

  protected readonly release: HelmRelease = {
    repository: 'https://ray-project.github.io/kuberay-helm',
    chart: 'kuberay-operator',
    version: Versions.KUBE_RAY_CHART,
    namespace: 'kuberay-system',
    controllers: [''],
  };

  constructor(private readonly kubeRay: KubeRayOptions = {}) {
    super(kubeRay);
  }

  /** @internal */
  protected _values(): HelmValues {
    const gates = Object.entries(this.kubeRay.featureGates ?? {});
    return gates.length > 0 ? { featureGates: gates.map(([name, enabled]) => ({ name, enabled })) } : {};
  }
}
