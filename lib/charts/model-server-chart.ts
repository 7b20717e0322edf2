import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import type { Accelerator } from '../accelerators/accelerator';
import { NodeLabels } from '../accelerators/node-labels';
import { ColdStart } from '../cold-start';
import type { EngineConfig, EngineContext, IEngine } from '../engines/engine';
import { requireDnsLabel } from '../kubernetes-names';
import type { Model } from '../models/model';
import { Weights } from '../models/weights';
import type { Parallelism } from '../parallelism';
import { Placement } from '../placement';
import { PodMonitor } from '../resources/pod-monitor';
import { FixedReplicas } from '../scaling/fixed-replicas';
import type { IScaling } from '../scaling/scaling';
import { fileKey, ServingPod } from '../topologies/serving-pod';
import { SingleNode } from '../topologies/single-node';
import type { DisruptionTolerance, ITopology } from '../topologies/topology';
import { ModelServerNetworkPolicy } from './model-server-network-policy';
import { placementRequestOf } from './private/placement-request-of';

/** The axes of a model server and what it may be told beside them. */
export interface ModelServerChartOptions {
  /** The model. */
  readonly model: Model;
  /** What runs in the container. */
  readonly engine: IEngine;
  /** The instance type, seen by its devices. */
  readonly accelerator: Accelerator;
  /**
   * Who lays the pods out.
   * @default - one node serves one replica
   */
  readonly topology?: ITopology;
  /**
   * How many replicas, and who decides.
   * @default - one replica
   */
  readonly scaling?: IScaling;
  /**
   * Where the weights are read from.
   * @default - the Hugging Face hub, at each start
   */
  readonly weights?: Weights;
  /**
   * Parallel sizes.
   * @default - the smallest tensor parallel size with which the model fits; pipeline parallel over the nodes of a group
   */
  readonly parallelism?: Parallelism;
  /**
   * Longest prompt plus answer, in tokens. Memory for the KV cache grows with it.
   * @default - as long as the model allows and the devices hold
   */
  readonly contextLength?: number;
  /**
   * Requests in flight at once per replica.
   * @default - the engine's own limit
   */
  readonly concurrency?: number;
  /**
   * The name that clients send as `model`.
   * @default - the model's repository id
   */
  readonly servedName?: string;
  /**
   * Seconds that requests in flight get to finish when a pod ends.
   * @default 60
   */
  readonly drainSeconds?: number;
  /**
   * Seconds between a pod leaving the endpoints and SIGTERM.
   * @default 15
   */
  readonly preStopSeconds?: number;
  /**
   * Seconds a pod may take from its creation to its first answer, before it is restarted.
   * @default - three times what the start is estimated at, and at least 15 minutes and 18 seconds a GiB
   */
  readonly startupSeconds?: number;
  /**
   * CPU of the engine, in cores.
   * @default - the pod's share of the node by devices, less what system pods need
   */
  readonly cpu?: number;
  /**
   * Memory of the engine, request and limit, in GiB.
   * @default - the pod's share of the node by devices, less what system pods need
   */
  readonly memoryGiB?: number;
  /**
   * Namespaces whose pods may send requests. An empty list lets in nobody.
   * @default - the model server's own namespace
   */
  readonly allowedNamespaces?: string[];
  /**
   * Make a PodMonitor, so that the Prometheus operator scrapes every replica. Its CRD must be on the cluster.
   * @default - only when the scaling reads the metrics of kube-prometheus-stack
   */
  readonly podMonitor?: boolean;
  /**
   * Namespace that Prometheus scrapes from.
   * @default 'monitoring'
   */
  readonly monitoringNamespace?: string;
  /**
   * Priority class of the pods.
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;
  /**
   * Spread replicas softly over zones, or groups where several nodes serve one replica. Karpenter chooses the zone of a
   * pod that is spread before it looks at how a node is bought: of a capacity reservation, which is in one zone, such
   * replicas use a part at most, and the others are bought on demand.
   * @default true - but not in an InferenceCluster where a pool with `reservations` serves the accelerator
   */
  readonly spreadZones?: boolean;
}

