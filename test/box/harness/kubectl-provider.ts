import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Box } from './box';
import type { KubeObject } from './kinds';

const HANDLER = join(dirname(require.resolve('aws-cdk-lib/package.json')), 'custom-resource-handlers/dist/aws-eks-v2/kubectl-handler');
const FAKES = join(__dirname, '..', 'fakes');

/** Properties of one `Custom::AWSCDK-EKS-KubernetesResource`, as they stand in a template once everything is resolved. */
export interface KubernetesResourceProperties {
  /** JSON array of objects. */
  readonly Manifest: string;
  readonly PruneLabel?: string;
  readonly Overwrite?: string;
  readonly SkipValidation?: string;
}

/**
 * The custom resource through which an app's manifests reach the cluster: the Python of aws-cdk-lib's own handler, with the kubectl
 * and helm of the layer. It creates with `kubectl create`, updates with a client-side apply, prunes by label: all of that is tested.
 */
export class KubectlProvider {
  constructor(private readonly box: Box) {}

  public create(properties: KubernetesResourceProperties): Promise<string> {
    return this.invoke('Create', properties);
  }

  public update(properties: KubernetesResourceProperties): Promise<string> {
    return this.invoke('Update', properties);
  }

  public delete(properties: KubernetesResourceProperties): Promise<string> {
    return this.invoke('Delete', properties);
  }

  /** Runs the handler; its log is the result, or part of the error. */
  private invoke(type: 'Create' | 'Update' | 'Delete', properties: KubernetesResourceProperties): Promise<string> {
    const { box } = this;
    const folder = mkdtempSync(join(box.folder, 'handler-'));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    copyFileSync(join(FAKES, 'aws-cli.sh'), join(bin, 'aws'));
    const event = {
      RequestType: type, ResponseURL: 'unused', ResourceType: 'Custom::AWSCDK-EKS-KubernetesResource',
      ResourceProperties: { ClusterName: box.clusterName, RoleArn: 'unused', ...properties },
    };
    return new Promise<string>((resolve, reject) => {
      const child = spawn(box.tools.binary('python', 'python'), [join(FAKES, 'kubectl-handler.py'), HANDLER], {
        timeout: 120_000,
        env: {
          PATH: [bin, dirname(box.tools.binary('kubectl')), process.env.PATH].join(':'),
          HOME: folder, TEST_OUTDIR: folder, BOX_KUBECONFIG: box.kubeconfig, PYTHONDONTWRITEBYTECODE: '1',
        },
      });
      let log = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (data: string) => { log += data; });
      child.once('error', reject);
      child.once('close', (code) => (code === 0 ? resolve(log) : reject(new Error(`${type}: ${log.slice(-2000)}`))));
      child.stdin.on('error', () => undefined);
      child.stdin.end(JSON.stringify(event));
    }).finally(() => rmSync(folder, { recursive: true, force: true }));
  }
}

/** The properties with which a manifest of these objects would be deployed, without anything optional. */
export function resourceOf(objects: readonly KubeObject[]): KubernetesResourceProperties {
  return { Manifest: JSON.stringify(objects) };
}
