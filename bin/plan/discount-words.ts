import type { Discount } from '../../lib/cost';
import type { Plan } from '../../lib/plan/plan';

/** `, less 30 % committed (in pool gpu 60 % on spot)`: how much less than list price the amounts are. Empty at list price. */
export function discountWords({ discount, cluster }: Plan): string {
  const everywhere = discount ? shares(discount) : '';
  const own = cluster.pools.flatMap((pool) => {
    const words = pool.discount ? shares(pool.discount) : '';
    return words === '' || words === everywhere ? [] : [`in pool ${pool.name} ${words}`];
  });
  if (everywhere === '') return own.length > 0 ? `, less ${own.join(', ')}` : '';
  return `, less ${everywhere}${own.length > 0 ? ` (${own.join(', ')})` : ''}`;
}

function shares({ committed = 0, spot = 0, spotShare = 0 }: Discount): string {
  const parts = [
    ...(committed > 0 && spotShare < 1 ? [`${percent(committed)} committed`] : []),
    ...(spot > 0 && spotShare > 0 ? [`${percent(spot)} on spot${spotShare < 1 ? `, which ${percent(spotShare)} of the nodes are` : ''}`] : []),
  ];
  return parts.join(' and ');
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
