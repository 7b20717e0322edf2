import { EndpointAccess } from 'aws-cdk-lib/aws-eks-v2';
import { AIBrixControlPlane } from '../../constructs/addons/ai-brix-control-plane';
import { AwsLoadBalancerController } from '../../constructs/addons/aws-load-balancer-controller';
import { CertManager } from '../../constructs/addons/cert-manager';
import type { HelmAddonOptions, IAddon } from '../../constructs/addons/addon';
import { DcgmExporter } from '../../constructs/addons/dcgm-exporter';
import { EnvoyGateway } from '../../constructs/addons/envoy-gateway';
import { GpuOperator } from '../../constructs/addons/gpu-operator';
import { Keda } from '../../constructs/addons/keda';
import { KubePrometheusStack } from '../../constructs/addons/kube-prometheus-stack';
import { KubeRay } from '../../constructs/addons/kube-ray';
import { LeaderWorkerSet } from '../../constructs/addons/leader-worker-set';
import type { Discount } from '../../lib/cost';
import { Weights } from '../../lib/models/weights';
import type { INodePool } from '../../lib/node-pools/node-pool';
import { Parallelism } from '../../lib/parallelism';
import type { InferenceStackProps, StackModel } from '../../lib/stacks/inference-stack';
import { acceleratorOf, engineOf, modelOf, scalingOf, topologyOf } from './choices';
import { checkNeeds } from './check-needs';
import { ConfigError } from './config-error';
import type { AddonConfig, AddonsConfig, ClusterConfig, InferenceConfig, ModelConfig, NodePoolsConfig, PoolConfig } from './inference-config';
import { poolOf } from './pools';
import { throughputOf } from './throughput';

/** One maker for each add-on of the config file; an add-on without a maker does not compile. */
const ADDONS: { readonly [name in keyof Required<AddonsConfig>]: (options: HelmAddonOptions) => IAddon } = {
  aibrix: (options) => new AIBrixControlPlane(options),
  'aws-load-balancer-controller': (options) => new AwsLoadBalancerController(options),
  'cert-manager': (options) => new CertManager(options),
  'dcgm-exporter': (options) => new DcgmExporter(options),
  'envoy-gateway': (options) => new EnvoyGateway(options),
  'gpu-operator': (options) => new GpuOperator(options),
  keda: (options) => new Keda(options),
  'kube-prometheus-stack': (options) => new KubePrometheusStack(options),
  'kube-ray': (options) => new KubeRay(options),
  'leader-worker-set': (options) => new LeaderWorkerSet(options),
};

/** The props of the stack that a config file describes. An error names the place in the file. */
export function stackPropsOf(config: InferenceConfig, file: string): InferenceStackProps {
  const props = translate(config, file);
  for (const model of props.models) ConfigError.at(`models.${model.name}`, () => checkNeeds(model, props));
  return props;
}

function translate(config: InferenceConfig, file: string): InferenceStackProps {
  return {
    env: config.region || config.account ? { account: config.account, region: config.region } : undefined,
    tags: config.tags && { ...config.tags },
    clusterName: config.cluster?.name ?? (config.name ?? 'Inference').toLowerCase(),
    ...clusterProps(config.cluster ?? {}),
    budgetUsdPerHour: config.budgetUsdPerHour,
    discount: config.discount,
    poolDiscounts: poolDiscounts(config.nodePools ?? {}),
    nodePools: nodePoolsOf(config.nodePools ?? {}),
    addons: addonsOf(config.addons ?? {}),
    modelStore: config.modelStore ? { ...(config.modelStore === true ? {} : config.modelStore) } : undefined,
    models: Object.entries(config.models ?? {}).map(([name, model]) =>
      ConfigError.at(`models.${name}`, () => modelProps(name, model, file, Boolean(config.modelStore))),
    ),
  };
}

function clusterProps(cluster: ClusterConfig): Partial<InferenceStackProps> {
  return {
    zones: cluster.zones,
    availabilityZones: cluster.availabilityZones,
    autoMode: cluster.compute === 'auto-mode',
    generalPurposePool: generalPurposePool(cluster),
    singleNatGateway: cluster.natGateways === 'single',
    interfaceEndpoints: cluster.interfaceEndpoints,
    flowLogs: cluster.flowLogs,
    endpointAccess: endpointAccess(cluster),
    administrators: cluster.administrators,
    deletionProtection: cluster.deletionProtection,
  };
}

function generalPurposePool({ compute, generalPurposePool: isOn }: ClusterConfig): boolean | undefined {
  if (isOn === undefined || compute === 'auto-mode') return isOn;
  throw new ConfigError(`'cluster.generalPurposePool' (${isOn}) is a pool of EKS Auto Mode: write compute: auto-mode, or leave it out`);
}

function endpointAccess(cluster: ClusterConfig): EndpointAccess | undefined {
  if (cluster.privateEndpoint && cluster.publicAccessCidrs) {
    throw new ConfigError("'cluster.publicAccessCidrs' has no effect with 'cluster.privateEndpoint': keep one of them");
  }
  if (cluster.privateEndpoint) return EndpointAccess.PRIVATE;
  return cluster.publicAccessCidrs && EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom(...cluster.publicAccessCidrs);
}

function nodePoolsOf(pools: NodePoolsConfig): { [name: string]: INodePool } {
  const names = Object.keys(pools) as (keyof NodePoolsConfig)[]; // the schema allows no other keys
  return Object.fromEntries(
    names.flatMap((name) => {
      const pool = ConfigError.at(`nodePools.${name}`, () => poolOf(name, pools[name] ?? false));
      return pool ? [[name, pool]] : [];
    }),
  );
}

function poolDiscounts(pools: NodePoolsConfig): { [pool: string]: Discount } {
  return Object.fromEntries(
    Object.entries(pools).flatMap(([name, pool]: [string, boolean | PoolConfig]) => (typeof pool === 'object' && pool.discount ? [[name, pool.discount]] : [])),
  );
}

function addonsOf(addons: AddonsConfig): IAddon[] {
  const names = Object.keys(addons) as (keyof AddonsConfig)[]; // the schema allows no other keys
  return names.flatMap((name) => {
    const config: boolean | AddonConfig = addons[name] ?? false;
    if (config === false) return [];
    return [ConfigError.at(`addons.${name}`, () => ADDONS[name](config === true ? {} : config))];
  });
}

function modelProps(name: string, config: ModelConfig, file: string, hasStore: boolean): StackModel {
  if (config.fromStore && !hasStore) throw new ConfigError("'fromStore' needs a store: write modelStore: true");
  const fromStore = config.fromStore ?? hasStore;
  return {
    name,
    fromStore,
    model: modelOf(config.model, file),
    accelerator: acceleratorOf(config.accelerator),
    engine: engineOf(config.engine),
    topology: topologyOf(config.topology),
    scaling: scalingOf(config.scaling),
    namespace: config.namespace,
    servedName: config.servedName,
    contextLength: config.contextLength,
    concurrency: config.concurrency,
    throughput: config.throughput && throughputOf(config.throughput, file),
    parallelism: config.parallelism && Parallelism.of(config.parallelism),
    allowedNamespaces: config.allowedNamespaces,
    spreadZones: config.spreadZones,
    weights: !fromStore && config.hubTokenSecret ? Weights.hub({ token: { secretName: config.hubTokenSecret } }) : undefined,
    hubTokenSecret: config.hubTokenSecret,
  };
}
