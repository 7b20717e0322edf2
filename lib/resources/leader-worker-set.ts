import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';
import { podTemplateJson } from './pod-template-json';

/** The pods of one group. */
export interface LeaderWorkerTemplate {
  /** Pods of a group, with its leader. */
  readonly size: number;
  /** `RecreateGroupOnPodRestart`, `RecreateGroupAfterStart` or `None`. */
  readonly restartPolicy: string;
  /** The leader: the pod with index 0. */
  readonly leaderTemplate: k8s.PodTemplateSpec;
  /** The others. */
  readonly workerTemplate: k8s.PodTemplateSpec;
}

/** How fast groups are replaced. */
export interface LeaderWorkerSetRollingUpdate {
  /** Groups that may be away. */
  readonly maxUnavailable: number;
  /** Groups that may be there beside the others. */
  readonly maxSurge: number;
}

/** How groups are replaced. */
export interface LeaderWorkerSetRollout {
  /** `RollingUpdate`. */
  readonly type: string;
  /** How fast. */
  readonly rollingUpdateConfiguration: LeaderWorkerSetRollingUpdate;
}

/** Spec of a LeaderWorkerSet. */
export interface LeaderWorkerSetSpec {
  /** Groups. Left out where an autoscaler sets it. */
  readonly replicas?: number;
  /** `LeaderCreated`, or `LeaderReady` where workers wait for their leader to be ready. */
  readonly startupPolicy: string;
  /** How groups are replaced. */
  readonly rolloutStrategy: LeaderWorkerSetRollout;
  /** The pods of one group. */
  readonly leaderWorkerTemplate: LeaderWorkerTemplate;
}

/** Properties of a LeaderWorkerSet. */
export interface LeaderWorkerSetProps {
  /** Name, namespace and labels. */
  readonly metadata: ApiObjectMetadata;
  /** The groups. */
  readonly spec: LeaderWorkerSetSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** LeaderWorkerSet (`leaderworkerset.x-k8s.io/v1`): replicas that are groups of pods. */
export class LeaderWorkerSet extends ApiObject {
  /** Label of every pod of a group: the same for all of a group, different for all others. */
  public static readonly GROUP_KEY = 'leaderworkerset.sigs.k8s.io/group-key';
  /** Label of a pod's index in its group: 0 is the leader. */
  public static readonly WORKER_INDEX = 'leaderworkerset.sigs.k8s.io/worker-index';

  constructor(scope: Construct, id: string, props: LeaderWorkerSetProps) {
    const { metadata, spec, overrides } = props;
    const { leaderTemplate, workerTemplate } = spec.leaderWorkerTemplate;
    const object = {
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata,
      spec: {
        ...spec,
        leaderWorkerTemplate: {
          ...spec.leaderWorkerTemplate,
          leaderTemplate: podTemplateJson(leaderTemplate),
          workerTemplate: podTemplateJson(workerTemplate),
        },
      },
    };
    super(scope, id, mergePatch(object, overrides));
  }
}
