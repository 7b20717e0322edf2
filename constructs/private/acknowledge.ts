import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * Says why a finding of cdk-nag's AwsSolutions pack is meant to be so. It has no effect on templates, and none at all
 * in an app without cdk-nag.
 *
 * @param rule the rule without its prefix: `SQS3`
 */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
}

/** Does so for the managed policies (IAM4) and the wildcards (IAM5) that are below a scope now: not for later ones. */
export function acknowledgeIam(scope: IConstruct, reason: string): void {
  for (const construct of scope.node.findAll()) {
    const stack = Stack.of(construct);
    const findings: string[] = [];
    if (construct instanceof iam.CfnRole) {
      findings.push(...policiesIn(stack.resolve(construct.managedPolicyArns)));
    } else if (construct instanceof iam.CfnPolicy || construct instanceof iam.CfnManagedPolicy) {
      findings.push(...wildcardsIn(stack.resolve(construct.policyDocument)));
    }
    for (const finding of new Set(findings)) acknowledge(construct, finding, reason);
  }
}

function policiesIn(arns: readonly unknown[] = []): string[] {
  return arns
    .map(flatten)
    .filter((arn) => arn.includes(':iam::aws:'))
    .map((arn) => `IAM4[Policy::${arn}]`);
}

interface PolicyDocument {
  readonly Statement?: readonly { readonly Effect: string; readonly Action: unknown; readonly Resource: unknown }[];
}

function wildcardsIn(document: PolicyDocument): string[] {
  const allowed = (document.Statement ?? []).filter((statement) => statement.Effect === 'Allow');
  const inAll = (part: 'Action' | 'Resource'): string[] =>
    allowed
      .flatMap((statement) => statement[part])
      .map(flatten)
      .filter((text) => text.includes('*'))
      .map((text) => `IAM5[${part}::${text}]`);
  return [...inAll('Action'), ...inAll('Resource')];
}

/** A value as cdk-nag writes it in the id of a finding: `<LogicalId.Arn>` for what is known at deployment only. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Intrinsic;
  if (join) return join[1].map(flatten).join(join[0]);
  if (attribute) return `<${attribute.join('.')}>`;
  return Ref ? `<${Ref}>` : JSON.stringify(value);
}

interface Intrinsic {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly string[];
  readonly 'Fn::Join'?: readonly [separator: string, parts: readonly unknown[]];
}
