import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manifestsOf } from '../../../bin/manifests';
import type { Box } from './box';
import type { KubernetesResourceProperties } from './kubectl-provider';
import type { KubeObject } from './kinds';

const run = promisify(execFile);
/** The checkout that these tests belong to. */
export const ROOT = join(__dirname, '..', '..', '..');
const PRUNE_LABEL = /^aws\.cdk\.eks\/prune-/;

/** What one custom resource of an app applies, with every value known. */
export interface Unit {
  readonly stack: string;
  readonly logicalId: string;
  readonly objects: readonly KubeObject[];
  /** The properties with which CDK's handler is called for it. */
  readonly properties: KubernetesResourceProperties;
}

/** An app in a file, as `cdk synth --app FILE -c KEY=VALUE` would run it. */
export interface AppFile {
  /** For the names of tests. */
  readonly title: string;
  /** From the root of its checkout. */
  readonly file: string;
  readonly context: Readonly<Record<string, string>>;
}

/** Runs app files, in one process, and reads what each would apply. The checkout is this one unless another is named. */
export async function synthesizeAll(box: Box, apps: readonly AppFile[], root: string = ROOT): Promise<Unit[][]> {
  const folder = mkdtempSync(join(box.folder, 'apps-'));
  const { context: flags } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context?: object };
  // kubectl and helm would be copied for each app, 57 MB of them
  const common = { ...flags, 'aws:cdk:disable-asset-staging': true };
  const runs = apps.map(({ file, context }, index) => ({ file: join(root, file), context: { ...common, ...context }, outdir: join(folder, String(index)) }));
  const list = join(folder, 'apps.json');
  writeFileSync(list, JSON.stringify(runs));
  try {
    await node(folder, [join(root, 'test', 'box', 'harness', 'synthesize-apps.ts'), list], root);
    return runs.map(({ outdir }) => unitsOf(box, outdir));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs one app file and reads what it would apply. */
export async function synthesize(box: Box, file: string, context: Readonly<Record<string, string>> = {}): Promise<Unit[]> {
  return (await synthesizeAll(box, [{ title: file, file, context }]))[0] ?? [];
}

/** The app of a config, as it is written to a file; for `synthesizeAll`. */
export function configApp(box: Box, title: string, config: object): AppFile {
  const file = join(mkdtempSync(join(box.folder, 'config-')), 'inference.yaml');
  writeFileSync(file, JSON.stringify(config)); // YAML too
  return { title, file: 'bin/app.ts', context: { config: file } };
}

/** Synthesizes the app of a config by the command that a user runs: writes it and `cdk.out` into a folder. */
export async function synthesizeConfig(folder: string, config: object): Promise<void> {
  const file = join(folder, 'inference.yaml');
  writeFileSync(file, JSON.stringify(config));
  await node(folder, [join(ROOT, 'bin', 'synth.ts'), '--context', `config=${file}`, '--output', join(folder, 'cdk.out')]);
}

async function node(home: string, args: readonly string[], root: string = ROOT): Promise<void> {
  try {
    await run(process.execPath, ['-r', join(root, 'test', 'box', 'register.js'), ...args], {
      cwd: root, timeout: 300_000, maxBuffer: 64 << 20,
      env: { PATH: process.env.PATH, HOME: home, CDK_VALIDATION: 'false', CDK_DISABLE_STACK_TRACE: '1' },
    });
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string };
    throw new Error(`synth failed: ${stderr.slice(-2000)}`, { cause: error });
  }
}

/** The units of a cloud assembly: first what others need. */
export function unitsOf(box: BoxNames, assembly: string): Unit[] {
  const units = manifestsOf(assembly).map(({ stack, logicalId, objects }) => {
    const known = JSON.parse(resolvePlaceholders(JSON.stringify(objects), box)) as KubeObject[];
    const label = Object.keys(known[0]?.metadata.labels ?? {}).find((key) => PRUNE_LABEL.test(key));
    const prune = label === undefined ? {} : { PruneLabel: label };
    return { stack, logicalId, objects: known, properties: { Manifest: JSON.stringify(known), ...prune } };
  });
  const FIRST = ['Namespace', 'NodePool'];
  const rank = ({ objects }: Unit): number => {
    const found = FIRST.findIndex((first) => objects.some(({ kind }) => kind === first));
    return found === -1 ? FIRST.length : found;
  };
  return units.sort((a, b) => rank(a) - rank(b));
}

/** What the box is called where an app names its cluster and region. */
export interface BoxNames {
  readonly clusterName: string;
  readonly region: string;
}

/** Puts the box's values where a deployment would put those of the account: region, partition, role of the nodes, cluster. */
export function resolvePlaceholders(text: string, { region, clusterName }: BoxNames): string {
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name === 'AWS::Region') return region;
    if (name === 'AWS::Partition') return 'aws';
    if (name === 'AWS::AccountId') return '123456789012';
    if (/NodeRole/.test(name)) return `${clusterName}-node`;
    if (/Arn$/.test(name)) return `arn:aws:iam::123456789012:role/${name.replace(/[^A-Za-z0-9]/g, '')}`;
    return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  });
}
