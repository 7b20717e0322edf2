import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ImportedCluster } from '../../../constructs/imported-cluster';
import { InferenceNamespace, PodSecurity } from '../../../constructs/inference-namespace';
import { chartFromGit } from '../../../constructs/addons/private/chart-from-git';
import { Accelerator, Model, MultiNode } from '../../../lib';
import { modelServer, objectsOf } from '../fixtures/library';
import { ALLOWED, removeTenants, tenants } from '../fixtures/tenants';
import { fakeNode } from '../fixtures/workloads';
import { type Action, ServiceAccountAccess } from '../harness/access-review';
import { admit, podsOf } from '../harness/admission';
import { Box } from '../harness/box';
import { ClusterRoleBindings, type KubeObject, type Pod, RayClusters, ResourceQuotas, RoleBindings } from '../harness/kinds';
import { eventually } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'access';

/** What Ray's autoscaler asks of the API (`kuberay/cloud_provider.py` of Ray: which pods there are, how many there shall be). */
const AUTOSCALER: readonly Action[] = [
  { verb: 'list', resource: 'pods', namespace: NAMESPACE },
  { verb: 'watch', resource: 'pods', namespace: NAMESPACE },
  { verb: 'patch', resource: 'pods', namespace: NAMESPACE },
  { verb: 'get', resource: 'rayclusters.ray.io', namespace: NAMESPACE },
  { verb: 'patch', resource: 'rayclusters.ray.io', namespace: NAMESPACE },
];

/** What no pod of a model has any business with. */
const FORBIDDEN: readonly Action[] = [
  ...['get', 'list', 'watch', 'create'].map((verb) => ({ verb, resource: 'secrets', namespace: NAMESPACE })),
  { verb: 'list', resource: 'secrets' },
  { verb: 'list', resource: 'configmaps', namespace: NAMESPACE },
  { verb: 'create', resource: 'pods', namespace: NAMESPACE },
  { verb: 'delete', resource: 'pods', namespace: NAMESPACE },
  ...['pods/exec', 'pods/attach', 'pods/portforward', 'pods/ephemeralcontainers', 'pods/eviction'].map((resource) => ({ verb: 'create', resource, namespace: NAMESPACE })),
  { verb: 'get', resource: 'pods/log', namespace: NAMESPACE },
  ...['deployments.apps', 'jobs.batch', 'rayclusters.ray.io', 'leaderworkersets.leaderworkerset.x-k8s.io'].map((resource) => ({ verb: 'create', resource, namespace: NAMESPACE })),
  ...['rolebindings', 'roles'].map((resource) => ({ verb: 'create', resource: `${resource}.rbac.authorization.k8s.io`, namespace: NAMESPACE })),
  { verb: 'create', resource: 'clusterrolebindings.rbac.authorization.k8s.io' },
  { verb: 'create', resource: 'serviceaccounts/token', namespace: NAMESPACE },
  { verb: 'impersonate', resource: 'serviceaccounts', namespace: NAMESPACE },
  { verb: 'patch', resource: 'networkpolicies.networking.k8s.io', namespace: NAMESPACE },
  ...['list', 'patch', 'delete'].map((verb) => ({ verb, resource: 'nodes' })),
  { verb: 'get', resource: 'nodes/proxy' },
  { verb: 'list', resource: 'namespaces' },
  { verb: 'patch', resource: 'nodepools.karpenter.sh' },
  { verb: 'list', resource: 'persistentvolumes' },
  { verb: 'patch', resource: 'customresourcedefinitions.apiextensions.k8s.io' },
  { verb: 'create', resource: 'mutatingwebhookconfigurations.admissionregistration.k8s.io' },
  ...['kube-system', 'default', ALLOWED].flatMap((namespace) => [
    { verb: 'list', resource: 'pods', namespace },
    { verb: 'patch', resource: 'pods', namespace },
    { verb: 'get', resource: 'secrets', namespace },
    { verb: 'patch', resource: 'rayclusters.ray.io', namespace },
  ]),
  { verb: 'list', resource: 'pods' },
];

/** Whether a token of the API server is mounted into a pod. */
function holdsToken({ spec }: Pod): boolean {
  return (spec.volumes ?? []).some(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined) ?? false);
}

