import { Token } from 'aws-cdk-lib';
import { SystemNodeGroup } from './system-node-group';

/** Options of an add-on that EKS manages. */
export interface ManagedAddonOptions {
  /**
   * Its version, for example `v1.22.1-eksbuild.2`.
   *
   * @default - the version that EKS recommends for the cluster's Kubernetes version when the add-on is made
   */
  readonly version?: string;

  /**
   * Its configuration, as `aws eks describe-addon-configuration` shows it.
   *
   * @default - its own defaults
   */
  readonly configuration?: { [key: string]: unknown }; // free form: each add-on has a schema of its own

  /**
   * The service account in kube-system that gets AWS permissions.
   *
   * @default - none, the add-on calls no AWS service
   */
  readonly serviceAccount?: string;

  /**
   * AWS managed policy of that service account.
   *
   * @default - none
   */
  readonly managedPolicy?: string;

  /**
   * Nodes cannot become ready without it, so it comes first.
   *
   * @default false
   */
  readonly beforeNodes?: boolean;

  /**
   * It has pods that are not on every node, so EKS calls it degraded until nodes are there.
   *
   * @default true
   */
  readonly afterNodes?: boolean;

  /**
   * EKS Auto Mode has it built in.
   *
   * @default false
   */
  readonly builtIntoAutoMode?: boolean;
}

/** Deployments of EKS add-ons must tolerate the taint of the system nodes; their agents tolerate every taint already. */
const ON_SYSTEM_NODES = { tolerations: [{ key: SystemNodeGroup.TAINT, operator: 'Exists' }] };

/** The agent tolerates every taint, but not the part of it that asks NVIDIA GPUs how they are. */
const ON_GPU_NODES = { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] };

/** An add-on that EKS installs, patches and supports: its name and how we want it. */
export class ManagedAddon {
  /** Pod networking: a /28 prefix at a time, so that a node has addresses for many pods, and network policies on. */
  public static readonly VPC_CNI = ManagedAddon.of('vpc-cni', {
    configuration: {
      enableNetworkPolicy: 'true',
      env: { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' },
    },
    serviceAccount: 'aws-node',
    managedPolicy: 'AmazonEKS_CNI_Policy',
    beforeNodes: true,
    afterNodes: false,
    builtIntoAutoMode: true,
  });

  /** Service routing on each node. */
  public static readonly KUBE_PROXY = ManagedAddon.of('kube-proxy', {
    beforeNodes: true,
    afterNodes: false,
    builtIntoAutoMode: true,
  });

  /** AWS credentials for pods. The VPC CNI needs it too, so it comes before nodes. */
  public static readonly POD_IDENTITY_AGENT = ManagedAddon.of('eks-pod-identity-agent', {
    beforeNodes: true,
    afterNodes: false,
    builtIntoAutoMode: true,
  });

  /** Cluster DNS. */
  public static readonly COREDNS = ManagedAddon.of('coredns', {
    configuration: ON_SYSTEM_NODES,
    builtIntoAutoMode: true,
  });

  /** Volumes on EBS, limited to those it made itself. */
  public static readonly EBS_CSI_DRIVER = ManagedAddon.of('aws-ebs-csi-driver', {
    configuration: { controller: ON_SYSTEM_NODES },
    serviceAccount: 'ebs-csi-controller-sa',
    managedPolicy: 'AmazonEBSCSIDriverPolicyV2',
    builtIntoAutoMode: true,
  });

  /** CPU and memory of pods and nodes, for `kubectl top` and autoscaling. */
  public static readonly METRICS_SERVER = ManagedAddon.of('metrics-server', { configuration: ON_SYSTEM_NODES });

  /** Finds broken nodes, GPUs and Neuron devices, so that they are repaired. */
  public static readonly NODE_MONITORING_AGENT = ManagedAddon.of('eks-node-monitoring-agent', {
    configuration: { dcgmAgent: ON_GPU_NODES },
    afterNodes: false,
    builtIntoAutoMode: true,
  });

  /** The add-ons of every cluster. */
  public static defaults(): ManagedAddon[] {
    return [
      ManagedAddon.VPC_CNI,
      ManagedAddon.KUBE_PROXY,
      ManagedAddon.POD_IDENTITY_AGENT,
      ManagedAddon.COREDNS,
      ManagedAddon.EBS_CSI_DRIVER,
      ManagedAddon.METRICS_SERVER,
      ManagedAddon.NODE_MONITORING_AGENT,
    ];
  }

  /** An add-on by its EKS name, for example `aws-efs-csi-driver`. */
  public static of(name: string, options: ManagedAddonOptions = {}): ManagedAddon {
    if (options.version !== undefined && !Token.isUnresolved(options.version) && !/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(options.version)) {
      throw new Error(`'version' (${options.version}) of ${name} must be an EKS version: write it like v1.22.1-eksbuild.2`);
    }
    if ((options.serviceAccount === undefined) !== (options.managedPolicy === undefined)) {
      throw new Error(`'serviceAccount' and 'managedPolicy' of ${name} belong together: give both or none`);
    }
    return new ManagedAddon(name, options);
  }

  private constructor(
    /** Name of the add-on in EKS. */
    public readonly name: string,
    /** How it is installed. */
    public readonly options: ManagedAddonOptions,
  ) {}

  /** The same add-on at one version, for example `v1.22.1-eksbuild.2`. */
  public withVersion(version: string): ManagedAddon {
    return ManagedAddon.of(this.name, { ...this.options, version });
  }

  /** The same add-on with this configuration in place of ours; start from `options.configuration` to keep it. */
  public withConfiguration(configuration: { [key: string]: unknown }): ManagedAddon {
    return ManagedAddon.of(this.name, { ...this.options, configuration });
  }
}
