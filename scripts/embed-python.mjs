#!/usr/bin/env node
// Writes the Python programs that run in pods into TypeScript modules, so that the compiled package carries them.
//   node scripts/embed-python.mjs           write
//   node scripts/embed-python.mjs --check   fail when one is not current
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = [
  'lib/benchmarks/benchmark_verdict.py',
  'lib/benchmarks/benchmark_wait.py',
  'lib/charts/model_copy.py',
  'lib/charts/wait_for_weights.py',
];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');
const stale = [];

for (const program of PROGRAMS) {
  const name = program.split('/').pop().slice(0, -'.py'.length);
  const lines = readFileSync(join(root, program), 'utf8').trimEnd().split('\n');
  const module =
    `// Made from ${name}.py by scripts/embed-python.mjs: change that file and run it.\n\n` +
    `/** @internal */\nexport const ${name.toUpperCase()}_PY = [\n` +
    lines.map((line) => `  ${JSON.stringify(line)},\n`).join('') +
    "].join('\\n');\n";
  const path = join(root, dirname(program), `${name.replaceAll('_', '-')}-py.ts`);
  if (existsSync(path) && readFileSync(path, 'utf8') === module) continue;
  if (check) stale.push(path.slice(root.length + 1));
  else writeFileSync(path, module);
}

if (stale.length > 0) {
  console.error(`not current: ${stale.join(', ')}: run 'node scripts/embed-python.mjs'`);
  process.exit(1);
}
