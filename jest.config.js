/** One process reloads aws-cdk-lib for every test file: keep files few and share one synth per describe. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  moduleNameMapper: { '^cdk-eks-inference$': '<rootDir>/index.ts', '^cdk-eks-inference/(.*)$': '<rootDir>/$1' },
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/box/', '<rootDir>/test/cloud/', '<rootDir>/test/real-engines/'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
  setupFiles: ['<rootDir>/test/setup.js'],
  testTimeout: 30_000,
};
