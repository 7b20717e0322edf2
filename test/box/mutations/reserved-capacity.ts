import type { Mutation } from './mutation';

const pods = { file: 'lib/topologies/serving-pod.ts', caughtBy: 'reserved-capacity' };
const nodeClass = { file: 'lib/node-pools/ec2-node-class-spec.ts', caughtBy: 'reserved-capacity' };

export const MUTATIONS: readonly Mutation[] = [
  { ...pods, breaks: 'replicas use a reservation before anything is bought on demand', replace: 'overrides.spreadZones ?? this.props.spreadZones ?? true', by: 'overrides.spreadZones ?? true' },
  { ...nodeClass, breaks: 'a pool finds its reservations', replace: 'options.reservations?.map((reservation) => reservation._ec2Term())', by: 'undefined' },
  {
    file: 'lib/node-pools/capacity-reservation.ts', caughtBy: 'reserved-capacity',
    breaks: 'a pool uses none that it does not name', replace: 'tags: this.reservationTags, ownerID', by: "tags: this.reservationTags && { team: '*' }, ownerID",
  },
  {
    file: 'lib/node-pools/node-pool-spec.ts', caughtBy: 'reserved-capacity',
    breaks: 'reservations come before on-demand capacity', replace: '[CapacityType.RESERVED, CapacityType.ON_DEMAND]', by: '[CapacityType.ON_DEMAND]',
  },
  {
    file: 'lib/node-pools/node-pool-spec.ts', caughtBy: 'reserved-capacity',
    breaks: 'a pool of Capacity Blocks buys nothing else', replace: 'options.capacityBlocksOnly ? [CapacityType.RESERVED]', by: 'options.capacityBlocksOnly ? [CapacityType.RESERVED, CapacityType.ON_DEMAND]',
  },
];
