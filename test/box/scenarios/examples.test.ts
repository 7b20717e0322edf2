import { changedByAdmission } from '../fixtures/sweep';
import { podsOf } from '../harness/admission';
import { synthesizeAll, type Unit } from '../harness/app';
import { Box } from '../harness/box';
import { configApps, exampleApps } from '../harness/example-apps';
import { type KubeObject, Namespaces } from '../harness/kinds';
import { ensureNamespace } from '../harness/namespaces';

const box = Box.attach();
const apps = [...exampleApps(), ...configApps()].map((app, index) => ({ ...app, index }));

/** Kinds whose definition nobody publishes: EKS Auto Mode has its own node classes. */
const UNPUBLISHED = 'eks.amazonaws.com/v1';

/** A pod whose account the autoscaler of Ray needs: the one kind of pod of the library that talks to the API server. */
function isScalingHead(object: KubeObject): boolean {
  return object.kind === 'RayService' && JSON.stringify(object.spec).includes('"enableInTreeAutoscaling":true');
}

describe('given every example and every config file, in every form that it has', () => {
  let units: Unit[][];
  let made: readonly string[] = [];
  const objectsOf = (index: number): KubeObject[] => (units[index] ?? []).flatMap((unit) => unit.objects);

  beforeAll(async () => {
    units = await synthesizeAll(box, apps);
    const before = new Set((await box.cluster.list(Namespaces)).map(({ metadata }) => metadata.name));
    const needed = units.flat().flatMap(({ objects }) => objects).map(({ metadata, kind }) => (kind === 'Namespace' ? metadata.name : metadata.namespace));
    made = [...new Set(needed)].filter((name) => name !== undefined).filter((name) => !before.has(name));
    for (const namespace of made) await ensureNamespace(box.cluster, namespace);
  }, 300_000);

  afterAll(async () => {
    for (const name of made) await box.cluster.remove(Namespaces, name);
  });

  test('then there are some', () => {
    expect(apps.length).toBeGreaterThan(25);
    expect(objectsOf(0).length).toBeGreaterThan(0);
  });

  test.each(apps)('$title: then every object is admitted, strictly, and stored as it was written', async ({ index }) => {
    const objects = objectsOf(index).filter(({ apiVersion }) => apiVersion !== UNPUBLISHED);
    expect(objects.length).toBeGreaterThan(0);
    expect(await changedByAdmission(box.cluster, objects)).toEqual([]);
  });

  test('then none makes a role or binds one, and no account or pod asks for a token, but heads that scale their cluster', () => {
    for (const object of units.flat().flatMap(({ objects }) => objects)) {
      expect(object.apiVersion).not.toMatch(/^rbac\.authorization\.k8s\.io\//);
      if (object.kind === 'ServiceAccount') expect(object.automountServiceAccountToken).toBe(false);
      const asking = podsOf([object], 'default').filter(({ spec }) => (spec as { automountServiceAccountToken?: boolean }).automountServiceAccountToken !== false);
      expect(asking.length).toBe(isScalingHead(object) ? 1 : 0);
    }
  });
});
