import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import type { AcceleratedPoolOptions } from './accelerated-pool-options';
import { bindNodePool } from './bind-node-pool';
import type { INodePool, NodePoolConfig, NodePoolContext } from './node-pool';
import { PoolShape } from './pool-shape';

/**
 * Nodes with AWS Inferentia chips.
 *
 * Without options: inf2. inf1 comes only when it is named: 8 GiB a chip, and no engine for language models.
 */
export class InferentiaPool implements INodePool {
  public readonly kind = AcceleratorKind.INFERENTIA;
  public readonly architecture = CpuArchitecture.AMD64;
  public readonly instanceTypes: Accelerator[];
  private readonly shape: PoolShape;

  constructor(options: AcceleratedPoolOptions = {}) {
    this.shape = new PoolShape({
      pool: 'InferentiaPool',
      kind: this.kind,
      architecture: this.architecture,
      defaultFamilies: ['inf2'],
      options,
    });
    this.instanceTypes = this.shape.selection.types;
  }

  public bind(context: NodePoolContext): NodePoolConfig {
    return bindNodePool(this.shape, context);
  }
}
