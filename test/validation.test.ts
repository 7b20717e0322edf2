import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CloudFormationValidatePlugin, Stack, Validations } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { AwsSolutionsChecks } from 'cdk-nag';
import { addStack, newApp } from '../bin/build-app';
import type { ClusterConfig } from '../bin/config/inference-config';
import { InferenceCluster, type InferenceClusterProps } from '../constructs/inference-cluster';
import { GpuPool } from '../lib/node-pools/gpu-pool';
import { NodeOs } from '../lib/node-pools/node-os';

/** What cdk-nag does not see, because its EKS rules know the older cluster of CDK only. */
const EKS_RULES = `
let clusters = Resources.*[ Type == 'AWS::EKS::Cluster' ]

rule EKS_CLUSTER_LOGS_ALL when %clusters !empty {
  some %clusters.Properties.Logging.ClusterLogging.EnabledTypes[*].Type == 'api'
    << a cluster writes the log 'api' >>
  some %clusters.Properties.Logging.ClusterLogging.EnabledTypes[*].Type == 'audit'
    << a cluster writes the log 'audit' >>
  some %clusters.Properties.Logging.ClusterLogging.EnabledTypes[*].Type == 'authenticator'
    << a cluster writes the log 'authenticator' >>
  some %clusters.Properties.Logging.ClusterLogging.EnabledTypes[*].Type == 'controllerManager'
    << a cluster writes the log 'controllerManager' >>
  some %clusters.Properties.Logging.ClusterLogging.EnabledTypes[*].Type == 'scheduler'
    << a cluster writes the log 'scheduler' >>
}

rule EKS_CLUSTER_ENDPOINT_RESTRICTED when %clusters !empty {
  %clusters.Properties.ResourcesVpcConfig {
    EndpointPublicAccess == false or
    PublicAccessCidrs exists
      << the public endpoint of a cluster is closed, or open to named ranges >>
    PublicAccessCidrs not exists or
    PublicAccessCidrs[*] != '0.0.0.0/0'
      << the public endpoint of a cluster is not open to every address >>
  }
}
`;

interface Finding {
  readonly plugin: string;
  readonly rule: string;
  readonly severity: string;
  readonly path: string;
}

