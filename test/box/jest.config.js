/** Run by `npm run test:cluster`: two workers, each with a box of its own in which its scenario files run one after another. */
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

module.exports = {
  rootDir: root,
  roots: ['<rootDir>/test/box/scenarios'],
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  transform: require(join(root, 'jest.config.js')).transform,
  globalSetup: '<rootDir>/test/box/global-setup.ts',
  globalTeardown: '<rootDir>/test/box/global-teardown.ts',
  maxWorkers: 2, // they mostly wait: for nodes that come, for cooldowns
  testTimeout: 240_000,
  verbose: true,
};
