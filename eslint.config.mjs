import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/**', 'dist-jsii/**', 'cdk.out*/**', 'coverage/**', 'node_modules/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', prefer: 'type-imports', disallowTypeAnnotations: false }],
      'no-console': 'error',
      'max-len': ['error', { code: 140, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreComments: true }],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    // Kubernetes and inference know no AWS: the charts also serve `cdk8s synth` and GitOps.
    files: ['lib/**/*.ts'],
    ignores: ['lib/stacks/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['aws-cdk-lib', 'aws-cdk-lib/*', '@aws-cdk/*', '@aws-sdk/*'], message: 'lib/ knows no AWS: put it into constructs/' },
            { group: ['**/constructs/**', '!constructs'], message: 'lib/ does not know constructs/' },
            { group: ['node:*', 'fs', 'path', 'os', 'child_process', 'http', 'https', 'net'], message: 'lib/ is pure: no files, no network' },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'fetch', 'process'],
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'synth is deterministic: no clock' },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'synth is deterministic: no clock' },
        { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'synth is deterministic: no chance' },
      ],
    },
  },
  { files: ['constructs/**/*.ts', 'lib/stacks/**/*.ts'], rules: { 'no-restricted-globals': ['error', 'fetch'] } },
  { files: ['bin/**/*.ts', 'scripts/**/*', 'test/box/**', 'test/real-engines/**'], rules: { 'no-console': 'off' } },
  // a table of cases reads better in one line a case
  { files: ['test/**/*.ts'], rules: { 'max-len': ['error', { code: 160, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreComments: true }] } },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'writable', require: 'readonly', Buffer: 'readonly', __dirname: 'readonly', URL: 'readonly' } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
