/** The engines' own code and real processes: one file at a time, because two engines do not fit beside each other. */
const unit = require('../../jest.config.js');

module.exports = {
  ...unit,
  rootDir: '../..',
  roots: ['<rootDir>/test/real-engines'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  maxConcurrency: 2, // checkers have one thread each; only tests that judge run beside another
  testTimeout: 120_000,
};
