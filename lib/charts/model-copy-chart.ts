import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { isToken, requireDnsLabel } from '../kubernetes-names';
import type { Model } from '../models/model';
import type { SecretKey } from '../models/weights';
import { Versions } from '../versions';
import { MODEL_COPY_PY } from './model-copy-py';

/** What the copy of a model may be told. */
export interface ModelCopyChartOptions {
  /** The model. Pin its revision in production: a repository can change under its name, and the copy is made once. */
  readonly model: Model;

  /**
   * Kubernetes Secret in the namespace of the job, with the token of the Hugging Face hub.
   *
   * @default - none: the repository is public, or the token is in AWS Secrets Manager
   */
  readonly tokenSecret?: SecretKey;

  /**
   * Files to copy, as patterns: `['*Q4_K_M*.gguf']`.
   *
   * @default - all files; of weights that are there in several formats, only safetensors
   */
  readonly include?: string[];

  /**
   * Files not to copy, as patterns, beside `original/*`, `metal/*` and second copies of the weights.
   *
   * @default - no others
   */
  readonly exclude?: string[];

  /**
   * Address of the hub, or of a mirror. The job may reach its port, and HTTPS.
   *
   * @default 'https://huggingface.co'
   */
  readonly hubEndpoint?: string;

  /**
   * Hours after which the job is given up.
   *
   * @default - one, and another for each 50 GiB of weights: a slow line of 15 MB/s is enough
   */
  readonly deadlineHours?: number;

  /**
   * Image with Python and boto3.
   *
   * @default Versions.MODEL_COPY_IMAGE
   */
  readonly image?: string;
}

/** Properties of the chart that copies a model. */
export interface ModelCopyChartProps extends ModelCopyChartOptions {
  /** Folder in the bucket that the files go to: `s3://bucket/prefix/`. */
  readonly destination: string;

  /**
   * What tells this destination from others, where `destination` is known only when it is deployed.
   *
   * @default - the destination
   */
  readonly destinationId?: string;

  /** Namespace, which must exist. */
  readonly namespace: string;

  /** AWS region of the bucket. */
  readonly region: string;

  /**
   * Name of an existing service account that may write to the destination.
   *
   * @default - one is made, with the name of the job
   */
  readonly serviceAccountName?: string;

  /**
   * ARN of an AWS Secrets Manager secret with the token of the hub, which the service account may read.
   *
   * @default - none
   */
  readonly tokenSecretArn?: string;

  /**
   * Field of that secret, where it is a JSON object.
   *
   * @default - the secret is the token itself
   */
  readonly tokenSecretField?: string;
}

/**
 * A Job that copies one revision of a model from the Hugging Face hub to a bucket, once.
 *
 * It streams through memory, so it needs no disk, however large the model. Files are checked against the hub's hashes,
 * and those that are there already are skipped, so a Job that was interrupted goes on. A marker at the end says that
 * the copy is whole: see {@link WaitForWeights}.
 *
 * The image is KServe's storage initializer, because it is a small, maintained image for two architectures, made to
 * fetch models without root, and has Python with boto3. Nothing is installed when the Job starts.
 *
 * The name of the Job is made from what it does. The template of a Job cannot be changed, so another revision, another
 * destination or another image is another Job, which ends at once where the marker is there already. It has no
 * time-to-live: Kubernetes would delete it, and the next deployment start it again.
 *
 * @throws when an address is not an `s3://` folder, or the model is gated and there is no token
 */
export class ModelCopyChart extends Chart {
  /** Name of the Job and of everything else. */
  public readonly name: string;
  /** Name of the service account, which must be able to write to the destination. */
  public readonly serviceAccountName: string;

