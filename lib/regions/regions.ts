import { nearestNames } from '../nearest-names';
import { OFFERINGS, type RegionOfferings } from './offerings';

const ZONES_BY_TYPE = new Map<string, ReadonlyMap<string, readonly string[]>>();

/**
 * What AWS sells where.
 *
 * Few accelerators are sold in every zone of a region, so a hard spread over zones can be impossible to satisfy. An
 * offering is not a promise of capacity or of a quota.
 */
export class Regions {
  /** Every region whose offerings are known. */
  public static all(): string[] {
    return Object.keys(OFFERINGS);
  }

  /** Whether the offerings of a region are known. */
  public static isKnown(region: string): boolean {
    return region in OFFERINGS;
  }

  /**
   * The zone ids of a region: `use1-az1`.
   *
   * @throws when the region is not known
   */
  public static zoneIds(region: string): string[] {
    const offerings = Regions.offerings(region);
    return offerings.zones.split(' ').map((zone) => `${offerings.zonePrefix}${zone}`);
  }

  /**
   * The zone ids of a region that sell an instance type. Empty when none does.
   *
   * @throws when the region is not known
   */
  public static zonesSelling(region: string, instanceType: string): string[] {
    return [...(Regions.soldIn(region).get(instanceType) ?? [])];
  }

  /** Whether a region sells an instance type in any zone. */
  public static sells(region: string, instanceType: string): boolean {
    return Regions.zonesSelling(region, instanceType).length > 0;
  }

  /** The regions that sell an instance type in some zone. */
  public static selling(instanceType: string): string[] {
    return Regions.all().filter((region) => Regions.sells(region, instanceType));
  }

  /**
   * Checks that a region sells an instance type, in at least one of the zones when zones are given.
   *
   * A region whose offerings are not known is not checked.
   *
   * @throws when it does not, naming the zones or the regions that do
   */
  public static requireSold(region: string, instanceType: string, zoneIds?: string[]): void {
    if (!Regions.isKnown(region)) return;
    const selling = Regions.zonesSelling(region, instanceType);
    if (selling.length === 0) {
      const elsewhere = Regions.selling(instanceType);
      const fix = elsewhere.length > 0 ? `it is sold in ${elsewhere.join(', ')}` : 'no known region sells it';
      throw new Error(`'instanceType' (${instanceType}) is not sold in ${region}: ${fix}`);
    }
    if (zoneIds !== undefined && !zoneIds.some((zoneId) => selling.includes(zoneId))) {
      throw new Error(
        `'zoneIds' (${zoneIds.join(', ')}) do not sell ${instanceType}: in ${region} it is sold in ${selling.join(', ')}`,
      );
    }
  }

  /** Zones by instance type, worked out once for each region. */
  private static soldIn(region: string): ReadonlyMap<string, readonly string[]> {
    const known = ZONES_BY_TYPE.get(region);
    if (known) return known;
    const { zonePrefix, sold } = Regions.offerings(region);
    const zones = new Map(
      sold.flatMap(([family, numbers, sizes]) => {
        const zoneIds = numbers.split(' ').map((zone) => `${zonePrefix}${zone}`);
        return sizes.split(' ').map((size): [string, string[]] => [`${family}.${size}`, zoneIds]);
      }),
    );
    ZONES_BY_TYPE.set(region, zones);
    return zones;
  }

  private static offerings(region: string): RegionOfferings {
    const offerings = OFFERINGS[region];
    if (!offerings) {
      throw new Error(
        `'region' (${region}) has no known offerings: did you mean ${nearestNames(region, Regions.all()).join(', ')}?`,
      );
    }
    return offerings;
  }
}
