import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addStack, newApp } from '../../bin/build-app';
import type { InferenceConfig } from '../../bin/config/inference-config';
import { loadConfig } from '../../bin/config/load-config';
import { manifestsOf, writeManifests } from '../../bin/manifests';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The cloud assembly of a config, in a folder of its own. */
function synth(config: InferenceConfig): string {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-eks-inference-'));
  folders.push(outdir);
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: object };
  const app = new App({ outdir, context: { ...context, 'aws:cdk:disable-asset-staging': true } });
  addStack(app, config);
  app.synth();
  return outdir;
}

function templatesOf(assembly: string): { file: string; bytes: number; resources: { [id: string]: { Type: string } } }[] {
  return readdirSync(assembly)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => ({
      file,
      bytes: statSync(join(assembly, file)).size,
      resources: (JSON.parse(readFileSync(join(assembly, file), 'utf8')) as { Resources: { [id: string]: { Type: string } } }).Resources,
    }));
}

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(template\.json|yaml)$/.test(entry.name)) continue;
    hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex');
}

const qwen = { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge' };

describe('the default config', () => {
  const assembly = synth(loadConfig('inference.yaml'));

  test('is a cluster in four zones, a pool and one model', () => {
    const [main] = templatesOf(assembly).filter(({ file }) => file === 'Inference.template.json');
    const count = (type: string) => Object.values(main.resources).filter((resource) => resource.Type === type).length;
    expect(count('AWS::EKS::Cluster')).toBe(1);
    expect(count('AWS::EC2::NatGateway')).toBe(4);
    expect(count('AWS::CloudFormation::Stack')).toBe(1);
  });

  test('gives the Kubernetes objects as YAML, nested stacks included', () => {
    const { folder, files } = writeManifests(assembly);
    expect(readdirSync(folder)).toHaveLength(files);
    const kinds = manifestsOf(assembly).flatMap(({ objects }) => objects.map((object) => (object as { kind: string }).kind));
    expect(kinds).toEqual(expect.arrayContaining(['NodePool', 'EC2NodeClass', 'Deployment', 'Service', 'NetworkPolicy']));
  });

  test('names no account and asks for no lookup', () => {
    const { missing } = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8')) as { missing?: unknown };
    expect(missing).toBeUndefined();
  });
});

describe('two synths', () => {
  test('of everything that can be switched on are the same to the byte', () => {
    const digest = () => {
      const assembly = synth(loadConfig('test/configs/everything-karpenter.yaml'));
      writeManifests(assembly);
      return digestOf(assembly);
    };
    expect(digest()).toBe(digest());
  });
});

describe('a hundred models', () => {
  const many = (count: number) => ({
    nodePools: { gpu: { families: ['g6'] } },
    models: Object.fromEntries(Array.from({ length: count }, (_, i) => [`model-${i}`, qwen])),
  });
  const templates = templatesOf(synth(many(100)));

  test('stay within the 500 resources and the 1 MB of a template', () => {
    for (const { resources, bytes } of templates) {
      expect(Object.keys(resources).length).toBeLessThanOrEqual(500);
      expect(bytes).toBeLessThan(1024 * 1024);
    }
  });

  test('cost one resource each in the stack of the cluster, and a constant number in their own', () => {
    const [main] = templates.filter(({ file }) => file === 'Inference.template.json');
    const [one] = templatesOf(synth(many(1))).filter(({ file }) => file === 'Inference.template.json');
    expect(Object.keys(main.resources).length - Object.keys(one.resources).length).toBe(99);
    const own = templates.filter(({ file }) => file.includes('.nested.')).map(({ resources }) => Object.keys(resources).length);
    expect(new Set(own).size).toBe(1);
  });
});

describe('what is dropped from the config', () => {
  test('leaves the resources of the others as they were', () => {
    const pools = { gpu: { families: ['g6'] } };
    const choices: InferenceConfig['models'][] = [{ a: qwen, b: qwen }, { a: qwen }];
    const [both, one] = choices.map((models) => {
      const assembly = synth({ nodePools: pools, models });
      return templatesOf(assembly).filter(({ file }) => file.includes('Modela'))[0].resources;
    });
    expect(one).toEqual(both);
  });

  test('a pool takes its NodePool and its node class along, as one unit', () => {
    const units = manifestsOf(synth({ nodePools: { gpu: { families: ['g6'] }, graviton: true } }));
    const pools = units.filter(({ objects }) => objects.some((object) => (object as { kind: string }).kind === 'NodePool'));
    expect(pools).toHaveLength(2);
    for (const { objects } of pools) {
      expect(objects.map((object) => (object as { kind: string }).kind).sort()).toEqual(['EC2NodeClass', 'NodePool']);
    }
  });
});

test('the app of the command line has the feature flags of cdk.json', () => {
  expect(newApp().node.tryGetContext('@aws-cdk/core:target-partitions')).toEqual(['aws', 'aws-cn']);
});