/** Properties of a chart that serves a model. */
export interface ModelServerChartProps extends ModelServerChartOptions {
  /** Name of the Service and of everything else: a DNS label, unique in the namespace. */
  readonly name: string;
  /** Namespace, which must exist. */
  readonly namespace: string;
  /**
   * Existing ServiceAccount of the pods.
   * @default - one is made, with the model server's name and no permissions
   */
  readonly serviceAccountName?: string;
  /**
   * How nodes are found by their labels.
   * @default NodeLabels.KARPENTER
   */
  readonly nodeLabels?: NodeLabels;
  /**
   * AWS region of the cluster.
   * @default - not set in the containers
   */
  readonly region?: string;
  /**
   * Init containers of the pods, for instance one that waits for weights.
   * @default - none
   */
  readonly initContainers?: k8s.Container[];
}

/**
 * A model behind one Service, for any engine and topology: Service, workload, ServiceAccount, PodDisruptionBudget,
 * NetworkPolicy, and the autoscaler if there is one. Knows no AWS, so it serves `cdk8s synth` and GitOps as well.
 *
 * The endpoint never changes: `http://<name>.<namespace>/v1`, port 80, whatever runs behind it.
 *
 * @throws when the model does not fit the accelerator, naming the cheapest that it fits
 */
export class ModelServerChart extends Chart {
  /** Port of the Service. */
  public static readonly PORT = 80;

  /** The model. */
  public readonly model: Model;
  /** Namespace of its objects. */
  public readonly objectsNamespace: string;
  /** Name of the Service. */
  public readonly serverName: string;
  /** What runs in the container. */
  public readonly engine: IEngine;
  /** Who lays the pods out. */
  public readonly topology: ITopology;
  /** How many replicas, and who decides. */
  public readonly scaling: IScaling;
  /** Where the weights are read from. */
  public readonly weights: Weights;
  /** Where clients in the cluster send their requests. */
  public readonly endpoint: string;
  /** The name that clients send as `model`. */
  public readonly servedName: string;
  /** The model name in the metrics. */
  public readonly metricsModelName: string;
  /** The container that clients and Prometheus meet. */
  public readonly engineConfig: EngineConfig;
  /** Where the model was placed. */
  public readonly placement: Placement;
  /** Names of the add-ons whose controllers must run on the cluster. */
  public readonly requires: string[];
  /** The instance type of the pods. */
  public readonly accelerator: Accelerator;
  /** What a start takes, stage by stage. */
  public readonly coldStart: ColdStart;
  /** Labels that select the pods. */
  public readonly selector: { readonly [key: string]: string };
  /** Labels that select the pods that take requests. */
  public readonly endpointSelector: { readonly [key: string]: string };

  constructor(scope: Construct, id: string, props: ModelServerChartProps) {
    super(scope, id, { disableResourceNameHashes: true });
    const { name, namespace, model, accelerator } = props;
    requireDnsLabel('name', name);
    requireDnsLabel('namespace', namespace);

    const topology = props.topology ?? new SingleNode();
    const scaling = props.scaling ?? new FixedReplicas(1);
    const weights = props.weights ?? Weights.hub();
    this.model = model;
    this.objectsNamespace = namespace;
    this.serverName = name;
    this.engine = props.engine;
    this.topology = topology;
    this.scaling = scaling;
    this.weights = weights;
    this.accelerator = accelerator;
    const scalingRequires = topology.scalesItself ? [] : scaling.requires;
    this.requires = [...topology.requires, ...scalingRequires, ...(props.podMonitor ? ['kube-prometheus-stack'] : [])];
    this.servedName = props.servedName ?? model.servedName;
    this.placement = Placement.require(placementRequestOf(props));

    const engineContext: EngineContext = {
      model,
      servedName: this.servedName,
      accelerator,
      placement: this.placement,
      weights,
      nodes: topology.nodesPerReplica,
      // without a limit an engine takes the model's longest context, and refuses to start where that does not fit
      contextLength: props.contextLength ?? (this.placement.known ? this.placement.contextLength : undefined),
      concurrency: props.concurrency,
      drainSeconds: props.drainSeconds ?? 60,
    };
    const boundConfig = props.engine.bind(engineContext);
    this.coldStart = ColdStart.estimate({ model, accelerator, placement: this.placement, weights, fastImagePull: true });
    const startupSeconds = props.startupSeconds ?? Math.max(patience(model), this.coldStart.startupProbeSeconds);

    this.selector = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'model-server' };
    const labels = {
      ...this.selector,
      'app.kubernetes.io/managed-by': 'cdk-eks-inference',
      'cdk-eks-inference/engine': props.engine.name,
      'cdk-eks-inference/topology': topology.name,
    };
    const serviceAccountName = props.serviceAccountName ?? name;
    if (!props.serviceAccountName) {
      new k8s.KubeServiceAccount(this, 'ServiceAccount', {
        metadata: { name, namespace, labels },
        automountServiceAccountToken: false,
      });
    }
    if (boundConfig.files) {
      new k8s.KubeConfigMap(this, 'Files', {
        metadata: { name: ServingPod.filesName(name), namespace, labels },
        data: Object.fromEntries(Object.entries(boundConfig.files).map(([path, text]) => [fileKey(path), text])),
      });
    }

