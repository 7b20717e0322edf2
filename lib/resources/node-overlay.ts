import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import type { NodeRequirement } from './node-pool';
import { mergePatch } from './merge-patch';

/** Spec of a NodeOverlay. */
export interface NodeOverlaySpec {
  /** Which instances it is about. */
  readonly requirements: NodeRequirement[];
  /** Extended resources that the instances have although EC2 does not report them. */
  readonly capacity?: { readonly [resource: string]: string };
  /** Price in US dollars an hour that Karpenter reckons with. */
  readonly price?: string;
  /** Preference against other overlays for the same instances: the highest wins. */
  readonly weight?: number;
}

/** Properties of a NodeOverlay. */
export interface NodeOverlayProps {
  /** Name and labels. */
  readonly metadata: ApiObjectMetadata;
  /** What Karpenter is told. */
  readonly spec: NodeOverlaySpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/**
 * NodeOverlay of Karpenter (`karpenter.sh/v1alpha1`, feature gate NodeOverlay): resources and prices of instance types
 * that EC2 does not report.
 */
export class NodeOverlay extends ApiObject {
  constructor(scope: Construct, id: string, props: NodeOverlayProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'karpenter.sh/v1alpha1', kind: 'NodeOverlay', ...object }, overrides));
  }
}
