import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Accelerator, Regions } from '../../lib';
import { orderingRegion, PRICE_REGION } from '../../lib/accelerators/list-prices';
import { ON_DEMAND_PRICES } from '../../lib/accelerators/on-demand-prices';

const TYPES = Accelerator.catalogue().map((name) => Accelerator.fromInstanceType(name));
const REGIONS = Object.keys(ON_DEMAND_PRICES);

describe('on-demand prices', () => {
  test.each([
    ['g6.xlarge', 'us-east-1', 0.8048],
    ['g6.xlarge', 'us-west-2', 0.8048],
    ['g6.xlarge', 'eu-central-1', 1.0064],
    ['g6e.xlarge', 'ap-northeast-1', 2.699],
    ['p5.48xlarge', 'ap-south-1', 66.048],
    ['p5en.48xlarge', 'ap-northeast-2', 87.34848],
    ['g4dn.xlarge', 'us-gov-west-1', 0.663],
    ['m7g.large', 'us-west-2', 0.0816],
    ['c8g.xlarge', 'eu-west-1', 0.17056],
  ])('of %s in %s is %d', (name, region, price) => {
    expect(Accelerator.fromInstanceType(name).onDemandUsdPerHour(region)).toBe(price);
  });

  test.each([
    ['p5e.48xlarge', 'us-west-2', 'its source has no price'],
    ['g6.xlarge', 'sa-east-1', 'the region is in no source'],
    ['g6.xlarge', 'eu-west-1', 'it is not sold there'],
    ['c8g.metal-24xl', 'us-west-2', 'the price has changed since'],
    ['g6.xlarge', 'nowhere-1', 'there is no such region'],
  ])('of %s in %s is not known: %s', (name, region) => {
    const type = Accelerator.fromInstanceType(name);
    expect(type.onDemandUsdPerHour(region)).toBeUndefined();
    expect(type.pricedRegions).not.toContain(region);
  });

  test.each([
    ['us-east-1', '2026-07-20'],
    ['us-west-2', '2026-01'],
    ['us-gov-west-1', '2026-08-24'],
    ['sa-east-1', undefined],
  ])('of %s are of %s', (region, date) => {
    expect(Accelerator.priceDate(region)).toBe(date);
  });

  test('of a type that is not of the catalogue are its own', () => {
    const type = Accelerator.of({ instanceType: 'g6.xlarge', kind: Accelerator.G6_XLARGE.kind, deviceName: 'l4', devices: 1, deviceMemoryMiB: 22_888, vcpus: 4, memoryMiB: 16_384, onDemandUsdPerHour: { 'us-west-2': 0.5 } });
    expect(type.pricedRegions).toEqual(['us-west-2']);
    expect([type.onDemandUsdPerHour('us-west-2'), type.onDemandUsdPerHour('us-east-1')]).toEqual([0.5, undefined]);
  });

  test('are made from the table that names their sources', () => {
    expect(() => execFileSync('node', ['scripts/on-demand-prices.mjs', '--check'])).not.toThrow();
  });

  test('are all of the table, under the names that it has', () => {
    const rows = readFileSync('scripts/data/on-demand-prices.csv', 'utf8').split('\n').filter((line) => /^[a-z0-9-]+\./.test(line));
    const known = rows.map((row) => row.split(',')).filter(([name, region, price]) => Accelerator.fromInstanceType(name).onDemandUsdPerHour(region) === Number(price));
    expect(known).toHaveLength(rows.length);
    expect(TYPES.flatMap(({ pricedRegions }) => pricedRegions)).toHaveLength(rows.length);
  });
});

describe('everywhere', () => {
  const cell = fc.tuple(fc.constantFrom(...TYPES), fc.constantFrom(...new Set([...REGIONS, ...Regions.all()])));

  test('a type has no price where it is not sold', () => {
    fc.assert(
      fc.property(cell, ([type, region]) => {
        fc.pre(Regions.isKnown(region) && !Regions.sells(region, type.instanceType));
        expect(type.onDemandUsdPerHour(region)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  test('pricedRegions are the regions that have a price, and each has a date', () => {
    fc.assert(
      fc.property(cell, ([type, region]) => {
        expect(type.pricedRegions.includes(region)).toBe(type.onDemandUsdPerHour(region) !== undefined);
        if (type.pricedRegions.includes(region)) expect(Accelerator.priceDate(region)).toMatch(/^\d{4}-\d{2}(-\d{2})?$/);
      }),
    );
  });

  test.each(REGIONS)('%s has prices for whole families, in the proportions of the region whose list is complete', (region) => {
    const ratio = (type: Accelerator): number => (type.onDemandUsdPerHour(region) ?? NaN) / (type.onDemandUsdPerHour(PRICE_REGION) ?? NaN);
    const priced = TYPES.filter((type) => type.pricedRegions.includes(region));
    for (const family of new Set(priced.map((type) => type.family))) {
      const sizes = priced.filter((type) => type.family === family);
      const whole = sizes[sizes.length - 1];
      // what is cheap is published with few digits
      for (const size of sizes) expect(Math.abs(ratio(size) / ratio(whole) - 1)).toBeLessThan(0.0035);
      const sold = TYPES.filter((type) => type.family === family && Regions.isKnown(region) && Regions.sells(region, type.instanceType));
      const missing = sold.filter((type) => !sizes.includes(type)).map(({ size }) => size);
      expect({ [family]: missing }).toEqual({ [family]: missing.filter((size) => size === 'metal-24xl' || family === 'p5' || family === 'trn1') });
    }
  });

  test('the region that is shown where none is asked for has every price that is known anywhere', () => {
    expect(TYPES.filter((type) => type.pricedRegions.length > 0 && type.onDemandUsdPerHour(PRICE_REGION) === undefined)).toEqual([]);
    expect(REGIONS[0]).toBe(PRICE_REGION);
  });
});

describe('types are ordered by the prices of', () => {
  const types = (...names: string[]): Accelerator[] => names.map((name) => Accelerator.fromInstanceType(name));

  test.each([
    ['the region, where it has all of them', 'eu-central-1', types('g6.xlarge', 'g6e.xlarge'), 'eu-central-1'],
    ['the complete list, where one is missing', 'us-west-2', types('g6.xlarge', 'g7e.2xlarge'), PRICE_REGION],
    ['the complete list, where none is known', 'sa-east-1', types('g6.xlarge'), PRICE_REGION],
    ['the complete list, where no region is asked for', undefined, types('g6.xlarge'), PRICE_REGION],
  ])('%s', (_name, region, given, expected) => {
    expect(orderingRegion(given, region)).toBe(expected);
  });
});
