import type * as iam from 'aws-cdk-lib/aws-iam';
import type { k8s } from 'cdk8s-plus-34';
import type { Model } from '../lib/models/model';

/** Where the weights of models are kept, each model and revision in a place of its own. */
export interface IModelStore {
  /** Address of a model's folder: `s3://bucket/models/Qwen/Qwen3-8B/main/`. */
  uriFor(model: Model): string;

  /** Allow reading one model, and nothing else. */
  grantRead(grantee: iam.IGrantable, model: Model): iam.Grant;

  /** Allow reading and writing one model, and nothing else. */
  grantReadWrite(grantee: iam.IGrantable, model: Model): iam.Grant;

  /** What a pod has to run before it can read a model: a container that waits until the copy is whole, or nothing. */
  initContainers(model: Model): k8s.Container[];
}
