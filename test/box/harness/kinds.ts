/** The few fields of the objects that scenarios look at; everything else stays out of their sight. */

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
}

/** Any object, as it is written in a manifest. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<Metadata>;
  readonly [field: string]: unknown;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** One kind, with the type of what the API server answers for it. */
export interface Kind<T> {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: carries the type. */
  readonly sample?: T;
}

function kind<T>(apiVersion: string, plural: string, namespaced: boolean = true): Kind<T> {
  return { apiVersion, plural, namespaced };
}

export type Quantities = Readonly<Record<string, string>>;

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities };
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly readinessProbe?: { readonly exec?: { readonly command?: readonly string[] } };
}

/** The few kinds of volumes that matter here: those that carry a token. */
export interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources?: readonly { readonly serviceAccountToken?: object }[] };
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly volumes?: readonly Volume[];
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly { readonly key?: string; readonly operator?: string; readonly effect?: string }[];
  readonly terminationGracePeriodSeconds?: number;
  readonly schedulerName?: string;
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: PodSpec;
  readonly status: {
    readonly phase?: string; readonly podIP?: string; readonly hostIP?: string; readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly { readonly name: string; readonly restartCount: number }[];
  };
}

export interface Node {
  readonly metadata: Metadata;
  readonly spec: { readonly providerID?: string; readonly taints?: readonly { readonly key: string; readonly effect: string }[] };
  readonly status: { readonly allocatable?: Quantities; readonly conditions?: readonly Condition[] };
}

export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface NodeClaim {
  readonly metadata: Metadata;
  readonly spec: { readonly requirements: readonly Requirement[]; readonly resources?: { readonly requests?: Quantities } };
  readonly status?: {
    readonly providerID?: string;
    readonly nodeName?: string;
    readonly capacity?: Quantities;
    readonly allocatable?: Quantities;
    readonly conditions?: readonly Condition[];
  };
}

export interface NodePool {
  readonly metadata: Metadata;
  readonly spec: {
    readonly limits?: Quantities;
    readonly template: {
      readonly spec: { readonly nodeClassRef: { readonly name: string }; readonly requirements: readonly Requirement[] };
    };
  };
  readonly status?: { readonly resources?: Quantities; readonly conditions?: readonly Condition[] };
}

export interface Workload {
  readonly metadata: Metadata;
  readonly spec: { readonly replicas?: number; readonly template?: { readonly spec: PodSpec } };
  readonly status?: {
    readonly observedGeneration?: number; readonly replicas?: number; readonly readyReplicas?: number; readonly conditions?: readonly Condition[];
  };
}

export interface HorizontalPodAutoscaler {
  readonly metadata: Metadata;
  readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number };
  readonly status?: { readonly desiredReplicas?: number; readonly currentReplicas?: number; readonly conditions?: readonly Condition[] };
}

export interface WithConditions {
  readonly metadata: Metadata;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: { readonly conditions?: readonly Condition[]; readonly [field: string]: unknown };
}

export interface PodAutoscaler {
  readonly metadata: Metadata;
  readonly status?: { readonly desiredScale?: number; readonly conditions?: readonly Condition[] };
}

export interface RayCluster {
  readonly metadata: Metadata;
  readonly spec: {
    readonly enableInTreeAutoscaling?: boolean;
    readonly headGroupSpec: { readonly template: { readonly spec: PodSpec } };
    readonly workerGroupSpecs?: readonly {
      readonly groupName: string;
      readonly replicas?: number;
      readonly minReplicas?: number;
      readonly maxReplicas?: number;
    }[];
  };
  readonly status?: { readonly state?: string; readonly desiredWorkerReplicas?: number; readonly conditions?: readonly Condition[] };
}

export interface RayService {
  readonly metadata: Metadata;
  readonly status?: {
    readonly serviceStatus?: string;
    readonly conditions?: readonly Condition[];
    readonly activeServiceStatus?: { readonly rayClusterName?: string };
    readonly pendingServiceStatus?: { readonly rayClusterName?: string };
  };
}

