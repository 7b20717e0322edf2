import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';
import { podTemplateJson } from './pod-template-json';

/** The head of a Ray cluster: its control store, its dashboard and its autoscaler. */
export interface RayHeadGroup {
  /** Parameters of `ray start`. */
  readonly rayStartParams: { readonly [parameter: string]: string };
  /** The pod. */
  readonly template: k8s.PodTemplateSpec;
}

/** Workers of one kind. */
export interface RayWorkerGroup {
  /** Name of the group. */
  readonly groupName: string;
  /** Workers at the start, and always where nothing scales them. */
  readonly replicas: number;
  /** Fewest workers. */
  readonly minReplicas: number;
  /** Most workers. */
  readonly maxReplicas: number;
  /** Parameters of `ray start`. */
  readonly rayStartParams: { readonly [parameter: string]: string };
  /** The pod. */
  readonly template: k8s.PodTemplateSpec;
}

/** The autoscaler of a Ray cluster: a container in the head's pod. */
export interface RayAutoscalerOptions {
  /** `v2`. Unset, the operator does not do what version 2 needs of it. */
  readonly version: string;
  /** Seconds that a worker must be idle before it goes. */
  readonly idleTimeoutSeconds: number;
  /** `Default`, `Conservative` or `Aggressive`. */
  readonly upscalingMode: string;
  /** CPU and memory of the container. */
  readonly resources: RayContainerResources;
  /** Security settings of the container. */
  readonly securityContext: k8s.SecurityContext;
}

/** CPU and memory of a container. */
export interface RayContainerResources {
  /** What is reserved. */
  readonly requests: { readonly [resource: string]: string };
  /** What is not exceeded. */
  readonly limits: { readonly [resource: string]: string };
}

/** Where a credential comes from. */
export interface RayCredential {
  /** A key of a Secret. */
  readonly valueFrom: k8s.EnvVarSource;
}

/** Keeps the state of the control store outside, so that a new head goes on where the old one ended. */
export interface RayGcsFaultToleranceOptions {
  /** `host:port`, or a URL. */
  readonly redisAddress: string;
  /** User. */
  readonly redisUsername?: RayCredential;
  /** Password. */
  readonly redisPassword?: RayCredential;
}

/** A Ray cluster. */
export interface RayClusterSpec {
  /** Version of Ray in the images. */
  readonly rayVersion: string;
  /** Whether workers come and go with what is asked of them. */
  readonly enableInTreeAutoscaling: boolean;
  /** The autoscaler. */
  readonly autoscalerOptions?: RayAutoscalerOptions;
  /** Survives the loss of the head. */
  readonly gcsFaultToleranceOptions?: RayGcsFaultToleranceOptions;
  /** The head. */
  readonly headGroupSpec: RayHeadGroup;
  /** The workers. */
  readonly workerGroupSpecs: RayWorkerGroup[];
}

/** What happens when the cluster's spec changes. */
export interface RayServiceUpgradeStrategy {
  /** `NewCluster` or `None`. */
  readonly type: string;
}

/** Spec of a RayService. */
export interface RayServiceSpec {
  /** Applications of Ray Serve, as YAML. */
  readonly serveConfigV2: string;
  /** What happens when the cluster's spec changes. */
  readonly upgradeStrategy: RayServiceUpgradeStrategy;
  /** Whether the head is left out of the Service that KubeRay makes. */
  readonly excludeHeadPodFromServeSvc: boolean;
  /** The cluster. */
  readonly rayClusterConfig: RayClusterSpec;
}

/** Properties of a RayService. */
export interface RayServiceProps {
  /** Name, namespace and labels. */
  readonly metadata: ApiObjectMetadata;
  /** The applications and their cluster. */
  readonly spec: RayServiceSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** RayService of KubeRay (`ray.io/v1`): applications of Ray Serve on a Ray cluster of their own. */
export class RayService extends ApiObject {
  constructor(scope: Construct, id: string, props: RayServiceProps) {
    const { metadata, spec, overrides } = props;
    const { headGroupSpec, workerGroupSpecs } = spec.rayClusterConfig;
    const object = {
      apiVersion: 'ray.io/v1',
      kind: 'RayService',
      metadata,
      spec: {
        ...spec,
        rayClusterConfig: {
          ...spec.rayClusterConfig,
          headGroupSpec: { ...headGroupSpec, template: podTemplateJson(headGroupSpec.template) },
          workerGroupSpecs: workerGroupSpecs.map((group) => ({ ...group, template: podTemplateJson(group.template) })),
        },
      },
    };
    super(scope, id, mergePatch(object, overrides));
  }
}
