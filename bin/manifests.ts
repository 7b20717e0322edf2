import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';

const MANIFEST_TYPE = 'Custom::AWSCDK-EKS-KubernetesResource';

/**
 * Writes the Kubernetes objects of a cloud assembly as plain YAML, one file for each lifecycle unit.
 *
 * What only a deployment knows (an ARN, a subnet id) stands as `${LogicalId.Attribute}`.
 *
 * @param assembly folder of the assembly, `cdk.out`
 * @returns the folder of the files, and how many there are
 */
export function writeManifests(assembly: string): { readonly folder: string; readonly files: number } {
  const folder = join(assembly, 'manifests');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let files = 0;
  for (const { stack, logicalId, objects } of manifestsOf(assembly)) {
    writeFileSync(join(folder, `${stack}.${logicalId}.yaml`), objects.map((object) => stringify(object, STYLE)).join('---\n'));
    files += 1;
  }
  return { folder, files };
}

/** No line breaks inside strings, no anchors: what a reviewer wants to diff. */
const STYLE = { lineWidth: 0, aliasDuplicateObjects: false } as const;

/** The objects of one custom resource. */
export interface UnitOfObjects {
  /** Name of the template without its ending. */
  readonly stack: string;
  /** Logical id of the custom resource. */
  readonly logicalId: string;
  /** The Kubernetes objects. */
  readonly objects: readonly object[];
}

/** Every lifecycle unit of Kubernetes objects in a cloud assembly, nested stacks included. */
export function manifestsOf(assembly: string): UnitOfObjects[] {
  if (!existsSync(assembly)) throw new Error(`'${assembly}' is no cloud assembly: run npm run synth first`);
  return templatesOf(assembly).flatMap(({ stack, resources }) =>
    Object.entries(resources)
      .filter(([, resource]) => resource.Type === MANIFEST_TYPE)
      .map(([logicalId, resource]) => ({
        stack,
        logicalId,
        objects: JSON.parse(flatten(resource.Properties.Manifest)) as object[],
      })),
  );
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: unknown };
}

function templatesOf(assembly: string): { stack: string; resources: { [id: string]: TemplateResource } }[] {
  return readdirSync(assembly)
    .filter((file) => file.endsWith('.template.json'))
    .sort()
    .map((file) => {
      const template = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as { Resources?: { [id: string]: TemplateResource } };
      return { stack: basename(file).replace(/(\.nested)?\.template\.json$/, ''), resources: template.Resources ?? {} };
    });
}

/** A CloudFormation value as text, with `${…}` for what only the deployment knows. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const call = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]]; 'Fn::Select'?: unknown };
  if (call.Ref) return `\${${call.Ref}}`;
  if (call['Fn::GetAtt']) return `\${${call['Fn::GetAtt'].join('.')}}`;
  if (call['Fn::Join']) return call['Fn::Join'][1].map(flatten).join(call['Fn::Join'][0]);
  return `\${${Object.keys(call).join()}}`;
}
