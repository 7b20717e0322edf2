import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of Envoy Gateway. */
export interface EnvoyGatewayOptions extends HelmAddonOptions {
  /**
   * Replicas of the controller. Traffic does not pass through it: a proxy keeps serving while the controller is away.
   *
   * @default 1
   */
  readonly replicas?: number;
}

/** Envoy Gateway, a Gateway API controller. Its chart brings the CRDs of Gateway API. */
export class EnvoyGateway extends HelmAddon {
  public readonly name: string = 'envoy-gateway';

  protected readonly release: HelmRelease = {
    repository: 'oci://docker.io/envoyproxy/gateway-helm',
    chart: 'gateway-helm',
    version: Versions.ENVOY_GATEWAY_CHART,
    namespace: 'envoy-gateway-system',
    controllers: ['deployment.pod', 'certgen.job'],
  };

  constructor(private readonly envoyGateway: EnvoyGatewayOptions = {}) {
    super(envoyGateway);
  }

  /** @internal */
  protected _values(): HelmValues {
    return {
      deployment: { replicas: this.envoyGateway.replicas ?? 1 },
      // Backends outside Kubernetes, and patches of routes: inference gateways are built from both.
      config: { envoyGateway: { extensionApis: { enableBackend: true, enableEnvoyPatchPolicy: true } } },
    };
  }
}
