import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import { bindNodePool } from './bind-node-pool';
import type { INodePool, NodePoolConfig, NodePoolContext } from './node-pool';
import type { NodePoolOptions } from './node-pool-options';
import { PoolShape } from './pool-shape';

/**
 * Nodes with Graviton processors, for small models without a GPU, embeddings and everything else that has an arm64
 * image.
 *
 * Without options: c7g, c8g, m7g, m8g and r8g without bare metal. The pool has no taint, so a pod that has only an amd64
 * image must say `kubernetes.io/arch: amd64`, or it may start here and fail. Add `taints` to keep it to yourself.
 */
export class GravitonPool implements INodePool {
  public readonly kind = AcceleratorKind.CPU;
  public readonly architecture = CpuArchitecture.ARM64;
  public readonly instanceTypes: Accelerator[];
  private readonly shape: PoolShape;

  constructor(options: NodePoolOptions = {}) {
    this.shape = new PoolShape({
      pool: 'GravitonPool',
      kind: this.kind,
      architecture: this.architecture,
      defaultFamilies: ['c7g', 'c8g', 'm7g', 'm8g', 'r8g'],
      options,
    });
    this.instanceTypes = this.shape.selection.types;
  }

  public bind(context: NodePoolContext): NodePoolConfig {
    return bindNodePool(this.shape, context);
  }
}
