#!/usr/bin/env node
// Writes the index.ts of the folders of equals, so that adding a unit touches one file.
//   node scripts/barrels.mjs           write
//   node scripts/barrels.mjs --check   fail when one is not current
import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders whose every file is public. What is not public is in a folder `private` below them. */
const FOLDERS = ['constructs/addons'];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');
const stale = [];

for (const folder of FOLDERS) {
  const units = readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && file !== 'index.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  const barrel = units.map((unit) => `export * from './${unit}';\n`).join('');
  const path = join(root, folder, 'index.ts');
  if (existsSync(path) && readFileSync(path, 'utf8') === barrel) continue;
  if (check) stale.push(`${folder}/index.ts`);
  else writeFileSync(path, barrel);
}

if (stale.length > 0) {
  console.error(`not current: ${stale.join(', ')}: run 'node scripts/barrels.mjs'`);
  process.exit(1);
}
