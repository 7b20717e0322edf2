import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of KEDA. */
export interface KedaOptions extends HelmAddonOptions {
  /**
   * Replicas of the operator; one of them works, the others stand by.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * ARNs of the Amazon Managed Service for Prometheus workspaces that the operator may query for its scalers. A
   * TriggerAuthentication with `podIdentity.provider: aws` then works without a secret.
   *
   * @default - none: the operator has no AWS permissions
   */
  readonly prometheusWorkspaceArns?: string[];
}

/** KEDA, the event-driven autoscaler: scales model servers on the length of their queues. */
export class Keda extends HelmAddon {
  public readonly name: string = 'keda';

  protected readonly release: HelmRelease = {
    repository: 'https://kedacore.github.io/charts',
    chart: 'keda',
    version: Versions.KEDA_CHART,
    namespace: 'keda',
    serviceAccount: 'keda-operator',
    controllers: [''],
  };

  constructor(private readonly keda: KedaOptions = {}) {
    super(keda);
  }

  /** @internal */
  protected _values(): HelmValues {
    return { operator: { replicaCount: this.keda.replicas ?? 1 } };
  }

  /** @internal */
  protected _policyStatements(): PolicyStatement[] {
    const resources = this.keda.prometheusWorkspaceArns ?? [];
    const actions = ['aps:QueryMetrics', 'aps:GetSeries', 'aps:GetLabels', 'aps:GetMetricMetadata'];
    return resources.length > 0 ? [new PolicyStatement({ actions, resources })] : [];
  }
}
