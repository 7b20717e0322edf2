import type { Mutation } from './mutation';

const app = { caughtBy: 'plan-and-karpenter', tests: 'given the app of inference.yaml' };
const pools = { caughtBy: 'plan-and-karpenter', tests: 'given pools that are limited' };
const isolation = { caughtBy: 'plan-and-karpenter', tests: 'given servers with accelerators' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...pools,
    breaks: 'types beyond a limit are not planned',
    file: 'lib/karpenter-choice.ts',
    replace: 'withinLimits(capacity(type, shape), limit)',
    by: 'withinLimits(capacity(type, shape), new Map()) || limit.size > 0',
  },
  {
    ...pools,
    breaks: 'the heavier pool is planned first',
    file: 'lib/plan/private/choose-nodes.ts',
    replace: 'weight(b) - weight(a)',
    by: '0 * weight(a)',
  },
  {
    ...pools,
    breaks: 'of pools of the same weight the last by name is planned first',
    file: 'lib/plan/private/choose-nodes.ts',
    replace: '(a.name < b.name ? 1 : -1)',
    by: '(a.name < b.name ? -1 : 1)',
  },
  {
    ...pools,
    breaks: 'a pool whose taint is not tolerated is not planned',
    file: 'lib/karpenter-choice.ts',
    replace: 'if (taint) return refuse',
    by: "if (taint?.key === 'none') return refuse",
  },
  {
    ...pools,
    breaks: 'DaemonSets take their part of what is planned',
    file: 'lib/plan/private/choose-nodes.ts',
    replace: 'daemons: [...daemons]',
    by: 'daemons: [...daemons].slice(daemons.length)',
  },
  {
    ...pools,
    breaks: 'the plan knows where a type is sold',
    file: 'lib/plan/private/choose-nodes.ts',
    replace: 'Regions.zonesSelling(region, instanceType)',
    by: "['usw2-az1', instanceType]",
  },
  {
    ...pools,
    breaks: 'nobody gets spot capacity who did not ask for it',
    file: 'lib/node-pools/node-pool-spec.ts',
    replace: '[CapacityType.RESERVED, CapacityType.ON_DEMAND]',
    by: '[CapacityType.RESERVED, CapacityType.ON_DEMAND, CapacityType.SPOT]',
  },
  {
    ...pools,
    breaks: 'nodes are bought as the pool says',
    file: 'lib/node-pools/node-pool-spec.ts',
    replace: 'values: options.capacityTypes ?? byDefault',
    by: 'values: byDefault',
  },
  {
    ...app,
    breaks: 'the plan names the types in the order of their prices',
    file: 'lib/plan/private/choose-nodes.ts',
    replace: 'choice.candidates.map(',
    by: '[...choice.candidates].reverse().map(',
  },
  {
    caughtBy: 'plan-and-karpenter', tests: 'given an app whose models take more',
    breaks: 'a pool is limited',
    file: 'lib/node-pools/node-pool-spec.ts',
    replace: '...(taintKey && devices !== undefined && { [taintKey]: `${devices}` }),',
    by: '...(taintKey && devices !== undefined && { [taintKey]: `${devices * 8}` }),',
  },
  {
    ...isolation,
    breaks: 'a server stays away from smaller GPUs, whatever it tolerates',
    file: 'lib/accelerators/accelerator.ts',
    replace: "const devices = this.fractional ? [name] : [name, count('gpu-count')];",
    by: "const devices = [{ ...name, operator: 'NotIn', values: ['none'] }, count('gpu-count')];",
  },
  {
    ...isolation,
    breaks: 'a server stays on its family, whatever it tolerates',
    file: 'lib/accelerators/accelerator.ts',
    replace: "const family = { key: labels.instanceLabel('family'), operator: 'In', values: [this.family] };",
    by: "const family = { key: labels.instanceLabel('family'), operator: 'NotIn', values: ['none'] };",
  },
  {
    ...isolation,
    breaks: 'controllers tolerate the taint of the system nodes',
    file: 'constructs/addons/addon.ts',
    replace: "[{ key: 'CriticalAddonsOnly', operator: 'Exists' }]",
    by: "[{ key: 'CriticalAddonsNever', operator: 'Exists' }]",
  },
];
