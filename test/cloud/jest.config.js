/** Run by `npm run test:cloud`: one account, one file, whose tests build on each other. Needs dist/. */
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

module.exports = {
  rootDir: root,
  roots: ['<rootDir>/test/cloud'],
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  transform: require(join(root, 'jest.config.js')).transform,
  maxWorkers: 1,
  testTimeout: 300_000,
  verbose: true,
};
