import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseAllDocuments } from 'yaml';
import { LeaderWorkerSet } from '../../../constructs/addons/leader-worker-set';
import { ImportedCluster } from '../../../constructs/imported-cluster';
import { Karpenter } from '../../../constructs/karpenter';
import { admit } from '../harness/admission';
import { resolvePlaceholders } from '../harness/app';
import { Box } from '../harness/box';
import type { KubeObject } from '../harness/kinds';
import { ensureNamespace } from '../harness/namespaces';

/** The charts that lie in the modules of the controllers, rendered by the Helm of the layer with the values of the constructs. */

const box = Box.attach();

/** A release, as the template has it. */
interface Release {
  readonly Release: string;
  readonly Chart: string;
  readonly Namespace: string;
  readonly Values?: unknown;
}

/** Where the chart lies that a release names. */
const CHARTS: Readonly<Record<string, readonly [tool: string, module: string, path: string]>> = {
  'karpenter': ['karpenter', 'github.com/aws/karpenter-provider-aws', 'charts/karpenter'],
  'karpenter-crd': ['karpenter', 'github.com/aws/karpenter-provider-aws', 'charts/karpenter-crd'],
  'lws': ['lws', 'sigs.k8s.io/lws', 'charts/lws'],
};

interface ControllerPod {
  readonly serviceAccountName?: string;
  readonly tolerations?: readonly object[];
  readonly containers: readonly { readonly env?: readonly object[] }[];
}

interface Workload extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly template: { readonly spec: ControllerPod } };
}

/** A CloudFormation value as text, with the box's values for what a deployment would know. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': parts } = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (parts !== undefined) return parts[1].map(textOf).join(parts[0]);
  return resolvePlaceholders(`\${${Ref ?? attribute?.join('.') ?? ''}}`, box);
}

describe('given the add-ons whose charts are here', () => {
  const rendered = new Map<string, KubeObject[]>();

  async function render({ Release: name, Chart, Namespace, Values }: Release): Promise<KubeObject[]> {
    const source = CHARTS[Chart];
    if (source === undefined) throw new Error(`the chart '${Chart}' is not here`);
    const values = join(box.folder, `values-${name}.json`);
    writeFileSync(values, Values === undefined ? '{}' : textOf(Values));
    const { stdout } = await promisify(execFile)(
      box.tools.binary('kubectl', 'helm'), ['template', name, box.tools.source(...source), '--namespace', Namespace, '--include-crds', '--values', values],
      { env: { HOME: box.folder }, maxBuffer: 64 << 20 },
    );
    return parseAllDocuments(stdout)
      .map((document) => document.toJS() as KubeObject | null)
      .filter((object) => object !== null)
      .map((object) => ({ ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? Namespace } }));
  }

  function workload(chart: string): Workload {
    const found = rendered.get(chart)?.find(({ kind }) => kind === 'Deployment');
    if (found === undefined) throw new Error(`the chart '${chart}' has no Deployment`);
    return found as Workload;
  }

  beforeAll(async () => {
    const stack = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Addons', { env: { account: '123456789012', region: box.region } });
    const { cluster } = new ImportedCluster(stack, 'Cluster', { clusterName: box.clusterName });
    new Karpenter(stack, 'Karpenter', { cluster });
    new LeaderWorkerSet().bind(stack, { cluster });
    const releases = Object.values(Template.fromStack(stack).findResources('Custom::AWSCDK-EKS-HelmChart')).map(({ Properties }) => Properties as Release);
    for (const release of releases) {
      await ensureNamespace(box.cluster, release.Namespace);
      rendered.set(release.Chart, await render(release));
    }
  });

  test.each(Object.keys(CHARTS))('%s: then every object is admitted, without an unknown field', async (chart) => {
    const objects = rendered.get(chart) ?? [];
    expect(objects.length).toBeGreaterThan(3);
    await admit(box.cluster, objects);
  });

  test('then Karpenter is told its cluster, and runs twice as the account that has the role', () => {
    const { replicas, template: { spec } } = workload('karpenter').spec;
    expect(replicas).toBe(2);
    expect(spec.serviceAccountName).toBe('karpenter');
    expect(spec.containers[0]?.env).toEqual(expect.arrayContaining([
      { name: 'CLUSTER_NAME', value: box.clusterName }, { name: 'AWS_REGION', value: box.region }, { name: 'EKS_CONTROL_PLANE', value: 'true' },
    ]));
  });

  test.each(['karpenter', 'lws'])('%s: then its pods may run on the nodes of the system', (chart) => {
    expect(workload(chart).spec.template.spec.tolerations).toContainEqual({ key: 'CriticalAddonsOnly', operator: 'Exists' });
  });
});
