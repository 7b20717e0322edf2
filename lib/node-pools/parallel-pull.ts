import type { Accelerator } from '../accelerators/accelerator';

/** How the SOCI snapshotter pulls one image in parallel. */
export interface ParallelPull {
  /** Bytes of one request: `16mb`. */
  readonly chunkSize: string;
  /** Requests at once. A registry serves 20 to 30 at once per image. */
  readonly downloadsPerImage: number;
  /** Layers unpacked at once. */
  readonly unpacksPerImage: number;
}

/** Slow network or an EBS volume; also what the AL2023 AMI has by itself (amazon-eks-ami, nodeadm). */
const EBS: ParallelPull = { chunkSize: '16mb', downloadsPerImage: 20, unpacksPerImage: 12 };

/** 50 Gbps or more, onto local NVMe. */
const NVME: ParallelPull = { chunkSize: '32mb', downloadsPerImage: 20, unpacksPerImage: 32 };

/** A terabit or more, onto eight NVMe disks: P5, P6, Trainium2. */
const LARGEST: ParallelPull = { chunkSize: '64mb', downloadsPerImage: 30, unpacksPerImage: 48 };

/**
 * The setting for a pool. A node class has one, so it is the one for the weakest type: a setting for faster disks
 * makes slower nodes wait for each other's writes.
 *
 * Source: aws-samples/karpenter-blueprints, SOCI snapshotter; awslabs/soci-snapshotter, parallel mode.
 *
 * @param types the instance types of the pool
 * @param onInstanceStore whether images are kept on local NVMe where there is some
 * @internal
 */
export function parallelPullFor(types: Accelerator[], onInstanceStore: boolean): ParallelPull {
  const onNvme = onInstanceStore && types.length > 0 && types.every((type) => type.localNvmeGB > 0);
  const networkMbps = Math.min(...types.map((type) => type.networkMbps));
  if (!onNvme || networkMbps < 50_000) return EBS;
  return networkMbps < 1_000_000 ? NVME : LARGEST;
}

/** Whether the AL2023 AMI needs to be told nothing but to pull in parallel. */
export function isDefaultOfAl2023(pull: ParallelPull): boolean {
  return pull === EBS;
}
