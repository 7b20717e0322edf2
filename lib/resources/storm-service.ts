import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';
import { podTemplateJson } from './pod-template-json';

/** How pods of a role are replaced. */
export interface StormRoleUpdate {
  /** Pods that may be away. */
  readonly maxUnavailable: number;
  /** Pods that may be there beside the others. */
  readonly maxSurge: number;
}

/** Pods of one role. */
export interface StormRole {
  /** `prefill` or `decode`. */
  readonly name: string;
  /** Pods. */
  readonly replicas: number;
  /** Whether pods keep their names. */
  readonly stateful: boolean;
  /** How pods are replaced. */
  readonly updateStrategy: StormRoleUpdate;
  /** The pod. */
  readonly template: k8s.PodTemplateSpec;
}

/** Spec of a StormService. */
export interface StormServiceSpec {
  /** Sets of roles. 1 is one pool, whose roles are sized apart. */
  readonly replicas: number;
  /** Whether sets keep their names. */
  readonly stateful: boolean;
  /** Labels of the sets. */
  readonly matchLabels: { readonly [key: string]: string };
  /** The roles of a set. */
  readonly roles: StormRole[];
  /** `RollingUpdate` replaces sets, `InPlaceUpdate` the pods in them. */
  readonly updateType: string;
}

/** Properties of a StormService. */
export interface StormServiceProps {
  /** Name, namespace and labels. */
  readonly metadata: ApiObjectMetadata;
  /** The roles. */
  readonly spec: StormServiceSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** StormService of AIBrix (`orchestration.aibrix.ai/v1alpha1`): pods of several roles that work together. */
export class StormService extends ApiObject {
  constructor(scope: Construct, id: string, props: StormServiceProps) {
    const { metadata, spec, overrides } = props;
    const object = {
      apiVersion: 'orchestration.aibrix.ai/v1alpha1',
      kind: 'StormService',
      metadata,
      spec: {
        replicas: spec.replicas,
        stateful: spec.stateful,
        updateStrategy: { type: spec.updateType },
        selector: { matchLabels: spec.matchLabels },
        template: {
          metadata: { labels: spec.matchLabels },
          spec: { roles: spec.roles.map((role) => ({ ...role, template: podTemplateJson(role.template) })) },
        },
      },
    };
    super(scope, id, mergePatch(object, overrides));
  }
}