/** Synthesizes an app with every validator on and says what they found and nobody acknowledged. */
function validate(app: App): Finding[] {
  delete process.env.CDK_VALIDATION;
  const { outdir } = app;
  const report = join(outdir, 'validation-report.json');
  const console = jest.spyOn(global.console, 'error').mockImplementation(); // the report has what is printed
  try {
    app.synth();
  } catch (error) {
    if (!existsSync(report)) throw error; // findings also end in an error
  } finally {
    console.mockRestore();
    process.env.CDK_VALIDATION = 'false';
  }
  const { pluginReports } = JSON.parse(readFileSync(report, 'utf8')) as Report; // the format of aws-cdk-lib
  rmSync(outdir, { recursive: true });
  expect(pluginReports.map((one) => one.pluginName)).toContain('CloudFormation Validate');
  return pluginReports.flatMap(({ pluginName, violations }) =>
    violations.flatMap(({ ruleName, severity, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => ({ plugin: pluginName, rule: ruleName, severity, path: constructPath })),
    ),
  );
}

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly severity: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/** Findings that are meant to be so, where the construct that they are about does not say so itself. */
const MEANT_TO_BE_SO: readonly { readonly rule: RegExp; readonly path: RegExp; readonly reason: string }[] = [
  {
    rule: /^AwsSolutions-IAM5\[Resource::/,
    path: /\/Addons\/aws-load-balancer-controller\/Identity\//,
    reason: "the controller's own policy: names of load balancers are not known before, what it changes carries its tags",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<.*>\/models\/.*\/\*\]$/,
    path: /\/(Model|Copy)-[^/]*(\/[^/]+)?\/Identity\//,
    reason: 'all files of one model, and of no other',
  },
  {
    rule: /^AwsSolutions-S1$/,
    path: /\/ModelStore\/Bucket\//,
    reason: "access logs need a bucket of the user's: S3ModelStore takes it as 'accessLogs'",
  },
];

const EVERY_ADDON = {
  'aws-load-balancer-controller': true,
  'cert-manager': true,
  'dcgm-exporter': true,
  'envoy-gateway': true,
  keda: true,
  'kube-prometheus-stack': true,
  'kube-ray': true,
  'leader-worker-set': true,
};

/** The app with every pool and every add-on switched on. */
function everything(cluster: ClusterConfig): App {
  const app = newApp({ context: { 'aws:cdk:disable-asset-staging': true }, outdir: temporary() });
  const { inference } = addStack(app, {
    name: 'Everything',
    region: 'us-west-2',
    cluster: {
      interfaceEndpoints: true,
      administrators: ['arn:aws:iam::111122223333:role/Admin'],
      publicAccessCidrs: ['203.0.113.0/24'],
      ...cluster,
    },
    nodePools: { gpu: true, inferentia: true, trainium: true, graviton: true, x86: true },
    addons: EVERY_ADDON,
    modelStore: true,
    models: { qwen3: { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge' } },
  });
  if (cluster.compute !== 'auto-mode') inference.addNodePool('gpu-al2023', new GpuPool({ os: NodeOs.AL2023 }));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), cloudFormation());
  return app;
}

function cloudFormation(): CloudFormationValidatePlugin {
  return new CloudFormationValidatePlugin({ guardRules: [{ name: 'eks', content: EKS_RULES }] });
}

describe.each<[string, ClusterConfig]>([
  ['Karpenter', {}],
  ['EKS Auto Mode', { compute: 'auto-mode' }],
])('the app with everything on, under %s', (_, cluster) => {
  let findings: Finding[];
  beforeAll(() => {
    findings = validate(everything(cluster));
  }, 120_000);

  test('has no error that nobody gave a reason for', () => {
    const open = findings
      .filter(({ severity }) => severity !== 'warning')
      .filter((finding) => !MEANT_TO_BE_SO.some(({ rule, path }) => rule.test(finding.rule) && path.test(finding.path)));
    expect(open).toEqual([]);
  });

  test('needs every reason that is given here', () => {
    for (const { rule, path } of MEANT_TO_BE_SO) {
      expect(findings.filter((finding) => rule.test(finding.rule) && path.test(finding.path))).not.toEqual([]);
    }
  });
});

describe('our own rules for what cdk-nag does not see', () => {
  const clusters: { readonly [stack: string]: InferenceClusterProps } = {
    Private: { endpointAccess: eks.EndpointAccess.PRIVATE },
    Restricted: { endpointAccess: eks.EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom('203.0.113.0/24') },
    Default: {},
    Open: { endpointAccess: eks.EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom('0.0.0.0/0') },
    Unlogged: { endpointAccess: eks.EndpointAccess.PRIVATE },
  };
  let findings: Finding[];
  beforeAll(() => {
    const app = new App({ context: { 'aws:cdk:disable-asset-staging': true }, outdir: temporary() });
    for (const [name, props] of Object.entries(clusters)) {
      const { cluster } = new InferenceCluster(new Stack(app, name, { env: { region: 'us-west-2' } }), 'Cluster', props);
      if (name === 'Unlogged') {
        const resource = cluster.node.defaultChild as eks.CfnCluster; // what the L2 makes as its default child
        resource.logging = { clusterLogging: { enabledTypes: [{ type: 'api' }, { type: 'audit' }, { type: 'scheduler' }] } };
      }
    }
    Validations.of(app).addPlugins(cloudFormation());
    findings = validate(app).filter(({ rule }) => rule.includes('EKS_CLUSTER'));
  }, 120_000);

  test.each<[string, string, string[]]>([
    ['a private endpoint', 'Private', []],
    ['a restricted endpoint', 'Restricted', []],
    ['the default endpoint, which is public', 'Default', ['EKS_CLUSTER_ENDPOINT_RESTRICTED']],
    ['an endpoint open to every address', 'Open', ['EKS_CLUSTER_ENDPOINT_RESTRICTED']],
    ['logs that are not written', 'Unlogged', ['EKS_CLUSTER_LOGS_ALL']],
  ])('judge %s', (_, stack, expected) => {
    const found = findings.filter(({ path }) => path.startsWith(`${stack}/`)).map(({ rule }) => rule);
    expect([...new Set(found)]).toEqual(expected);
  });
});

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'validation-'));
}
