import { type Chart, Testing } from 'cdk8s';

/** A container as the kubelet would start it: variables expanded, files in place. */
export interface StartedContainer {
  /** Kind of the object and role of the pod in it: `Deployment`, `LeaderWorkerSet/workerTemplate`. */
  readonly origin: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** Text of the files that come from ConfigMaps, by the path they are mounted at. */
  readonly files: { readonly [path: string]: string };
  /** The container of the manifest. */
  readonly spec: ContainerSpec;
  /** The pod of the manifest. */
  readonly pod: PodSpec;
}

/** The parts of a container that a test reads. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: string | number } };
  readonly livenessProbe?: object;
  readonly startupProbe?: object;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

/** The parts of a pod that a test reads. */
export interface PodSpec {
  readonly initContainers?: readonly ContainerSpec[];
  readonly containers: readonly ContainerSpec[];
  readonly terminationGracePeriodSeconds?: number;
  readonly volumes?: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: object; readonly secretKeyRef?: { readonly name: string } };
}

/** The parts of a Kubernetes object that a test reads. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: { readonly [key: string]: string };
  readonly spec?: { readonly leaderWorkerTemplate?: { readonly size?: number }; readonly serveConfigV2?: string };
}

/** What LeaderWorkerSet puts in front of the variables of each container of a group, here of its first worker. */
const GROUP = { LWS_LEADER_ADDRESS: 'chat-0.chat.inference', LWS_WORKER_INDEX: '1' };

/** The value of every Secret key, where a manifest refers to one. */
export const SECRET = 'sk-of-the-secret';

/** Every container of every pod template in a chart, wherever a custom resource keeps it; init containers come first. */
export function containersOf(chart: Chart): StartedContainer[] {
  return containersIn(Testing.synth(chart) as Manifest[]); // cdk8s types them as any
}

/** Every container of every pod template in Kubernetes objects of one namespace. */
export function containersIn(manifests: readonly Manifest[]): StartedContainer[] {
  const configMaps = new Map(manifests.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata, data }) => [metadata.name, data ?? {}]));
  return manifests.flatMap((manifest) =>
    podSpecs(manifest, manifest.kind).flatMap(({ origin, pod }) =>
      [...(pod.initContainers ?? []), ...pod.containers].map((spec) => {
        const env = environmentOf(spec.env ?? [], { ...GROUP, LWS_GROUP_SIZE: String(manifest.spec?.leaderWorkerTemplate?.size ?? 2) });
        const expand = (text: string) => text.replace(/\$\((\w+)\)/g, (reference, name: string) => env[name] ?? reference);
        return {
          origin,
          image: spec.image,
          command: (spec.command ?? []).map(expand),
          args: (spec.args ?? []).map(expand),
          env,
          files: filesOf(spec, pod, configMaps),
          spec,
          pod,
        };
      }),
    ),
  );
}

/** Objects that hold containers, with the path that leads to them. */
function podSpecs(value: unknown, origin: string): { origin: string; pod: PodSpec }[] {
  if (Array.isArray(value)) return value.flatMap((item) => podSpecs(item, origin));
  if (typeof value !== 'object' || value === null) return [];
  if ('containers' in value && Array.isArray(value.containers)) return [{ origin, pod: value as PodSpec }]; // only pod specs have containers
  return Object.entries(value).flatMap(([key, item]) => podSpecs(item, /Template$|Spec$|^roles$/.test(key) ? `${origin}/${key}` : origin));
}

function environmentOf(variables: readonly EnvVar[], before: { [name: string]: string }): { [name: string]: string } {
  const env: { [name: string]: string } = { ...before };
  for (const { name, value, valueFrom } of variables) {
    if (valueFrom?.secretKeyRef) env[name] = SECRET;
    else if (valueFrom?.fieldRef) env[name] = '127.0.0.1';
    else env[name] = (value ?? '').replace(/\$\((\w+)\)/g, (reference, known: string) => env[known] ?? reference);
  }
  return env;
}

function filesOf(spec: ContainerSpec, pod: PodSpec, configMaps: Map<string, { readonly [key: string]: string }>): { [path: string]: string } {
  const files: { [path: string]: string } = {};
  for (const { name, mountPath, subPath } of spec.volumeMounts ?? []) {
    const data = configMaps.get(pod.volumes?.find((volume) => volume.name === name)?.configMap?.name ?? '');
    if (!data) continue;
    if (subPath) files[mountPath] = data[subPath];
    else Object.entries(data).forEach(([key, text]) => (files[`${mountPath}/${key}`] = text));
  }
  return files;
}
