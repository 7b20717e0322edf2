import type { k8s } from 'cdk8s-plus-34';
import type { SecretKey } from '../models/weights';

/**
 * Environment variables by name; those that are undefined are left out.
 *
 * @internal
 */
export function literals(variables: { readonly [name: string]: string | undefined }): k8s.EnvVar[] {
  return Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/**
 * An environment variable with the pod's address.
 *
 * @internal
 */
export function podIp(name: string): k8s.EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
}

/**
 * An environment variable whose value stays in its Secret.
 *
 * @internal
 */
export function fromSecret(name: string, secret: SecretKey, defaultKey: string): k8s.EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret.secretName, key: secret.key ?? defaultKey } } };
}
