import { k8s } from 'cdk8s-plus-34';
import { Construct } from 'constructs';
import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { type EngineContext, ServingRole } from '../engines/engine';
import { requireDnsLabel } from '../kubernetes-names';
import type { Parallelism } from '../parallelism';
import { FixedReplicas } from '../scaling/fixed-replicas';
import type { IScaling, ReplicaBounds } from '../scaling/scaling';
import { addGroups, groupsName, leaderSelector } from './private/group';
import { prefillRouter } from './private/prefill-router';
import { deploymentTarget, leaderWorkerSetTarget } from './private/scale-targets';
import { side, type Side } from './private/side';
import type { ServingPodOverrides } from './serving-pod';
import type { ITopology, ScaleTarget, TopologyConfig, TopologyContext } from './topology';

/** The side that reads prompts. What is not given is as on the side that writes answers. */
export interface PrefillOptions {
  /**
   * Instance type: prefill is bound by computation, decode by memory bandwidth.
   * @default - the model server's
   */
  readonly accelerator?: Accelerator;
  /**
   * Parallel sizes. Decode's tensor size must be the same or a multiple.
   * @default - chosen for the side's accelerator
   */
  readonly parallelism?: Parallelism;
  /**
   * Nodes of one replica.
   * @default 1
   */
  readonly nodes?: number;
  /**
   * How many replicas, and who decides.
   * @default - one replica
   */
  readonly scaling?: IScaling;
}

/** Options of the disaggregated topology. */
export interface DisaggregatedOptions {
  /**
   * The side that reads prompts. `accelerator`, `parallelism` and `scaling` of the model server are those of the side
   * that writes answers.
   * @default - as the side that writes answers, with one replica
   */
  readonly prefill?: PrefillOptions;
  /**
   * Nodes of one replica of the side that writes answers. A mixture of experts with `Parallelism.of({ data, expert: true })`
   * has its experts spread over all of them.
   * @default 1
   */
  readonly decodeNodes?: number;
  /**
   * Let the header `x-prefiller-host-port` of a request choose the prefill pod, as an endpoint picker does. Only behind
   * a gateway that sets it itself: whoever can send it can have the server call any host that its network policy lets it.
   * @default false - the prefill pods share the requests
   */
  readonly acceptPrefillHeader?: boolean;
}

/**
 * Prompts are read by some pods and answers written by others, so that neither waits for the other: vLLM with NIXL, which
 * moves the KV cache between them, over EFA where the type has it.
 *
 * It works behind a plain Service, without a gateway: requests go to decode pods, where llm-d's sidecar has the prompt
 * read by the prefill pods first. Each side is a Deployment, or with several nodes a LeaderWorkerSet, sized and scaled by
 * itself. A gateway with an endpoint picker can be put in front and chooses better, by prefix and load.
 */
export class Disaggregated implements ITopology {
  public readonly name = 'disaggregated';
  public readonly requires: string[];
  public readonly nodesPerReplica: number;
  public readonly scalesItself = false;

  /** Label of a pod's side. */
  public static readonly ROLE_LABEL = 'cdk-eks-inference/role';
  private static readonly ROUTER_PORT = 8080;

  private readonly prefillNodes: number;
  private readonly prefillScaling: IScaling;

  /**
   * @throws when a side has no node
   */
  constructor(private readonly options: DisaggregatedOptions = {}) {
    this.nodesPerReplica = requireNodes('decodeNodes', options.decodeNodes);
    this.prefillNodes = requireNodes('prefill.nodes', options.prefill?.nodes);
    this.prefillScaling = options.prefill?.scaling ?? new FixedReplicas(1);
    const spansNodes = Math.max(this.nodesPerReplica, this.prefillNodes) > 1;
    this.requires = [...new Set([...(spansNodes ? ['leader-worker-set'] : []), ...this.prefillScaling.requires])];
  }

  public bind(scope: Construct, context: TopologyContext): TopologyConfig {
    this.requireRunnable(context);
    const { name, namespace, labels } = context;
    const prefill = side(context, { ...this.options.prefill, nodes: this.prefillNodes, role: ServingRole.PREFILL });
    const decode = side(context, { role: ServingRole.DECODE });
    requireSameCache(prefill, decode);

    const prefillScope = new Construct(scope, 'Prefill');
    const prefillName = `${name}-prefill`;
    requireDnsLabel('name', prefillName);
    const prefillPods = this.addSide(prefillScope, prefillName, ServingRole.PREFILL, prefill, this.prefillScaling.replicas, context);
    new k8s.KubeService(prefillScope, 'Service', {
      metadata: { name: prefillName, namespace, labels },
      spec: {
        type: 'ClusterIP',
        selector: prefillPods.endpointSelector,
        ports: [{ name: 'http', port: 80, targetPort: k8s.IntOrString.fromNumber(prefill.engine.port) }],
      },
    });
    if (this.prefillScaling.replicas.autoscaled) {
      this.prefillScaling.bind(prefillScope, {
        name: prefillName,
        namespace,
        labels,
        metricsModelName: context.engineContext.servedName,
        metrics: prefill.engine.metrics,
        target: prefillPods.scaleTarget,
        startupSeconds: context.startupSeconds,
      });
    }

    const router = prefillRouter({
      port: Disaggregated.ROUTER_PORT,
      enginePort: decode.engine.port,
      prefillAddress: `${prefillName}.${namespace}:80`,
      acceptHeader: this.options.acceptPrefillHeader ?? false,
    });
    const decodePods = this.addSide(new Construct(scope, 'Decode'), `${name}-decode`, ServingRole.DECODE, decode, context.replicas, context, router);
    return {
      endpointSelector: decodePods.endpointSelector,
      scaleTarget: decodePods.scaleTarget,
      // clients meet the router; Prometheus meets the engines of both sides
      engineConfig: { ...decode.engine, port: Disaggregated.ROUTER_PORT, metricsPort: decode.engine.metricsPort ?? decode.engine.port },
    };
  }

