import { Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { execFileSync } from 'child_process';
import { readdirSync, readFileSync } from 'fs';
import { basename, join } from 'path';
import { Construct } from 'constructs';
import * as addons from '../../constructs/addons';
import { chartFromGit } from '../../constructs/addons/private/chart-from-git';
import { ImportedCluster } from '../../constructs/imported-cluster';
import { resourcesOf, testStack, type Json, type TestResource } from './stack-fixture';

const root = join(__dirname, '../..');
const folder = join(root, 'constructs/addons');
const CONTRACTS = ['addon', 'addon-set', 'index'];
const units = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'))
  .filter((unit) => !CONTRACTS.includes(unit));

/** Those that cannot be made of nothing. */
const REQUIRED_OPTIONS: { [unit: string]: (stack: Stack) => object } = {
  'mountpoint-s3-csi': (stack) => ({ buckets: [s3.Bucket.fromBucketName(stack, 'Weights', 'weights')] }),
};

type AddonClass = new (options?: object) => addons.IAddon;
const exported = addons as unknown as { [name: string]: AddonClass }; // the barrel, by the name of the class

/** Named otherwise than their file: a class `Aibrix` beside the topology `AIBrix` would differ from it by case only. */
const CLASS_NAMES: { readonly [unit: string]: string } = { 'ai-brix-control-plane': 'AIBrixControlPlane' };
const RELEASES: { readonly [unit: string]: string } = { 'ai-brix-control-plane': 'aibrix' };

function classNameOf(unit: string): string {
  return CLASS_NAMES[unit] ?? unit.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
}

function importedCluster(stack: Stack): eks.ICluster {
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  return new ImportedCluster(stack, 'Cluster', { clusterName: 'prod', vpc, clusterSecurityGroupId: 'sg-1' }).cluster;
}

interface Bound {
  readonly addon: addons.IAddon;
  readonly template: Template;
  readonly charts: TestResource[];
  /** Values of the add-on's own release; one that brings another add-on has two. */
  readonly values: Json;
}

function bind(unit: string, options: object = {}, context: Partial<addons.AddonContext> = {}): Bound {
  const stack = testStack();
  const addon = new exported[classNameOf(unit)]({ ...REQUIRED_OPTIONS[unit]?.(stack), ...options });
  addon.bind(stack, { cluster: importedCluster(stack), ...context });
  const template = Template.fromStack(stack);
  const charts = Object.values(resourcesOf(template, 'Custom::AWSCDK-EKS-HelmChart'));
  const own = charts.find((chart) => chart.Properties.Release === (RELEASES[unit] ?? unit));
  return { addon, template, charts, values: own && valuesOf(own) };
}

/** Values of a chart; where they hold references, those are replaced by their names. */
function valuesOf(chart: TestResource): Json {
  const values = chart.Properties.Values;
  return JSON.parse(typeof values === 'string' ? values : values['Fn::Join'][1].map((part: Json) => part.Ref ?? part).join(''));
}

const bound = new Map(units.map((unit) => [unit, bind(unit)]));
const names = [...bound.values()].map(({ addon }) => addon.name);
const byHelm = [...bound].filter(([, { addon }]) => addon instanceof addons.HelmAddon);

describe.each([...bound])('%s', (unit, { addon, template, charts }) => {

  test('is a class named after its file, and its name is a DNS label', () => {
    expect(addon.constructor.name).toBe(classNameOf(unit));
    expect(addon.name).toBe(RELEASES[unit] ?? unit);
    expect(addon.name).toMatch(/^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$/); // Helm releases have at most 53 characters
  });

  test('binds to an imported cluster', () => {
    const installed = [...charts, ...Object.values(resourcesOf(template, 'AWS::EKS::Addon'))];
    expect(installed).not.toEqual([]);
    expect(installed.map((resource) => resource.Properties.ClusterName)).toEqual(installed.map(() => 'prod'));
  });

  test('has pinned charts that Helm waits for, in a namespace that Helm makes', () => {
    for (const { Properties: chart } of charts) {
      if (!chart.ChartAssetURL) expect(chart.Version).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect(chart).toMatchObject({ Wait: true, CreateNamespace: true, Timeout: '600s' });
      expect(chart.Namespace).not.toBe('default');
    }
  });

  test('takes an address of a chart that Helm understands', () => {
    for (const { Properties: chart } of charts) {
      if (chart.ChartAssetURL) continue;
      // The handler takes the name of an OCI chart from its address.
      if (chart.Repository.startsWith('oci://')) expect(chart.Repository.split('/').pop()).toBe(chart.Chart);
      else expect(chart.Repository).toMatch(/^https:\/\//);
    }
  });

  test('requires and excludes add-ons that exist', () => {
    for (const name of [...addon.requires, ...addon.conflictsWith]) expect(names).toContain(name);
    expect(addon.requires).not.toContain(addon.name);
  });

  test('writes no ARN by hand', () => {
    expect(JSON.stringify(template.toJSON())).not.toContain('arn:aws:');
    expect(readFileSync(join(folder, `${unit}.ts`), 'utf8')).not.toContain('arn:aws:');
  });

  test('gives its pods their identity before they start', () => {
    for (const id of Object.keys(resourcesOf(template, 'AWS::EKS::PodIdentityAssociation'))) {
      const pods = [...charts, ...Object.values(resourcesOf(template, 'AWS::EKS::Addon'))];
      expect(pods.flatMap((resource) => resource.DependsOn ?? [])).toContain(id);
    }
  });
});

describe.each(byHelm)('%s, by Helm,', (unit, { values: ours }) => {
  test('lets the values of the user win, maps deep and arrays replaced', () => {
    const theirs = { tolerations: [{ key: 'mine' }], affinity: { podAffinity: {} }, extra: { a: 1 } };
    const { values } = bind(unit, { values: theirs });
    expect(values).toEqual({ ...ours, ...theirs, affinity: { ...ours.affinity, podAffinity: {} } });
  });

  test.each(['latest', '^1.2.0', '1.x', '>=1.0.0', '1.2', ''])("fails for the version '%s'", (version) => {
    expect(() => bind(unit, { version })).toThrow(`'version' (${version}) of an add-on must be one exact chart version`);
  });
});

describe('every add-on', () => {
  test('has a name of its own', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  test('is in the barrel', () => {
    execFileSync(process.execPath, [join(root, 'scripts/barrels.mjs'), '--check']);
  });

  test('can be installed at another exact version, with another time limit', () => {
    const [chart] = bind('keda', { version: '2.21.0', timeout: Duration.minutes(15) }).charts;
    expect(chart.Properties).toMatchObject({ Version: '2.21.0', Timeout: '900s' });
    expect(() => bind('keda', { timeout: Duration.minutes(16) })).toThrow("'timeout' (16 minutes) of an add-on must be at most 15 minutes");
  });

  test('runs its controllers on the nodes of the system', () => {
    const values = bind('cert-manager').values;
    for (const controller of [values, values.webhook, values.cainjector]) {
      expect(controller.tolerations).toEqual([{ key: 'CriticalAddonsOnly', operator: 'Exists' }]);
      const [nodeGroup] = controller.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution;
      expect(nodeGroup.preference.matchExpressions).toEqual([{ key: 'eks.amazonaws.com/nodegroup', operator: 'Exists' }]);
    }
    const systemTolerations = [{ key: 'team', operator: 'Exists' }];
    expect(bind('cert-manager', {}, { systemTolerations }).values.webhook.tolerations).toEqual(systemTolerations);
  });

  test('says what to do where nothing can be applied to a cluster', () => {
    const stack = testStack();
    const cluster = eks.Cluster.fromClusterAttributes(stack, 'Bare', { clusterName: 'prod' });
    expect(() => new addons.Keda().bind(stack, { cluster })).toThrow(
      "the add-on 'keda' cannot be installed, its 'cluster' (Inference/Bare) has no kubectl provider",
    );
  });

  test.each(['nvidia-device-plugin', 'gpu-operator', 'neuron-device-plugin', 'efa-device-plugin'])(
    'is refused where EKS Auto Mode has it built in: %s',
    (unit) => {
      expect(() => bind(unit, {}, { autoMode: true })).toThrow(`the add-on '${unit}' is built into EKS Auto Mode`);
    },
  );
});

describe('what an add-on does on accelerated nodes', () => {
  const termsOf = (affinity: Json) =>
    affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.map((term: Json) => term.matchExpressions);
  const offBottlerocket = { key: 'nvidia.com/gpu.deploy.operands', operator: 'NotIn', values: ['false'] };

  test('the NVIDIA device plugin goes to AL2023 GPU nodes only', () => {
    const values = bind('nvidia-device-plugin').values;
    expect(termsOf(values.affinity)).toEqual([[{ key: 'nvidia.com/gpu.present', operator: 'In', values: ['true'] }, offBottlerocket]]);
    expect(values.nfd.enabled).toBe(false);
  });

  test('the GPU operator leaves driver and toolkit to the AMI, and Bottlerocket alone', () => {
    const values = bind('gpu-operator').values;
    expect(values).toMatchObject({ driver: { enabled: false }, toolkit: { enabled: false } });
    expect(termsOf(values['node-feature-discovery'].worker.affinity)).toEqual([[offBottlerocket]]);
  });

  test('the EFA device plugin tolerates GPU and Neuron nodes', () => {
    const { tolerations } = bind('efa-device-plugin').values;
    expect(tolerations.map((toleration: Json) => toleration.key)).toEqual(
      expect.arrayContaining(['nvidia.com/gpu', 'aws.amazon.com/neuron']),
    );
  });

  test('the Neuron scheduler is off until it is asked for', () => {
    expect(bind('neuron-device-plugin').values.scheduler.enabled).toBe(false);
    expect(bind('neuron-device-plugin', { scheduler: true }).values.scheduler.enabled).toBe(true);
  });
});

describe('AIBrix', () => {
  const { template, values } = bind('ai-brix-control-plane');
  const charts = resourcesOf(template, 'Custom::AWSCDK-EKS-HelmChart');
  const idOf = (release: string) => Object.keys(charts).find((id) => charts[id].Properties.Release === release) ?? '';
  const program = (version?: string) =>
    chartFromGit({
      release: 'aibrix',
      namespace: 'aibrix-system',
      repository: 'https://example.com/aibrix',
      path: 'dist/chart',
      ref: version ?? 'c0ffee',
      valuesFile: 'stable.yaml',
      tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
      untolerating: 'templates/redis.yaml',
    });

  test('brings the Envoy Gateway it is built for, and waits for it', () => {
    expect(charts[idOf('envoy-gateway')].Properties.Version).toBe('v1.2.8');
    expect(charts[idOf('aibrix')].DependsOn).toContain(idOf('envoy-gateway'));
  });

  test('is not reached from outside the cluster', () => {
    expect(values.gateway.envoyProxy.service).toEqual({ type: 'ClusterIP' });
  });

  test('cannot share a cluster with another Envoy Gateway or KubeRay', () => {
    const stack = testStack();
    const set = new addons.AddonSet(stack, { cluster: importedCluster(stack) });
    expect(() => set.add(new addons.AIBrixControlPlane(), new addons.KubeRay())).toThrow("'aibrix' and 'kube-ray' cannot be on the same cluster");
  });

  test('is taken from its repository by a program that has rights only while it runs', () => {
    const files = program();
    for (const file of ['account', 'rights', 'install', 'remove']) {
      const object = JSON.parse(files[`templates/${file}.yaml`]);
      expect(object.metadata.annotations['helm.sh/hook-delete-policy']).toBe('before-hook-creation,hook-succeeded');
    }
    const install = JSON.parse(files['templates/install.yaml']);
    expect(install.metadata.annotations['helm.sh/hook']).toBe('post-install,post-upgrade');
    expect(install.spec.template.spec.containers[0].command.at(-1)).toContain('git fetch --quiet --depth 1 --filter=blob:none origin c0ffee\n');
    const remove = JSON.parse(files['templates/remove.yaml']);
    expect(remove.metadata.annotations['helm.sh/hook']).toBe('pre-delete');
    expect(remove.spec.template.spec.volumes).toHaveLength(1); // the values are gone by then
    for (const { spec } of [install, remove]) {
      expect(spec.template.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    }
  });

  test('is another asset at another version, and the same asset twice', () => {
    const asset = (version?: string) => {
      const own = bind('ai-brix-control-plane', { version }).charts.find((chart) => chart.Properties.Release === 'aibrix');
      return JSON.stringify(own?.Properties.ChartAssetURL);
    };
    expect(asset()).toBe(asset());
    expect(asset('0.8.0')).not.toBe(asset());
  });
});

describe('options', () => {
  test('KEDA queries the workspaces it is given, and has no role without', () => {
    const workspace = 'arn:x:aps:us-west-2:1:workspace/ws-1';
    const policy = { Statement: [{ Effect: 'Allow', Resource: workspace, Action: expect.arrayContaining(['aps:QueryMetrics']) }] };
    const policies = (options: object) =>
      Object.values(resourcesOf(bind('keda', options).template, 'AWS::IAM::Policy')).filter((found) =>
        JSON.stringify(found).includes('aps:'),
      );
    expect(policies({ prometheusWorkspaceArns: [workspace] })[0].Properties.PolicyDocument).toMatchObject(policy);
    expect(policies({})).toEqual([]);
    bind('keda', { prometheusWorkspaceArns: [workspace] }).template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      Namespace: 'keda',
      ServiceAccount: 'keda-operator',
    });
  });

  test('Prometheus takes up the monitors of every release, and keeps metrics on a volume', () => {
    const values = bind('kube-prometheus-stack', { retentionDays: 30, storageGiB: 200, grafana: false }).values;
    expect(values.prometheus.prometheusSpec).toMatchObject({
      retention: '30d',
      serviceMonitorSelectorNilUsesHelmValues: false,
      podMonitorSelectorNilUsesHelmValues: false,
      ruleSelectorNilUsesHelmValues: false,
      storageSpec: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '200Gi' } } } } },
    });
    expect(values.grafana.enabled).toBe(false);
    expect(() => bind('kube-prometheus-stack', { retentionDays: -1 })).toThrow("'retentionDays' (-1) must be greater than 0");
  });

  test('KubeRay is given the feature gates that are named', () => {
    expect(bind('kube-ray', { featureGates: { RayCronJob: true } }).values.featureGates).toEqual([
      { name: 'RayCronJob', enabled: true },
    ]);
    expect(bind('kube-ray').values).not.toHaveProperty('featureGates');
  });

  test('LeaderWorkerSet schedules gangs with Volcano when asked to, and its image is pinned', () => {
    const values = bind('leader-worker-set', { gangScheduling: true }).values;
    expect(values.gangSchedulingManagement).toEqual({ schedulerProvider: 'volcano' });
    expect(values.image.manager.tag).toMatch(/^v\d+\.\d+\.\d+$/);
  });

  test('the load balancer controller is told the VPC, and says so where it is not known', () => {
    expect(bind('aws-load-balancer-controller').values).toMatchObject({ clusterName: 'prod', vpcId: 'vpc-1' });
    const stack = testStack();
    const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: 'prod' });
    expect(() => new addons.AwsLoadBalancerController().bind(stack, { cluster })).toThrow("pass 'vpcId'");
    new addons.AwsLoadBalancerController({ vpcId: 'vpc-2' }).bind(new Construct(stack, 'Told'), { cluster });
    const [chart] = Object.values(resourcesOf(Template.fromStack(stack), 'Custom::AWSCDK-EKS-HelmChart'));
    expect(valuesOf(chart).vpcId).toBe('vpc-2');
  });

  test('the load balancer controller changes what carries the tag of its cluster, and nothing of another one', () => {
    const policies = Object.values(resourcesOf(bind('aws-load-balancer-controller').template, 'AWS::IAM::Policy'));
    const statements: Json[] = policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement);
    const destructive = statements.filter((statement) =>
      [statement.Action].flat().some((action: string) => /:Delete(LoadBalancer|TargetGroup|SecurityGroup)$/.test(action)),
    );
    expect(destructive).toHaveLength(2);
    for (const { Condition } of destructive) {
      expect(Condition).toEqual({ StringEquals: { 'aws:ResourceTag/elbv2.k8s.aws/cluster': 'prod' } });
    }
    // AWS refuses a managed policy above 6,144 characters and the inline policies of a role above 10,240.
    expect(JSON.stringify(statements).length).toBeLessThan(10_240);
  });

  test('Mountpoint reads the buckets it is given', () => {
    const { template } = bind('mountpoint-s3-csi');
    template.hasResourceProperties('AWS::EKS::Addon', { AddonName: 'aws-mountpoint-s3-csi-driver' });
    const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).filter((policy) => JSON.stringify(policy).includes('weights'));
    expect(policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement).map((statement) => statement.Action)).toEqual([
      's3:ListBucket',
      's3:GetObject',
    ]);
    expect(() => new addons.MountpointS3Csi({ buckets: [] })).toThrow("'buckets' of the add-on 'mountpoint-s3-csi' must not be empty");
  });
});