  constructor(scope: Construct, id: string, props: ModelCopyChartProps) {
    super(scope, id, { disableResourceNameHashes: true });
    const { model, namespace, destination } = props;
    requireDnsLabel('namespace', namespace);
    if (!isToken(destination) && !/^s3:\/\/[^/]+\/.+\/$/.test(destination)) {
      throw new Error(`'destination' (${destination}) must be a folder in a bucket: write s3://bucket/prefix/`);
    }
    if (model.gated && !props.tokenSecret && !props.tokenSecretArn) {
      throw new Error(
        `model '${model.id}' is gated, so its copy needs a token of the hub: accept its terms, then pass ` +
          "'tokenSecret', a Kubernetes Secret, or a token from AWS Secrets Manager",
      );
    }
    if (props.tokenSecret && props.tokenSecretArn) {
      throw new Error("'tokenSecret' and 'tokenSecretArn' are both given: keep one of them");
    }
    if (props.deadlineHours !== undefined && !(props.deadlineHours > 0)) {
      throw new Error(`'deadlineHours' (${props.deadlineHours}) must be greater than 0: leave it out for the default`);
    }

    const container = copyContainer(props);
    const limits = jobLimits(props);
    const work = JSON.stringify([props.destinationId ?? destination, container, limits, MODEL_COPY_PY]);
    this.name = `copy-${model.slug}-${shortHash(withoutTokens(work))}`;
    this.serviceAccountName = props.serviceAccountName ?? this.name;

    const selector = { 'app.kubernetes.io/name': this.name, 'app.kubernetes.io/component': 'model-copy' };
    const labels = { ...selector, 'app.kubernetes.io/managed-by': 'cdk-eks-inference' };
    const metadata = { name: this.name, namespace, labels };

    if (!props.serviceAccountName) {
      new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata, automountServiceAccountToken: false });
    }
    new k8s.KubeConfigMap(this, 'Program', { metadata, immutable: true, data: { [PROGRAM]: MODEL_COPY_PY } });
    new k8s.KubeNetworkPolicy(this, 'NetworkPolicy', {
      metadata,
      spec: { podSelector: { matchLabels: selector }, policyTypes: ['Ingress', 'Egress'], egress: egressTo(props.hubEndpoint) },
    });
    new k8s.KubeJob(this, 'Job', {
      metadata,
      spec: {
        ...limits,
        template: {
          metadata: {
            labels,
            annotations: { 'karpenter.sh/do-not-disrupt': 'true' }, // the file in flight would have to start again
          },
          spec: {
            restartPolicy: 'Never',
            serviceAccountName: this.serviceAccountName,
            automountServiceAccountToken: false, // credentials of AWS come from EKS Pod Identity
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1000,
              runAsGroup: 1000,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }], // a cluster may have no other CPU nodes
            affinity: { nodeAffinity: NO_ACCELERATOR },
            containers: [container],
            volumes: [
              { name: 'program', configMap: { name: this.name } },
              { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } },
            ],
          },
        },
      },
    });
  }
}

const PROGRAM = 'model_copy.py';

/** DNS, HTTPS to the hub and AWS, the port of a mirror, and the Pod Identity agent of the node. Nothing comes in. */
function egressTo(hub: string | undefined): k8s.NetworkPolicyEgressRule[] {
  const mirror = hub === undefined || isToken(hub) ? 443 : portOf(hub);
  return [
    { ports: [port(53), port(53, 'UDP')] },
    { ports: [port(443)] },
    ...(mirror === 443 ? [] : [{ to: [INSIDE, ...OUTSIDE], ports: [port(mirror)] }]),
    { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }, { ipBlock: { cidr: 'fd00:ec2::23/128' } }], ports: [port(80)] },
  ];
}

/** Every pod, and every address but those of the node's own link, where its metadata are. */
const INSIDE: k8s.NetworkPolicyPeer = { namespaceSelector: {} };
const OUTSIDE: k8s.NetworkPolicyPeer[] = [
  { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } },
  { ipBlock: { cidr: '::/0', except: ['fd00:ec2::/32', 'fe80::/10'] } },
];

/** The port of an address: `http://mirror:8080` has 8080. */
function portOf(address: string): number {
  const [, scheme, explicit] = /^(https?):\/\/[^/]*?(?::(\d+))?(?:\/|$)/.exec(address) ?? [];
  if (scheme === undefined) throw new Error(`'hubEndpoint' (${address}) must be an address of HTTP: write https://mirror.example.com`);
  if (explicit !== undefined) return Number(explicit);
  return scheme === 'https' ? 443 : 80;
}

