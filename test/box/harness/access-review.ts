import type { Cluster } from './cluster';

/** One thing that somebody might do. */
export interface Action {
  readonly verb: string;
  /** `pods`, `pods/exec`, `deployments.apps`, `rayclusters.ray.io`. */
  readonly resource: string;
  /** @default - in all namespaces, or of the cluster */
  readonly namespace?: string;
}

/** What RBAC lets a ServiceAccount do, asked of the API server. */
export class ServiceAccountAccess {
  private readonly user: string;
  private readonly groups: readonly string[];

  constructor(private readonly cluster: Cluster, public readonly namespace: string, public readonly name: string) {
    this.user = `system:serviceaccount:${namespace}:${name}`;
    this.groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  }

  /** The answer to a SubjectAccessReview. */
  public async may({ verb, resource, namespace = '' }: Action): Promise<boolean> {
    const [path = '', ...groupParts] = resource.split('.');
    const [name, subresource] = path.split('/');
    const review = {
      apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview',
      spec: {
        user: this.user, groups: this.groups,
        resourceAttributes: { verb, resource: name, subresource, group: groupParts.join('.'), namespace },
      },
    };
    const answer = (await this.cluster.call('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review)) as { status: { allowed: boolean } };
    return answer.status.allowed;
  }

  /** Those of the actions that are allowed. */
  public async allowedOf(actions: readonly Action[]): Promise<string[]> {
    const allowed = await Promise.all(actions.map((action) => this.may(action)));
    return actions.filter((_, index) => allowed[index]).map(textOf);
  }

  /** Everything that it may do in a namespace, as `verb resource`: the whole list of the authorizer, not what a test thinks of. */
  public async everythingIn(namespace: string): Promise<string[]> {
    const answer = (await this.cluster.callAs(
      { user: this.user, groups: this.groups }, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
    )) as RulesReview;
    if (answer.status.incomplete) throw new Error(`the rules of ${this.user} are not all known: ${answer.status.evaluationError ?? ''}`);
    return [...new Set(answer.status.resourceRules.flatMap(linesOf))].sort();
  }
}

interface RulesReview {
  readonly status: {
    readonly incomplete: boolean;
    readonly evaluationError?: string;
    readonly resourceRules: readonly Rule[];
  };
}

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A line for each verb on each resource. */
function linesOf({ verbs, apiGroups, resources, resourceNames }: Rule): string[] {
  const names = resourceNames === undefined ? '' : ` ${resourceNames.join(',')}`;
  const full = apiGroups.flatMap((group) => resources.map((resource) => `${resource}${group === '' ? '' : `.${group}`}${names}`));
  return verbs.flatMap((verb) => full.map((resource) => `${verb} ${resource}`));
}

function textOf({ verb, resource, namespace }: Action): string {
  return `${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
