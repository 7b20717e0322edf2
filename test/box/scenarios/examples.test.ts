import { changedByAdmission } from '../fixtures/sweep';
import { synthesizeAll, type Unit } from '../harness/app';
import { Box } from '../harness/box';
import { exampleApps } from '../harness/example-apps';
import { ensureNamespace } from '../harness/namespaces';

const box = Box.attach();
const apps = exampleApps().map((app, index) => ({ ...app, index }));

describe('given every example, in every form that it has', () => {
  let units: Unit[][];

  beforeAll(async () => {
    units = await synthesizeAll(box, apps);
  }, 300_000);

  test('then there are some', () => {
    expect(apps.length).toBeGreaterThan(20);
  });

  test.each(apps)('$title: then every object is admitted, strictly, as it was written', async ({ index }) => {
    const objects = (units[index] ?? []).flatMap((unit) => unit.objects);
    expect(objects.length).toBeGreaterThan(0);
    const namespaces = new Set(objects.flatMap(({ metadata, kind }) => (kind === 'Namespace' ? [metadata.name] : [metadata.namespace])));
    for (const namespace of namespaces) if (namespace !== undefined) await ensureNamespace(box.cluster, namespace);
    expect(await changedByAdmission(box.cluster, objects)).toEqual([]);
  });
});
