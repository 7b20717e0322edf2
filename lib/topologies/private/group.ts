import type { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import type { EngineConfig, EngineContext } from '../../engines/engine';
import { LeaderWorkerSet } from '../../resources/leader-worker-set';
import type { ServingPod, ServingPodOverrides } from '../serving-pod';

const ZONE = 'topology.kubernetes.io/zone';

/** What a set of groups is made from. */
export interface GroupProps {
  /** Name of the model server, or of its half. */
  readonly name: string;
  /** Namespace. */
  readonly namespace: string;
  /** Labels of the set. */
  readonly labels: { readonly [key: string]: string };
  /** Labels that select the set's pods, and no other's. */
  readonly selector: { readonly [key: string]: string };
  /** What an engine was bound with, of all pods of a group. */
  readonly context: EngineContext;
  /** The engine's container. */
  readonly engine: EngineConfig;
  /** Name of the engine. */
  readonly engineName: string;
  /** Makes the pods. */
  readonly pod: ServingPod;
  /** Groups; left out where an autoscaler sets them. */
  readonly replicas?: number;
  /** Most groups there may be. */
  readonly maxReplicas: number;
  /** Groups that may be there beside the others when the app changes. */
  readonly maxSurge: number;
  /** Huge pages of each pod, in MiB. */
  readonly hugePagesMiB?: number;
  /** What the pods of both kinds have of their own. */
  readonly overrides?: ServingPodOverrides;
  /** Containers that run beside the leaders. */
  readonly leaderSidecars?: k8s.Container[];
}

/**
 * Replicas that span nodes, as a LeaderWorkerSet.
 *
 * Every pod of a group runs in one zone, on one instance type. `exclusive-topology`, which does this too, also keeps
 * every other group of the cluster out of the zone; here workers merely follow the leader that carries their group key.
 * LeaderWorkerSet writes that label before the pod is stored, and the API server then merges it into the affinity's
 * selector (`matchLabelKeys`, on by default since Kubernetes 1.31). A leader that followed its group too would be alone
 * with nobody to follow, and Karpenter gives such a pod a zone at random, whatever it spreads over.
 *
 * @throws when the engine does not span nodes, when pods share nodes, or when the name is too long for the labels of pods
 *
 * @internal
 */
export function addGroups(scope: Construct, id: string, props: GroupProps): LeaderWorkerSet {
  const { namespace, engine, context, pod } = props;
  const name = groupsName(props.name);
  const { accelerator, nodes } = context;
  if (!engine.group) {
    throw new Error(
      `engine '${props.engineName}' serves from one node only on '${accelerator.instanceType}': ` +
        'use a SingleNode topology on a larger type, or Vllm on a type with NVIDIA GPUs',
    );
  }
  if (accelerator.devices !== accelerator.nodeDevices) {
    throw new Error(
      `'accelerator' takes ${accelerator.devices} of the ${accelerator.nodeDevices} devices of '${accelerator.instanceType}', ` +
        `but a replica over ${nodes} nodes takes whole nodes: use Accelerator.fromInstanceType('${accelerator.instanceType}')`,
    );
  }
  requireShortName(props.name, props.maxReplicas);

  const shared: ServingPodOverrides = {
    ...props.overrides,
    annotations: { 'karpenter.sh/do-not-disrupt': 'true' }, // one pod less restarts the whole group
    extraEnv: engine.group.env,
    exactInstanceType: true,
    efa: accelerator.efaInterfaces > 0,
    hugePagesMiB: props.hugePagesMiB,
  };
  const leaders = leaderSelector(props.selector);
  return new LeaderWorkerSet(scope, id, {
    metadata: { name, namespace, labels: { ...props.labels } },
    spec: {
      replicas: props.replicas,
      startupPolicy: 'LeaderCreated', // a leader becomes ready only after its workers have joined
      rolloutStrategy: {
        type: 'RollingUpdate',
        rollingUpdateConfiguration: { maxUnavailable: props.maxSurge > 0 ? 0 : 1, maxSurge: props.maxSurge },
      },
      leaderWorkerTemplate: {
        size: nodes,
        restartPolicy: 'RecreateGroupOnPodRestart', // the leader's health does not notice a lost worker
        leaderTemplate: pod.template({
          ...shared,
          extraArgs: engine.group.leaderArgs,
          sidecars: props.leaderSidecars,
          spreadWith: leaders,
        }),
        workerTemplate: pod.template({
          ...shared,
          extraArgs: engine.group.workerArgs,
          servesHttp: false,
          spreadZones: false,
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { ...leaders } }, matchLabelKeys: [LeaderWorkerSet.GROUP_KEY], topologyKey: ZONE },
            ],
          },
        }),
      },
    },
  });
}

/**
 * Name of the LeaderWorkerSet. Its controller makes a headless Service of that name, through which the pods of a group
 * find each other: it must not be the name of the Service that clients use.
 *
 * @internal
 */
export function groupsName(name: string): string {
  return `${name}-lws`;
}

/**
 * Labels of the pods that lead a group.
 *
 * @internal
 */
export function leaderSelector(selector: { readonly [key: string]: string }): { [key: string]: string } {
  return { ...selector, [LeaderWorkerSet.WORKER_INDEX]: '0' };
}

/** The pods' label `controller-revision-hash` is `<set>-<group>-<hash of up to ten characters>`, at most 63 long. */
function requireShortName(name: string, maxReplicas: number): void {
  const longest = 63 - groupsName('').length - 1 - String(Math.max(0, maxReplicas - 1)).length - 1 - 10;
  if (name.length > longest) {
    throw new Error(`'name' (${name}) must have at most ${longest} characters for a replica of several pods: it has ${name.length}`);
  }
}
