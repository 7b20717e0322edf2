import { App, Stack, type Environment } from 'aws-cdk-lib';

/** A stack whose Lambda layers are not copied on every synth. */
export function testStack(env?: Environment, id = 'Inference'): Stack {
  return new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), id, { env });
}

/** A resource of a template, by its parts. */
export interface TestResource {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: any }; // CloudFormation, of any type
  readonly DependsOn?: string[];
}

/** The resources of a type, by logical id. */
export function resourcesOf(template: { toJSON(): { [key: string]: any } }, type: string): { [id: string]: TestResource } {
  const all: [string, TestResource][] = Object.entries(template.toJSON().Resources);
  return Object.fromEntries(all.filter(([, resource]) => resource.Type === type));
}