describe('given one of everything that the library runs', () => {
  const all = tenants(NAMESPACE);
  const own = Object.values(all).map(({ serviceAccount }) => serviceAccount);
  let place: Workspace;
  /** Name of the RayCluster that scales itself, and of the account that KubeRay makes for it. */
  let rayCluster: string;
  const accessOf = (name: string): ServiceAccountAccess => new ServiceAccountAccess(box.cluster, NAMESPACE, name);

  /** What an account may do beyond what every account may. */
  async function rightsOf(name: string, namespace: string): Promise<string[]> {
    const everybody = await accessOf('nobody').everythingIn(namespace);
    return (await accessOf(name).everythingIn(namespace)).filter((line) => !everybody.includes(line));
  }

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    await place.apply(...Object.values(all).flatMap(({ objects }) => objects));
    for (const { name, pods } of Object.values(all)) {
      await eventually(`the pods of ${name}`, async () => expect((await place.pods({ 'app.kubernetes.io/name': name })).length).toBe(pods));
    }
    await eventually('the watcher of the KV cache', async () => expect((await place.pods({ 'kvcache.orchestration.aibrix.ai/role': 'kvwatcher' })).length).toBe(1));
    rayCluster = await eventually('the account of the autoscaler', async () => {
      const clusters = await box.cluster.list(RayClusters, { namespace: NAMESPACE });
      const found = clusters.find(({ metadata }) => metadata.name.startsWith('ray-') && !metadata.name.startsWith('ray-fixed'));
      if (found === undefined) throw new Error('no RayCluster yet');
      await box.cluster.call('GET', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${found.metadata.name}`);
      return found.metadata.name;
    });
  });

  afterAll(() => removeTenants(place));

  test('then every account may do what every account may: ask what it may do', async () => {
    expect(await accessOf('nobody').everythingIn(NAMESPACE)).toEqual([
      'create selfsubjectaccessreviews.authorization.k8s.io', 'create selfsubjectreviews.authentication.k8s.io', 'create selfsubjectrulesreviews.authorization.k8s.io',
    ]);
  });

  test.each(own)('then the account %s may do nothing more, here and elsewhere', async (name) => {
    for (const namespace of [NAMESPACE, 'kube-system', 'default']) expect(await rightsOf(name, namespace)).toEqual([]);
    expect(await accessOf(name).allowedOf([...AUTOSCALER, ...FORBIDDEN])).toEqual([]);
  });

  test('then Ray\'s autoscaler may do what it must, in its namespace, and nothing that is forbidden', async () => {
    const access = accessOf(rayCluster);
    for (const action of AUTOSCALER) expect({ action, allowed: await access.may(action) }).toEqual({ action, allowed: true });
    expect(await access.allowedOf(FORBIDDEN)).toEqual([]);
    expect(await rightsOf(rayCluster, NAMESPACE)).toEqual([
      'get pods', 'get rayclusters.ray.io', 'list pods', 'patch pods', 'patch pods/resize', 'patch rayclusters.ray.io', 'watch pods',
    ]);
    expect(await rightsOf(rayCluster, 'default')).toEqual([]);
  });

  test('then the watcher of AIBrix\'s KV cache runs commands in pods of its namespace, as the option says, and nothing else', async () => {
    expect(await rightsOf('brix-kv-cache', NAMESPACE)).toEqual(['create pods/exec', 'get pods', 'list pods', 'watch pods']);
    expect(await accessOf('brix-kv-cache').allowedOf(FORBIDDEN)).toEqual([`create pods/exec in ${NAMESPACE}`]);
  });

  test('then nobody else of the namespace is bound to a role', async () => {
    const here = await box.cluster.list(RoleBindings, { namespace: NAMESPACE });
    expect(here.flatMap(({ subjects = [] }) => subjects.map(({ name }) => name)).sort()).toEqual(['brix-kv-cache', rayCluster].sort());
    const everywhere = await box.cluster.list(ClusterRoleBindings);
    expect(everywhere.filter(({ subjects = [] }) => subjects.some(({ namespace }) => namespace === NAMESPACE))).toEqual([]);
  });

  test('then no pod holds a token but the head that scales its cluster, and those that AIBrix makes', async () => {
    const holders = (await place.pods()).filter(holdsToken);
    expect(holders.map(({ metadata }) => metadata.labels?.['ray.io/node-type'] ?? metadata.name).sort())
      .toEqual(['brix-kv-cache-0', 'brix-kv-cache-kvcache-watcher-pod', 'brix-kv-cache-redis', 'head']);
    expect(holders.find(({ metadata }) => metadata.labels?.['ray.io/node-type'] === 'head')?.spec.serviceAccountName).toBe(rayCluster);
  });

  test('then each pod runs as the account of its own model', async () => {
    for (const { name, serviceAccount } of Object.values(all)) {
      const accounts = (await place.pods({ 'app.kubernetes.io/name': name })).map(({ spec }) => spec.serviceAccountName);
      expect({ name, accounts: [...new Set(accounts)].sort() }).toEqual({ name, accounts: name === 'ray' ? [serviceAccount, rayCluster].sort() : [serviceAccount] });
    }
  });
});

describe('given a chart that is installed out of its repository', () => {
  const [release, namespace] = ['access', 'access-installer'];
  let place: Workspace;
  const installer = new ServiceAccountAccess(box.cluster, namespace, 'access-installer');
  const anything: Action = { verb: '*', resource: '*.*' };

  beforeAll(async () => {
    place = await Workspace.create(box, namespace);
    // no pod may start yet, so that the installation can be looked at while it runs
    await place.apply(
      { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'wait' }, spec: { hard: { pods: '0' } } },
      fakeNode({ name: 'access-installer', zone: 'us-west-2a' }),
    );
  });

  afterAll(() => place.dispose());

  async function helm(...args: string[]): Promise<void> {
    await promisify(execFile)(box.tools.binary('kubectl', 'helm'), [...args, '--kubeconfig', box.kubeconfig, '--namespace', namespace], { env: { HOME: box.folder } });
  }

  test('then its Job is an administrator while it runs, and nobody is afterwards', async () => {
    const folder = mkdtempSync(join(box.folder, 'chart-'));
    const files = chartFromGit({
      release, namespace, repository: 'https://example.com/chart', ref: 'refs/tags/v1', path: 'chart', valuesFile: 'values.yaml', tolerations: [], untolerating: 'x.yaml',
    });
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const left = async (): Promise<string[]> => (await box.cluster.list(ClusterRoleBindings)).map(({ metadata }) => metadata.name).filter((name) => name === `${release}-installer`);

    expect(await installer.may(anything)).toBe(false);
    const installing = helm('upgrade', '--install', release, folder, '--timeout', '2m');
    await eventually('the installer has its rights', async () => expect(await installer.may(anything)).toBe(true));
    await box.cluster.remove(ResourceQuotas, 'wait', namespace);
    await installing;
    expect(await left()).toEqual([]);
    expect(await installer.may(anything)).toBe(false);

    await helm('uninstall', release, '--timeout', '2m');
    expect(await left()).toEqual([]);
    const jobs = (await box.cluster.call('GET', `/apis/batch/v1/namespaces/${namespace}/jobs`)) as { items: object[] };
    expect(jobs.items).toEqual([]);
  });
});

describe('given a namespace of each level', () => {
  const levels = [PodSecurity.RESTRICTED, PodSecurity.BASELINE, PodSecurity.PRIVILEGED] as const;
  const places: Workspace[] = [];
  const nameOf = (level: string): string => `access-${level}`;

  /** The labels of the namespace, as the construct writes them. */
  function labelsOf(level: PodSecurity): Record<string, string> {
    const stack = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Access');
    const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: box.clusterName });
    new InferenceNamespace(stack, 'Namespace', { cluster, name: nameOf(level), podSecurity: level });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::AWSCDK-EKS-KubernetesResource')) as [{ Properties: { Manifest: string } }];
    const [namespace] = JSON.parse(Properties.Manifest) as [{ metadata: { labels: Record<string, string> } }];
    return namespace.metadata.labels;
  }

  beforeAll(async () => {
    for (const level of levels) places.push(await Workspace.create(box, nameOf(level), labelsOf(level)));
  });

  afterAll(async () => {
    for (const place of places) await removeTenants(place);
  });

  const [plain] = podsOf(objectsOf(modelServer({ namespace: 'x' })), 'x') as [KubeObject];
  const [overEfa] = podsOf(objectsOf(modelServer({ namespace: 'x', topology: new MultiNode({ nodes: 2 }), model: Model.LLAMA_3_3_70B, accelerator: Accelerator.P5_48XLARGE })), 'x') as [KubeObject];
  const changed = (spec: object, container: object = {}): KubeObject => {
    const old = plain.spec as { containers: object[] };
    return { ...plain, spec: { ...old, ...spec, containers: old.containers.map((one) => ({ ...one, ...container })) } };
  };

  test.each<[what: string, pod: KubeObject, admitted: readonly string[]]>([
    ['a pod of a model server', plain, ['restricted', 'baseline', 'privileged']],
    ['one that locks memory for EFA', overEfa, ['privileged']],
    ['one as root', changed({ securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } } }), ['baseline', 'privileged']],
    ['one that may gain rights', changed({}, { securityContext: { allowPrivilegeEscalation: true, capabilities: { drop: ['ALL'] } } }), ['baseline', 'privileged']],
    ['one on the network of its node', changed({ hostNetwork: true }), ['privileged']],
    ['one in the processes of its node', changed({ hostPID: true }), ['privileged']],
    ['one in the memory of its node', changed({ hostIPC: true }), ['privileged']],
    ['one with a folder of its node', changed({ volumes: [...(plain.spec as { volumes: object[] }).volumes, { name: 'host', hostPath: { path: '/' } }] }), ['privileged']],
    ['one with every right', changed({}, { securityContext: { privileged: true } }), ['privileged']],
  ])('%s: then it is admitted where it may be', async (_, pod, admitted) => {
    const answers = await Promise.all(levels.map(async (level) => {
      const here = { ...pod, metadata: { ...pod.metadata, namespace: nameOf(level) }, spec: { ...(pod.spec as object), serviceAccountName: 'default' } };
      return admit(box.cluster, [here]).then(() => [level], (error: Error) => (error.message.includes('violates PodSecurity') ? [] : Promise.reject(error)));
    }));
    expect(answers.flat()).toEqual(admitted);
  });

  test('then all that the controllers make is admitted in "restricted", but the KV cache of AIBrix', async () => {
    const restricted = places[0] as Workspace; // made above
    const all = Object.values(tenants(restricted.namespace));
    await restricted.apply(...all.flatMap(({ objects }) => objects));
    for (const { name, pods } of all) {
      await eventually(`the pods of ${name}`, async () => expect((await restricted.pods({ 'app.kubernetes.io/name': name })).length).toBe(pods));
    }
    expect(await restricted.pods({ 'kvcache.orchestration.aibrix.ai/name': 'brix-kv-cache' })).toEqual([]);
  });
});
