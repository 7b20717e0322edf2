import { libraryPool, objectsOf } from '../fixtures/library';
import { changedByAdmission, jobSweep, optionsSweep, POOLS, type SweepCase, sweep } from '../fixtures/sweep';
import { admit, podsOf } from '../harness/admission';
import { Box } from '../harness/box';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'sweep';

let place: Workspace;
let restricted: Workspace;

beforeAll(async () => {
  place = await Workspace.create(box, NAMESPACE);
  restricted = await Workspace.create(box, `${NAMESPACE}-restricted`, { 'pod-security.kubernetes.io/enforce': 'restricted' });
});

afterAll(async () => {
  await place.dispose();
  await restricted.dispose();
});

/** Has the pods of these objects admitted where Pod Security "restricted" is enforced. */
async function admitRestricted({ objects }: SweepCase): Promise<void> {
  const pods = podsOf(objects, restricted.namespace).map((pod) => ({ ...pod, spec: { ...(pod.spec as object), serviceAccountName: 'default' } }));
  const admitted = admit(box.cluster, pods);
  // libfabric locks memory, which no level but "privileged" allows
  if (JSON.stringify(pods).includes('vpc.amazonaws.com/efa')) await expect(admitted).rejects.toThrow(/container "engine" must not include "IPC_LOCK" in [^;]*$/);
  else await admitted;
}

describe('given every engine on every topology with every scaling', () => {
  const cases = sweep(NAMESPACE);
  const made = cases.filter(({ objects }) => objects.length > 0);

  test('then the library makes what can work, and names another way for the rest', () => {
    for (const { why } of cases.filter(({ objects }) => objects.length === 0)) expect(why).toMatch(/: (use|choose|write|give|scale|fix) /);
    expect(made.length).toBeGreaterThan(cases.length / 3);
  });

  test.each(made)('$name: then the API server admits it, without an unknown field, and stores what was meant', async ({ objects }) => {
    expect(await changedByAdmission(box.cluster, objects)).toEqual([]);
  });

  // how many there are changes no pod
  test.each(made.filter(({ name }) => name.endsWith('fixed')))('$name: then its pods are admitted where Pod Security "restricted" is enforced, EFA\'s excepted', admitRestricted);
});

describe('given all that a model server may be told beside, and every Job', () => {
  const cases = [...optionsSweep(NAMESPACE), ...jobSweep(NAMESPACE)];

  test.each(cases)('$name: then the API server admits it, without an unknown field, and stores what was meant', async ({ objects }) => {
    expect(await changedByAdmission(box.cluster, objects)).toEqual([]);
  });

  test.each(cases)('$name: then its pods are admitted where Pod Security "restricted" is enforced, EFA\'s excepted', admitRestricted);
});

describe('given every pool', () => {
  test.each(POOLS)('%s: then the API server admits it as it was written', async (name, pool) => {
    expect(await changedByAdmission(box.cluster, objectsOf(libraryPool(box, `${NAMESPACE}-${name}`, pool)))).toEqual([]);
  });
});
