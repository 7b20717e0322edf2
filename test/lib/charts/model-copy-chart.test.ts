import { execFileSync, spawnSync } from 'child_process';
import { Testing } from 'cdk8s';
import { join } from 'path';
import { ModelCopyChart, type ModelCopyChartProps } from '../../../lib/charts/model-copy-chart';
import { WaitForWeights } from '../../../lib/charts/wait-for-weights';
import { Model } from '../../../lib/models/model';

/** What Kubernetes reads: tests know its shape. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- typing every field would say nothing more
type Json = any;

const root = join(__dirname, '../../..');

function modelCopy(over: Partial<ModelCopyChartProps> = {}): ModelCopyChart {
  return new ModelCopyChart(Testing.app(), 'Copy', {
    model: Model.huggingFace('acme/tiny', { weightsGiB: 120, revision: 'v1' }),
    destination: 's3://weights/models/acme/tiny/v1/',
    namespace: 'inference',
    region: 'us-west-2',
    ...over,
  });
}

function objectsOf(chart: ModelCopyChart): { [kind: string]: Json } {
  return Object.fromEntries(Testing.synth(chart).map((object) => [object.kind, object]));
}

describe('the job', () => {
  const chart = modelCopy();
  const { Job: job, ConfigMap: program, ServiceAccount: account, NetworkPolicy: network } = objectsOf(chart);
  const pod = job.spec.template.spec;
  const container = pod.containers[0];

  test('and everything with it has one name, which fits a DNS label', () => {
    expect(chart.name).toMatch(/^copy-tiny-[a-z0-9]{8}$|^copy-[a-z0-9-]+-[a-z0-9]{8}$/);
    expect(chart.name.length).toBeLessThanOrEqual(63);
    expect([job, program, account, network].map((object) => object.metadata.name)).toEqual(Array(4).fill(chart.name));
    expect(pod.volumes[0].configMap.name).toBe(chart.name);
    expect(pod.serviceAccountName).toBe(chart.name);
  });

  test('runs the program that the ConfigMap carries, and installs nothing', () => {
    const [interpreter, path] = container.command;
    expect(interpreter).toBe('python3');
    expect(path).toBe(`${container.volumeMounts[0].mountPath}/${Object.keys(program.data)[0]}`);
    expect(Object.values(program.data).join()).not.toMatch(/pip install|apt-get|subprocess/);
  });

  test('meets the restricted Pod Security Standard with a read-only root', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(account.automountServiceAccountToken).toBe(false);
  });

  test.each<[hub: string, port: number]>([
    ['http://mirror.models', 80],
    ['http://mirror.models:8081/hub', 8081],
    ['https://mirror.models:8443', 8443],
  ])('reaches the mirror %s, and not the metadata of its node', (hubEndpoint, port) => {
    const { spec } = objectsOf(modelCopy({ hubEndpoint })).NetworkPolicy;
    const rule = spec.egress.find(({ ports }: Json) => ports[0].port === port);
    expect(rule.to).toContainEqual({ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } });
    expect(network.spec.egress).toHaveLength(spec.egress.length - 1);
  });

  test('refuses a mirror that is no address', () => {
    expect(() => modelCopy({ hubEndpoint: 'mirror.models' })).toThrow(/'hubEndpoint' \(mirror.models\) must be an address/);
  });

  test('needs no disk that grows with the model, and bounds its memory', () => {
    expect(container.resources.requests['ephemeral-storage']).toBe('256Mi');
    expect(container.resources.limits.memory).toBe(container.resources.requests.memory);
  });

  test('is never deleted by a time-to-live, and ends by itself', () => {
    expect(job.spec).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(job.spec.activeDeadlineSeconds).toBe((1 + Math.ceil(120 / 50)) * 3600);
    expect(job.spec.backoffLimit).toBe(6);
  });

  test('fails at once where trying again would not help', () => {
    expect(job.spec.podFailurePolicy.rules[0]).toEqual({
      action: 'FailJob',
      onExitCodes: { containerName: container.name, operator: 'In', values: [2] },
    });
    expect(pod.restartPolicy).toBe('Never'); // a pod failure policy is refused otherwise
  });

  test('stays off nodes with accelerators and may use the system nodes', () => {
    const [term] = pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    expect(term.matchExpressions).toContainEqual({ key: 'karpenter.k8s.aws/instance-gpu-count', operator: 'DoesNotExist' });
    expect(term.matchExpressions).toContainEqual({ key: 'eks.amazonaws.com/instance-accelerator-count', operator: 'DoesNotExist' });
    expect(pod.tolerations).toEqual([{ key: 'CriticalAddonsOnly', operator: 'Exists' }]);
  });

  test('reaches DNS, HTTPS and the Pod Identity agent, and nobody reaches it', () => {
    expect(network.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(network.spec).not.toHaveProperty('ingress');
    expect(network.spec.egress.flatMap((rule: Json) => rule.ports.map((port: Json) => port.port))).toEqual([53, 53, 443, 80]);
    expect(network.spec.podSelector.matchLabels).toEqual(
      expect.objectContaining({ 'app.kubernetes.io/name': job.spec.template.metadata.labels['app.kubernetes.io/name'] }),
    );
  });
});

describe('the name', () => {
  test('is the same for the same work', () => {
    expect(modelCopy().name).toBe(modelCopy().name);
  });

  test.each<[string, Partial<ModelCopyChartProps>]>([
    ['another revision', { model: Model.huggingFace('acme/tiny', { weightsGiB: 120, revision: 'v2' }) }],
    ['another owner', { model: Model.huggingFace('other/tiny', { weightsGiB: 120, revision: 'v1' }) }],
    ['another bucket', { destination: 's3://other/models/acme/tiny/v1/' }],
    ['another image, since a job cannot be changed', { image: 'registry.example.com/copy:1' }],
    ['another choice of files', { include: ['*.gguf'] }],
    ['another deadline', { deadlineHours: 9 }],
  ])('differs for %s', (_, over) => {
    expect(modelCopy(over).name).not.toBe(modelCopy().name);
  });

  test('does not follow the numbers of CDK tokens, but what they stand for', () => {
    const bucket = (number: number, id: string) => modelCopy({ destination: `s3://\${Token[TOKEN.${number}]}/m/`, destinationId: id });
    expect(bucket(12, '{"Ref":"A"}').name).toBe(bucket(13, '{"Ref":"A"}').name);
    expect(bucket(12, '{"Ref":"A"}').name).not.toBe(bucket(12, '{"Ref":"B"}').name);
  });
});

describe('the token of the hub', () => {
  const gated = Model.huggingFace('acme/gated', { gated: true });
  const environment = (chart: ModelCopyChart) => objectsOf(chart).Job.spec.template.spec.containers[0].env;

  test('comes from a Kubernetes Secret', () => {
    expect(environment(modelCopy({ model: gated, tokenSecret: { secretName: 'hub' } }))).toContainEqual({
      name: 'HF_TOKEN',
      valueFrom: { secretKeyRef: { name: 'hub', key: 'token' } },
    });
  });

  test('or is read from AWS Secrets Manager when the job runs', () => {
    const env = environment(modelCopy({ model: gated, tokenSecretArn: 'arn:x', tokenSecretField: 'hub' }));
    expect(env).toContainEqual({ name: 'HF_TOKEN_SECRET_ARN', value: 'arn:x' });
    expect(env).toContainEqual({ name: 'HF_TOKEN_SECRET_FIELD', value: 'hub' });
    expect(env.map((variable: Json) => variable.name)).not.toContain('HF_TOKEN');
  });
});

test.each<[string, Partial<ModelCopyChartProps>, string]>([
  ['a gated model without a token', { model: Model.huggingFace('acme/gated', { gated: true }) }, "model 'acme/gated' is gated"],
  ['two tokens', { tokenSecret: { secretName: 'a' }, tokenSecretArn: 'b' }, "'tokenSecret' and 'tokenSecretArn' are both given"],
  ['a bucket without a folder', { destination: 's3://weights/' }, "'destination' (s3://weights/) must be a folder"],
  ['a folder without its slash', { destination: 's3://weights/a' }, "'destination' (s3://weights/a) must be a folder"],
  ['no time at all', { deadlineHours: 0 }, "'deadlineHours' (0) must be greater than 0"],
  ['a namespace that is no DNS label', { namespace: 'My Team' }, "'namespace' (My Team) must be a DNS label"],
])('fails for %s', (_, over, message) => {
  expect(() => modelCopy(over)).toThrow(message);
});

test('servers wait in an init container without any right of their own', () => {
  const container = WaitForWeights.container({ uri: 's3://weights/models/acme/tiny/v1/', region: 'us-west-2' });
  expect(container.command?.at(-1)).toBe('s3://weights/models/acme/tiny/v1/');
  expect(container.env).toContainEqual({ name: 'AWS_DEFAULT_REGION', value: 'us-west-2' });
  expect(container.securityContext).toMatchObject({ runAsNonRoot: true, readOnlyRootFilesystem: true });
});

test('the programs in TypeScript are those in Python', () => {
  execFileSync(process.execPath, [join(root, 'scripts/embed-python.mjs'), '--check']);
});

const python = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0 ? test : test.skip;
python('the programs copy, skip, go on, check hashes and wait (model_copy_test.py)', () => {
  const run = spawnSync('python3', [join(__dirname, 'model_copy_test.py')], { encoding: 'utf8' });
  expect(run.stderr).toMatch(/^OK$/m);
  expect(run.status).toBe(0);
}, 120_000);
