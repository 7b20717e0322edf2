import { App, Stack, type Environment } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';

/** A stack whose Lambda layers are not copied on every synth. */
export function testStack(env?: Environment, id = 'Inference'): Stack {
  return new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), id, { env });
}

/** What CloudFormation and Kubernetes write: tests know its shape. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- typing every field would say nothing more
export type Json = any;

/** A resource of a template, by its parts. */
export interface TestResource {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: Json };
  readonly DependsOn?: string[];
}

/** The resources of a type, by logical id. */
export function resourcesOf(template: Template, type: string): { [id: string]: TestResource } {
  const all: [string, TestResource][] = Object.entries(template.toJSON().Resources);
  return Object.fromEntries(all.filter(([, resource]) => resource.Type === type));
}

/** The one resource of a type for which something holds, with its id. */
export function find(template: Template, type: string, holds: (properties: Json) => boolean): { id: string; resource: TestResource } {
  const found = Object.entries(resourcesOf(template, type)).filter(([, resource]) => holds(resource.Properties));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} match`);
  return { id: found[0][0], resource: found[0][1] };
}

/** Everything that a resource waits for when it is made, and that outlives it when it goes. */
export function comesAfter(template: Template, id: string): Set<string> {
  const resources: { [id: string]: TestResource } = template.toJSON().Resources;
  const seen = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { Properties, DependsOn = [] } = resources[next];
    for (const other of [...DependsOn, ...referencesIn(Properties)]) {
      if (other in resources && !seen.has(other)) {
        seen.add(other);
        queue.push(other);
      }
    }
  }
  return seen;
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const { Ref, 'Fn::GetAtt': attribute, ...rest } = value as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return [...(Ref ? [Ref] : []), ...(attribute ? [attribute[0]] : []), ...Object.values(rest).flatMap(referencesIn)];
}

/** The id of the one resource of a type whose id contains a text. */
export function idOf(template: Template, type: string, part = ''): string {
  const ids = Object.keys(resourcesOf(template, type)).filter((id) => id.includes(part));
  if (ids.length !== 1) throw new Error(`${ids.length} resources of type ${type} contain '${part}': ${ids.join(', ')}`);
  return ids[0];
}