describe('a set of add-ons', () => {
  class Fake implements addons.IAddon {
    constructor(
      readonly name: string,
      readonly requires: string[] = [],
      readonly conflictsWith: string[] = [],
    ) {}
    bind(scope: Construct): Construct {
      return new Construct(scope, this.name);
    }
  }

  function setOf(props: Partial<addons.AddonSetProps> = {}) {
    const stack = testStack();
    const cluster = eks.Cluster.fromClusterAttributes(stack, 'Bare', { clusterName: 'prod' });
    return { stack, set: new addons.AddonSet(stack, { cluster, ...props }) };
  }

  const dependenciesOf = (stack: Stack, id: string) => stack.node.findChild(id).node.dependencies.map((each) => each.node.id);

  test('orders what requires each other, in any order of the list, and nothing else', () => {
    const { stack, set } = setOf();
    set.add(new Fake('c', ['b', 'a']), new Fake('a'), new Fake('b', ['a']), new Fake('alone'));
    expect(dependenciesOf(stack, 'c').sort()).toEqual(['a', 'b']);
    expect(dependenciesOf(stack, 'b')).toEqual(['a']);
    expect(dependenciesOf(stack, 'a')).toEqual([]);
    expect(dependenciesOf(stack, 'alone')).toEqual([]);
  });

  test('makes what needs an add-on wait for it, unless it is there already', () => {
    const { stack, set } = setOf({ existing: ['theirs'] });
    set.add(new Fake('a', ['theirs']));
    set.require(new Construct(stack, 'Server'), 'a', 'theirs');
    expect(dependenciesOf(stack, 'Server')).toEqual(['a']);
  });

  test('installs for real in that order', () => {
    const stack = testStack();
    const set = new addons.AddonSet(stack, { cluster: importedCluster(stack) });
    set.add(new addons.DcgmExporter(), new addons.KubePrometheusStack());
    const charts = resourcesOf(Template.fromStack(stack), 'Custom::AWSCDK-EKS-HelmChart');
    const idOf = (release: string) => Object.keys(charts).find((id) => charts[id].Properties.Release === release) ?? '';
    expect(charts[idOf('dcgm-exporter')].DependsOn).toContain(idOf('kube-prometheus-stack'));
  });

  test.each<[string, addons.IAddon[], string]>([
    ['one that is missing', [new Fake('a', ['b'])], "the add-on 'a' needs the add-on 'b': add it to 'addons', got [a]"],
    ['one that is there twice', [new Fake('a'), new Fake('a')], "the add-on 'a' is already on the cluster"],
    ['a circle', [new Fake('a', ['b']), new Fake('b', ['a'])], 'add-ons require each other in a circle: a -> b -> a'],
    ['two that exclude each other', [new Fake('a'), new Fake('b', [], ['a'])], "the add-ons 'a' and 'b' cannot be on the same cluster"],
  ])('fails for %s', (_, given, message) => {
    expect(() => setOf().set.add(...given)).toThrow(message);
  });

  test('fails for a dependent without its add-on', () => {
    const { stack, set } = setOf();
    expect(() => set.require(new Construct(stack, 'Server'), 'keda')).toThrow("'Inference/Server' needs the add-on 'keda'");
  });
});
