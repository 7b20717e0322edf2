import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import type { AcceleratedPoolOptions } from './accelerated-pool-options';
import { bindNodePool } from './bind-node-pool';
import type { INodePool, NodePoolConfig, NodePoolContext } from './node-pool';
import { PoolShape } from './pool-shape';

/**
 * Nodes with AWS Trainium chips.
 *
 * Without options: trn1 and trn2. These families come only when they are named:
 *
 * - trn1n: trn1 with twice the network, for groups of nodes.
 * - trn2u: members of an UltraServer, bought as a whole by Capacity Block.
 */
export class TrainiumPool implements INodePool {
  public readonly kind = AcceleratorKind.TRAINIUM;
  public readonly architecture = CpuArchitecture.AMD64;
  public readonly instanceTypes: Accelerator[];
  private readonly shape: PoolShape;

  constructor(options: AcceleratedPoolOptions = {}) {
    this.shape = new PoolShape({
      pool: 'TrainiumPool',
      kind: this.kind,
      architecture: this.architecture,
      defaultFamilies: ['trn1', 'trn2'],
      options,
    });
    this.instanceTypes = this.shape.selection.types;
  }

  public bind(context: NodePoolContext): NodePoolConfig {
    return bindNodePool(this.shape, context);
  }
}
