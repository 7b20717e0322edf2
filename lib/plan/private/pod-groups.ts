import type { Chart } from 'cdk8s';
import type { PodManifest } from '../../karpenter/manifests';

/** Pods of one kind that a workload makes. */
export interface PodGroup {
  /** What they do. */
  readonly role: string;
  /** Fewest pods. */
  readonly minimum: number;
  /** Most pods. */
  readonly maximum: number;
  /** The pod. */
  readonly pod: PodManifest;
}

/** The fewest and the most of something. */
interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** A Kubernetes object, as far as it says how many pods there are. */
interface WorkloadManifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: { readonly [label: string]: string } };
  readonly spec?: unknown;
}

interface PodTemplate {
  readonly spec: PodManifest;
}

interface DeploymentSpec {
  readonly replicas?: number;
  readonly template: PodTemplate;
}

interface LeaderWorkerSetSpec {
  readonly replicas?: number;
  readonly leaderWorkerTemplate: { readonly size: number; readonly leaderTemplate?: PodTemplate; readonly workerTemplate: PodTemplate };
}

interface RayServiceSpec {
  readonly rayClusterConfig: {
    readonly headGroupSpec: { readonly template: PodTemplate };
    readonly workerGroupSpecs: readonly {
      readonly groupName: string;
      readonly minReplicas: number;
      readonly maxReplicas: number;
      readonly template: PodTemplate;
    }[];
  };
}

interface StormServiceSpec {
  readonly replicas: number;
  readonly template: {
    readonly spec: { readonly roles: readonly { readonly name: string; readonly replicas: number; readonly template: PodTemplate }[] };
  };
}

interface AutoscalerSpec {
  readonly scaleTargetRef: { readonly kind?: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
}

/** How the workloads of the topologies say what pods they make. A kind without an entry makes none that are counted. */
const WORKLOADS: { readonly [kind: string]: (spec: never, bounds: (fixed?: number) => Bounds, role: string) => PodGroup[] } = {
  Deployment: (spec: DeploymentSpec, bounds, role) => [{ role, ...bounds(spec.replicas), pod: spec.template.spec }],
  LeaderWorkerSet: ({ replicas, leaderWorkerTemplate }: LeaderWorkerSetSpec, bounds) => {
    const { size, leaderTemplate, workerTemplate } = leaderWorkerTemplate;
    const groups = bounds(replicas);
    return [
      { role: 'leader', ...groups, pod: (leaderTemplate ?? workerTemplate).spec },
      { role: 'workers', ...times(groups, size - 1), pod: workerTemplate.spec },
    ];
  },
  RayService: ({ rayClusterConfig: { headGroupSpec, workerGroupSpecs } }: RayServiceSpec) => [
    { role: 'head', minimum: 1, maximum: 1, pod: headGroupSpec.template.spec },
    ...workerGroupSpecs.map(({ groupName, minReplicas, maxReplicas, template }) => ({
      role: groupName,
      minimum: minReplicas,
      maximum: maxReplicas,
      pod: template.spec,
    })),
  ],
  StormService: ({ replicas, template }: StormServiceSpec, bounds) =>
    template.spec.roles.map((role) => ({ role: role.name, ...times(bounds(replicas), role.replicas), pod: role.template.spec })),
};

const AUTOSCALERS = ['ScaledObject', 'HorizontalPodAutoscaler', 'PodAutoscaler'];

/** Label of a pod's side, where prompts and answers have pods of their own. */
const ROLE_LABEL = 'cdk-eks-inference/role';

const known = new WeakMap<Chart, readonly PodGroup[]>();

/**
 * The pods that a model server makes. Its chart is complete when it is made, so this is worked out once.
 *
 * @internal
 */
export function podGroups(chart: Chart): readonly PodGroup[] {
  const groups = known.get(chart) ?? podGroupsOf(chart.toJson());
  known.set(chart, groups);
  return groups;
}

/**
 * The pods that the objects of a model server make, with the bounds that an autoscaler among the objects sets.
 *
 * @internal
 */
export function podGroupsOf(objects: readonly object[]): PodGroup[] {
  const manifests = objects as readonly WorkloadManifest[]; // cdk8s types its own output any[]
  const autoscalers = manifests.filter(({ kind }) => AUTOSCALERS.includes(kind)).map(({ spec }) => spec as AutoscalerSpec);
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const groupsOf = WORKLOADS[kind];
    if (!groupsOf) return [];
    const autoscaler = autoscalers.find(({ scaleTargetRef: to }) => to.name === metadata.name && (to.kind ?? kind) === kind);
    const side = metadata.labels?.[ROLE_LABEL];
    // each entry reads the spec of its own kind
    return groupsOf(spec as never, (fixed) => boundsOf(autoscaler, fixed), side ?? 'server').map((group) =>
      side && group.role !== side ? { ...group, role: `${side} ${group.role}` } : group,
    );
  });
}

/** Kubernetes makes one pod where neither the workload nor an autoscaler says how many. */
function boundsOf(autoscaler: AutoscalerSpec | undefined, fixed = 1): Bounds {
  if (!autoscaler) return { minimum: fixed, maximum: fixed };
  const minimum = autoscaler.minReplicaCount ?? autoscaler.minReplicas ?? 1;
  return { minimum, maximum: autoscaler.maxReplicaCount ?? autoscaler.maxReplicas ?? minimum };
}

function times({ minimum, maximum }: Bounds, factor: number): Bounds {
  return { minimum: minimum * factor, maximum: maximum * factor };
}
