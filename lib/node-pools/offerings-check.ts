import { Accelerator } from '../accelerators/accelerator';
import type { AcceleratorKind } from '../accelerators/accelerator-kind';
import { isToken } from '../kubernetes-names';
import { Regions } from '../regions/regions';
import type { NodeEnvironment } from './node-environment';
import type { NodePoolWarning } from './node-pool';
import type { NodePoolOptions } from './node-pool-options';

/**
 * Checks that the region sells what the pool lets in, and that its zones are enough for the cluster.
 *
 * A region or a type that the data does not know is not checked. Zones of the cluster are known by name, zones of
 * offerings by id, and the names differ between accounts: so numbers of zones are compared, not zones.
 *
 * @returns what may disappoint
 * @throws when nothing of the pool is sold in the region, or in the zones that the pool is kept to
 * @internal
 */
export function checkOfferings(
  kind: AcceleratorKind,
  types: Accelerator[],
  options: NodePoolOptions,
  environment: NodeEnvironment,
): NodePoolWarning[] {
  const { region, zones = [] } = environment;
  if (region === undefined || isToken(region) || !Regions.isKnown(region)) return [];
  const catalogue = new Set(Accelerator.catalogue());
  if (types.length === 0 || types.some((type) => !catalogue.has(type.instanceType))) return [];

  const sold = types.filter((type) => Regions.sells(region, type.instanceType));
  if (sold.length === 0) throw new Error(notSold(kind, types, options, region));

  const inZones = new Set(sold.flatMap((type) => Regions.zonesSelling(region, type.instanceType)));
  const zoneIds = options.zoneIds?.filter((id) => !isToken(id)) ?? [];
  if (zoneIds.length > 0 && !zoneIds.some((id) => inZones.has(id))) {
    throw new Error(
      `'zoneIds' (${zoneIds.join(', ')}) sell none of ${namesOf(types, options)}: in ${region} they are sold in ${[...inZones].join(', ')}`,
    );
  }

  const warnings: NodePoolWarning[] = [];
  const unsold = types.filter((type) => !sold.includes(type)).map((type) => type.instanceType);
  if (options.instanceTypes && unsold.length > 0) {
    warnings.push({ id: 'unsold-types', message: `${unsold.join(', ')} are not sold in ${region}: leave them out of 'instanceTypes'` });
  }
  const wanted = options.zoneIds?.length ?? options.zones?.length ?? zones.length;
  if (inZones.size < wanted) {
    warnings.push({
      id: 'fewer-zones',
      message:
        `${namesOf(types, options)} are sold in ${inZones.size} zones of ${region} (${[...inZones].sort().join(', ')}), but ` +
        `${wanted} are spanned: pods that must be spread over all of them stay pending, so spread softly or add families`,
    });
  }
  return warnings;
}

function notSold(kind: AcceleratorKind, types: Accelerator[], options: NodePoolOptions, region: string): string {
  const regions = Regions.all().filter((other) => types.some((type) => Regions.sells(other, type.instanceType)));
  const sameKind = Accelerator.catalogue()
    .map((name) => Accelerator.fromInstanceType(name))
    .filter((type) => type.kind === kind && type.architecture === types[0].architecture && Regions.sells(region, type.instanceType));
  const families = [...new Set(sameKind.map((type) => type.family))];
  const here = families.length > 0 ? `${region} has ${families.join(', ')}` : `${region} has no ${kind}`;
  const elsewhere = regions.length > 0 ? `they are sold in ${regions.join(', ')}` : 'no known region sells them';
  return `${namesOf(types, options)} are not sold in ${region}: ${here}; ${elsewhere}`;
}

function namesOf(types: Accelerator[], options: NodePoolOptions): string {
  if (options.instanceTypes) return `'instanceTypes' (${types.map((type) => type.instanceType).join(', ')})`;
  return `'families' (${[...new Set(types.map((type) => type.family))].join(', ')})`;
}
