// Generates inference.schema.json from bin/config/inference-config.ts. `--check` fails when the file is not current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';

const FILE = 'inference.schema.json';
const schema = createGenerator({
  path: 'bin/config/inference-config.ts',
  tsconfig: 'tsconfig.app.json',
  type: 'InferenceConfig',
  topRef: false,
  skipTypeCheck: true,
  additionalProperties: false,
}).createSchema('InferenceConfig');
describeDefaults(schema);
schema.title = 'The config file of cdk-eks-inference';
const text = `${JSON.stringify(schema, null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is not current: run npm run schema`);
  process.exit(1);
}

/** The library writes defaults as behaviour, which is prose: an editor must not insert it as a value. */
function describeDefaults(node) {
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.default === 'string' && !(node.enum ?? []).includes(node.default) && node.const !== node.default) {
    node.description = `${node.description ?? ''}\nDefault: ${node.default.replace(/^- /, '')}`.trim();
    delete node.default;
  }
  Object.values(node).forEach(describeDefaults);
}
