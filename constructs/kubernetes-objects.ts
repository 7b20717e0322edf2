import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { Chart } from 'cdk8s';
import { Construct } from 'constructs';

/** Options of a set of Kubernetes objects applied to a cluster. */
export interface KubernetesObjectsOptions {
  /** The chart whose objects are applied. It is read once, here: what is added to it later is lost. */
  readonly chart: Chart;

  /**
   * Give every object that pruning would leave behind a removal of its own.
   *
   * `kubectl apply --prune` deletes some built-in kinds that a new version of the app no longer has, but never a custom
   * resource and never an autoscaler: what comes and goes with an option (a RayService, a ScaledObject, a
   * HorizontalPodAutoscaler) would stay on the cluster, and keep its nodes, for as long as the rest of the unit lives.
   *
   * @default false - all objects are one unit, created and deleted together
   */
  readonly separateCustomResources?: boolean;

  /**
   * Kinds that are always there, so that they stay in the one unit with the rest although nothing would prune them.
   *
   * @default - none
   */
  readonly keepTogether?: string[];

  /**
   * Take over objects that already exist on the cluster instead of failing on them.
   *
   * @default false - the deployment fails when an object of the same name exists
   */
  readonly overwrite?: boolean;
}

/** Properties of a set of Kubernetes objects applied to a cluster. */
export interface KubernetesObjectsProps extends KubernetesObjectsOptions {
  /** The cluster, created here or imported with a kubectl provider. */
  readonly cluster: eks.ICluster;
}

/**
 * One lifecycle unit of Kubernetes objects on an EKS cluster: what is applied together and removed together.
 *
 * The custom resource is made in this construct's own stack, never in the cluster's, so a workload can use values of
 * its own stack without a cyclic reference.
 *
 * @throws when the cluster has no kubectl provider, or when the unit is too large for a custom resource
 */
export class KubernetesObjects extends Construct {
  /**
   * The largest unit, in bytes of JSON. CloudFormation hands a custom resource its old and its new properties in one
   * event, and the event was limited to 256 KB before October 2025.
   */
  public static readonly MAX_UNIT_BYTES = 100_000;

  constructor(scope: Construct, id: string, props: KubernetesObjectsProps) {
    super(scope, id);
    if (!eks.KubectlProvider.getKubectlProvider(this, props.cluster)) {
      throw new Error(
        `'cluster' (${props.cluster.node.path}) has no kubectl provider, so nothing can be applied to it: ` +
          "pass 'kubectlProviderOptions' when creating it, or import it with ImportedCluster",
      );
    }

    const manifest = props.chart.toJson() as ManifestObject[]; // cdk8s types its own output any[]
    const comesAndGoes = (object: ManifestObject) => !isPruned(object) && !props.keepTogether?.includes(object.kind);
    const separate = props.separateCustomResources ? manifest.filter(comesAndGoes) : [];
    const together = manifest.filter((object) => !separate.includes(object));

    const base = together.length > 0 ? this.unit('Resource', together, props) : undefined;
    for (const object of separate) {
      const unit = this.unit(unitId(object, separate), [object], props);
      if (base) unit.node.addDependency(base);
    }
  }

  private unit(id: string, manifest: ManifestObject[], props: KubernetesObjectsProps): eks.KubernetesManifest {
    const bytes = JSON.stringify(manifest).length;
    if (bytes > KubernetesObjects.MAX_UNIT_BYTES) {
      throw new Error(
        `'chart' (${props.chart.node.id}) has ${bytes} bytes of Kubernetes objects, the limit of one unit is ` +
          `${KubernetesObjects.MAX_UNIT_BYTES}: split the chart, or move large data to a bucket`,
      );
    }
    return new eks.KubernetesManifest(this, id, { cluster: props.cluster, manifest, prune: true, overwrite: props.overwrite });
  }
}

interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Whether `kubectl apply --prune` deletes an object that a new version of its unit no longer has. */
function isPruned({ apiVersion, kind }: ManifestObject): boolean {
  return PRUNED_KINDS.has(`${apiVersion}/${kind}`);
}

/** Source: k8s.io/kubectl v0.36.3, pkg/util/prune/prune.go, the defaults; CDK's handler names no others. */
const PRUNED_KINDS = new Set([
  ...['ConfigMap', 'Endpoints', 'Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'Pod', 'ReplicationController', 'Secret', 'Service']
    .map((kind) => `v1/${kind}`),
  ...['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'].map((kind) => `apps/v1/${kind}`),
  ...['CronJob', 'Job'].map((kind) => `batch/v1/${kind}`),
  'networking.k8s.io/v1/Ingress',
]);

/** The kind alone, so that a renamed object replaces the old one; with the name where a kind comes twice. */
function unitId(object: ManifestObject, all: readonly ManifestObject[]): string {
  const sameKind = all.filter((other) => other.kind === object.kind).length;
  return sameKind > 1 ? `${object.kind}-${object.metadata.name}` : object.kind;
}
