import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import { bindNodePool } from './bind-node-pool';
import type { INodePool, NodePoolConfig, NodePoolContext } from './node-pool';
import type { NodePoolOptions } from './node-pool-options';
import { PoolShape } from './pool-shape';

/** Families whose cores have AVX-512 with bfloat16, on which CPU engines depend: Intel with AMX, and AMD since Zen 4. */
const FAMILIES = [
  ...['c7i', 'm7i', 'r7i', 'c7i-flex', 'm7i-flex'],
  ...['c8i', 'm8i', 'r8i', 'c8i-flex', 'm8i-flex', 'r8i-flex'],
  ...['c7a', 'm7a', 'r7a', 'c8a', 'm8a', 'r8a'],
];

/**
 * Nodes with x86 processors and no accelerator, for small models that have no arm64 image, gateways and jobs.
 *
 * Without options: c7i, m7i, r7i, c8i, m8i and r8i without bare metal, whose matrix units (AMX) compute in bfloat16.
 *
 * The catalogue has only their families, not their types. So nothing is checked of where they are sold, and
 * `instanceTypes` of the pool is empty unless types are named.
 */
export class X86Pool implements INodePool {
  public readonly kind = AcceleratorKind.CPU;
  public readonly architecture = CpuArchitecture.AMD64;
  public readonly instanceTypes: Accelerator[];
  private readonly shape: PoolShape;

  constructor(options: NodePoolOptions = {}) {
    this.shape = new PoolShape({
      pool: 'X86Pool',
      kind: this.kind,
      architecture: this.architecture,
      defaultFamilies: ['c7i', 'm7i', 'r7i', 'c8i', 'm8i', 'r8i'],
      uncataloguedFamilies: FAMILIES,
      options,
    });
    this.instanceTypes = this.shape.selection.types;
  }

  public bind(context: NodePoolContext): NodePoolConfig {
    return bindNodePool(this.shape, context);
  }
}
