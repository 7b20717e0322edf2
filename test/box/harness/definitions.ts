import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError, type Cluster } from './cluster';
import type { BoxContext, DefinitionSource } from './component';
import { CustomResourceDefinitions, isTrue } from './kinds';
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
    const [, name = ''] = /^ {2}name: (\S+)$/m.exec(definition) ?? [];
    await oneByOne(() => post(cluster, definition));
    await eventually(`${name} is served`, async () => {
      if (!isTrue(await cluster.get(CustomResourceDefinitions, name), 'Established')) throw new Error('not Established');
    }, { seconds: 180 });
  }));
}

let last: Promise<void> = Promise.resolve();

/** The API server spends a second of work on each: of many at once, none would be answered in time on a machine that does other things too. */
function oneByOne(task: () => Promise<void>): Promise<void> {
  const done = last.then(task);
  last = done.catch(() => undefined);
  return done;
}

/** Creates a definition; again when there was no answer, since it may or may not have been stored. */
async function post(cluster: Cluster, definition: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await cluster.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition, 'application/yaml');
      return;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return;
      if (error instanceof ApiError || attempt === 4) throw error;
    }
  }
}
