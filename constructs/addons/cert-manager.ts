import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmRelease } from './addon';

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
  protected _values(): { [key: string]: any } {
    return { crds: { enabled: true } };
  }
}
