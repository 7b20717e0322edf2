/** Lets plain Node load TypeScript of this repository: `node -r ./test/box/register.js test/box/up.ts`. */
const Module = require('node:module');
const { join } = require('node:path');
const { transformFileSync } = require('@swc/core');

const ROOT = join(__dirname, '..', '..');

require.extensions['.ts'] = (module, file) => {
  const { code } = transformFileSync(file, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  });
  module._compile(code, file);
};

// the examples import this package by its name, as their readers will
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => resolve(request === 'cdk-eks-inference' ? join(ROOT, 'index.ts') : request, ...rest);
