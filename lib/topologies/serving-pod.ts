import { k8s } from 'cdk8s-plus-34';
import type { NodeLabels } from '../accelerators/node-labels';
import type { EngineConfig, EngineContext } from '../engines/engine';
import { Weights, WeightsSource } from '../models/weights';

/** Options of the pods of a model server that do not depend on the topology. */
export interface ServingPodOptions {
  /** ServiceAccount of the pods. */
  readonly serviceAccountName: string;
  /** How nodes are found by their labels. */
  readonly nodeLabels: NodeLabels;
  /** Seconds between the end of a pod's life being announced and SIGTERM, for endpoints and load balancers to notice. */
  readonly preStopSeconds: number;
  /**
   * AWS region, which Pod Identity does not tell the containers.
   * @default - not set
   */
  readonly region?: string;
  /**
   * Init containers, for instance one that waits for weights.
   * @default - none
   */
  readonly initContainers?: k8s.Container[];
  /**
   * CPU of the engine's container, in cores.
   * @default - the pod's share of the node by devices, less what system pods need
   */
  readonly cpu?: number;
  /**
   * Memory of the engine's container, request and limit, in GiB.
   * @default - the pod's share of the node by devices, less what system pods need
   */
  readonly memoryGiB?: number;
  /**
   * Priority class of the pods.
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;
  /**
   * Spread replicas softly over zones.
   * @default true
   */
  readonly spreadZones?: boolean;
  /**
   * Annotations of the pods.
   * @default - none
   */
  readonly annotations?: { readonly [key: string]: string };
}

/** What one kind of pod in a topology has of its own. */
export interface ServingPodOverrides {
  /**
   * Labels beside the model server's.
   * @default - none
   */
  readonly labels?: { readonly [key: string]: string };
  /**
   * Annotations beside the model server's.
   * @default - none
   */
  readonly annotations?: { readonly [key: string]: string };
  /**
   * Arguments after the engine's own.
   * @default - none
   */
  readonly extraArgs?: string[];
  /**
   * Environment variables before the engine's own.
   * @default - none
   */
  readonly extraEnv?: k8s.EnvVar[];
  /**
   * Whether the pod answers HTTP: probes, ports and the pause before SIGTERM are for those that do.
   * @default true
   */
  readonly servesHttp?: boolean;
  /**
   * Name of the API's port, where another container takes the requests and passes them on.
   * @default 'http'
   */
  readonly portName?: string;
  /**
   * Containers that run beside the engine, from before it starts until after it has ended.
   * @default - none
   */
  readonly sidecars?: k8s.Container[];
  /**
   * Run on exactly the accelerator's instance type, as the pods of a group must.
   * @default false - on any type with the same device
   */
  readonly exactInstanceType?: boolean;
  /**
   * Use the node's EFA interfaces.
   * @default false
   */
  readonly efa?: boolean;
  /**
   * Huge pages of 2 MiB, in MiB. Nodes must have reserved them, and Karpenter must know that they have.
   * @default 0 - libfabric pins ordinary pages
   */
  readonly hugePagesMiB?: number;
  /**
   * Required or preferred closeness to other pods.
   * @default - none
   */
  readonly podAffinity?: k8s.PodAffinity;
  /**
   * Spread these pods softly over zones.
   * @default - as the model server's other pods
   */
  readonly spreadZones?: boolean;
  /**
   * Labels of the pods that share the zones evenly.
   * @default - the pods with the labels of these
   */
  readonly spreadWith?: { readonly [key: string]: string };
}

/** What the pods of a model server are made of. */
export interface ServingPodProps extends ServingPodOptions {
  /** Name of the model server. */
  readonly name: string;
  /** Labels of its objects. */
  readonly labels: { readonly [key: string]: string };
  /** Labels that select all its pods. */
  readonly selector: { readonly [key: string]: string };
  /** The engine's container. */
  readonly engine: EngineConfig;
  /** What the engine was bound with. */
  readonly context: EngineContext;
  /** Seconds a pod may take from its creation to its first answer. */
  readonly startupSeconds: number;
}

/**
 * Builds the pods of a model server: the same hardening, devices, probes, caches and drain in every topology.
 */
export class ServingPod {
  /** Name of the container that runs the engine. */
  public static readonly CONTAINER = 'engine';
  private static readonly FILES_VOLUME = 'files';

  constructor(private readonly props: ServingPodProps) {}

  /** The same pods with another container of an engine, for topologies that run more than one. */
  public with(engine: EngineConfig, context: EngineContext = this.props.context): ServingPod {
    return new ServingPod({ ...this.props, engine, context });
  }

  /** Seconds from the announcement of a pod's end to SIGKILL. */
  public get terminationGracePeriodSeconds(): number {
    return this.drainSeconds + 10;
  }

  /** Seconds in which a pod that serves finishes what it accepted. Pods that it needs for that stay as long. */
  private get drainSeconds(): number {
    return this.props.preStopSeconds + (this.props.engine.shutdownSeconds ?? 0);
  }

