import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireApplicable } from './box/harness/mutated-tree';
import { allMutations } from './box/mutations';

/** The lists of what breaks each scenario of the box; that the scenarios notice is for `npm run test:mutations`. */
describe('given the mutations of the scenarios', () => {
  test('then each can be made: its text is in its file once', async () => {
    requireApplicable(await allMutations());
  });

  test('then every scenario has some', async () => {
    const scenarios = readdirSync(join(__dirname, 'box', 'scenarios')).map((file) => file.replace(/\.test\.ts$/, '')).sort();
    expect([...new Set((await allMutations()).map(({ caughtBy }) => caughtBy))].sort()).toEqual(scenarios);
  });
});
