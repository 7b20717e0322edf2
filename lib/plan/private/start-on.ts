import type { Accelerator } from '../../accelerators/accelerator';
import type { ColdStartRequest } from '../../cold-start';
import type { NodePoolConfig } from '../../node-pools/node-pool';
import { mergePatch } from '../../resources/merge-patch';
import { hasFixedNodes, type PoolOnCluster } from './choose-nodes';

/**
 * The part of a start that the nodes decide.
 *
 * @internal
 */
export type NodeStart = Pick<ColdStartRequest, 'fastImagePull' | 'localNvme' | 'rootVolumeMBps' | 'warmNode'>;

const MB_PER_MIB = 1.048576;

/** Families whose images EKS Auto Mode pulls in parallel, where they have local NVMe (EKS user guide, "Auto Mode"). */
const AUTO_MODE_PARALLEL = /^(g|p|trn)\d/;

/**
 * How the nodes of a pool start: what pulls and keeps the images, and whether a node is there already.
 *
 * @internal
 */
export function startOn(pool: PoolOnCluster, accelerator: Accelerator): NodeStart {
  const disks = pool.config.ec2NodeClass ? ofNodeClass(pool.config, accelerator) : ofAutoMode(pool.config, accelerator);
  return { ...disks, warmNode: hasFixedNodes(pool) };
}

function ofNodeClass(config: NodePoolConfig, accelerator: Accelerator): NodeStart {
  const { spec } = mergePatch({ spec: config.ec2NodeClass }, config.nodeClassOverrides);
  const throughputMiBps = spec?.blockDeviceMappings.at(-1)?.ebs.throughput; // images are on the last: Bottlerocket has its system on the first
  return {
    fastImagePull: config.parallelPull ?? false,
    localNvme: spec?.instanceStorePolicy !== undefined && accelerator.localNvmeGB > 0,
    rootVolumeMBps: megabytes(throughputMiBps),
  };
}

function ofAutoMode({ autoModeNodeClass }: NodePoolConfig, { family, localNvmeGB }: Accelerator): NodeStart {
  return {
    fastImagePull: localNvmeGB > 0 && AUTO_MODE_PARALLEL.test(family),
    localNvme: localNvmeGB > 0,
    rootVolumeMBps: megabytes(autoModeNodeClass?.ephemeralStorage?.throughput),
  };
}

function megabytes(mebibytes: number | undefined): number | undefined {
  return mebibytes === undefined ? undefined : mebibytes * MB_PER_MIB;
}