  private requireRunnable({ engine, engineContext }: TopologyContext): void {
    if (engine.name !== 'vllm') {
      throw new Error(`engine '${engine.name}' does not hand its KV cache over in this topology: use Vllm, or a SingleNode topology`);
    }
    for (const accelerator of [engineContext.accelerator, this.options.prefill?.accelerator]) {
      if (accelerator && accelerator.kind !== AcceleratorKind.NVIDIA) {
        throw new Error(`'accelerator' (${accelerator.instanceType}) cannot hand KV cache over by NIXL: use a type with NVIDIA GPUs`);
      }
    }
  }

  private addSide(
    scope: Construct,
    name: string,
    role: ServingRole,
    { context: engineContext, engine, pod }: Side,
    replicas: ReplicaBounds,
    context: TopologyContext,
    sidecars?: k8s.Container[],
  ): SidePods {
    const roleLabels = { [Disaggregated.ROLE_LABEL]: role };
    const selector = { ...context.selector, ...roleLabels };
    const labels = { ...context.labels, ...roleLabels };
    const count = replicas.autoscaled ? undefined : replicas.min;
    const overrides: ServingPodOverrides = {
      labels: roleLabels,
      portName: 'metrics', // requests come through the router, or by number from it
      efa: engineContext.accelerator.efaInterfaces > 0,
      podAffinity: sameZone(context.selector, engineContext),
      spreadZones: false,
    };
    if (engineContext.nodes > 1) {
      addGroups(scope, 'LeaderWorkerSet', {
        name,
        namespace: context.namespace,
        labels,
        selector,
        context: engineContext,
        engine,
        engineName: context.engine.name,
        pod,
        replicas: count,
        maxReplicas: replicas.max,
        maxSurge: 0,
        overrides,
        leaderSidecars: sidecars,
      });
      return { endpointSelector: leaderSelector(selector), scaleTarget: leaderWorkerSetTarget(groupsName(name)) };
    }
    new k8s.KubeDeployment(scope, 'Deployment', {
      metadata: { name, namespace: context.namespace, labels },
      spec: {
        replicas: count,
        progressDeadlineSeconds: context.startupSeconds + 600,
        revisionHistoryLimit: 3,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
        },
        selector: { matchLabels: selector },
        template: pod.template({ ...overrides, sidecars }),
      },
    });
    return { endpointSelector: selector, scaleTarget: deploymentTarget(name) };
  }
}

/** The pods of one side. */
interface SidePods {
  readonly endpointSelector: { readonly [key: string]: string };
  readonly scaleTarget: ScaleTarget;
}

/**
 * KV cache moves between the sides: EFA does not leave a zone, and TCP across zones costs time and money. Of groups it is
 * the leaders that look for the others; workers follow their leader.
 */
function sameZone(selector: { readonly [key: string]: string }, { accelerator }: EngineContext): k8s.PodAffinity {
  const near: k8s.PodAffinityTerm = { labelSelector: { matchLabels: { ...selector } }, topologyKey: 'topology.kubernetes.io/zone' };
  return accelerator.efaInterfaces > 0
    ? { requiredDuringSchedulingIgnoredDuringExecution: [near] }
    : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near }] };
}

/** NIXL moves the slices of fewer prefill ranks to more decode ranks, not the other way round. */
function requireSameCache(prefill: Side, decode: Side): void {
  const [from, to] = [prefill, decode].map(({ context }) => context.placement.parallelism.tensor ?? 1);
  if (to % from !== 0) {
    throw new Error(
      `'tensor' of decode (${to}) must be a multiple of prefill's (${from}): set 'parallelism' of the model server, or of 'prefill'`,
    );
  }
}

function requireNodes(prop: string, nodes = 1): number {
  if (!Number.isInteger(nodes) || nodes < 1) throw new Error(`'${prop}' (${nodes}) must be a whole number, 1 or more`);
  return nodes;
}
