import { isToken } from '../kubernetes-names';
import type { AcceleratedPoolOptions } from './accelerated-pool-options';
import { CapacityType } from './capacity-type';
import { NodeOs } from './node-os';
import type { DataVolume, DisruptionBudget, NodePoolLimits } from './node-pool-options';

/**
 * Checks what can be known of a pool's options without its cluster.
 *
 * @throws on the first option that cannot work
 * @internal
 */
export function checkNodePoolOptions(options: AcceleratedPoolOptions, accelerated: boolean): void {
  checkCapacity(options);
  checkLimits(options.limits, accelerated);
  checkScaling(options);
  checkAmi(options);
  checkVolume(options);
  checkLabels(options);
  checkZones(options);
  options.disruption?.budgets?.forEach(checkBudget);
  requireInteger('maxPods', options.maxPods, 1, 737);
}

function checkCapacity({ capacityTypes, reservations, capacityBlocksOnly }: AcceleratedPoolOptions): void {
  if (capacityTypes?.length === 0) throw new Error("'capacityTypes' ([]) must name at least one: leave it out for reserved and on-demand");
  if (capacityTypes && new Set(capacityTypes).size < capacityTypes.length) {
    throw new Error(`'capacityTypes' (${capacityTypes.join(', ')}) names one twice`);
  }
  const some = (reservations ?? []).length > 0;
  if (some && capacityTypes && !capacityTypes.includes(CapacityType.RESERVED)) {
    throw new Error(`'reservations' need CapacityType.RESERVED in 'capacityTypes' (${capacityTypes.join(', ')}): add it, or leave 'capacityTypes' out`);
  }
  const reservedOnly = capacityBlocksOnly || (capacityTypes?.length === 1 && capacityTypes[0] === CapacityType.RESERVED);
  if (reservedOnly && !some) {
    const prop = capacityBlocksOnly ? "'capacityBlocksOnly' (true)" : "'capacityTypes' (reserved)";
    throw new Error(`${prop} needs 'reservations', without which no node can come: add CapacityReservation.id('cr-…')`);
  }
  if (capacityBlocksOnly && capacityTypes?.some((type) => type !== CapacityType.RESERVED)) {
    throw new Error(`'capacityBlocksOnly' (true) allows no other 'capacityTypes' (${capacityTypes.join(', ')}): leave them out`);
  }
}

function checkLimits(limits: NodePoolLimits | undefined, accelerated: boolean): void {
  if (!limits) return;
  const { devices, vcpus, memoryGiB, nodes } = limits;
  for (const [name, value] of Object.entries({ devices, vcpus, memoryGiB, nodes })) {
    requireInteger(`limits.${name}`, value, 0);
  }
  if ([devices, vcpus, memoryGiB, nodes].every((value) => value === undefined)) {
    throw new Error("'limits' ({}) must cap at least one of devices, vcpus, memoryGiB and nodes: leave it out for the default");
  }
  if (devices !== undefined && !accelerated) {
    throw new Error(`'limits.devices' (${devices}) cannot be set for a pool without accelerators: use 'limits.vcpus'`);
  }
}

function checkScaling({ replicas, limits, weight }: AcceleratedPoolOptions): void {
  requireInteger('replicas', replicas, 0);
  requireInteger('weight', weight, 1, 100);
  if (replicas === undefined) return;
  if (weight !== undefined) throw new Error(`'weight' (${weight}) cannot be set with 'replicas' (${replicas}): a fixed pool is not chosen by pods`);
  const other = limits && Object.entries(limits).find(([name, value]) => name !== 'nodes' && value !== undefined);
  if (other) throw new Error(`'limits.${other[0]}' (${other[1]}) cannot be set with 'replicas' (${replicas}): only 'limits.nodes' can`);
  if (limits?.nodes !== undefined && limits.nodes < replicas) {
    throw new Error(`'limits.nodes' (${limits.nodes}) must be at least 'replicas' (${replicas}), and one more to replace a node`);
  }
}

/** SOCI is in Bottlerocket since 1.44.0, and on local disks since 1.46.0; in AL2023 AMIs since v20250821. */
function checkAmi({ os = NodeOs.BOTTLEROCKET, amiAlias, parallelPull }: AcceleratedPoolOptions): void {
  if (amiAlias === undefined) return;
  const example = os === NodeOs.BOTTLEROCKET ? 'bottlerocket@v1.64.0' : 'al2023@v20261003';
  const [family, version] = amiAlias.split('@');
  if (family !== os) throw new Error(`'amiAlias' (${amiAlias}) must begin with ${os}@, the 'os' of the pool: write ${example}`);
  if (version === 'latest') {
    throw new Error(`'amiAlias' (${amiAlias}) is not pinned, so every release would replace the nodes: write ${example}`);
  }
  const bottlerocket = /^v1\.(\d+)\.\d+$/.exec(version ?? '');
  const al2023 = /^v(20\d{6})$/.exec(version ?? '');
  if (os === NodeOs.BOTTLEROCKET ? !bottlerocket : !al2023) {
    throw new Error(`'amiAlias' (${amiAlias}) must name a release: write ${example}`);
  }
  if (parallelPull === false) return;
  if ((bottlerocket && Number(bottlerocket[1]) < 46) || (al2023 && Number(al2023[1]) < 20250821)) {
    const first = os === NodeOs.BOTTLEROCKET ? 'bottlerocket@v1.46.0' : 'al2023@v20250821';
    throw new Error(`'amiAlias' (${amiAlias}) is older than ${first} and cannot pull in parallel: take a newer one, or set parallelPull: false`);
  }
}

