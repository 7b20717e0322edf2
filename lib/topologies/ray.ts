import { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import type { EngineConfig, EngineMetrics } from '../engines/engine';
import { copyFolder } from '../engines/local-weights';
import { type RayGcsFaultToleranceOptions, RayService } from '../resources/ray-service';
import type { ReplicaBounds } from '../scaling/scaling';
import { Versions } from '../versions';
import { secretVariable } from './private/secret-variable';
import { serveConfig } from './private/serve-config';
import { type RayGcsStore, type RayOptions, RayUpgrade } from './ray-options';
import type { ServingPod } from './serving-pod';
import type { ITopology, TopologyConfig, TopologyContext } from './topology';

/** Security of every container of a Ray cluster. */
const CONTAINER_SECURITY: k8s.SecurityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/**
 * Ready once the front end on this node is up and every application of this cluster has run: while a new cluster loads
 * its model beside the old one, its workers take no requests. From then on the head is not asked again, so its loss
 * takes no worker out of service.
 */
const READY = `
test -e /tmp/serving || python -c "
import json, os, urllib.request
url = 'http://%s:8265/api/serve/applications/' % os.environ['FQ_RAY_IP']
apps = json.load(urllib.request.urlopen(url, timeout=5))['applications'].values()
raise SystemExit(not apps or any(app['status'] != 'RUNNING' for app in apps))
" && touch /tmp/serving && wget --tries 1 --timeout 5 --quiet --output-document - http://localhost:8000/-/healthz
`.trim();

/** Folder of the model's settings and tokenizer, where its weights are streamed from a bucket. */
const SETTINGS_FOLDER = '/cache/model';

/** Files that hold weights. */
const WEIGHT_FILES = ['*.safetensors', '*.bin', '*.pt', '*.pth', '*.gguf'];

/** Bytes of Ray's object store, in shared memory: requests and answers go through it, weights do not. */
const OBJECT_STORE = { 'object-store-memory': String(256 * 1024 ** 2) };

/**
 * Ray Serve LLM on a Ray cluster: a RayService, scaled by the requests in flight.
 *
 * Ray Serve adds a replica of the model when requests in flight pass the target, Ray's autoscaler adds the worker that
 * the replica needs, Karpenter adds the node, and all of them go again when the demand does. With a fixed number of
 * replicas the workers are fixed too. The head does no work: it holds the control store and the autoscaler.
 *
 * The model runs in Ray's image, with its own vLLM: an `image` of the engine has no effect here and is refused.
 */
export class Ray implements ITopology {
  public readonly name = 'ray';
  public readonly requires: string[] = ['kube-ray'];
  public readonly nodesPerReplica = 1;
  public readonly scalesItself = true;

  /** The metrics of vLLM as Ray exports them: Prometheus names without colons. */
  public static readonly METRICS: EngineMetrics = {
    queued: 'ray_vllm_num_requests_waiting',
    running: 'ray_vllm_num_requests_running',
    kvCacheUsage: 'ray_vllm_kv_cache_usage_perc',
    timeToFirstToken: 'ray_vllm_time_to_first_token_seconds',
    modelLabel: 'model_name',
  };

  private static readonly SERVE_PORT = 8000;
  private static readonly METRICS_PORT = 8080;
  private static readonly DASHBOARD_PORT = 8265;
  /** KubeRay appends six characters, and pods of the cluster more (MaxRayServiceNameLength). */
  private static readonly LONGEST_NAME = 47;

  /**
   * @throws when an image comes without its version of Ray, or adapters are not in a bucket
   */
  constructor(private readonly options: RayOptions = {}) {
    if (options.image !== undefined && options.rayVersion === undefined) {
      throw new Error(`'image' (${options.image}) needs 'rayVersion', the version of Ray in it: the operator goes by it`);
    }
    if (options.loraPath !== undefined && !options.loraPath.startsWith('s3://')) {
      throw new Error(`'loraPath' (${options.loraPath}) must be a folder in a bucket: s3://bucket/adapters`);
    }
  }

  public bind(scope: Construct, context: TopologyContext): TopologyConfig {
    this.requireRunnable(context);
    const { name, namespace, labels, selector, replicas } = context;
    const { gcsStore } = this.options;
    const weights = streamedFrom(context.engineConfig);
    const engineConfig = this.rayContainer(context.engineConfig, weights);
    const pod = context.pod.with(engineConfig);

    new RayService(scope, 'RayService', {
      metadata: { name, namespace, labels: { ...labels } },
      spec: {
        serveConfigV2: serveConfig({
          context: context.engineContext,
          engine: weights === undefined ? context.engineConfig : streamed(context.engineConfig, weights),
          replicas,
          startupSeconds: context.startupSeconds,
          loraPath: this.options.loraPath,
        }),
        upgradeStrategy: { type: this.options.upgrade ?? RayUpgrade.NEW_CLUSTER },
        excludeHeadPodFromServeSvc: true,
        rayClusterConfig: {
          rayVersion: this.options.rayVersion ?? Versions.RAY,
          enableInTreeAutoscaling: replicas.autoscaled,
          autoscalerOptions: replicas.autoscaled
            ? {
                version: 'v2',
                idleTimeoutSeconds: this.options.idleTimeoutSeconds ?? 60,
                upscalingMode: 'Default',
                resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '512Mi' } },
                securityContext: CONTAINER_SECURITY,
              }
            : undefined,
          gcsFaultToleranceOptions: gcsStore && gcsFaultTolerance(gcsStore),
          headGroupSpec: {
            rayStartParams: { ...OBJECT_STORE, 'num-cpus': '0', 'dashboard-host': '0.0.0.0' }, // no CPUs: no replica is placed on it
            template: this.head(pod, replicas.autoscaled),
          },
          workerGroupSpecs: [
            {
              groupName: 'workers',
              // one worker holds exactly one replica: its devices are the devices of a replica
              replicas: replicas.min,
              minReplicas: replicas.min,
              maxReplicas: replicas.max,
              rayStartParams: OBJECT_STORE,
              template: this.worker(pod, replicas),
            },
          ],
        },
      },
    });

    return {
      engineConfig,
      endpointSelector: { ...selector, 'ray.io/serve': 'true', 'ray.io/node-type': 'worker' },
      disruption: { minAvailable: Math.max(0, replicas.min - 1), selector: { ...selector, 'ray.io/node-type': 'worker' } },
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': this.options.operatorNamespace ?? 'kuberay-system' } } }],
          ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(Ray.DASHBOARD_PORT) }],
        },
      ],
      egress: gcsStore && [{ ports: [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(portOf(gcsStore.address)) }] }],
    };
  }

  private requireRunnable({ name, engine, engineConfig, engineContext, replicas }: TopologyContext): void {
    const { accelerator, placement } = engineContext;
    if (!engineConfig.keywords || engine.name !== 'vllm') {
      throw new Error(`engine '${engine.name}' does not run in Ray Serve LLM, which starts vLLM itself: use Vllm, or a SingleNode topology`);
    }
    if (accelerator.kind !== AcceleratorKind.NVIDIA || accelerator.architecture !== CpuArchitecture.AMD64) {
      throw new Error(
        `'accelerator' (${accelerator.instanceType}) has no image of Ray Serve LLM: use a type with NVIDIA GPUs and x86, or a SingleNode topology`,
      );
    }
    if ((placement.parallelism.data ?? 1) > 1) {
      throw new Error(
        `'data' (${placement.parallelism.data}) must be 1 in Ray, where replicas do what data parallel ranks do: use more replicas, or MultiNode`,
      );
    }
    if (engineConfig.args.includes('--lora-modules')) {
      throw new Error("'lora.adapters' of the engine are not served by Ray, which loads adapters when they are asked for: set 'loraPath' of Ray");
    }
    if (!Object.values(Versions).includes(engineConfig.image)) {
      throw new Error(`'image' (${engineConfig.image}) of the engine is not used by Ray: set 'image' and 'rayVersion' of Ray`);
    }
    if (replicas.autoscaled && !replicas.requests) {
      throw new Error('Ray scales by the requests in flight, and the scaling watches something else: use QueueScaling');
    }
    if (replicas.schedules?.length) {
      throw new Error("'schedules' are not known to Ray: leave them out, or use a SingleNode topology");
    }
    if (replicas.min < 1) {
      throw new Error(`'minReplicas' (${replicas.min}) must be at least 1 in Ray: its workers are what takes requests`);
    }
    if (name.length > Ray.LONGEST_NAME) {
      throw new Error(`'name' (${name}) must have at most ${Ray.LONGEST_NAME} characters in Ray: it has ${name.length}`);
    }
  }

  /** The engine's container as Ray runs it: KubeRay writes the command, Ray Serve the HTTP server and the metrics. */
  private rayContainer(engine: EngineConfig, weights: string | undefined): EngineConfig {
    const settings = weights === undefined ? [] : [copyFolder('copy-settings', weights, SETTINGS_FOLDER, WEIGHT_FILES)];
    return {
      ...engine,
      initContainers: [...(engine.initContainers ?? []), ...settings],
      image: this.options.image ?? Versions.RAY_LLM_IMAGE,
      command: undefined,
      args: [],
      // Ray is found through the profile of the image's own user
      env: engine.env?.filter(({ name }) => name !== 'HOME' && name !== 'USER'),
      user: { uid: 1000, gid: 100, fsGroup: 100 },
      port: Ray.SERVE_PORT,
      metricsPort: Ray.METRICS_PORT,
      metricsPath: '/metrics',
      readinessPath: '/-/healthz',
      livenessPath: undefined,
      paths: ['/v1/models', '/v1/chat/completions', '/v1/completions', '/v1/embeddings'],
      metrics: Ray.METRICS,
      servedNames: undefined,
    };
  }

  private worker(pod: ServingPod, { min, max }: ReplicaBounds): k8s.PodTemplateSpec {
    // KubeRay hands other bounds to no running cluster, and counts them as no change: in the pods they are one
    const template = pod.template({ annotations: { 'cdk-eks-inference/replicas': `${min}-${max}` } });
    return withContainer(template, (container) => ({
      ...container,
      // replicas finish what they accepted before the worker is told to stop
      lifecycle: { preStop: { sleep: { seconds: pod.terminationGracePeriodSeconds - 10 } } },
      startupProbe: undefined, // a worker waits for its replica as long as nobody asks for one
      livenessProbe: undefined, // KubeRay's own looks at the raylet
      readinessProbe: { exec: { command: ['bash', '-c', READY] }, periodSeconds: 10, timeoutSeconds: 15, failureThreshold: 2 },
    }));
  }

  /** The head has no devices, reads no weights and takes no requests; its autoscaler talks to the API server. */
  private head(pod: ServingPod, autoscaled: boolean): k8s.PodTemplateSpec {
    const template = pod.template({ annotations: { 'karpenter.sh/do-not-disrupt': 'true' } });
    const memory = k8s.Quantity.fromString(`${this.options.headMemoryGiB ?? 8}Gi`);
    return {
      metadata: template.metadata,
      spec: {
        // without a name of ours, KubeRay makes an account that may do what the autoscaler must, and no more
        serviceAccountName: autoscaled ? undefined : template.spec?.serviceAccountName,
        automountServiceAccountToken: autoscaled,
        enableServiceLinks: false,
        priorityClassName: template.spec?.priorityClassName,
        securityContext: template.spec?.securityContext,
        imagePullSecrets: template.spec?.imagePullSecrets,
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }] }],
            },
          },
        },
        containers: [
          {
            name: 'head',
            image: this.options.image ?? Versions.RAY_LLM_IMAGE,
            ports: [
              { name: 'gcs-server', containerPort: 6379 },
              { name: 'dashboard', containerPort: Ray.DASHBOARD_PORT },
              { name: 'client', containerPort: 10001 },
              { name: 'serve', containerPort: Ray.SERVE_PORT },
              { name: 'metrics', containerPort: Ray.METRICS_PORT },
            ],
            resources: {
              requests: { cpu: k8s.Quantity.fromNumber(this.options.headCpu ?? 2), memory },
              limits: { memory },
            },
            securityContext: CONTAINER_SECURITY,
          },
        ],
      },
    };
  }
}

