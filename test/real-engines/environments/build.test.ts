import { existsSync } from 'node:fs';
import { environment, ENVIRONMENT_NAMES } from './environment';

test.each(ENVIRONMENT_NAMES)('the environment %s is built and has an interpreter', name => {
  expect(existsSync(environment(name).python)).toBe(true);
}, 20 * 60_000);
