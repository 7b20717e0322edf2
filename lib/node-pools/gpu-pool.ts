import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import type { AcceleratedPoolOptions } from './accelerated-pool-options';
import { bindNodePool } from './bind-node-pool';
import type { INodePool, NodePoolConfig, NodePoolContext } from './node-pool';
import { PoolShape } from './pool-shape';

/** Options of a pool of NVIDIA GPUs. */
export interface GpuPoolOptions extends AcceleratedPoolOptions {
  /**
   * Processor architecture of the nodes. ARM64 has one family, g5g, which must be named too.
   * @default CpuArchitecture.AMD64
   */
  readonly architecture?: CpuArchitecture;
}

/**
 * Nodes with NVIDIA GPUs.
 *
 * Without options: g5, g6, g6e, gr6 and g7e, whose GPUs compute in bfloat16 and whose driver the EKS AMIs carry. These
 * families come only when they are named:
 *
 * - p4d, p4de, p5, p5e, p5en, p6-b200, p6-b300: bought by reservation more often than on demand, with network cards of
 *   their own. One pool for each lets it launch all EFAs and unpack images as fast as its disks are.
 * - g4dn: the T4 has no bfloat16, no FP8 and no FlashAttention 2.
 * - g5g: arm64, so images built for amd64 do not start, with a T4G (as the T4).
 * - g6f, gr6f: a fraction of an L4, 3 to 11 GiB. EC2 counts no GPU on them, so the pool adds a NodeOverlay (feature gate).
 * - g7: needs NVIDIA driver 595 or newer, and the EKS AMIs carry 580.
 */
export class GpuPool implements INodePool {
  public readonly kind = AcceleratorKind.NVIDIA;
  public readonly architecture: CpuArchitecture;
  public readonly instanceTypes: Accelerator[];
  private readonly shape: PoolShape;

  constructor(options: GpuPoolOptions = {}) {
    this.architecture = options.architecture ?? CpuArchitecture.AMD64;
    if (this.architecture === CpuArchitecture.ARM64 && !options.families && !options.instanceTypes) {
      throw new Error("'architecture' (arm64) needs 'families' or 'instanceTypes', since no family comes unnamed: write families: ['g5g']");
    }
    this.shape = new PoolShape({
      pool: 'GpuPool',
      kind: this.kind,
      architecture: this.architecture,
      defaultFamilies: ['g5', 'g6', 'g6e', 'gr6', 'g7e'],
      options,
    });
    this.instanceTypes = this.shape.selection.types;
  }

  public bind(context: NodePoolContext): NodePoolConfig {
    return bindNodePool(this.shape, context);
  }
}
