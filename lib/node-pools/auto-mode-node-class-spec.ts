import type { AutoModeNodeClassSpec } from '../resources/auto-mode-node-class';
import type { NodeNetworkInterface } from '../resources/ec2-node-class';
import type { NodeEnvironment } from './node-environment';
import { discoveryTags, nodeIdentity, subnetTerms } from './node-identity';
import type { NodeStorage } from './node-storage';
import type { PoolShape } from './pool-shape';

/** Prefixes of 16 addresses for pods, where nodes with static interfaces are given no more after launch. */
const POD_PREFIXES = 2;

/**
 * Spec of the node class under EKS Auto Mode.
 *
 * @internal
 */
export function autoModeNodeClassSpec(
  shape: PoolShape,
  environment: NodeEnvironment,
  storage: NodeStorage,
  networkInterfaces: NodeNetworkInterface[] | undefined,
): AutoModeNodeClassSpec {
  const { options } = shape;
  return {
    ...nodeIdentity(environment),
    subnetSelectorTerms: subnetTerms(environment),
    securityGroupSelectorTerms: [{ tags: environment.securityGroupTags ?? discoveryTags(environment) }],
    ephemeralStorage: {
      size: `${storage.sizeGiB}Gi`,
      iops: storage.iops,
      throughput: storage.throughputMiBps,
      kmsKeyID: options.dataVolume?.kmsKeyId,
    },
    capacityReservationSelectorTerms: options.reservations?.map((reservation) => reservation._autoModeTerm()),
    placementGroupSelector: options.placementGroup?._selector(),
    advancedNetworking: networkInterfaces && {
      networkInterfaces: networkInterfaces.map((networkInterface) =>
        networkInterface.interfaceType === 'interface' ? { ...networkInterface, secondaryIPv4PrefixCount: POD_PREFIXES } : networkInterface,
      ),
    },
    tags: options.tags,
  };
}
