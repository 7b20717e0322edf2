import { Annotations, Names, Stack, Token } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, type IDependable } from 'constructs';
import type { Accelerator } from '../lib/accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../lib/accelerators/accelerator-kind';
import { NodeLabels } from '../lib/accelerators/node-labels';
import { NodeProvisioner, type NodeEnvironment } from '../lib/node-pools/node-environment';
import { DeviceSoftware, type INodePool } from '../lib/node-pools/node-pool';
import type { AllNodes } from '../lib/plan/private/nodes-beyond';
import { helpersWithoutNodes } from '../lib/plan/private/pods-without-nodes';
import type { IAddon } from './addons/addon';
import { AddonSet } from './addons/addon-set';
import { EfaDevicePlugin } from './addons/efa-device-plugin';
import { NeuronDevicePlugin } from './addons/neuron-device-plugin';
import { NvidiaDevicePlugin } from './addons/nvidia-device-plugin';
import { AutoModeNodeRole } from './auto-mode-node-role';
import { Compute, type KarpenterComputeOptions } from './compute';
import { ControlPlane, type ControlPlaneOptions } from './control-plane';
import { EksAddons } from './eks-addons';
import { InferenceNamespace, type InferenceNamespaceOptions } from './inference-namespace';
import { Karpenter } from './karpenter';
import type { ManagedAddon } from './managed-addon';
import { ModelServer, type ModelServerOptions } from './model-server';
import { InferenceNetwork, type IInferenceNetwork } from './network';
import { NodePool } from './node-pool';
import { NodeRole } from './node-role';
import { daemonPodsOf } from './private/daemon-pods';
import { canServe, poolFor, usesReservations } from './serving-pools';
import { Gp3StorageClass } from './storage-class';
import { SystemNodeGroup } from './system-node-group';

/** Properties of an inference cluster. */
export interface InferenceClusterProps extends ControlPlaneOptions {
  /**
   * Name of the cluster, unique in the account and region. Tags and permissions carry it, so it is fixed at synth; it
   * also keeps CloudFormation from replacing a cluster by accident.
   *
   * @default - made from the construct's path
   */
  readonly clusterName?: string;

  /**
   * Where the cluster lives: `new InferenceNetwork(…)`, or `InferenceNetwork.fromVpc(vpc)`.
   *
   * @default - a new VPC in four zones
   */
  readonly network?: IInferenceNetwork;

  /**
   * Who starts the nodes.
   *
   * @default Compute.karpenter()
   */
  readonly compute?: Compute;

  /**
   * Add-ons that EKS manages. One with the name of a default replaces it:
   * `ManagedAddon.COREDNS.withVersion('v1.14.3-eksbuild.2')`.
   *
   * @default - networking, DNS, pod identity, EBS volumes, metrics and node monitoring
   */
  readonly eksAddons?: ManagedAddon[];

  /**
   * Controllers to install, for example `[new Keda(), new LeaderWorkerSet()]`.
   *
   * @default - none; the device plugins that node pools need come by themselves
   */
  readonly addons?: IAddon[];

  /**
   * Make encrypted gp3 volumes the default of claims.
   *
   * @default true
   */
  readonly defaultStorageClass?: boolean;
}

/**
 * An EKS cluster for inference: a network, a control plane, nodes for controllers, add-ons, and Karpenter or Auto Mode.
 *
 * It has a cluster and is none: everything in it can be used without it, on any `eks.ICluster`. What it adds is order:
 * model servers go before their node pools, pools and their nodes before Karpenter, and Karpenter before the cluster.
 */
export class InferenceCluster extends Construct {
  /** The cluster. */
  public readonly cluster: eks.Cluster;

  /** Where the cluster lives. */
  public readonly network: IInferenceNetwork;

  /** Name of the cluster. */
  public readonly clusterName: string;

  /** What node pools have to know about the cluster. */
  public readonly nodeEnvironment: NodeEnvironment;

  /** The command that makes kubectl talk to the cluster, for a role that has access. */
  public readonly kubeconfigCommand: string;

  /** Karpenter, absent with EKS Auto Mode. */
  public readonly karpenter?: Karpenter;

  /** The nodes for controllers, absent with EKS Auto Mode. */
  public readonly systemNodes?: SystemNodeGroup;

