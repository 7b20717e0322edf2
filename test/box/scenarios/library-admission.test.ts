import { libraryPool, objectsOf } from '../fixtures/library';
import { changedByAdmission, POOLS, sweep } from '../fixtures/sweep';
import { admit, podsOf } from '../harness/admission';
import { Box } from '../harness/box';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'sweep';

describe('given every engine on every topology with every scaling', () => {
  let place: Workspace;
  const cases = sweep(NAMESPACE);
  const made = cases.filter(({ objects }) => objects.length > 0);

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    await Workspace.create(box, `${NAMESPACE}-restricted`, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  afterAll(() => place.dispose());

  test('then the library makes what can work, and names another way for the rest', () => {
    for (const { why } of cases.filter(({ objects }) => objects.length === 0)) expect(why).toMatch(/: (use|choose|write|give|scale) /);
    expect(made.length).toBeGreaterThan(cases.length / 3);
  });

  test.each(made)('$name: then the API server admits it, without an unknown field, and stores what was meant', async ({ objects }) => {
    expect(await changedByAdmission(box.cluster, objects)).toEqual([]);
  });

  test.each(made)('$name: then its pods are admitted where Pod Security "restricted" is enforced, EFA\'s excepted', async ({ objects }) => {
    const pods = podsOf(objects, `${NAMESPACE}-restricted`).map((pod) => ({ ...pod, spec: { ...(pod.spec as object), serviceAccountName: 'default' } }));
    const admitted = admit(box.cluster, pods);
    // libfabric locks memory, which no level but "privileged" allows
    if (JSON.stringify(pods).includes('vpc.amazonaws.com/efa')) await expect(admitted).rejects.toThrow(/container "engine" must not include "IPC_LOCK" in [^;]*$/);
    else await admitted;
  });
});

describe('given every pool', () => {
  test.each(POOLS)('%s: then the API server admits it as it was written', async (name, pool) => {
    expect(await changedByAdmission(box.cluster, objectsOf(libraryPool(box, name, pool)))).toEqual([]);
  });
});
