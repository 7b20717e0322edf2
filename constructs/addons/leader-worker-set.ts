import { Versions } from '../../lib/versions';
import { HelmAddon, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';

/** Options of LeaderWorkerSet. */
export interface LeaderWorkerSetOptions extends HelmAddonOptions {
  /**
   * Replicas of the controller; one of them works, the others stand by.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Schedule the pods of a group all together or not at all. Volcano must be on the cluster, and the pods must ask for
   * `schedulerName: volcano`. Alpha.
   *
   * @default false
   */
  readonly gangScheduling?: boolean;

  /**
   * Serve DisaggregatedSet too: roles such as prefill and decode that are rolled out together.
   *
   * @default false
   */
  readonly disaggregatedSet?: boolean;
}

/** LeaderWorkerSet, the controller of groups of pods that serve one model across several nodes. */
export class LeaderWorkerSet extends HelmAddon {
  public readonly name: string = 'leader-worker-set';

  protected readonly release: HelmRelease = {
    repository: 'oci://registry.k8s.io/lws/charts/lws',
    chart: 'lws',
    version: Versions.LEADER_WORKER_SET_CHART,
    namespace: 'lws-system',
    controllers: [''],
  };

  constructor(private readonly leaderWorkerSet: LeaderWorkerSetOptions = {}) {
    super(leaderWorkerSet);
  }

  /** @internal */
  protected _values(): HelmValues {
    return {
      replicaCount: this.leaderWorkerSet.replicas ?? 1,
      enableDisaggregatedSet: this.leaderWorkerSet.disaggregatedSet ?? false,
      // The chart's own default is the moving tag 'main', pulled at every start.
      image: { manager: { tag: `v${Versions.LEADER_WORKER_SET_CHART}`, pullPolicy: 'IfNotPresent' } },
      ...(this.leaderWorkerSet.gangScheduling && { gangSchedulingManagement: { schedulerProvider: 'volcano' } }),
    };
  }
}
