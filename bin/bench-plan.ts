import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import type { InferenceCluster as InferenceClusterType } from '../constructs/inference-cluster';

/* eslint-disable @typescript-eslint/no-require-imports -- loading is what is measured */

/** What one answer costs, in milliseconds. */
export interface AnswerTimes {
  /** What was asked. */
  readonly what: string;
  /** Time until the code was there, what CDK loads at first use included: a cluster without models is planned first. */
  readonly load: number;
  /** Time from then to the answer. */
  readonly answer: number;
  /** Processor time of the answer, which work beside it does not lengthen. */
  readonly cpu: number;
}

/** Something that is asked of the command, in a process of its own. */
export type Question = { readonly plan: string } | { readonly fit: true } | { readonly recipes: true };

const CONFIGS = 'test/configs';

/** The questions: the plan of every config file, of every recipe of the examples, and fit for every model of the catalogue. */
export function questions(): Question[] {
  const everything = readdirSync(CONFIGS).filter((file) => file.endsWith('.yaml')).map((file) => join(CONFIGS, file));
  return [...['inference.yaml', ...everything].map((plan) => ({ plan })), { recipes: true }, { fit: true }];
}

/** Answers one question in this process. Of several answers the slowest counts, and is named. */
export function answerOnce(question: Question): AnswerTimes {
  if ('plan' in question) return planOnce(question.plan);
  return 'fit' in question ? fitOnce() : recipesOnce();
}

function planOnce(file: string): AnswerTimes {
  const start = performance.now();
  const { planConfig } = require('./plan/plan-config') as typeof import('./plan/plan-config');
  const { renderTable } = require('./plan/render-table') as typeof import('./plan/render-table');
  withEmptyConfig((empty) => planConfig(empty));
  const load = performance.now() - start;
  return { what: `plan of ${file}`, load, ...timed(() => renderTable(planConfig(file))) };
}

function withEmptyConfig(use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'inference-bench-'));
  try {
    const file = join(folder, 'empty.yaml');
    writeFileSync(file, '{}\n');
    use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fitOnce(): AnswerTimes {
  const start = performance.now();
  const { fit } = require('./commands/fit') as typeof import('./commands/fit');
  const { Model } = require('../lib/models/model') as typeof import('../lib/models/model');
  const load = performance.now() - start;
  const models = Model.catalogue().filter((id) => Model.huggingFace(id).architecture);
  const { name, times } = slowest(models, (id) => () => fit(id, { concurrency: 1, nodes: 2, limit: 20 }));
  return { what: `fit, slowest of ${models.length} models: ${name}`, load, ...times };
}

function recipesOnce(): AnswerTimes {
  const start = performance.now();
  const { App } = require('aws-cdk-lib') as typeof import('aws-cdk-lib');
  const { RECIPES, recipeStack } = require('../examples/05-recipes') as typeof import('../examples/05-recipes');
  const { InferenceCluster } = require('../constructs/inference-cluster') as typeof import('../constructs/inference-cluster');
  const { InferencePlan } = require('../constructs/inference-plan') as typeof import('../constructs/inference-plan');
  const load = performance.now() - start;
  const { name, times } = slowest(Object.keys(RECIPES), (recipe) => () => {
    const stack = recipeStack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), RECIPES[recipe]);
    const isCluster = (construct: unknown): construct is InferenceClusterType => construct instanceof InferenceCluster;
    for (const inference of stack.node.findAll().filter(isCluster)) new InferencePlan(stack, 'Plan', { inference }).plan();
  });
  return { what: `plan, slowest of ${Object.keys(RECIPES).length} recipes of the examples: ${name}`, load, ...times };
}

type Times = Pick<AnswerTimes, 'answer' | 'cpu'>;

function slowest(names: readonly string[], work: (name: string) => () => unknown): { readonly name: string; readonly times: Times } {
  return names
    .map((name) => ({ name, times: timed(work(name)) }))
    .reduce((worst, one) => (one.times.answer > worst.times.answer ? one : worst));
}

function timed(work: () => unknown): Times {
  const [start, before] = [performance.now(), process.cpuUsage()];
  work();
  const { user, system } = process.cpuUsage(before);
  return { answer: performance.now() - start, cpu: (user + system) / 1000 };
}
