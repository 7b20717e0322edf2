import type { ResourceSelectorTerm } from '../resources/ec2-node-class';
import type { NodeEnvironment } from './node-environment';

/** The role of the nodes, or the instance profile that stands for it. */
export interface NodeIdentity {
  readonly role?: string;
  readonly instanceProfile?: string;
}

/**
 * Who the nodes are: exactly one of role and instance profile.
 *
 * @internal
 */
export function nodeIdentity({ nodeRoleName, instanceProfileName }: NodeEnvironment): NodeIdentity {
  return instanceProfileName === undefined ? { role: nodeRoleName } : { instanceProfile: instanceProfileName };
}

/**
 * Where nodes are launched: the subnets with the given ids, or those with the tags.
 *
 * @internal
 */
export function subnetTerms(environment: NodeEnvironment): ResourceSelectorTerm[] {
  return (
    environment.subnetIds?.map((id) => ({ id })) ?? [{ tags: environment.subnetTags ?? discoveryTags(environment) }]
  );
}

/**
 * The tags by which subnets and security groups are found unless told otherwise.
 *
 * @internal
 */
export function discoveryTags({ clusterName }: NodeEnvironment): { readonly [key: string]: string } {
  return { 'karpenter.sh/discovery': clusterName };
}
