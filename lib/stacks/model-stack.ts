import { NestedStack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { InferenceCluster } from '../../constructs/inference-cluster';
import { ModelCopy } from '../../constructs/model-copy';
import { ModelServer, type ModelServerOptions } from '../../constructs/model-server';
import type { S3ModelStore } from '../../constructs/s3-model-store';

/** Properties of the stack of one model. */
export interface ModelStackProps {
  /** The cluster. */
  readonly inference: InferenceCluster;
  /** The model and how it is served. */
  readonly server: ModelServerOptions;
  /**
   * The store that the weights are copied to once and streamed from.
   * @default - pods download from the Hugging Face hub
   */
  readonly modelStore?: S3ModelStore;
  /**
   * Kubernetes Secret with the token of the Hugging Face hub.
   * @default - none: the repository is public
   */
  readonly hubTokenSecret?: string;
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
    this.server = new ModelServer(this, 'Server', {
      ...props.inference.serverDefaults(props.server),
      modelStore: props.modelStore,
    });
    props.inference.adopt(this.server);
  }
}
