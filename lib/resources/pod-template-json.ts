import { k8s } from 'cdk8s-plus-34';

/**
 * A pod template as plain JSON: inside custom resources nobody turns quantities and ports into numbers and texts.
 *
 * @internal
 */
export function podTemplateJson(template: k8s.PodTemplateSpec): k8s.PodTemplateSpec {
  return k8s.toJson_PodTemplateSpec(template) as k8s.PodTemplateSpec; // the same fields, with values as the API writes them
}
