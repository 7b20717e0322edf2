#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Table from 'cli-table3';
import { Command } from 'commander';
import type { InferenceConfig } from './config/inference-config';
import { answerOnce, questions, type AnswerTimes, type Question } from './bench-plan';
import { reportErrors } from './report-errors';

/** Times of one synth, in milliseconds. */
interface SynthTimes {
  readonly load: number;
  readonly construct: number;
  readonly synth: number;
}

/** Size of an app with a number of models. */
interface AppSize {
  readonly models: number;
  readonly resources: number;
  readonly largestStackResources: number;
  readonly largestTemplateBytes: number;
  readonly totalTemplateBytes: number;
  readonly synthMs: number;
  readonly longestChain: string[];
}

const RUNS = 5;
const MODEL_COUNTS = [1, 10, 50, 100];

const command = new Command('bench')
  .description('Measures what synth, plan and fit cost: times of the default app, of every config file and recipe, and size with 1 to 100 models.')
  .option('--json', 'print JSON')
  .option('--once <models>', 'measure one synth in this process (used by the command itself)')
  .option('--answer <question>', 'answer one question in this process (used by the command itself)')
  .action((options: { json?: boolean; once?: string; answer?: string }) => {
    if (options.answer !== undefined) {
      console.log(JSON.stringify(answerOnce(JSON.parse(options.answer) as Question)));
      return;
    }
    if (options.once !== undefined) {
      console.log(JSON.stringify(measureOnce(Number(options.once))));
      return;
    }
    const report = measure();
    console.log(options.json ? JSON.stringify(report, null, 2) : render(report));
  });
reportErrors(() => command.parse());

type Report = ReturnType<typeof measure>;

function measure() {
  const runs = (validation: boolean) => Array.from({ length: RUNS }, () => child(1, validation));
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
    runs: RUNS,
    synth: medians(runs(false)),
    synthWithValidation: medians(runs(true)),
    sizes: MODEL_COUNTS.map((models) => child(models, false).size),
    answers: questions().map(answered),
  };
}

interface OneRun {
  readonly times: SynthTimes;
  readonly size: AppSize;
}

/** A process of its own for each run: what is loaded once would be free the second time. */
function child(models: number, validation: boolean): OneRun & { readonly wall: number } {
  const start = performance.now();
  const output = execFileSync(process.execPath, [__filename, '--once', String(models)], {
    env: { ...process.env, CDK_VALIDATION: String(validation) },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'], // the validator's warnings are not what is measured
  });
  return { ...(JSON.parse(output) as OneRun), wall: performance.now() - start };
}

/** The median run of a question. */
function answered(question: Question): AnswerTimes {
  const runs = Array.from({ length: RUNS }, () => {
    const output = execFileSync(process.execPath, [__filename, '--answer', JSON.stringify(question)], { encoding: 'utf8' });
    return JSON.parse(output) as AnswerTimes;
  });
  return [...runs].sort((a, b) => a.answer - b.answer)[Math.floor(RUNS / 2)];
}

function measureOnce(models: number): OneRun {
  const start = performance.now();
  const { addStack, newApp } = require('./build-app') as typeof import('./build-app'); // eslint-disable-line @typescript-eslint/no-require-imports -- loading is what is measured
  const loaded = performance.now();
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-eks-inference-bench-'));
  try {
    const app = newApp({ outdir });
    addStack(app, configWith(models));
    const constructed = performance.now();
    app.synth();
    const done = performance.now();
    return {
      times: { load: loaded - start, construct: constructed - loaded, synth: done - constructed },
      size: { models, ...sizeOf(outdir), synthMs: done - start },
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function configWith(models: number): InferenceConfig {
  const model = { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge' };
  return {
    nodePools: { gpu: true },
    models: Object.fromEntries(Array.from({ length: models }, (_, i) => [`model-${i + 1}`, model])),
  };
}

interface Template {
  readonly Resources?: { readonly [id: string]: TemplateResource };
}

interface TemplateResource {
  readonly Type: string;
  readonly DependsOn?: string | string[];
  readonly Properties?: unknown;
}

function sizeOf(outdir: string) {
  const files = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  const templates = files.map((file) => JSON.parse(readFileSync(join(outdir, file), 'utf8')) as Template);
  const resources = templates.map((template) => Object.keys(template.Resources ?? {}).length);
  const bytes = files.map((file) => statSync(join(outdir, file)).size);
  const chains = templates.map(longestChain).sort((a, b) => b.length - a.length);
  return {
    resources: sum(resources),
    largestStackResources: Math.max(...resources),
    largestTemplateBytes: Math.max(...bytes),
    totalTemplateBytes: sum(bytes),
    longestChain: chains[0] ?? [],
  };
}

/** The longest path of custom resources that wait for each other: what a deployment cannot do in parallel. */
function longestChain({ Resources: resources = {} }: Template): string[] {
  const known = new Map<string, string[]>();
  const chainTo = (id: string): string[] => {
    const cached = known.get(id);
    if (cached) return cached;
    const longest = dependencies(resources[id]).filter((other) => other in resources).map(chainTo)
      .reduce<string[]>((best, chain) => (chain.length > best.length ? chain : best), []);
    const chain = isCustom(resources[id]) ? [...longest, id] : longest;
    known.set(id, chain);
    return chain;
  };
  return Object.keys(resources).map(chainTo).reduce((best, chain) => (chain.length > best.length ? chain : best), []);
}

/** A nested stack of a model holds custom resources of its own. */
function isCustom({ Type: type }: TemplateResource): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::Stack';
}

function dependencies(resource: TemplateResource): string[] {
  const explicit = resource.DependsOn ?? [];
  const text = JSON.stringify(resource.Properties ?? {});
  const implicit = [...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"/g)].map((match) => match[1] ?? match[2]);
  return [...(typeof explicit === 'string' ? [explicit] : explicit), ...implicit];
}

function medians(runs: readonly (OneRun & { wall: number })[]) {
  const pick = (of: (run: OneRun & { wall: number }) => number) => Math.round(median(runs.map(of)));
  return {
    loadMs: pick((run) => run.times.load),
    constructMs: pick((run) => run.times.construct),
    synthMs: pick((run) => run.times.synth),
    wallMs: pick((run) => run.wall),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function render(report: Report): string {
  const times = new Table({ head: ['default app, ms', 'load', 'construct', 'synth', 'whole process'], style: { head: [], border: [] } });
  for (const [name, figures] of [['validation off', report.synth], ['validation on', report.synthWithValidation]] as const) {
    times.push([name, figures.loadMs, figures.constructMs, figures.synthMs, figures.wallMs]);
  }
  const sizes = new Table({
    head: ['models', 'resources', 'largest stack', 'largest template', 'all templates', 'synth ms', 'longest chain'],
    style: { head: [], border: [] },
  });
  for (const size of report.sizes) {
    sizes.push([
      size.models, size.resources, size.largestStackResources, kilobytes(size.largestTemplateBytes),
      kilobytes(size.totalTemplateBytes), Math.round(size.synthMs), size.longestChain.length,
    ]);
  }
  const answers = new Table({ head: ['answer, ms', 'load', 'answer', 'processor'], style: { head: [], border: [] } });
  for (const { what, load, answer, cpu } of report.answers) answers.push([what, ...[load, answer, cpu].map(Math.round)]);
  const chain = report.sizes[0]?.longestChain.join(' → ') ?? '';
  return `${report.machine}, medians of ${report.runs} runs\n${times.toString()}\n${sizes.toString()}\nlongest chain of custom resources: ${chain}\n${answers.toString()}`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KB`;
}