  private readonly compute: Compute;
  private readonly addons: AddonSet;
  private readonly eksAddons: EksAddons;
  private readonly pools = new Map<string, NodePool>();
  private readonly servers: ModelServer[] = [];
  private readonly namespaces = new Map<string, InferenceNamespace>();
  private readonly poolScope: Construct;

  constructor(scope: Construct, id: string, props: InferenceClusterProps = {}) {
    super(scope, id);
    this.compute = props.compute ?? Compute.karpenter();
    const autoMode = this.compute.isAutoMode;
    this.clusterName = literalName(this, props.clusterName);
    this.network = props.network ?? new InferenceNetwork(this, 'Network', { discoveryTag: this.clusterName });
    this.cluster = new ControlPlane(this, 'ControlPlane', {
      ...props,
      clusterName: this.clusterName,
      network: this.network,
      autoModePools: autoMode ? this.compute.builtInPools : undefined,
    }).cluster;
    this.kubeconfigCommand = `aws eks update-kubeconfig --name ${this.clusterName} --region ${Stack.of(this).region}`;

    const eksAddons = new EksAddons(this, 'EksAddons', { cluster: this.cluster, addons: props.eksAddons, autoMode });
    this.eksAddons = eksAddons;
    const nodes = this.compute.karpenterOptions
      ? this.karpenterNodes(this.compute.karpenterOptions, eksAddons)
      : this.autoModeNodes(eksAddons);
    this.karpenter = nodes.karpenter;
    this.systemNodes = nodes.systemNodes;
    this.nodeEnvironment = this.describeTo(nodes.nodeRole);

    this.poolScope = new Construct(this, 'NodePools');
    this.poolScope.node.addDependency(...nodes.beforePools);
    const controllers = new Construct(this, 'Addons');
    controllers.node.addDependency(...nodes.beforeControllers);
    this.addons = new AddonSet(controllers, { cluster: this.cluster, autoMode });
    this.addons.add(...(props.addons ?? []));

    if (props.defaultStorageClass ?? true) {
      new Gp3StorageClass(this, 'StorageClass', { cluster: this.cluster, autoMode });
    }
    this.tellWhoHasAccess(props);
  }

  /** Install a controller. It waits for the add-ons that it requires, and for no other. */
  public addAddon(addon: IAddon): void {
    this.addons.add(addon);
  }

  /**
   * Let nodes come: `addNodePool('gpu', new GpuPool())`. The device plugins and features that the pool needs come too.
   *
   * @param name name of the NodePool, a DNS label
   */
  public addNodePool(name: string, pool: INodePool): NodePool {
    if (this.compute.builtInPools.includes(name)) {
      throw new Error(`'name' (${name}) of a node pool is taken by EKS Auto Mode: give it another one`);
    }
    const nodePool = new NodePool(this.poolScope, name, {
      cluster: this.cluster,
      environment: this.nodeEnvironment,
      poolName: name,
      pool,
    });
    this.pools.set(name, nodePool);
    for (const gate of nodePool.config.featureGates) this.karpenter?.enableFeatureGate(gate);
    for (const software of nodePool.config.requires) this.installDeviceSoftware(software);
    return nodePool;
  }

  /** The node pools that were added so far. */
  public get nodePools(): NodePool[] {
    return [...this.pools.values()];
  }

  /** The model servers that were added so far. */
  public get modelServers(): ModelServer[] {
    return [...this.servers];
  }

  /**
   * What makes nodes, and what the add-ons put on each of them.
   *
   * @internal
   */
  public _nodes(): AllNodes {
    return {
      region: this.nodeEnvironment.region,
      pools: this.nodePools.map(({ poolName, pool, config }) => ({ name: poolName, pool, config })),
      generalPurposePool: this.compute.builtInPools.includes('general-purpose'),
      daemons: daemonPodsOf([...this.eksAddons.names, ...this.addons.names]),
      vmMemoryOverhead: this.karpenter?._vmMemoryOverhead,
    };
  }

  /** The namespace of this name, made on first use. */
  public namespace(name: string, options: InferenceNamespaceOptions = {}): InferenceNamespace {
    let namespace = this.namespaces.get(name);
    if (!namespace) {
      namespace = new InferenceNamespace(this, `Namespace-${name}`, { cluster: this.cluster, name, ...options });
      this.namespaces.set(name, namespace);
    }
    return namespace;
  }

