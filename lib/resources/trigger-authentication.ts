import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';

/** Identity that KEDA uses for a trigger. */
export interface TriggerPodIdentity {
  /** `aws`: the credentials of KEDA's operator itself. */
  readonly provider: string;
}

/** Spec of a TriggerAuthentication. */
export interface TriggerAuthenticationSpec {
  /** Identity. */
  readonly podIdentity: TriggerPodIdentity;
}

/** Properties of a TriggerAuthentication. */
export interface TriggerAuthenticationProps {
  /** Name, namespace and labels. */
  readonly metadata: ApiObjectMetadata;
  /** The credentials. */
  readonly spec: TriggerAuthenticationSpec;
}

/** TriggerAuthentication of KEDA (`keda.sh/v1alpha1`): credentials of triggers. */
export class TriggerAuthentication extends ApiObject {
  constructor(scope: Construct, id: string, props: TriggerAuthenticationProps) {
    super(scope, id, { apiVersion: 'keda.sh/v1alpha1', kind: 'TriggerAuthentication', ...props });
  }
}
