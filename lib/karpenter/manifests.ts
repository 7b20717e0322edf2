import type { LabelCondition } from './requirement';

/** A taint of a node. */
export interface TaintManifest {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A toleration of a pod. */
export interface TolerationManifest {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

/** What a container asks for. */
export interface ContainerManifest {
  /** `Always` on init containers that run beside the others. */
  readonly restartPolicy?: string;
  readonly resources?: {
    readonly requests?: { readonly [resource: string]: string | number };
    readonly limits?: { readonly [resource: string]: string | number };
  };
}

/** The parts of a pod's spec that decide on which nodes it can be, as they stand in a manifest. */
export interface PodManifest {
  readonly nodeSelector?: { readonly [label: string]: string };
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms: readonly { readonly matchExpressions?: readonly LabelCondition[] }[];
      };
    };
  };
  readonly tolerations?: readonly TolerationManifest[];
  readonly initContainers?: readonly ContainerManifest[];
  readonly containers: readonly ContainerManifest[];
}

/** The parts of a NodePool that decide which nodes it makes, as they stand in a manifest. */
export interface NodePoolManifest {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly metadata?: { readonly labels?: { readonly [label: string]: string } };
      readonly spec: {
        readonly requirements?: readonly LabelCondition[];
        readonly taints?: readonly TaintManifest[];
      };
    };
    readonly limits?: { readonly [resource: string]: string | number };
    readonly weight?: number;
    readonly replicas?: number;
  };
}
