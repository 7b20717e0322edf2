import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';

/** One condition on the nodes of a pool. */
export interface NodeRequirement {
  /** Label of the node. */
  readonly key: string;
  /** `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`. */
  readonly operator: string;
  /** Values of the label; exactly one whole number with `Gt` and `Lt`. */
  readonly values?: string[];
}

/** How many nodes may be disrupted at once. */
export interface NodePoolBudget {
  /** A number of nodes (`1`) or a share of the pool (`10%`). */
  readonly nodes: string;
  /** Cron expression, in UTC, of when the budget begins to hold. Together with `duration`. */
  readonly schedule?: string;
  /** How long the budget holds: `8h`. Together with `schedule`. */
  readonly duration?: string;
  /** What the budget is for: `Empty`, `Drifted`, `Underutilized`. All of them where absent. */
  readonly reasons?: string[];
}

/** When Karpenter removes nodes by its own choice. */
export interface NodePoolDisruption {
  /** `WhenEmpty`, `WhenEmptyOrUnderutilized` or `Balanced`. */
  readonly consolidationPolicy: string;
  /** How long a node must be consolidatable: `10m`, or `Never`. */
  readonly consolidateAfter: string;
  /** How many nodes may be disrupted at once. The strictest budget holds. */
  readonly budgets?: NodePoolBudget[];
}

/** The node class of a pool. */
export interface NodeClassReference {
  /** `karpenter.k8s.aws` or `eks.amazonaws.com`. */
  readonly group: string;
  /** `EC2NodeClass` or `NodeClass`. */
  readonly kind: string;
  /** Name of the node class. */
  readonly name: string;
}

/** Labels and annotations of the nodes. */
export interface NodeTemplateMetadata {
  /** Labels of the nodes. */
  readonly labels?: { readonly [key: string]: string };
  /** Annotations of the nodes. */
  readonly annotations?: { readonly [key: string]: string };
}

/** What every node of a pool is. */
export interface NodeTemplateSpec {
  /** The node class. */
  readonly nodeClassRef: NodeClassReference;
  /** Which instances may come. */
  readonly requirements: NodeRequirement[];
  /** Taints that stay. */
  readonly taints?: k8s.Taint[];
  /** Taints that something on the node removes once it is ready. */
  readonly startupTaints?: k8s.Taint[];
  /** Age at which a node is drained by force: `720h`, or `Never`. */
  readonly expireAfter: string;
  /** How long a drain may take before pods are deleted against their disruption budgets: `24h`. */
  readonly terminationGracePeriod?: string;
}

/** A node as the pool makes it. */
export interface NodeTemplate {
  /** Labels and annotations. */
  readonly metadata?: NodeTemplateMetadata;
  /** What it is. */
  readonly spec: NodeTemplateSpec;
}

/** Spec of a NodePool. */
export interface KarpenterNodePoolSpec {
  /** What its nodes are. */
  readonly template: NodeTemplate;
  /** When nodes are removed. */
  readonly disruption: NodePoolDisruption;
  /** Resources that the nodes of the pool may have together, by name: `nvidia.com/gpu`, `cpu`, `memory`, `nodes`. */
  readonly limits?: { readonly [resource: string]: string };
  /** A fixed number of nodes, whatever pods ask for. */
  readonly replicas?: number;
  /** Preference against other pools: the highest is tried first. */
  readonly weight?: number;
}

/** Properties of a NodePool. */
export interface KarpenterNodePoolProps {
  /** Name and labels. */
  readonly metadata: ApiObjectMetadata;
  /** Which nodes may come. */
  readonly spec: KarpenterNodePoolSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** NodePool of Karpenter and of EKS Auto Mode (`karpenter.sh/v1`): which nodes may come, and when they go. */
export class KarpenterNodePool extends ApiObject {
  constructor(scope: Construct, id: string, props: KarpenterNodePoolProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', ...object }, overrides));
  }
}
