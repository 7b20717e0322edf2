import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import type { BenchmarkConfig, IBenchmark } from '../benchmarks/benchmark';
import { BenchmarkScenario } from '../benchmarks/benchmark-scenario';
import { BENCHMARK_VERDICT_PY } from '../benchmarks/benchmark-verdict-py';
import { BENCHMARK_WAIT_PY } from '../benchmarks/benchmark-wait-py';
import { InferencePerf } from '../benchmarks/inference-perf';
import { isToken, requireDnsLabel } from '../kubernetes-names';
import { ModelTask } from '../models/model-task';
import type { SecretKey } from '../models/weights';
import { Versions } from '../versions';
import type { ModelServerChart } from './model-server-chart';

/** What a benchmark may be told. */
export interface BenchmarkChartOptions {
  /**
   * What is asked of the server, how fast and how long.
   * @default BenchmarkScenario.baseline()
   */
  readonly scenario?: BenchmarkScenario;
  /**
   * The tool that asks.
   * @default - inference-perf
   */
  readonly tool?: IBenchmark;
  /**
   * File with prompts of one's own in a bucket, in the format of the tool: `s3://bucket/prompts.jsonl`. The service
   * account must be able to read it.
   * @default - prompts of random words with the lengths of the scenario
   */
  readonly dataset?: string;
  /**
   * Field of that file that has the prompt. GuideLLM only.
   * @default - as the tool finds it
   */
  readonly promptField?: string;
  /**
   * Repository whose tokenizer counts tokens.
   * @default - the model's
   */
  readonly tokenizer?: string;
  /**
   * Token of the hub, for gated tokenizers, under `token`.
   * @default - none
   */
  readonly tokenSecret?: SecretKey;
  /**
   * The key that the server asks for, in a Secret under `api-key`.
   * @default - none
   */
  readonly apiKey?: SecretKey;
  /**
   * Largest share of requests that may fail, 0 to 1, before the Job fails.
   * @default 0
   */
  readonly maxFailedShare?: number;
  /**
   * Seconds that the server may take to be ready.
   * @default 3600
   */
  readonly waitSeconds?: number;
  /**
   * What tells this run from another of the same kind: change it to run again.
   * @default - a benchmark runs once, and again when what it does changes
   */
  readonly run?: string;
}

/** Properties of a benchmark. */
export interface BenchmarkChartProps extends BenchmarkChartOptions {
  /** Name of the benchmark: a DNS label. The Job's name has a suffix that tells what it does. */
  readonly name: string;
  /** The model server that is measured. */
  readonly server: ModelServerChart;
  /**
   * Namespace of the Job, which must exist. Other namespaces than the server's must be among its `allowedNamespaces`.
   * @default - the server's
   */
  readonly namespace?: string;
  /**
   * Folder that results are filed in: `s3://bucket/prefix/`. The service account must be able to write to it.
   * @default - the counts are in the log alone
   */
  readonly results?: string;
  /**
   * What tells this folder from others, where `results` is known only when it is deployed.
   * @default - results
   */
  readonly resultsId?: string;
  /**
   * AWS region of the buckets.
   * @default - not set in the containers
   */
  readonly region?: string;
}

/**
 * A Job that measures a model server: it waits until the server has the model, sends the requests of a scenario, files
 * the results, and fails when requests failed. The tools themselves end well even if every request failed.
 *
 * Each step is a container that runs one program: wait, copy prompts, measure (init containers, in this order), and the
 * verdict. A benchmark is not tried again: a second run would meet warm caches.
 *
 * @throws when the server makes no text, an address is not in S3, or the tokenizer is gated and there is no token
 */
export class BenchmarkChart extends Chart {
  /** Name of the Job and of everything else. */
  public readonly name: string;
  /** Name of the service account, which needs the rights on the buckets. */
  public readonly serviceAccountName: string;

