// Generates the schemas of what the command prints as JSON from their types. `--check` fails when one is not current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';

const SCHEMAS = [
  { file: 'inference-plan.schema.json', path: 'lib/plan/plan.ts', type: 'Plan', title: 'What inference plan --json prints, and synth writes' },
  { file: 'inference-fit.schema.json', path: 'lib/plan/fit-answer.ts', type: 'FitAnswer', title: 'What inference fit --json prints' },
];

const stale = SCHEMAS.filter(({ file, path, type, title }) => {
  const options = { path, type, tsconfig: 'tsconfig.app.json', topRef: false, skipTypeCheck: true, additionalProperties: false };
  const schema = createGenerator(options).createSchema(type);
  const text = `${JSON.stringify({ ...schema, title }, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  return true;
});

if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`not current: ${stale.map(({ file }) => file).join(', ')}: run node scripts/plan-schema.mjs`);
  process.exit(1);
}
