import { NestedStack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { InferenceCluster } from '../../constructs/inference-cluster';
import type { ModelServer, ModelServerOptions } from '../../constructs/model-server';

/** Properties of the stack of one model. */
export interface ModelStackProps {
  /** The cluster. */
  readonly inference: InferenceCluster;
  /** The model and how it is served. */
  readonly server: ModelServerOptions;
}

/**
 * One model in a nested stack of its own: one resource in the parent however large the model's own part is, so a
 * hundred models stay far from the 500 resources and the 1 MB of a template.
 */
export class ModelStack extends NestedStack {
  /** The model server. */
  public readonly server: ModelServer;

  constructor(scope: Construct, id: string, props: ModelStackProps) {
    super(scope, id, { description: `${props.server.model.id} served as ${props.server.name}` });
    this.server = props.inference.addModelServerIn(this, props.server.name ?? 'Server', props.server);
  }
}
