import type { NodeNetworkInterface, Ec2NodeClassSpec } from '../resources/ec2-node-class';
import { Versions } from '../versions';
import { al2023UserData } from './al2023-user-data';
import { bottlerocketUserData } from './bottlerocket-user-data';
import { discoveryTags, nodeIdentity, subnetTerms } from './node-identity';
import type { NodeEnvironment } from './node-environment';
import { NodeOs } from './node-os';
import type { NodeStorage } from './node-storage';
import { parallelPullFor } from './parallel-pull';
import type { PoolShape } from './pool-shape';

/**
 * Spec of the node class under Karpenter.
 *
 * @internal
 */
export function ec2NodeClassSpec(
  shape: PoolShape,
  environment: NodeEnvironment,
  storage: NodeStorage,
  networkInterfaces: NodeNetworkInterface[] | undefined,
): Ec2NodeClassSpec {
  const { options } = shape;
  const os = options.os ?? NodeOs.BOTTLEROCKET;
  return {
    ...nodeIdentity(environment),
    amiSelectorTerms: [{ alias: options.amiAlias ?? (os === NodeOs.BOTTLEROCKET ? Versions.BOTTLEROCKET_AMI : Versions.AL2023_AMI) }],
    subnetSelectorTerms: subnetTerms(environment),
    securityGroupSelectorTerms: [{ tags: environment.securityGroupTags ?? discoveryTags(environment) }],
    capacityReservationSelectorTerms: options.reservations?.map((reservation) => reservation._ec2Term()),
    placementGroupSelector: options.placementGroup?._selector(),
    networkInterfaces,
    blockDeviceMappings: storage.blockDeviceMappings(os),
    instanceStorePolicy: storage.instanceStore ? 'RAID0' : undefined,
    metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
    kubelet: options.maxPods === undefined ? undefined : { maxPods: options.maxPods },
    userData: userData(shape, os, storage),
    tags: options.tags,
  };
}

function userData(shape: PoolShape, os: NodeOs, storage: NodeStorage): string | undefined {
  const parallelPull = shape.parallelPull ? parallelPullFor(shape.selection.types, storage.instanceStore) : undefined;
  const { userData } = shape.options;
  return os === NodeOs.BOTTLEROCKET
    ? bottlerocketUserData({ parallelPull, devicesForNonRoot: shape.accelerated, userData })
    : al2023UserData({ parallelPull, userData });
}
