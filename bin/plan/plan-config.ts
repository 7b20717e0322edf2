import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DISABLE_ASSET_STAGING_CONTEXT, DISABLE_CREATION_STACK_TRACES, DISABLE_METADATA_STACK_TRACE } from 'aws-cdk-lib/cx-api';
import type { ModelServerChartProps } from '../../lib/charts/model-server-chart';
import { placementRequestOf } from '../../lib/charts/private/placement-request-of';
import { Weights } from '../../lib/models/weights';
import { Placement } from '../../lib/placement';
import type { Plan } from '../../lib/plan/plan';
import { InferenceStack, type InferenceStackProps, type StackModel } from '../../lib/stacks/inference-stack';
import { newApp } from '../build-app';
import { ConfigError } from '../config/config-error';
import { loadConfig } from '../config/load-config';
import { stackPropsOf } from '../config/stack-props';

/**
 * The plan of a config file. The app is built and not synthesized.
 *
 * A model that does not fit stops synth. Here it is planned beside the others, with what would hold it.
 *
 * @throws when the config file is wrong in any other way
 */
export function planConfig(file: string): Plan {
  const config = loadConfig(file);
  return ConfigError.at(file, () =>
    planStack(config.name ?? 'Inference', stackPropsOf(config, file)),
  );
}

function planStack(name: string, props: InferenceStackProps): Plan {
  const refused = new Set(props.models.filter(isTooLarge));
  const fitting = props.models.filter((model) => !refused.has(model));
  const outdir = mkdtempSync(join(tmpdir(), 'inference-plan-')); // an app makes its folder although nothing is synthesized
  try {
    const app = newApp({ outdir, context: WITHOUT_SYNTH });
    const { plan, inference } = new InferenceStack(app, name, { ...props, models: fitting });
    const charts = inference.modelServers.map(({ chart }) => chart);
    const inOrder = props.models.map((model) => (refused.has(model) ? { refused: chartPropsOf(model) } : charts[fitting.indexOf(model)]));
    return plan._planWith(inOrder);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function isTooLarge(model: StackModel): boolean {
  return !Placement.plan(placementRequestOf(chartPropsOf(model))).fits;
}

/** What only a synth needs, and costs a plan a third of its time: archives of the assets, and where each construct was made. */
const WITHOUT_SYNTH = {
  [DISABLE_ASSET_STAGING_CONTEXT]: true,
  [DISABLE_METADATA_STACK_TRACE]: true,
  [DISABLE_CREATION_STACK_TRACES]: true,
};

/** Where exactly the weights are does not matter for the memory, only that they are streamed. */
function chartPropsOf({ fromStore, ...model }: StackModel): ModelServerChartProps {
  return { ...model, namespace: model.namespace ?? 'default', weights: fromStore ? Weights.s3('s3://weights/model') : model.weights };
}