  /**
   * Serve a model, beside the cluster in its stack.
   *
   * @throws when no pool brings the accelerator or nodes for the head of a Ray cluster, and when an add-on is missing:
   * pools and add-ons have to be added before
   */
  public addModelServer(id: string, options: ModelServerOptions): ModelServer {
    return this.addModelServerIn(this, id, options);
  }

  /**
   * Serve a model, made in a scope of your own: a nested stack for each model keeps templates small.
   *
   * @throws when no pool brings the accelerator or nodes for the head of a Ray cluster, and when an add-on is missing:
   * pools and add-ons have to be added before
   */
  public addModelServerIn(scope: Construct, id: string, options: ModelServerOptions): ModelServer {
    const server = new ModelServer(scope, id, {
      nodeLabels: this.compute.isAutoMode ? NodeLabels.EKS_AUTO_MODE : NodeLabels.KARPENTER,
      ...options,
      spreadZones: options.spreadZones ?? !this.poolsWith(options.accelerator).some(({ config }) => usesReservations(config)),
      cluster: this.cluster,
    });
    this.putInOrder(server);
    this.servers.push(server);
    return server;
  }

  /** A model server comes after, and goes before, its pools, its add-ons and its namespace, which is made. */
  private putInOrder(server: ModelServer): void {
    const { accelerator, requires } = server.chart;
    const pools = this.poolsServing(server.node.id, accelerator);
    const missing = requires.find((name) => !this.addons.has(name));
    if (missing) {
      throw new Error(
        `model server '${server.node.id}' needs the add-on '${missing}': add new ${classNameOf(missing)}() to 'addons', ` +
          `got [${this.addons.names.join(', ')}]`,
      );
    }
    const withoutNodes = helpersWithoutNodes(server.chart, this._nodes());
    if (withoutNodes) throw new Error(`model server '${server.node.id}': ${withoutNodes}`);
    this.addons.require(server.objects, ...requires);
    server.objects.node.addDependency(...pools.map((pool) => pool.objects));
    if (!BUILT_IN_NAMESPACES.includes(server.namespace)) {
      const namespace = this.namespace(server.namespace);
      if (server.chart.locksMemory) namespace.allowLockedMemory(server.node.id);
      server.objects.node.addDependency(namespace);
    }
  }

  private karpenterNodes(options: KarpenterComputeOptions, eksAddons: EksAddons): ClusterNodes {
    const { cluster, clusterName } = this;
    const systemNodes = new SystemNodeGroup(this, 'SystemNodes', {
      ...options.systemNodes,
      cluster,
      subnets: this.network.nodeSubnets,
      nodeRole: new NodeRole(this, 'SystemNodeRole', { cniPermissions: false }),
    });
    systemNodes.nodeGroup.node.addDependency(this.network.connectivity);
    eksAddons.orderAround(systemNodes.nodeGroup);
    const karpenter = new Karpenter(this, 'Karpenter', {
      ...options,
      cluster,
      clusterName,
      nodeRole: options.nodeRole ?? new NodeRole(this, 'NodeRole', { cniPermissions: false }),
    });
    karpenter.controller.node.addDependency(systemNodes.nodeGroup);
    return {
      nodeRole: karpenter.nodeRole,
      karpenter,
      systemNodes,
      beforePools: [karpenter],
      beforeControllers: [systemNodes.nodeGroup, ...eksAddons.dns],
    };
  }

  private autoModeNodes(eksAddons: EksAddons): ClusterNodes {
    const nodeRole = new AutoModeNodeRole(this, 'NodeRole', { cluster: this.cluster });
    eksAddons.waitFor(this.network.connectivity);
    return {
      nodeRole: nodeRole.role,
      beforePools: [nodeRole, this.network.connectivity],
      beforeControllers: [this.network.connectivity],
    };
  }

  private describeTo(nodeRole: iam.IRole): NodeEnvironment {
    const { region } = Stack.of(this);
    return {
      provisioner: this.compute.isAutoMode ? NodeProvisioner.EKS_AUTO_MODE : NodeProvisioner.KARPENTER,
      clusterName: this.clusterName,
      nodeRoleName: nodeRole.roleName,
      subnetTags: this.network.nodeSubnetTags,
      subnetIds: this.network.nodeSubnetTags ? undefined : this.nodeSubnetIds(),
      // EKS puts this tag on the cluster security group, whose rules let EFA traffic in and out.
      securityGroupTags: { 'aws:eks:cluster-name': this.clusterName },
      region: Token.isUnresolved(region) ? undefined : region,
      zones: this.network.vpc.availabilityZones,
    };
  }