export interface Service {
  readonly metadata: Metadata;
  readonly spec: { readonly selector?: Readonly<Record<string, string>>; readonly ports?: readonly { readonly port: number }[] };
}

export interface EndpointSlice {
  readonly metadata: Metadata;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
  readonly endpoints?: readonly {
    readonly addresses: readonly string[]; readonly conditions?: { readonly ready?: boolean }; readonly targetRef?: { readonly name: string };
  }[];
}

export type Labels = Readonly<Record<string, string>>;

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface NetworkPolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface NetworkPolicy {
  readonly metadata: Metadata;
  readonly spec: {
    readonly podSelector: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly { readonly from?: readonly NetworkPolicyPeer[]; readonly ports?: readonly NetworkPolicyPort[] }[];
    readonly egress?: readonly { readonly to?: readonly NetworkPolicyPeer[]; readonly ports?: readonly NetworkPolicyPort[] }[];
  };
}

/** A RoleBinding or ClusterRoleBinding. */
export interface Binding {
  readonly metadata: Metadata;
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

export const Pods = kind<Pod>('v1', 'pods');
export const Nodes = kind<Node>('v1', 'nodes', false);
export const Namespaces = kind<{ readonly metadata: Metadata }>('v1', 'namespaces', false);
export const ConfigMaps = kind<{ readonly metadata: Metadata; readonly data?: Readonly<Record<string, string>> }>('v1', 'configmaps');
export const Services = kind<Service>('v1', 'services');
export const EndpointSlices = kind<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices');
export const Deployments = kind<Workload>('apps/v1', 'deployments');
export const StatefulSets = kind<Workload>('apps/v1', 'statefulsets');
export const PodDisruptionBudgets = kind<WithConditions>('policy/v1', 'poddisruptionbudgets');
export const HorizontalPodAutoscalers = kind<HorizontalPodAutoscaler>('autoscaling/v2', 'horizontalpodautoscalers');
export const NetworkPolicies = kind<NetworkPolicy>('networking.k8s.io/v1', 'networkpolicies');
export const RoleBindings = kind<Binding>('rbac.authorization.k8s.io/v1', 'rolebindings');
export const ClusterRoleBindings = kind<Binding>('rbac.authorization.k8s.io/v1', 'clusterrolebindings', false);
export const ResourceQuotas = kind<WithConditions>('v1', 'resourcequotas');
export const CustomResourceDefinitions = kind<WithConditions>('apiextensions.k8s.io/v1', 'customresourcedefinitions', false);
export const ApiServices = kind<WithConditions>('apiregistration.k8s.io/v1', 'apiservices', false);
export const NodePools = kind<NodePool>('karpenter.sh/v1', 'nodepools', false);
export const NodeClaims = kind<NodeClaim>('karpenter.sh/v1', 'nodeclaims', false);
export const Ec2NodeClasses = kind<WithConditions>('karpenter.k8s.aws/v1', 'ec2nodeclasses', false);
export const LeaderWorkerSets = kind<Workload>('leaderworkerset.x-k8s.io/v1', 'leaderworkersets');
export const RayServices = kind<RayService>('ray.io/v1', 'rayservices');
export const RayClusters = kind<RayCluster>('ray.io/v1', 'rayclusters');
export const ScaledObjects = kind<WithConditions>('keda.sh/v1alpha1', 'scaledobjects');
export const StormServices = kind<Workload>('orchestration.aibrix.ai/v1alpha1', 'stormservices');
export const RoleSets = kind<WithConditions>('orchestration.aibrix.ai/v1alpha1', 'rolesets');
export const PodAutoscalers = kind<PodAutoscaler>('autoscaling.aibrix.ai/v1alpha1', 'podautoscalers');
export const ModelAdapters = kind<WithConditions>('model.aibrix.ai/v1alpha1', 'modeladapters');

/** Whether a condition of an object is True. */
export function isTrue(object: { readonly status?: { readonly conditions?: readonly Condition[] } }, type: string): boolean {
  return object.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