/** Labels that only accelerated nodes carry: of Karpenter, of EKS Auto Mode, and of the NVIDIA AMI. */
const NO_ACCELERATOR: k8s.NodeAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [
      {
        matchExpressions: [
          ...['karpenter.k8s.aws', 'eks.amazonaws.com'].flatMap((prefix) => [
            { key: `${prefix}/instance-gpu-count`, operator: 'DoesNotExist' },
            { key: `${prefix}/instance-accelerator-count`, operator: 'DoesNotExist' },
          ]),
          { key: 'nvidia.com/gpu.present', operator: 'DoesNotExist' },
          { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
        ],
      },
    ],
  },
};

/** When the Job is tried again, and when it is given up. */
function jobLimits({ model, deadlineHours }: ModelCopyChartProps): Omit<k8s.JobSpec, 'template'> {
  const hours = deadlineHours ?? 1 + Math.ceil((model.repositoryGiB ?? model.weightsGiB ?? 100) / 50);
  return {
    backoffLimit: 6,
    activeDeadlineSeconds: Math.round(hours * 3600),
    podReplacementPolicy: 'Failed', // two copies at a time would pay for the same bytes
    podFailurePolicy: {
      rules: [
        { action: 'FailJob', onExitCodes: { containerName: 'copy', operator: 'In', values: [2] } }, // gated, or no such model
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, // the node went away
      ],
    },
  };
}

function copyContainer(props: ModelCopyChartProps): k8s.Container {
  const { model, tokenSecret } = props;
  return {
    name: 'copy',
    image: props.image ?? Versions.MODEL_COPY_IMAGE,
    command: ['python3', `/opt/model-copy/${PROGRAM}`],
    env: [
      { name: 'MODEL_ID', value: model.id },
      { name: 'MODEL_REVISION', value: model.revision ?? 'main' },
      { name: 'DESTINATION', value: props.destination },
      { name: 'INCLUDE', value: JSON.stringify(props.include ?? ['*']) },
      { name: 'EXCLUDE', value: JSON.stringify(props.exclude ?? []) },
      { name: 'HF_ENDPOINT', value: props.hubEndpoint ?? 'https://huggingface.co' },
      // boto3 reads the second only, other SDKs the first.
      { name: 'AWS_REGION', value: props.region },
      { name: 'AWS_DEFAULT_REGION', value: props.region },
      ...(tokenSecret
        ? [{ name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: tokenSecret.secretName, key: tokenSecret.key ?? 'token' } } }]
        : []),
      ...(props.tokenSecretArn ? [{ name: 'HF_TOKEN_SECRET_ARN', value: props.tokenSecretArn }] : []),
      ...(props.tokenSecretField ? [{ name: 'HF_TOKEN_SECRET_FIELD', value: props.tokenSecretField }] : []),
    ],
    resources: {
      requests: {
        cpu: k8s.Quantity.fromString('1'), // hashing and TLS of about 300 MiB/s
        memory: k8s.Quantity.fromString('1536Mi'), // 17 parts of 32 MiB in flight, each once more in a TLS buffer
        'ephemeral-storage': k8s.Quantity.fromString('256Mi'),
      },
      limits: {
        cpu: k8s.Quantity.fromString('4'),
        memory: k8s.Quantity.fromString('1536Mi'),
        'ephemeral-storage': k8s.Quantity.fromString('512Mi'),
      },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'program', mountPath: '/opt/model-copy', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

function port(number: number, protocol = 'TCP'): k8s.NetworkPolicyPort {
  return { protocol, port: k8s.IntOrString.fromNumber(number) };
}

/** Tokens are numbered in the order they are made, which must not change a name. */
function withoutTokens(text: string): string {
  return text.replace(/\$\{Token\[[^\]]*\]\}/g, '');
}

/** FNV-1a, 64 bits (RFC 9923): names only have to differ, nobody has an interest in making two of them equal. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(36).slice(-8);
}