  /** The subnets of a VPC that is not ours to tag. */
  private nodeSubnetIds(): string[] | undefined {
    const { subnetIds } = this.network.vpc.selectSubnets(this.network.nodeSubnets);
    if (!Token.isUnresolved(subnetIds)) return subnetIds;
    Annotations.of(this).addWarningV2(
      'cdk-eks-inference:nodeSubnetTags',
      'how many subnets the existing VPC has is only known at deployment, so nodes are started in the subnets that have a tag: ' +
        `tag them karpenter.sh/discovery=${this.clusterName}, or pass their tags as 'nodeSubnetTags' to InferenceNetwork.fromVpc()`,
    );
    return undefined;
  }

  private installDeviceSoftware(software: DeviceSoftware): void {
    const isThere = this.addons.has(software) || (software === DeviceSoftware.NVIDIA_DEVICE_PLUGIN && this.addons.has('gpu-operator'));
    if (isThere || this.compute.isAutoMode) return;
    this.addons.add(DEVICE_PLUGINS[software]());
  }

  private poolsWith(accelerator: Accelerator): NodePool[] {
    return this.nodePools.filter(({ pool }) => canServe(pool, accelerator));
  }

  private poolsServing(id: string, accelerator: Accelerator): NodePool[] {
    const serving = this.poolsWith(accelerator);
    const isBuiltIn =
      this.compute.builtInPools.includes('general-purpose') &&
      accelerator.kind === AcceleratorKind.CPU &&
      accelerator.architecture === CpuArchitecture.AMD64;
    if (serving.length === 0 && !isBuiltIn) {
      throw new Error(
        `'accelerator' (${accelerator.instanceType}) of model server '${id}' is in no node pool: ` +
          `call addNodePool('${accelerator.family}', ${poolFor(accelerator)}) first, got [${[...this.pools.keys()].join(', ')}]`,
      );
    }
    return serving;
  }

  private tellWhoHasAccess(props: InferenceClusterProps): void {
    if (!props.access?.length && !props.administrators?.length && !props.bootstrapClusterCreatorAdminPermissions) {
      Annotations.of(this).addInfoV2(
        'cdk-eks-inference:nobodyHasAccess',
        "nobody can use kubectl on this cluster but this app: list the roles that may in 'administrators'",
      );
    }
  }
}

const BUILT_IN_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const DEVICE_PLUGINS: { readonly [software in DeviceSoftware]: () => IAddon } = {
  [DeviceSoftware.NVIDIA_DEVICE_PLUGIN]: () => new NvidiaDevicePlugin(),
  [DeviceSoftware.NEURON_DEVICE_PLUGIN]: () => new NeuronDevicePlugin(),
  [DeviceSoftware.EFA_DEVICE_PLUGIN]: () => new EfaDevicePlugin(),
};

interface ClusterNodes {
  readonly nodeRole: iam.IRole;
  readonly karpenter?: Karpenter;
  readonly systemNodes?: SystemNodeGroup;
  /** What has to be there before nodes of a pool can come, and as long as there are any. */
  readonly beforePools: IDependable[];
  /** What has to be there before a controller can run. */
  readonly beforeControllers: IDependable[];
}

/** `leader-worker-set` is installed by `LeaderWorkerSet`. */
function classNameOf(addon: string): string {
  return addon.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function literalName(scope: Construct, given?: string): string {
  const name = given ?? Names.uniqueResourceName(scope, { maxLength: 100, separator: '-', allowedSpecialCharacters: '-' });
  if (Token.isUnresolved(name)) {
    throw new Error("'clusterName' is only known at deployment, but tags and permissions carry it: write it as text");
  }
  if (!/^[0-9A-Za-z][-0-9A-Za-z_]{0,99}$/.test(name)) {
    throw new Error(
      `'clusterName' (${name}) must be 1 to 100 of A-Z, a-z, 0-9, '-' and '_', a letter or digit first: write 'inference'`,
    );
  }
  return name;
}
