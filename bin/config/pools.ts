import { Accelerator } from '../../lib/accelerators/accelerator';
import type { AcceleratedPoolOptions } from '../../lib/node-pools/accelerated-pool-options';
import { CapacityReservation } from '../../lib/node-pools/capacity-reservation';
import { CapacityType } from '../../lib/node-pools/capacity-type';
import { GpuPool } from '../../lib/node-pools/gpu-pool';
import { GravitonPool } from '../../lib/node-pools/graviton-pool';
import { InferentiaPool } from '../../lib/node-pools/inferentia-pool';
import type { INodePool } from '../../lib/node-pools/node-pool';
import { NodeOs } from '../../lib/node-pools/node-os';
import { TrainiumPool } from '../../lib/node-pools/trainium-pool';
import { X86Pool } from '../../lib/node-pools/x86-pool';
import type { NodePoolsConfig, PoolConfig } from './inference-config';

/** One maker for each pool of the config file; a pool without a maker does not compile. */
const POOLS: { readonly [name in keyof Required<NodePoolsConfig>]: (options: AcceleratedPoolOptions) => INodePool } = {
  gpu: (options) => new GpuPool(options),
  inferentia: (options) => new InferentiaPool(options),
  trainium: (options) => new TrainiumPool(options),
  graviton: (options) => new GravitonPool(options),
  x86: (options) => new X86Pool(options),
};

/** The pool of a name; nothing where the file says `false`. */
export function poolOf(name: keyof NodePoolsConfig, config: boolean | PoolConfig): INodePool | undefined {
  if (config === false) return undefined;
  const { instanceTypes, capacityTypes, reservations, os, ...options } = config === true ? {} : config;
  return POOLS[name]({
    ...options,
    instanceTypes: instanceTypes?.map((type) => Accelerator.fromInstanceType(type)),
    capacityTypes: capacityTypes?.map((type) => CAPACITY_TYPES[type]),
    reservations: reservations?.map((id) => CapacityReservation.id(id)),
    os: os && NODE_OPERATING_SYSTEMS[os],
  });
}

const CAPACITY_TYPES = { reserved: CapacityType.RESERVED, 'on-demand': CapacityType.ON_DEMAND, spot: CapacityType.SPOT } as const;
const NODE_OPERATING_SYSTEMS = { bottlerocket: NodeOs.BOTTLEROCKET, al2023: NodeOs.AL2023 } as const;