/** Where the engine would stream its weights from. */
function streamedFrom({ keywords = {} }: EngineConfig): string | undefined {
  const { model } = keywords;
  return keywords.load_format === 'runai_streamer' && typeof model === 'string' && model.startsWith('s3://') ? model : undefined;
}

/**
 * Ray 2.58 takes a bucket for a mirror: with a format that streams it downloads nothing and hands vLLM the served name,
 * which vLLM then looks for at the hub. So vLLM gets a folder with the model's settings, and the bucket for its weights.
 */
function streamed(engine: EngineConfig, weights: string): EngineConfig {
  return { ...engine, keywords: { ...engine.keywords, model: SETTINGS_FOLDER, model_weights: weights } };
}

function withContainer(template: k8s.PodTemplateSpec, change: (container: k8s.Container) => k8s.Container): k8s.PodTemplateSpec {
  return { ...template, spec: template.spec && { ...template.spec, containers: template.spec.containers.map(change) } };
}

function gcsFaultTolerance({ address, username, password }: RayGcsStore): RayGcsFaultToleranceOptions {
  return {
    redisAddress: address,
    redisUsername: username && { valueFrom: secretVariable(username, 'username') },
    redisPassword: password && { valueFrom: secretVariable(password, 'password') },
  };
}

function portOf(address: string): number {
  const port = /:(\d+)$/.exec(address)?.[1];
  if (port === undefined) throw new Error(`'address' (${address}) of 'gcsStore' must end with its port: write ${address}:6379`);
  return Number(port);
}
