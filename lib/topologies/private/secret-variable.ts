import type { k8s } from 'cdk8s-plus-34';
import type { SecretKey } from '../../models/weights';

/**
 * A key of a Secret as the source of a variable.
 *
 * @internal
 */
export function secretVariable({ secretName, key }: SecretKey, defaultKey: string): k8s.EnvVarSource {
  return { secretKeyRef: { name: secretName, key: key ?? defaultKey } };
}