  constructor(scope: Construct, id: string, props: BenchmarkChartProps) {
    super(scope, id, { disableResourceNameHashes: true });
    validate(props);
    const namespace = props.namespace ?? props.server.objectsNamespace;
    const scenario = props.scenario ?? BenchmarkScenario.baseline();
    const config = (props.tool ?? new InferencePerf()).bind({
      endpoint: props.server.endpoint,
      servedName: props.server.servedName,
      tokenizer: props.tokenizer ?? props.server.model.id,
      scenario,
      resultsFolder: RESULTS,
      configFolder: CONFIG,
      datasetPath: props.dataset && `${RESULTS_PARENT}/dataset/${fileName(props.dataset)}`,
      promptField: props.promptField,
      apiKeyVariable: props.apiKey && 'API_KEY',
    });

    const steps = stepsOf(props, config, scenario);
    const work = JSON.stringify([props.resultsId ?? props.results, props.run, config, steps, BENCHMARK_WAIT_PY, BENCHMARK_VERDICT_PY]);
    this.name = `${props.name}-${shortHash(work.replace(/\$\{Token\[[^\]]*\]\}/g, ''))}`;
    this.serviceAccountName = this.name;
    const selector = { 'app.kubernetes.io/name': this.name, 'app.kubernetes.io/component': 'benchmark' };
    const labels = { ...selector, 'app.kubernetes.io/managed-by': 'cdk-eks-inference' };
    const metadata = { name: this.name, namespace, labels };

    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata, automountServiceAccountToken: false });
    new k8s.KubeConfigMap(this, 'Program', {
      metadata,
      immutable: true,
      data: { [config.configFile.name]: config.configFile.text, [WAIT]: BENCHMARK_WAIT_PY, [VERDICT]: BENCHMARK_VERDICT_PY },
    });
    new k8s.KubeNetworkPolicy(this, 'NetworkPolicy', {
      metadata,
      spec: { podSelector: { matchLabels: selector }, policyTypes: ['Ingress', 'Egress'], egress: egressTo(props.server) },
    });
    new k8s.KubeJob(this, 'Job', {
      metadata,
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: (props.waitSeconds ?? 3600) + scenario.seconds * 2 + 1800,
        template: {
          metadata: { labels, annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }, // an interrupted run measures nothing
          spec: {
            restartPolicy: 'Never',
            serviceAccountName: this.serviceAccountName,
            automountServiceAccountToken: false, // credentials of AWS come from EKS Pod Identity
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1001, // of GuideLLM's image; inference-perf's has root only, and needs nobody in particular
              runAsGroup: 1001,
              fsGroup: 1001,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }], // a cluster may have no other CPU nodes
            initContainers: steps.slice(0, -1),
            containers: steps.slice(-1),
            volumes: [
              { name: 'config', configMap: { name: this.name } },
              { name: 'work', emptyDir: { sizeLimit: k8s.Quantity.fromString('10Gi') } },
              { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('5Gi') } },
            ],
          },
        },
      },
    });
  }
}

const WAIT = 'benchmark_wait.py';
const VERDICT = 'benchmark_verdict.py';
const CONFIG = '/etc/benchmark';
const RESULTS_PARENT = '/work';
const RESULTS = `${RESULTS_PARENT}/results`;

function validate(props: BenchmarkChartProps): void {
  const { server, maxFailedShare, results, dataset } = props;
  requireDnsLabel('name', props.name);
  if (props.name.length > 40) throw new Error(`'name' (${props.name}) must have at most 40 characters: it has ${props.name.length}`);
  if (props.namespace !== undefined) requireDnsLabel('namespace', props.namespace);
  if (server.model.task !== ModelTask.TEXT_GENERATION) {
    throw new Error(`model '${server.model.id}' is for ${server.model.task}, and benchmarks ask for text: measure a server of a text model`);
  }
  if (server.model.gated && !props.tokenSecret && !props.tokenizer) {
    throw new Error(
      `the tokenizer of '${server.model.id}' is gated: pass tokenSecret: { secretName: '…' }, or 'tokenizer' with a repository that is not`,
    );
  }
  if (maxFailedShare !== undefined && !(maxFailedShare >= 0 && maxFailedShare <= 1)) {
    throw new Error(`'maxFailedShare' (${maxFailedShare}) must be a share between 0 and 1: 0.01 for one in a hundred`);
  }
  if (results !== undefined && !isToken(results) && !/^s3:\/\/[^/]+\/(.+\/)?$/.test(results)) {
    throw new Error(`'results' (${results}) must be a folder in a bucket: write s3://bucket/prefix/`);
  }
  if (dataset !== undefined && !isToken(dataset) && !/^s3:\/\/[^/]+\/.*[^/]$/.test(dataset)) {
    throw new Error(`'dataset' (${dataset}) must be a file in a bucket: write s3://bucket/prompts.jsonl`);
  }
}

