import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';

/** Pods by their labels. */
export interface ModelAdapterSelector {
  /** Labels that a pod must have. */
  readonly matchLabels: { readonly [key: string]: string };
}

/** Spec of a ModelAdapter. */
export interface ModelAdapterSpec {
  /** Name of the model that it adapts. */
  readonly baseModel: string;
  /** The pods that may load it. */
  readonly podSelector: ModelAdapterSelector;
  /** `huggingface://owner/name`, or a path inside the pods. */
  readonly artifactURL: string;
  /** 1 loads it into one pod, absent into all of them. */
  readonly replicas?: number;
}

/** Properties of a ModelAdapter. */
export interface ModelAdapterProps {
  /** Name, which clients send as `model`, namespace and labels. */
  readonly metadata: ApiObjectMetadata;
  /** The adapter. */
  readonly spec: ModelAdapterSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** ModelAdapter of AIBrix (`model.aibrix.ai/v1alpha1`): a LoRA adapter that is loaded into running pods. */
export class ModelAdapter extends ApiObject {
  constructor(scope: Construct, id: string, props: ModelAdapterProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'model.aibrix.ai/v1alpha1', kind: 'ModelAdapter', ...object }, overrides));
  }
}
