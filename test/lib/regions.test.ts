import { Accelerator } from '../../lib/accelerators';
import { Regions } from '../../lib/regions';
import { OFFERINGS } from '../../lib/regions/offerings';

describe('offerings', () => {
  test('there are thirty regions', () => {
    expect(Regions.all()).toHaveLength(30);
  });

  test.each(Regions.all())('%s sells only types of the catalogue, in zones of its own, each line once', (region) => {
    const zoneIds = Regions.zoneIds(region);
    expect(new Set(zoneIds).size).toBe(zoneIds.length);
    const sold = OFFERINGS[region].sold.flatMap(([family, , sizes]) => sizes.split(' ').map((size) => `${family}.${size}`));
    expect(sold.length).toBeGreaterThan(30);
    expect(new Set(sold).size).toBe(sold.length);
    expect(Accelerator.catalogue()).toEqual(expect.arrayContaining(sold));
    for (const type of sold) {
      const selling = Regions.zonesSelling(region, type);
      expect(new Set(selling).size).toBe(selling.length);
      expect(zoneIds).toEqual(expect.arrayContaining(selling));
    }
  });

  test('four regions have four zones and us-east-1 six', () => {
    const many = Regions.all().filter((region) => Regions.zoneIds(region).length >= 4);
    expect(many).toEqual(['ap-northeast-2', 'eu-west-2', 'us-east-1', 'us-west-2']);
    expect(Regions.zoneIds('us-east-1')).toEqual(['use1-az1', 'use1-az2', 'use1-az3', 'use1-az4', 'use1-az5', 'use1-az6']);
  });

  test('what a region does not sell has no zones', () => {
    expect(Regions.zonesSelling('ca-west-1', 'p5.48xlarge')).toEqual([]);
    expect(Regions.sells('us-east-1', 'z9.xlarge')).toBe(false);
    expect(Regions.selling('p5.48xlarge')).toContain('us-east-1');
  });
});

describe('a check of a place', () => {
  test('passes where the type is sold, and where nothing is known', () => {
    expect(() => Regions.requireSold('us-east-1', 'g6.xlarge')).not.toThrow();
    expect(() => Regions.requireSold('us-gov-west-1', 'g6.xlarge')).not.toThrow();
    expect(() => Regions.requireSold('us-east-1', 'g6.xlarge', Regions.zonesSelling('us-east-1', 'g6.xlarge').slice(0, 1))).not.toThrow();
  });

  test('fails with the regions that sell it', () => {
    expect(() => Regions.requireSold('ca-west-1', 'p5.48xlarge')).toThrow(
      /'instanceType' \(p5\.48xlarge\) is not sold in ca-west-1: it is sold in .*us-east-1/,
    );
    expect(() => Regions.requireSold('us-east-1', 'z9.xlarge')).toThrow(/no known region sells it/);
  });

  test('fails with the zones that sell it', () => {
    const unsold = Regions.zoneIds('us-east-1').filter((zoneId) => !Regions.zonesSelling('us-east-1', 'g6e.xlarge').includes(zoneId));
    expect(unsold.length).toBeGreaterThan(0);
    expect(() => Regions.requireSold('us-east-1', 'g6e.xlarge', unsold)).toThrow(
      new RegExp(`'zoneIds' \\(${unsold.join(', ')}\\) do not sell g6e\\.xlarge: in us-east-1 it is sold in use1-az`),
    );
  });

  test('fails for a region that does not exist', () => {
    expect(() => Regions.zoneIds('us-east-9')).toThrow(/'region' \(us-east-9\) has no known offerings: did you mean us-east-/);
  });
});
