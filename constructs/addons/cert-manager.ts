import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmRelease, type HelmValues } from './addon';

/** cert-manager, which issues and renews TLS certificates. */
export class CertManager extends HelmAddon {
  public readonly name: string = 'cert-manager';

  protected readonly release: HelmRelease = {
    repository: 'https://charts.jetstack.io',
    chart: 'cert-manager',
    version: Versions.CERT_MANAGER_CHART,
    namespace: 'cert-manager',
    controllers: ['', 'webhook', 'cainjector', 'startupapicheck'],
  };

  /** @internal */
  protected _values(): HelmValues {
    return { crds: { enabled: true } };
  }
}
