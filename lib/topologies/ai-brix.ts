import { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import { ServingRole } from '../engines/engine';
import { requireDnsLabel, toDnsLabel } from '../kubernetes-names';
import { ModelAdapter } from '../resources/model-adapter';
import { PodAutoscaler } from '../resources/pod-autoscaler';
import { StormService } from '../resources/storm-service';
import { settleSeconds } from '../scaling/private/behavior';
import type { ReplicaBounds, RequestTarget } from '../scaling/scaling';
import { type AIBrixAdapter, type AIBrixDisaggregation, type AIBrixOptions, AIBrixRouting } from './ai-brix-options';
import { addKvCache, KV_CACHE_ARGS, kvCacheEnv, kvCacheSelector } from './private/ai-brix-kv-cache';
import { side, type Side } from './private/side';
import type { ServingPodOverrides } from './serving-pod';
import type { ITopology, TopologyConfig, TopologyContext } from './topology';

/**
 * AIBrix's control plane for a model server: its gateway chooses the pod by load or prefix, its autoscaler asks the pods
 * how busy they are, adapters are loaded into running pods, and one model can run on several instance types.
 *
 * Its autoscaler goes by the mean of the last three minutes, and takes an engine that does not answer for one without
 * requests: where the metrics fail under load, replicas go once the time to scale down has passed.
 *
 * AIBrix finds a model by a name that must be a Service and a label, with the pods' own port. The engine therefore
 * answers to a second name, `modelName`, and the gateway has a Service of that name. Clients of the model server's own
 * endpoint notice nothing of it.
 */
export class AIBrix implements ITopology {
  public readonly name = 'aibrix';
  public readonly requires: string[] = ['aibrix'];
  public readonly nodesPerReplica = 1;
  public readonly scalesItself = true;

  /** Namespaces of AIBrix's controllers and of the proxies of its gateway. */
  private static readonly CONTROL_PLANE = ['aibrix-system', 'envoy-gateway-system'];
  /** AIBrix's names of the engines it can scrape (label `model.aibrix.ai/engine`). */
  private static readonly ENGINES = ['vllm', 'sglang'];
  private static readonly POOL_LABEL = 'cdk-eks-inference/pool';
  private static readonly NAMESPACE_LABEL = 'cdk-eks-inference/namespace';

  /**
   * @throws when a name is no DNS label, an adapter's place is unknown to AIBrix, or options exclude each other
   */
  constructor(private readonly options: AIBrixOptions = {}) {
    if (options.modelName !== undefined) requireDnsLabel('modelName', options.modelName);
    options.adapters?.forEach(requireLoadable);
    if (options.disaggregation) {
      const { prefillReplicas } = options.disaggregation;
      if (!Number.isInteger(prefillReplicas) || prefillReplicas < 1) {
        throw new Error(`'prefillReplicas' (${prefillReplicas}) must be a whole number, 1 or more`);
      }
      if (options.pools || options.kvCache) {
        throw new Error("'disaggregation' excludes 'pools' and 'kvCache', which are for pods that do both halves: leave them out");
      }
    }
  }

  public bind(scope: Construct, context: TopologyContext): TopologyConfig {
    this.requireRunnable(context);
    const { name, namespace, labels } = context;
    const modelName = this.options.modelName ?? `${name}-aibrix`;
    requireDnsLabel('modelName', modelName);
    if (modelName === name) {
      throw new Error(`'modelName' (${modelName}) is the name of the model server's own Service: leave it out, or choose another`);
    }

    const { disaggregation, kvCache } = this.options;
    const served = disaggregation
      ? this.addRoles(scope, context, modelName, disaggregation)
      : this.addPools(scope, context, modelName);
    new k8s.KubeService(scope, 'GatewayService', {
      metadata: { name: modelName, namespace, labels: { ...labels, 'model.aibrix.ai/name': modelName } },
      spec: {
        type: 'ClusterIP',
        selector: served.endpointSelector,
        ports: [{ name: 'serve', port: served.side.engine.port, targetPort: k8s.IntOrString.fromString('http') }],
      },
    });
    this.addAdapters(scope, context, modelName, served.side);
    if (kvCache) addKvCache(scope, context, kvCache);

    return {
      endpointSelector: served.endpointSelector,
      engineConfig: served.side.engine,
      metricsModelName: modelName,
      disruption:
        served.countedPods === undefined ? undefined : { minAvailable: served.countedPods - 1, selector: served.endpointSelector },
      ingress: [
        {
          from: AIBrix.CONTROL_PLANE.map((namespaceName) => ({
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespaceName } },
          })),
          ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(served.side.engine.port) }],
        },
      ],
      egress: kvCache && [{ to: [{ podSelector: { matchLabels: kvCacheSelector(name) } }] }],
    };
  }

  private requireRunnable({ engine, replicas }: TopologyContext): void {
    if (!AIBrix.ENGINES.includes(engine.name)) {
      throw new Error(`engine '${engine.name}' is not known to AIBrix: use Vllm or SgLang, or a SingleNode topology`);
    }
    if ((this.options.kvCache || this.options.disaggregation) && engine.name !== 'vllm') {
      throw new Error(`engine '${engine.name}' does not hand its KV cache over in AIBrix here: use Vllm`);
    }
    if (replicas.autoscaled && !replicas.requests) {
      throw new Error('AIBrix scales by the requests in the pods, and the scaling watches something else: use QueueScaling');
    }
    if (replicas.schedules?.length) {
      throw new Error("'schedules' are not known to AIBrix's autoscaler: leave them out, or use a SingleNode topology");
    }
    if (replicas.autoscaled && replicas.min < 1) {
      throw new Error(`'minReplicas' (${replicas.min}) must be at least 1 in AIBrix: its autoscaler asks the pods`);
    }
    if (replicas.autoscaled && this.options.disaggregation) {
      throw new Error("AIBrix's autoscaler writes the number of a role into the object that is applied here: fix the replicas, or use Disaggregated");
    }
  }

  /** A Deployment for each instance type. */
  private addPools(scope: Construct, context: TopologyContext, modelName: string): Served {
    const names = { servedName: modelName, aliases: [context.engineContext.servedName] };
    const main = this.requireNames(side(context, names), context, modelName);
    this.addPool(scope, context, main, { modelName, pool: 'main', replicas: context.replicas });

    const taken = new Set(['main']);
    for (const { accelerator, parallelism, scaling } of this.options.pools ?? []) {
      const pool = toDnsLabel(accelerator.instanceType);
      if (taken.has(pool)) throw new Error(`'pools' has '${accelerator.instanceType}' twice: set the replicas of one`);
      taken.add(pool);
      const replicas = scaling?.replicas ?? { min: 1, max: 1, autoscaled: false };
      this.requireRunnable({ ...context, replicas });
      const pods = side(context, { accelerator, parallelism, ...names });
      this.addPool(new Construct(scope, pool), context, pods, { modelName, pool, replicas });
    }
    return { side: main, endpointSelector: context.selector };
  }

  private addPool(scope: Construct, context: TopologyContext, { context: engineContext, engine, pod }: Side, props: PoolProps): void {
    const { namespace, selector, startupSeconds } = context;
    const name = props.pool === 'main' ? context.name : `${context.name}-${props.pool}`;
    const labels = { ...this.modelLabels(props.modelName, context.engine.name, engine.port), [AIBrix.POOL_LABEL]: props.pool };
    const withCache = this.options.kvCache ? pod.with({ ...engine, image: this.options.kvCache.engineImage }) : pod;
    const { replicas } = props;
    new k8s.KubeDeployment(scope, 'Deployment', {
      metadata: { name, namespace, labels: { ...context.labels, ...labels } },
      spec: {
        replicas: replicas.autoscaled ? undefined : replicas.min,
        progressDeadlineSeconds: startupSeconds + 600,
        revisionHistoryLimit: 3,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
        },
        selector: { matchLabels: { ...selector, [AIBrix.POOL_LABEL]: props.pool } },
        template: withCache.template({
          ...this.overrides(labels, this.options.routing ?? AIBrixRouting.LEAST_REQUEST),
          ...(this.options.kvCache && { extraArgs: KV_CACHE_ARGS, extraEnv: kvCacheEnv(context.name) }),
        }),
      },
    });
    if (replicas.autoscaled && replicas.requests) {
      const running = Math.min(replicas.requests.inFlight, Math.floor((engineContext.concurrency ?? Infinity) * 0.8));
      this.addAutoscaler(scope, context, name, replicas, { ...replicas.requests, inFlight: Math.max(1, running) }, engine.port);
    }
  }

  private addAutoscaler(
    scope: Construct,
    context: TopologyContext,
    name: string,
    replicas: ReplicaBounds,
    requests: RequestTarget,
    port: number,
  ): void {
    new PodAutoscaler(scope, 'PodAutoscaler', {
      metadata: {
        name,
        namespace: context.namespace,
        labels: { ...context.labels },
        annotations: {
          'autoscaling.aibrix.ai/scale-up-cooldown-window': `${requests.scaleUpSeconds}s`,
          'autoscaling.aibrix.ai/scale-down-cooldown-window': `${requests.scaleDownSeconds ?? settleSeconds(context.startupSeconds)}s`,
        },
      },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: replicas.min,
        maxReplicas: replicas.max,
        scalingStrategy: 'APA',
        metricsSources: [
          {
            metricSourceType: 'pod',
            protocolType: 'http',
            port: String(port),
            path: 'metrics',
            targetMetric: 'num_requests_running',
            targetValue: String(requests.inFlight),
          },
        ],
      },
    });
  }

  /** Prefill and decode, between which the gateway passes requests. */
  private addRoles(scope: Construct, context: TopologyContext, modelName: string, options: AIBrixDisaggregation): Served {
    const { name, namespace, labels, selector, replicas } = context;
    const names = { servedName: modelName, aliases: [context.engineContext.servedName] };
    const prefill = side(context, { ...names, role: ServingRole.PREFILL, accelerator: options.prefillAccelerator });
    const decode = this.requireNames(side(context, { ...names, role: ServingRole.DECODE }), context, modelName);
    const role = (roleName: string, count: number, { context: engineContext, engine, pod }: Side) => ({
      name: roleName,
      replicas: count,
      stateful: false,
      updateStrategy: { maxUnavailable: 0, maxSurge: 1 },
      template: pod.template({
        ...this.overrides(this.modelLabels(modelName, context.engine.name, engine.port), AIBrixRouting.of('pd')),
        efa: engineContext.accelerator.efaInterfaces > 0,
      }),
    });
    new StormService(scope, 'StormService', {
      // its controller makes a headless Service of its name: it must not be the name of the Service that clients use
      metadata: { name: `${name}-roles`, namespace, labels: { ...labels, ...this.modelLabels(modelName, context.engine.name, decode.engine.port) } },
      spec: {
        replicas: 1,
        stateful: true,
        // AIBrix looks for the sets of these labels in all namespaces
        matchLabels: { ...selector, [AIBrix.NAMESPACE_LABEL]: namespace },
        updateType: 'InPlaceUpdate',
        roles: [role('prefill', options.prefillReplicas, prefill), role('decode', replicas.min, decode)],
      },
    });
    // AIBrix labels pods with their role; a RoleSet has no scale subresource, so a budget must count pods
    return { side: decode, endpointSelector: { ...selector, 'role-name': 'decode' }, countedPods: replicas.min };
  }

  private addAdapters(scope: Construct, { name: server, namespace, labels }: TopologyContext, modelName: string, { engine }: Side): void {
    const { adapters = [] } = this.options;
    if (adapters.length === 0) return;
    if (!engine.env?.some((variable) => variable.name === 'VLLM_ALLOW_RUNTIME_LORA_UPDATING')) {
      throw new Error("'adapters' are loaded while the engine runs, which it does not allow: write new Vllm({ lora: { runtimeUpdates: true } })");
    }
    for (const { name, source, everywhere } of adapters) {
      if (name === server || name === modelName) {
        throw new Error(`'name' (${name}) of an adapter is the name of a Service of the model server, and AIBrix makes one for the adapter: choose another`);
      }
      new ModelAdapter(scope, `Adapter-${name}`, {
        metadata: {
          name,
          namespace,
          labels: { ...labels, 'model.aibrix.ai/name': name, 'model.aibrix.ai/port': String(engine.port) },
        },
        spec: {
          baseModel: modelName,
          podSelector: { matchLabels: { 'model.aibrix.ai/name': modelName, 'adapter.model.aibrix.ai/enabled': 'true' } },
          artifactURL: source,
          replicas: everywhere === false ? 1 : undefined,
        },
      });
    }
  }

  private requireNames(pods: Side, { engine }: TopologyContext, modelName: string): Side {
    const names = pods.engine.servedNames ?? [];
    if (!names.includes(modelName)) {
      throw new Error(`engine '${engine.name}' answers to one name only, and AIBrix's gateway needs a second: use Vllm, or a SingleNode topology`);
    }
    return pods;
  }

  private modelLabels(modelName: string, engineName: string, port: number): { [key: string]: string } {
    return {
      'model.aibrix.ai/name': modelName,
      'model.aibrix.ai/port': String(port),
      'model.aibrix.ai/metric-port': String(port),
      'model.aibrix.ai/engine': engineName,
      ...(this.options.adapters?.length && { 'adapter.model.aibrix.ai/enabled': 'true' }),
    };
  }

  private overrides(labels: { readonly [key: string]: string }, { strategy }: AIBrixRouting): ServingPodOverrides {
    return {
      // the label is what AIBrix before 0.7 reads
      labels: { ...labels, 'model.aibrix.ai/routing-strategy': strategy },
      annotations: {
        'model.aibrix.ai/config': JSON.stringify({ defaultProfile: 'default', profiles: { default: { routingStrategy: strategy } } }),
      },
    };
  }
}

/** What takes the requests. */
interface Served {
  readonly side: Side;
  readonly endpointSelector: { readonly [key: string]: string };
  /** Pods that a disruption budget must count by itself. */
  readonly countedPods?: number;
}

/** What pools differ in. */
interface PoolProps {
  readonly modelName: string;
  readonly pool: string;
  readonly replicas: ReplicaBounds;
}

function requireLoadable({ name, source }: AIBrixAdapter): void {
  requireDnsLabel('name', name);
  if (/^huggingface:\/\/[^/]+\/.+/.test(source) || source.startsWith('/')) return;
  throw new Error(
    `'source' (${source}) of the adapter '${name}' must be huggingface://owner/name or a path in the pods: AIBrix has the engine fetch it`,
  );
}