  /** A pod that runs the engine. */
  public template(overrides: ServingPodOverrides = {}): k8s.PodTemplateSpec {
    const { engine } = this.props;
    const { accelerator, weights } = this.props.context;
    return {
      metadata: {
        labels: { ...this.props.labels, ...overrides.labels },
        annotations: nonEmpty({ ...this.engineAnnotations(), ...this.props.annotations, ...overrides.annotations }),
      },
      spec: {
        serviceAccountName: this.props.serviceAccountName,
        automountServiceAccountToken: false, // Pod Identity mounts a token of its own
        enableServiceLinks: false, // a Service named vllm would set VLLM_PORT
        priorityClassName: this.props.priorityClassName,
        schedulerName: engine.schedulerName,
        terminationGracePeriodSeconds: this.terminationGracePeriodSeconds,
        securityContext: {
          runAsNonRoot: engine.user.uid !== 0 ? true : undefined,
          runAsUser: engine.user.uid,
          runAsGroup: engine.user.gid,
          fsGroup: engine.user.fsGroup,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: this.nodeRequirements(overrides) }],
            },
          },
          podAffinity: overrides.podAffinity,
        },
        tolerations: accelerator.taintKey
          ? [{ key: accelerator.taintKey, operator: 'Exists', effect: 'NoSchedule' }]
          : undefined,
        topologySpreadConstraints: (overrides.spreadZones ?? this.props.spreadZones ?? true)
          ? [
              {
                maxSkew: 1,
                topologyKey: 'topology.kubernetes.io/zone',
                whenUnsatisfiable: 'ScheduleAnyway', // a type may be sold in fewer zones than the cluster has
                labelSelector: { matchLabels: { ...(overrides.spreadWith ?? { ...this.props.selector, ...overrides.labels }) } },
              },
            ]
          : undefined,
        imagePullSecrets: engine.imagePullSecrets?.map((name) => ({ name })),
        initContainers: this.initContainers(overrides.sidecars ?? []),
        containers: [this.container(overrides)],
        volumes: [
          { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: gibibytes(this.props.context.placement.sharedMemoryGiB) } },
          { name: 'cache', emptyDir: { sizeLimit: gibibytes(this.props.context.placement.diskGiB) } },
          ...(engine.files ? [{ name: ServingPod.FILES_VOLUME, configMap: { name: ServingPod.filesName(this.props.name) } }] : []),
          ...(weights.claimName
            ? [{ name: 'weights', persistentVolumeClaim: { claimName: weights.claimName, readOnly: true } }]
            : []),
        ],
      },
    };
  }

  /** Name of the ConfigMap with an engine's files. */
  public static filesName(name: string): string {
    return `${name}-files`;
  }

  /** What a reviewer must know of the engine, and what must roll the pods when it changes. */
  private engineAnnotations(): { [key: string]: string } {
    const { user, files } = this.props.engine;
    return {
      ...(user.uid === 0 && { 'cdk-eks-inference/runs-as-root': user.rootReason ?? 'the image has no other user' }),
      // a mounted key of a ConfigMap is never updated in a running pod
      ...(files && { 'cdk-eks-inference/files': fingerprint(JSON.stringify(files)) }),
    };
  }

  /** The caller's init containers, which may wait for a copy of the weights, then the engine's. */
  private initContainers(sidecars: k8s.Container[]): k8s.Container[] | undefined {
    const containers = [
      ...(this.props.initContainers ?? []),
      ...(this.props.engine.initContainers ?? []).map(
        (container): k8s.Container => ({
          ...container,
          env: [...this.regionEnv(), { name: 'HOME', value: '/tmp' }],
          resources: { requests: { cpu: k8s.Quantity.fromString('500m'), memory: k8s.Quantity.fromString('512Mi') } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: this.cacheMounts(),
        }),
      ),
      ...sidecars.map((container): k8s.Container => ({ ...container, restartPolicy: 'Always' })),
    ];
    return containers.length > 0 ? containers : undefined;
  }

  private cacheMounts(): k8s.VolumeMount[] {
    return (this.props.engine.cachePaths ?? ['/cache']).map((mountPath) => ({ name: 'cache', mountPath }));
  }

  private regionEnv(): k8s.EnvVar[] {
    const region = this.props.context.weights.region ?? this.props.region;
    return region ? [{ name: 'AWS_REGION', value: region }] : [];
  }

  private container(overrides: ServingPodOverrides): k8s.Container {
    const { engine } = this.props;
    const servesHttp = overrides.servesHttp ?? true;
    const portName = overrides.portName ?? 'http';
    const args = [...engine.args, ...(overrides.extraArgs ?? [])];
    return {
      name: ServingPod.CONTAINER,
      image: engine.image,
      command: engine.command,
      args: args.length > 0 ? args : undefined,
      env: this.env(overrides),
      ports: servesHttp ? this.ports(portName) : undefined,
      resources: this.resources(overrides),
      ...(servesHttp && this.probes(portName)),
      lifecycle: { preStop: { sleep: { seconds: servesHttp ? this.props.preStopSeconds : this.drainSeconds } } },
      securityContext: {
        allowPrivilegeEscalation: false,
        // device hooks and compile caches write to the root file system, so it cannot be read-only
        capabilities: { drop: ['ALL'], add: overrides.efa ? ['IPC_LOCK'] : undefined },
      },
      volumeMounts: [
        { name: 'shm', mountPath: '/dev/shm' },
        ...this.cacheMounts(),
        ...Object.keys(engine.files ?? {}).map((path) => ({
          name: ServingPod.FILES_VOLUME,
          mountPath: path,
          subPath: fileKey(path),
          readOnly: true,
        })),
        ...(this.props.context.weights.claimName ? [{ name: 'weights', mountPath: Weights.MOUNT_PATH, readOnly: true }] : []),
      ],
    };
  }

  private env(overrides: ServingPodOverrides): k8s.EnvVar[] {
    const { weights } = this.props.context;
    const token = weights.token;
    const env: k8s.EnvVar[] = [...(overrides.extraEnv ?? []), ...this.regionEnv()];
    if (token && weights.source === WeightsSource.HUB) {
      env.push({ name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: token.secretName, key: token.key ?? 'token' } } });
    }
    if (overrides.efa) env.push({ name: 'FI_PROVIDER', value: 'efa' }, { name: 'FI_EFA_USE_DEVICE_RDMA', value: '1' });
    return [...env, ...(this.props.engine.env ?? [])];
  }

  private ports(name: string): k8s.ContainerPort[] {
    const { port, metricsPort } = this.props.engine;
    const ports: k8s.ContainerPort[] = [{ name, containerPort: port }];
    if (metricsPort !== undefined && metricsPort !== port) ports.push({ name: 'metrics', containerPort: metricsPort });
    return ports;
  }

  private resources(overrides: ServingPodOverrides): k8s.ResourceRequirements {
    const { accelerator } = this.props.context;
    const exact: { [resource: string]: k8s.Quantity } = { memory: gibibytes(this.memoryGiB()) };
    if (accelerator.resourceName) exact[accelerator.resourceName] = k8s.Quantity.fromNumber(accelerator.devices);
    const interfaces = Math.floor(accelerator.efaInterfaces * this.share());
    if (overrides.efa && interfaces > 0) exact['vpc.amazonaws.com/efa'] = k8s.Quantity.fromNumber(interfaces);
    if (overrides.hugePagesMiB) exact['hugepages-2Mi'] = k8s.Quantity.fromString(`${overrides.hugePagesMiB}Mi`);
    return { requests: { cpu: k8s.Quantity.fromString(`${this.cpuMillis(overrides)}m`), ...exact }, limits: exact };
  }

  /** The pod's share of the node, by devices. */
  private share(): number {
    const { devices, nodeDevices } = this.props.context.accelerator;
    return nodeDevices > 0 ? devices / nodeDevices : 1;
  }

  private cpuMillis({ sidecars = [] }: ServingPodOverrides): number {
    if (this.props.cpu !== undefined) return Math.round(this.props.cpu * 1000);
    const { vcpus } = this.props.context.accelerator;
    // kubelet, CNI, CSI, device plugin and monitoring take about half a core on any node, a sidecar a tenth
    const share = this.share() * (vcpus * 1000 - 600) * 0.95 - 100 * sidecars.length;
    return Math.max(500, Math.floor(share / 100) * 100);
  }

  private memoryGiB(): number {
    if (this.props.memoryGiB !== undefined) return this.props.memoryGiB;
    const { memoryMiB } = this.props.context.accelerator;
    // Karpenter plans with 7.5 % less than the type has; the kubelet and system pods take about 1.5 GiB more
    return Math.max(1, Math.floor(this.share() * ((memoryMiB / 1024) * 0.925 - 1.5) * 0.95));
  }

  private nodeRequirements(overrides: ServingPodOverrides): k8s.NodeSelectorRequirement[] {
    const { accelerator } = this.props.context;
    if (!overrides.exactInstanceType) return accelerator.nodeRequirements(this.props.nodeLabels);
    return [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: [accelerator.instanceType] }];
  }

  /** A start may take long, so liveness begins after it; a busy engine answers slowly, so probes are patient. */
  private probes(portName: string): Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
    const { readinessPath, livenessPath } = this.props.engine;
    const get = (path: string) => ({ path, port: k8s.IntOrString.fromString(portName) });
    const period = 10;
    return {
      startupProbe: {
        httpGet: get(readinessPath),
        periodSeconds: period,
        timeoutSeconds: 5,
        failureThreshold: Math.ceil(this.props.startupSeconds / period),
      },
      readinessProbe: { httpGet: get(readinessPath), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
      livenessProbe: { httpGet: get(livenessPath ?? readinessPath), periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 10 },
    };
  }
}

/**
 * Key of a file in the ConfigMap: a path without slashes.
 *
 * @internal
 */
export function fileKey(path: string): string {
  return path.replace(/^\//, '').replace(/[^A-Za-z0-9._-]/g, '-');
}

/** A short digest (FNV-1a, 32 bits) that differs when a text does: for change detection, not for security. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

function gibibytes(value: number): k8s.Quantity {
  return k8s.Quantity.fromString(`${Math.ceil(value)}Gi`);
}

function nonEmpty(map: { [key: string]: string }): { [key: string]: string } | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}
