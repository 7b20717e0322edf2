import { statSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Plan } from '../../lib/plan/plan';
import { planConfig } from '../plan/plan-config';
import { readPlan } from '../plan/read-plan';
import { renderTable } from '../plan/render-table';

interface PlanOptions {
  /** The config file. */
  readonly context?: string;
  readonly json?: boolean;
  readonly html?: string;
}

const DEFAULT_CONFIG_FILE = 'inference.yaml';

/** `inference plan`: what an app will do. Needs no cluster, no account and no network. */
export function planCommand(): Command {
  return new Command('plan')
    .description('What will happen? Memory, nodes, dollars an hour and seconds to the first answer, of a config file or a cloud assembly.')
    .argument('[source]', `config file, folder of a cloud assembly (cdk.out), or file of a plan; without it ${DEFAULT_CONFIG_FILE}`)
    .addOption(new Option('-c, --context <key=value>', 'config=FILE names the config file as synth does').argParser(readContext))
    .option('--json', 'print JSON, by inference-plan.schema.json')
    .option('--html <file>', 'write one page with pictures, which needs no network')
    .addHelpText('after', '\nExit code 1 when a model does not fit, a pod can get no node, the budget is passed, or the config file is wrong.')
    .action((source: string | undefined, options: PlanOptions) => {
      if (source !== undefined && options.context) {
        throw new Error(`'--context' (config=${options.context}) and '${source}' are both named: leave one of them out`);
      }
      const plan = source === undefined ? planConfig(options.context ?? DEFAULT_CONFIG_FILE) : planOf(source);
      if (options.html !== undefined) writeHtml(plan, options.html);
      console.log(options.json ? JSON.stringify(plan, null, 2) : renderTable(plan, process.stdout.columns));
      if (plan.problems.length > 0) process.exitCode = 1;
    });
}

/** `inference plan other.yaml` is what one types who has not read the help. */
function planOf(path: string): Plan {
  const isConfig = /\.ya?ml$/.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile();
  return isConfig ? planConfig(path) : readPlan(path);
}

function writeHtml(plan: Plan, file: string): void {
  // charts take a quarter of a second to load, which the table does not need
  const { renderPage } = require('../plan/render-page') as typeof import('../plan/render-page'); // eslint-disable-line @typescript-eslint/no-require-imports -- loaded on demand
  writeFileSync(file, renderPage(plan));
  console.error(`wrote ${file}`);
}

function readContext(pair: string): string {
  if (!/^config=./.test(pair)) throw new InvalidArgumentError(`write config=FILE, such as config=${DEFAULT_CONFIG_FILE}.`);
  return pair.slice('config='.length);
}
