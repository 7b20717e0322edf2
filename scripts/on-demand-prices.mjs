#!/usr/bin/env node
// Makes the on-demand prices of the library from scripts/data/on-demand-prices.csv, which says where they come from.
//   node scripts/on-demand-prices.mjs                     write
//   node scripts/on-demand-prices.mjs --check             fail when the library's are not current
//   node scripts/on-demand-prices.mjs --compare FILE.csv  list the prices that differ from a catalogue of SkyPilot (vms.csv),
//                                                         and those it has for our types where none is known; exit code 1
//
// To take newer prices, add their source to the header and replace the rows of a region: a region has one source.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { option } from './catalogues.mjs';

const DATA = 'scripts/data/on-demand-prices.csv';
const MODULE = 'lib/accelerators/on-demand-prices.ts';
const LINE = 120;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { sources, rows } = read(readFileSync(join(root, DATA), 'utf8'));
const other = option(process.argv, 'compare');

if (other !== undefined) compare(other);
else write(moduleOf());

function read(text) {
  const known = new Map([...text.matchAll(/^# source (\S+) (\S+) (.+)$/gm)].map(([, id, date]) => [id, date]));
  const prices = parse(text, { columns: true, comment: '#', comment_no_infix: true });
  const seen = new Set();
  const sourceOf = new Map();
  for (const { instance_type: type, region, usd_per_hour: price, source } of prices) {
    const at = `${type} in ${region}`;
    if (!/^[a-z0-9-]+\.[a-z0-9-]+$/.test(type)) throw new Error(`${at}: not an instance type`);
    if (!/^\d+(\.\d+)?$/.test(price) || Number(price) <= 0) throw new Error(`${at}: '${price}' is not a price`);
    if (!known.has(source)) throw new Error(`${at}: the header does not name the source '${source}'`);
    if (seen.has(at)) throw new Error(`${at}: there twice`);
    if ((sourceOf.get(region) ?? source) !== source) throw new Error(`${region} has two sources: prices of two days do not compare`);
    seen.add(at);
    sourceOf.set(region, source);
  }
  for (const [id, date] of known) {
    if (!/^\d{4}-\d{2}(-\d{2})?$/.test(date)) throw new Error(`source ${id}: '${date}' is not a day or a month`);
  }
  return { sources: known, rows: prices };
}

function moduleOf() {
  const regions = [...new Set(rows.map(({ region }) => region))];
  return [
    `// Made from ${DATA} by scripts/on-demand-prices.mjs: change that file and run it.`,
    '',
    '/** On-demand list prices of a region. */',
    'export interface RegionPrices {',
    '  /** The day or the month that they were published on. */',
    '  readonly date: string;',
    '  /** Family, and its sizes with the price of each in US dollars an hour. */',
    '  readonly prices: readonly (readonly [family: string, sizes: string])[];',
    '}',
    '',
    '/** Prices by region, the region whose list is complete first. Linux, shared tenancy. */',
    'export const ON_DEMAND_PRICES: { readonly [region: string]: RegionPrices } = {',
    ...regions.flatMap(regionLines),
    '};',
    '',
  ].join('\n');
}

function regionLines(region) {
  const prices = rows.filter((row) => row.region === region);
  return [
    `  '${region}': {`,
    `    date: '${sources.get(prices[0].source)}',`,
    '    prices: [',
    ...linesOf(prices).map(([family, sizes]) => `      ['${family}', '${sizes}'],`),
    '    ],',
    '  },',
  ];
}

/** Sizes and prices of a family, on as many lines as it takes. */
function linesOf(prices) {
  const lines = [];
  for (const { instance_type: type, usd_per_hour: price } of prices) {
    const [family, size] = type.split('.');
    const last = lines.at(-1);
    const one = `${size} ${price}`;
    if (last?.[0] === family && last[1].length + one.length < LINE) last[1] += ` ${one}`;
    else lines.push([family, one]);
  }
  return lines;
}

function write(module) {
  const path = join(root, MODULE);
  if (existsSync(path) && readFileSync(path, 'utf8') === module) return;
  if (process.argv.includes('--check')) {
    console.error(`not current: ${MODULE}: run 'node scripts/on-demand-prices.mjs'`);
    process.exit(1);
  }
  writeFileSync(path, module);
}

function compare(file) {
  const ours = new Map(rows.map((row) => [`${row.instance_type} ${row.region}`, Number(row.usd_per_hour)]));
  const types = new Set(rows.map((row) => row.instance_type));
  const theirs = new Map(
    parse(readFileSync(file, 'utf8'), { columns: true })
      .filter((row) => types.has(row.InstanceType) && row.Price !== '')
      .map((row) => [`${row.InstanceType} ${row.Region}`, Number(row.Price)]),
  );
  const differences = [...theirs].filter(([at, price]) => ours.get(at) !== price);
  for (const [at, price] of differences) console.log(`${at}: ${ours.get(at) ?? 'not known'}, there ${price}`);
  console.log(differences.length === 0 ? 'no drift' : `${differences.length} differences`);
  process.exitCode = differences.length === 0 ? 0 : 1;
}
