import { existsSync, readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { InferenceStack } from '../lib/stacks/inference-stack';
import { ConfigError } from './config/config-error';
import type { InferenceConfig } from './config/inference-config';
import { loadConfig } from './config/load-config';
import { stackPropsOf } from './config/stack-props';

/** Where the app's settings come from. */
export interface BuildAppOptions {
  /** Context of the command line; `config` is the path of the config file. */
  readonly context?: { readonly [key: string]: unknown };
  /** Folder of the cloud assembly. Without it the CDK command decides. */
  readonly outdir?: string;
}

const DEFAULT_CONFIG_FILE = 'inference.yaml';

/** The app of a config file: one stack with the cluster, a nested stack for each model. Nothing is written yet. */
export function buildApp(options: BuildAppOptions = {}): App {
  const app = newApp(options);
  const file = String(app.node.tryGetContext('config') ?? DEFAULT_CONFIG_FILE);
  addStack(app, loadConfig(file), file);
  return app;
}

/** An app without stacks, with the feature flags of cdk.json. */
export function newApp(options: BuildAppOptions = {}): App {
  return new App({ context: featureFlags(), postCliContext: { ...options.context }, outdir: options.outdir });
}

/** Adds the stack of a config to an app. */
export function addStack(app: App, config: InferenceConfig, file: string = DEFAULT_CONFIG_FILE): InferenceStack {
  return ConfigError.at(file, () => new InferenceStack(app, config.name ?? 'Inference', stackPropsOf(config, file)));
}

/** The feature flags of cdk.json: the CDK command passes them, `npm run synth` runs without it. */
function featureFlags(): { [flag: string]: unknown } {
  if (!existsSync('cdk.json')) return {};
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context?: { [flag: string]: unknown } };
  return context ?? {};
}
