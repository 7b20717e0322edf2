import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxContext, DefinitionSource } from './component';
import { CustomResourceDefinitions, isTrue, type Metadata } from './kinds';
import { eventually } from './wait';

function yamlFiles(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path).flatMap((name) => yamlFiles(join(path, name))).filter((file) => file.endsWith('.yaml'));
}

/**
 * Installs the custom resource definitions that lie in a folder or file of a tool's sources, and waits until they are served.
 *
 * The files go to the API server as they are: kubectl would take twenty seconds to read and validate the largest of them.
 */
export async function installDefinitions({ cluster, tools }: BoxContext, { tool, module, paths }: DefinitionSource): Promise<void> {
  const definitions = paths.flatMap((path) => yamlFiles(tools.source(tool, module, path)))
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => /^kind: CustomResourceDefinition$/m.test(text));
  await Promise.all(definitions.map(async (definition) => {
    const { metadata } = (await cluster.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition, 'application/yaml')) as { metadata: Metadata };
    await eventually(`${metadata.name} is served`, async () => {
      if (!isTrue(await cluster.get(CustomResourceDefinitions, metadata.name), 'Established')) throw new Error('not Established');
    }, { seconds: 180 });
  }));
}
