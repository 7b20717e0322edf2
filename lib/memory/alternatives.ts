import { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind } from '../accelerators/accelerator-kind';
import { catalogueTypes } from '../accelerators/catalogue-types';
import { orderingPrice, PRICE_REGION } from '../accelerators/list-prices';
import { Regions } from '../regions/regions';
import type { Placement } from '../placement';
import type { AlternativesOptions, PlacementAlternative, PlacementRequest } from '../placement-request';

const DEFAULT_MAX_NODES = 2;

/**
 * Every instance type of the same kind that holds what was asked for, with as few nodes as it takes, cheapest first.
 *
 * Where a price is not known in the region, none is told, and the order of all is that of the region whose list is
 * complete.
 *
 * Left out: slices of GPUs, bare metal, and several nodes without EFA, where the network would be the limit.
 */
export function cheapestAlternatives(
  request: PlacementRequest,
  options: AlternativesOptions,
  plan: (request: PlacementRequest) => Placement,
): PlacementAlternative[] {
  const place = { region: options.region ?? request.region, zoneIds: options.zoneIds ?? request.zoneIds };
  const region = place.region ?? PRICE_REGION;
  const maxNodes = options.maxNodes ?? DEFAULT_MAX_NODES;
  const alternatives = catalogueTypes()
    .filter((type) => isComparable(type, request.accelerator) && isSold(type, place))
    .flatMap((type) => smallest(request, type, maxNodes, region, plan) ?? []);
  const price = orderingPrice(alternatives.map(typeOf), region);
  const listPrice = (one: PlacementAlternative): number => price(typeOf(one)) * one.nodes;
  return alternatives.sort((a, b) => listPrice(a) - listPrice(b) || a.instanceType.localeCompare(b.instanceType));
}

function typeOf({ instanceType }: PlacementAlternative): Accelerator {
  return Accelerator.fromInstanceType(instanceType);
}

function isComparable(type: Accelerator, asked: Accelerator): boolean {
  const bothNeuron = type.isNeuron && asked.isNeuron;
  return (type.kind === asked.kind || bothNeuron) && !type.fractional && !type.size.startsWith('metal');
}

function isSold(type: Accelerator, { region, zoneIds }: Pick<AlternativesOptions, 'region' | 'zoneIds'>): boolean {
  if (region === undefined || !Regions.isKnown(region)) return true;
  const selling = Regions.zonesSelling(region, type.instanceType);
  return zoneIds === undefined ? selling.length > 0 : zoneIds.some((zoneId) => selling.includes(zoneId));
}

function smallest(
  request: PlacementRequest,
  type: Accelerator,
  maxNodes: number,
  region: string,
  plan: (request: PlacementRequest) => Placement,
): PlacementAlternative | undefined {
  const grouped = type.efaInterfaces > 0 && type.kind !== AcceleratorKind.CPU;
  for (let nodes = 1; nodes <= (grouped ? maxNodes : 1); nodes *= 2) {
    const placement = plan({ ...request, accelerator: type, nodes, parallelism: undefined });
    if (!placement.fits) continue;
    const price = type.onDemandUsdPerHour(region);
    return {
      instanceType: type.instanceType,
      nodes,
      parallelism: placement.parallelism,
      priceRegion: region,
      usdPerHour: price === undefined ? undefined : price * nodes,
      marginGiB: placement.marginGiB,
    };
  }
  return undefined;
}