    const pod = new ServingPod({
      name,
      labels,
      selector: this.selector,
      engine: boundConfig,
      context: engineContext,
      startupSeconds,
      serviceAccountName,
      nodeLabels: props.nodeLabels ?? NodeLabels.KARPENTER,
      preStopSeconds: props.preStopSeconds ?? 15,
      region: props.region,
      initContainers: props.initContainers,
      cpu: props.cpu,
      memoryGiB: props.memoryGiB,
      priorityClassName: props.priorityClassName,
      spreadZones: props.spreadZones,
    });
    const workload = topology.bind(this, {
      name,
      namespace,
      labels,
      selector: this.selector,
      replicas: scaling.replicas,
      engine: props.engine,
      engineContext,
      engineConfig: boundConfig,
      pod,
      startupSeconds,
    });
    const engineConfig = workload.engineConfig ?? boundConfig;
    this.engineConfig = engineConfig;
    this.metricsModelName = workload.metricsModelName ?? this.servedName;
    this.endpointSelector = workload.endpointSelector;

    new k8s.KubeService(this, 'Service', {
      // the endpoint is the same whatever runs behind it, so it does not say what does
      metadata: { name, namespace, labels: { ...this.selector, 'app.kubernetes.io/managed-by': 'cdk-eks-inference' } },
      spec: {
        type: 'ClusterIP',
        selector: workload.endpointSelector,
        ports: [{ name: 'http', port: ModelServerChart.PORT, targetPort: k8s.IntOrString.fromString('http') }],
      },
    });
    this.endpoint = `http://${name}.${namespace}`;

    const disruption: DisruptionTolerance = workload.disruption ?? { selector: this.selector };
    // also where it protects nothing: `kubectl apply --prune` deletes no budget, and an old one would refuse every drain
    new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {
      metadata: { name, namespace, labels },
      spec: {
        ...(disruption.minAvailable === undefined
          ? { maxUnavailable: k8s.IntOrString.fromNumber(1) }
          : { minAvailable: k8s.IntOrString.fromNumber(disruption.minAvailable) }),
        selector: { matchLabels: disruption.selector },
      },
    });
    new ModelServerNetworkPolicy(this, 'NetworkPolicy', {
      name,
      namespace,
      labels,
      selector: this.selector,
      engine: engineConfig,
      allowedNamespaces: props.allowedNamespaces ?? [namespace],
      monitoringNamespace: props.monitoringNamespace ?? 'monitoring',
      ingress: workload.ingress,
      egress: workload.egress,
    });
    if (props.podMonitor ?? this.requires.includes('kube-prometheus-stack')) {
      const { metricsKey } = engineConfig;
      new PodMonitor(this, 'PodMonitor', {
        metadata: { name, namespace, labels },
        spec: {
          selector: { matchLabels: this.selector }, // pods without the port are left out by the operator
          podMetricsEndpoints: [
            {
              port: engineConfig.metricsPort === undefined ? 'http' : 'metrics',
              path: engineConfig.metricsPath,
              interval: '15s',
              scrapeTimeout: '10s', // a loaded engine has been seen to take seconds for one scrape
              ...(metricsKey && { authorization: { credentials: { name: metricsKey.secretName, key: metricsKey.key ?? 'api-key' } } }),
            },
          ],
        },
      });
    }

    if (scaling.replicas.autoscaled && workload.scaleTarget) {
      scaling.bind(this, {
        name,
        namespace,
        labels,
        metricsModelName: this.metricsModelName,
        metrics: engineConfig.metrics,
        target: workload.scaleTarget,
        startupSeconds,
      });
    }
  }

  /** Whether pods lock memory for EFA (`IPC_LOCK`), which Pod Security refuses below `privileged`. */
  public get locksMemory(): boolean {
    return JSON.stringify(this.toJson()).includes('"IPC_LOCK"');
  }
}

/** 15 minutes and 18 seconds for each GiB of weights: what a slow hub or a first compilation has been seen to take. */
function patience(model: Model): number {
  return Math.round(15 * 60 + 18 * (model.weightsGiB ?? 16));
}
