import type { Accelerator } from '../accelerators/accelerator';
import type { NodeNetworkInterface } from '../resources/ec2-node-class';

/** Types whose first network card has no EFA: 17 cards, 16 adapters (DescribeInstanceTypes, 2026-11). */
const PRIMARY_CARD_WITHOUT_EFA = new Set(['p6-b300.48xlarge']);

/**
 * The network interfaces of a type with all its EFAs: one with an address for all IP traffic, and EFA-only ones, which
 * take none.
 *
 * Source: Amazon EC2 User Guide, "Maximize network bandwidth on instances with multiple network cards": the primary
 * interface is an ENA; EFA-only on device 1 of the first card if that supports EFA, on device 0 of all others.
 */
function interfacesOf(type: Accelerator): NodeNetworkInterface[] {
  const firstEfaCard = PRIMARY_CARD_WITHOUT_EFA.has(type.instanceType) ? 1 : 0;
  const primary = { networkCardIndex: 0, deviceIndex: 0, interfaceType: 'interface' };
  const efas = Array.from({ length: type.efaInterfaces }, (_, index) => index + firstEfaCard).map((card) => ({
    networkCardIndex: card,
    deviceIndex: card === 0 ? 1 : 0,
    interfaceType: 'efa-only',
  }));
  return [primary, ...efas];
}

/**
 * The network interfaces that every node of a pool is launched with.
 *
 * @param types the instance types of the pool
 * @param wanted whether the pool asks for EFA; unset: where all types have the same two or more adapters
 * @returns none where Karpenter decides by what pods ask for
 * @throws when EFA is asked for and the types do not have the same network cards
 * @internal
 */
export function efaInterfaces(types: Accelerator[], wanted: boolean | undefined): NodeNetworkInterface[] | undefined {
  if (wanted === false || types.length === 0) return undefined;
  const layouts = new Set(types.map((type) => JSON.stringify(interfacesOf(type))));
  const adapters = Math.min(...types.map((type) => type.efaInterfaces));
  if (wanted) {
    if (adapters === 0) {
      const without = types.filter((type) => type.efaInterfaces === 0).map((type) => type.instanceType);
      throw new Error(`'efa' (true) cannot be had on ${without.join(', ')}: leave 'efa' out, or name 'instanceTypes' that have adapters`);
    }
    if (layouts.size > 1) {
      const counts = types.map((type) => `${type.instanceType} has ${type.efaInterfaces}`);
      throw new Error(`'efa' (true) needs types with the same network cards, got ${counts.join(', ')}: make a pool for each`);
    }
  }
  return layouts.size === 1 && (wanted || adapters > 1) ? interfacesOf(types[0]) : undefined;
}
