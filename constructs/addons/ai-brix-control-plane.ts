import { FileSystem } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { mkdirSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { Versions } from '../../lib/versions';
import { HelmAddon, SYSTEM_TOLERATIONS, type AddonContext, type HelmChartSource, type HelmRelease, type HelmValues } from './addon';
import { EnvoyGateway } from './envoy-gateway';
import { chartFromGit } from './private/chart-from-git';

/**
 * AIBrix: routing, autoscaling and prefill/decode serving (StormService) for model servers.
 *
 * AIBrix publishes its chart nowhere, so a Job on the cluster takes it from the repository, at one commit, and installs
 * it with Helm; another Job removes it when the add-on is removed. Only those Jobs are administrators of the cluster,
 * only while they run. The custom resource definitions stay when the add-on goes, and with them what was made of them.
 *
 * It brings the Envoy Gateway that it is built for, which is older than the add-on `envoy-gateway`, and cannot share a
 * cluster with that or with `kube-ray`. Its gateway asks nobody who they are, so it is reached from inside the cluster
 * only, unless `values` make its Service a load balancer (`gateway.envoyProxy.service`).
 */
export class AIBrixControlPlane extends HelmAddon {
  public readonly name: string = 'aibrix';
  public readonly conflictsWith: string[] = ['envoy-gateway', 'kube-ray'];

  protected readonly release: HelmRelease = {
    repository: 'https://github.com/vllm-project/aibrix',
    chart: 'dist/chart',
    version: Versions.AIBRIX,
    namespace: 'aibrix-installer',
    controllers: ['controllerManager', 'gatewayPlugin', 'gpuOptimizer', 'metadata.service', 'gateway.envoyProxy'],
  };

  public bind(scope: Construct, context: AddonContext): Construct {
    const addon = super.bind(scope, context);
    const gateway = new EnvoyGateway({ version: Versions.AIBRIX_ENVOY_GATEWAY_CHART }).bind(addon, context);
    addon.node.findChild('Chart').node.addDependency(gateway);
    return addon;
  }

  /** @internal */
  protected _values(): HelmValues {
    return { gateway: { envoyProxy: { service: { type: 'ClusterIP' } } } };
  }

  /** @internal */
  protected _source(scope: Construct, context: AddonContext): HelmChartSource {
    const files = chartFromGit({
      release: this.name,
      namespace: 'aibrix-system',
      repository: this.release.repository,
      path: this.release.chart,
      // A commit cannot change; a tag of another version is as good as its repository.
      ref: this.version === Versions.AIBRIX ? Versions.AIBRIX_COMMIT : `refs/tags/v${this.version.replace(/^v/, '')}`,
      valuesFile: 'stable.yaml', // pins the images, which are 'nightly' otherwise
      tolerations: context.systemTolerations ?? SYSTEM_TOLERATIONS,
      untolerating: 'templates/metadata-service/redis.yaml',
    });
    const directory = FileSystem.mkdtemp('aibrix-');
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
    return { chartAsset: new Asset(scope, 'Installer', { path: directory }) };
  }
}
