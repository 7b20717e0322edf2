import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { admit, differences } from '../harness/admission';
import { synthesize, type Unit } from '../harness/app';
import { Box } from '../harness/box';
import { ensureNamespace } from '../harness/namespaces';

const box = Box.attach();
const EXAMPLES = join(__dirname, '..', '..', '..', 'examples');

/** Words that an example takes, by the file: what the example itself lists. */
function words(file: string): { context: Record<string, string>; title: string }[] {
  const text = readFileSync(join(EXAMPLES, file), 'utf8');
  const choice = /tryGetContext\('(serve|recipe)'\)/.exec(text)?.[1];
  if (choice === undefined) return [{ context: {}, title: file }];
  const table = /^(?:export )?const (?:SERVE|RECIPES)\b[^=]*= \{\n([\s\S]*?)^\};/m.exec(text)?.[1] ?? '';
  return [...table.matchAll(/^ {2}'?([a-z0-9.-]+)'?:/gm)].map(([, word = '']) => ({ context: { [choice]: word }, title: `${file}, ${choice}=${word}` }));
}

const cases = readdirSync(EXAMPLES).filter((file) => file.endsWith('.ts')).sort().flatMap((file) => words(file).map((entry) => ({ file, ...entry })));

describe('given every example, in every form that it has', () => {
  test('then there are some', () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  test.each(cases)('$title: then every object is admitted, strictly, as it was written', async ({ file, context }) => {
    const units: Unit[] = await synthesize(box, `examples/${file}`, context);
    const objects = units.flatMap((unit) => unit.objects);
    expect(objects.length).toBeGreaterThan(0);
    const namespaces = new Set(objects.flatMap(({ metadata, kind }) => (kind === 'Namespace' ? [metadata.name] : [metadata.namespace])));
    for (const namespace of namespaces) if (namespace !== undefined) await ensureNamespace(box.cluster, namespace);

    const stored = await admit(box.cluster, objects);
    const changed = objects.flatMap((object) => {
      const twin = stored.find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name);
      return differences(object, twin, `${object.kind}/${object.metadata.name}`);
    });
    expect(changed).toEqual([]);
  });
});
