import type { Mutation } from './mutation';

const spec = { file: 'lib/node-pools/node-pool-spec.ts', caughtBy: 'karpenter' };
const nodeClass = { file: 'lib/node-pools/ec2-node-class-spec.ts', caughtBy: 'karpenter' };
const pods = { file: 'lib/topologies/serving-pod.ts', caughtBy: 'karpenter' };
const needs = { file: 'lib/accelerators/accelerator.ts', caughtBy: 'karpenter' };

export const MUTATIONS: readonly Mutation[] = [
  { ...spec, breaks: 'the limit of a pool holds', replace: '...(taintKey && devices !== undefined && { [taintKey]: `${devices}` }),', by: '' },
  { ...spec, breaks: 'an empty pool goes back to zero when it is told to', replace: "disruption.consolidateAfter ? karpenterDuration(disruption.consolidateAfter) : '10m'", by: "'10m'" },
  { ...spec, breaks: 'nodes with GPUs are kept for pods that ask for them', replace: "[{ key: shape.taintKey, effect: 'NoSchedule' }]", by: '[]' },
  { ...spec, breaks: 'only types of the pool\'s families come', replace: '          ...shape.selection.requirements(labels),\n', by: '' },
  { ...nodeClass, breaks: 'the subnets of the cluster are found', replace: 'subnetSelectorTerms: subnetTerms(environment),', by: "subnetSelectorTerms: [{ tags: { other: 'x' } }]," },
  { ...nodeClass, breaks: 'the security group of the cluster is found', replace: 'environment.securityGroupTags ?? discoveryTags(environment)', by: "{ other: 'x' }" },
  { ...pods, breaks: 'replicas spread over zones', replace: 'topologySpreadConstraints: (overrides.spreadZones ?? this.props.spreadZones ?? true)', by: 'topologySpreadConstraints: !(overrides.spreadZones ?? this.props.spreadZones ?? true)' },
  { ...pods, breaks: 'pods of a model tolerate the taint of its device', replace: "effect: 'NoSchedule' }]\n          : undefined,", by: "effect: 'NoExecute' }]\n          : undefined," },
  { ...needs, breaks: 'a pod gets a node with as many devices as it asks for', replace: '[name] : [name, count(\'gpu-count\')]', by: '[name] : [name]' },
  { ...needs, breaks: 'a pod gets the device that it asks for', replace: "{ key: labels.instanceLabel('gpu-name'), operator: 'In', values: [this.deviceName] }", by: "{ key: labels.instanceLabel('gpu-name'), operator: 'Exists' }; if (!this.fractional) return [name, count('gpu-count')]" },
  // the scheduler alone would spread them by a default of its own
  {
    file: 'lib/topologies/private/group.ts', caughtBy: 'karpenter', tests: 'four groups',
    breaks: 'groups spread over zones', replace: 'spreadWith: leaders,', by: 'spreadZones: false,',
  },
  {
    file: 'lib/topologies/disaggregated.ts', caughtBy: 'karpenter', tests: 'several nodes with EFA',
    breaks: 'both sides stay in one zone', replace: 'podAffinity: sameZone(context.selector, engineContext),', by: '',
  },
];
