import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manifestsOf } from '../../../bin/manifests';
import type { Box } from './box';
import type { KubernetesResourceProperties } from './kubectl-provider';
import type { KubeObject } from './kinds';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..', '..');
const REGISTER = join(__dirname, '..', 'register.js');
const PRUNE_LABEL = /^aws\.cdk\.eks\/prune-/;

/** What one custom resource of an app applies, with every value known. */
export interface Unit {
  readonly stack: string;
  readonly logicalId: string;
  readonly objects: readonly KubeObject[];
  /** The properties with which CDK's handler is called for it. */
  readonly properties: KubernetesResourceProperties;
}

/** Runs an app file and reads what it would apply. */
export async function synthesize(box: Box, file: string, context: Readonly<Record<string, string>> = {}): Promise<Unit[]> {
  const outdir = mkdtempSync(join(box.folder, 'app-'));
  const { context: flags } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context?: object };
  await node(box, [join(ROOT, file)], { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ ...flags, ...context }) });
  return unitsOf(box, outdir);
}

/** Synthesizes the app of a config file, by the command that a user runs. */
export async function synthesizeConfig(box: Box, config: object): Promise<Unit[]> {
  const folder = mkdtempSync(join(box.folder, 'app-'));
  const file = join(folder, 'inference.yaml');
  writeFileSync(file, JSON.stringify(config)); // YAML too
  await node(box, [join(ROOT, 'bin', 'synth.ts'), '--context', `config=${file}`, '--output', join(folder, 'cdk.out')], {});
  return unitsOf(box, join(folder, 'cdk.out'));
}

async function node(box: Box, args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  try {
    await run(process.execPath, ['-r', REGISTER, ...args], {
      cwd: ROOT, timeout: 120_000, maxBuffer: 64 << 20,
      env: { PATH: process.env.PATH, HOME: box.folder, CDK_VALIDATION: 'false', CDK_DISABLE_STACK_TRACE: '1', ...env },
    });
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string };
    throw new Error(`synth failed: ${stderr.slice(-2000)}`, { cause: error });
  }
}

/** The units of a cloud assembly: first what others need. */
function unitsOf(box: Box, assembly: string): Unit[] {
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

/** Puts the box's values where a deployment would put those of the account: region, partition, role of the nodes, cluster. */
function resolvePlaceholders(text: string, { region, clusterName }: Box): string {
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name === 'AWS::Region') return region;
    if (name === 'AWS::Partition') return 'aws';
    if (name === 'AWS::AccountId') return '123456789012';
    if (/NodeRole/.test(name)) return `${clusterName}-node`;
    if (/Arn$/.test(name)) return `arn:aws:iam::123456789012:role/${name.replace(/[^A-Za-z0-9]/g, '')}`;
    return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  });
}