/** The containers, one after the other. */
function stepsOf(props: BenchmarkChartProps, config: BenchmarkConfig, scenario: BenchmarkScenario): k8s.Container[] {
  const { server, apiKey, tokenSecret } = props;
  const key: k8s.EnvVar[] = apiKey ? [fromSecret('API_KEY', apiKey, 'api-key')] : [];
  const token: k8s.EnvVar[] = tokenSecret ? [fromSecret('HF_TOKEN', tokenSecret, 'token')] : [];
  // boto3 reads the second only, other SDKs the first
  const region: k8s.EnvVar[] = props.region ? ['AWS_REGION', 'AWS_DEFAULT_REGION'].map((name) => ({ name, value: props.region })) : [];
  const wait = step('wait-for-server', Versions.MODEL_COPY_IMAGE, ['python3', `${CONFIG}/${WAIT}`], {
    args: [server.endpoint, server.servedName, String(props.waitSeconds ?? 3600)],
    env: key,
  });
  const measure = step('measure', config.image, config.command, {
    args: config.args,
    env: [...key, ...token, { name: 'HF_HOME', value: '/tmp/huggingface' }, ...(config.env ?? [])],
    cpu: '4', // a slow client measures itself
    memory: '8Gi',
  });
  const destination = props.results && `${props.results}${server.servedName.replace(/[^\w.-]+/g, '-')}/${scenario.name}/$(RUN_ID)/`;
  const verdict = step('verdict', Versions.MODEL_COPY_IMAGE, ['python3', `${CONFIG}/${VERDICT}`], {
    args: [RESULTS, String(props.maxFailedShare ?? 0), ...(destination ? [destination] : [])],
    env: [
      { name: 'RUN_ID', valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } } },
      ...region,
    ],
  });
  if (!props.dataset) return [wait, measure, verdict];
  const copy = step('copy-dataset', Versions.AWS_CLI_IMAGE, ['aws'], {
    args: ['s3', 'cp', props.dataset, `${RESULTS_PARENT}/dataset/${fileName(props.dataset)}`, '--only-show-errors'],
    env: region,
  });
  return [wait, copy, measure, verdict];
}

interface StepOptions {
  readonly args: string[];
  readonly env: k8s.EnvVar[];
  readonly cpu?: string;
  readonly memory?: string;
}

function step(name: string, image: string, command: string[] | undefined, { args, env, cpu = '100m', memory = '256Mi' }: StepOptions): k8s.Container {
  return {
    name,
    image,
    command,
    args,
    env: [...env, { name: 'HOME', value: '/tmp' }],
    resources: {
      requests: { cpu: k8s.Quantity.fromString(cpu), memory: k8s.Quantity.fromString(memory) },
      limits: { memory: k8s.Quantity.fromString(memory) },
    },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG, readOnly: true },
      { name: 'work', mountPath: RESULTS_PARENT },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

/** DNS, HTTPS to the hub and AWS, the Pod Identity agent of the node, and the server. Nothing comes in. */
function egressTo(server: ModelServerChart): k8s.NetworkPolicyEgressRule[] {
  return [
    { ports: [port(53), port(53, 'UDP')] },
    { ports: [port(443)] },
    { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }, { ipBlock: { cidr: 'fd00:ec2::23/128' } }], ports: [port(80)] },
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': server.objectsNamespace } },
          podSelector: { matchLabels: server.endpointSelector },
        },
      ],
      ports: [port(server.engineConfig.port)],
    },
  ];
}

function port(number: number, protocol = 'TCP'): k8s.NetworkPolicyPort {
  return { protocol, port: k8s.IntOrString.fromNumber(number) };
}

function fromSecret(name: string, secret: SecretKey, defaultKey: string): k8s.EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret.secretName, key: secret.key ?? defaultKey } } };
}

function fileName(uri: string): string {
  return isToken(uri) ? 'prompts.jsonl' : uri.slice(uri.lastIndexOf('/') + 1);
}

/** FNV-1a, 64 bits (RFC 9923): names only have to differ, nobody has an interest in making two of them equal. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(36).slice(-8);
}
