import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Versions } from '../lib/versions';

/**
 * A Kubernetes version together with the kubectl that manages it.
 *
 * kubectl works with clusters one minor version older or newer than itself, so the two change together.
 */
export class KubernetesRelease {
  /** Kubernetes 1.35 with kubectl 1.35 and Helm 4. */
  public static readonly V1_35 = new KubernetesRelease(Versions.KUBERNETES);

  /**
   * Any other version.
   *
   * @param version the minor version, for example `1.36`
   * @param kubectlLayer the layer with its kubectl and Helm: `new KubectlV36Layer(this, 'Kubectl')` of the package
   * `@aws-cdk/lambda-layer-kubectl-v36`
   */
  public static of(version: string, kubectlLayer: lambda.ILayerVersion): KubernetesRelease {
    const minor = /^1\.(\d{2})$/.exec(version)?.[1];
    if (!Token.isUnresolved(version) && !minor) {
      throw new Error(`'version' (${version}) must be a minor version of Kubernetes: write it like '${Versions.KUBERNETES}'`);
    }
    if (!kubectlLayer) {
      throw new Error(
        `'kubectlLayer' of Kubernetes ${version} is missing: install @aws-cdk/lambda-layer-kubectl-v${minor} and pass ` +
          `new KubectlV${minor}Layer(this, 'Kubectl')`,
      );
    }
    return new KubernetesRelease(version, kubectlLayer);
  }

  private constructor(
    /** The minor version, for example `1.35`. */
    public readonly version: string,
    private readonly kubectlLayer?: lambda.ILayerVersion,
  ) {}

  /** Whether EKS still makes clusters of this version; unknown versions are newer ones. */
  public get isSupported(): boolean {
    const minor = Number(this.version.split('.')[1]);
    return Token.isUnresolved(this.version) || minor >= OLDEST_SUPPORTED_MINOR;
  }

  /** The version as EKS takes it. */
  public get kubernetesVersion(): eks.KubernetesVersion {
    return eks.KubernetesVersion.of(this.version);
  }

  /** The layer with kubectl and Helm; made in the scope where none was given. */
  public bindKubectlLayer(scope: Construct): lambda.ILayerVersion {
    return this.kubectlLayer ?? new KubectlV35Layer(scope, 'Kubectl');
  }
}

/** 1.30 left the extended support of EKS on 2026-07-23; Karpenter 1.15 begins with 1.31 as well. */
const OLDEST_SUPPORTED_MINOR = 31;