/** gp3 as EC2 has it since September 2025. */
function checkVolume({ dataVolume, instanceStore }: AcceleratedPoolOptions): void {
  if (!dataVolume) return;
  const { sizeGiB, iops, throughputMiBps, snapshotId, initializationRateMiBps }: DataVolume = dataVolume;
  requireInteger('dataVolume.sizeGiB', sizeGiB, 20, 59_000);
  requireInteger('dataVolume.iops', iops, 3_000, 80_000);
  requireInteger('dataVolume.throughputMiBps', throughputMiBps, 125, 2_000);
  requireInteger('dataVolume.initializationRateMiBps', initializationRateMiBps, 100, 300);
  if (iops !== undefined && throughputMiBps !== undefined && throughputMiBps > iops / 4) {
    throw new Error(
      `'dataVolume.throughputMiBps' (${throughputMiBps}) must be at most a quarter of 'dataVolume.iops' (${iops}): ` +
        `write iops: ${throughputMiBps * 4}`,
    );
  }
  if (snapshotId !== undefined && !isToken(snapshotId) && !/^snap-[0-9a-z]+$/.test(snapshotId)) {
    throw new Error(`'dataVolume.snapshotId' (${snapshotId}) must be the id of a snapshot, such as snap-0123456789abcdef0`);
  }
  if (initializationRateMiBps !== undefined && snapshotId === undefined) {
    throw new Error(`'dataVolume.initializationRateMiBps' (${initializationRateMiBps}) needs 'dataVolume.snapshotId': it is how fast a snapshot is read`);
  }
  if (snapshotId !== undefined && instanceStore) {
    throw new Error("'instanceStore' (true) would hide the images of 'dataVolume.snapshotId' under local NVMe: leave one of them out");
  }
}

function checkLabels({ labels = {}, os = NodeOs.BOTTLEROCKET }: AcceleratedPoolOptions): void {
  for (const key of Object.keys(labels)) {
    const domain = key.includes('/') ? key.split('/')[0] : '';
    if (/(^|\.)(karpenter\.sh|karpenter\.k8s\.aws|eks\.amazonaws\.com)$/.test(domain) || key === 'kubernetes.io/hostname') {
      throw new Error(`'labels' has ${key}, which is set by the provisioner: use a domain of your own`);
    }
    if (key === 'nvidia.com/gpu.present' && os === NodeOs.BOTTLEROCKET) {
      throw new Error(
        `'labels' has ${key}, which would bring the NVIDIA device plugin to Bottlerocket nodes, where it cannot run: ` +
          'Bottlerocket has its own, leave the label out',
      );
    }
  }
}

function checkZones({ zones, zoneIds }: AcceleratedPoolOptions): void {
  if (zones?.length === 0) throw new Error("'zones' ([]) must name at least one: leave it out for all zones of the cluster");
  if (zoneIds?.length === 0) throw new Error("'zoneIds' ([]) must name at least one: leave it out for all zones of the cluster");
  const name = zoneIds?.find((id) => !isToken(id) && !/^[a-z0-9]+-(az|[a-z]+\d+-az)\d+$/.test(id));
  if (name) throw new Error(`'zoneIds' has ${name}, which is no zone id such as usw2-az1: names such as us-west-2a belong in 'zones'`);
}

function checkBudget({ nodes, schedule, duration }: DisruptionBudget): void {
  if (!/^((100|[0-9]{1,2})%|[0-9]+)$/.test(nodes)) {
    throw new Error(`'disruption.budgets.nodes' (${nodes}) must be a number of nodes or a percentage up to 100%: write '1' or '10%'`);
  }
  if ((schedule === undefined) !== (duration === undefined)) {
    const [has, lacks] = schedule === undefined ? ['duration', 'schedule'] : ['schedule', 'duration'];
    throw new Error(`'disruption.budgets.${has}' must be set together with 'disruption.budgets.${lacks}'`);
  }
  if (duration !== undefined && duration.toSeconds() % 60 !== 0) {
    throw new Error(`'disruption.budgets.duration' (${duration.toSeconds()} s) must be whole minutes`);
  }
}

function requireInteger(prop: string, value: number | undefined, min: number, max = Number.MAX_SAFE_INTEGER): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  const allowed = max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer between ${min} and ${max}`;
  const nearest = Math.min(Math.max(Math.round(value) || min, min), max);
  throw new Error(`'${prop}' (${value}) must be ${allowed}: write ${nearest}`);
}
