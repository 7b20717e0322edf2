import type { NodeLabels } from '../accelerators/node-labels';
import type { KarpenterNodePoolSpec, NodeClassReference, NodePoolBudget, NodeRequirement, NodeTemplateMetadata } from '../resources/node-pool';
import { CapacityType } from './capacity-type';
import { karpenterDuration } from './karpenter-duration';
import { NodeProvisioner } from './node-environment';
import { DisruptionReason, type DisruptionBudget, type NodePoolOptions } from './node-pool-options';
import type { PoolShape } from './pool-shape';

/** vCPUs of a pool without accelerators that caps nothing itself. */
const DEFAULT_VCPUS = 256;

/** Devices of a pool that caps nothing itself, unless its largest node has more. */
const DEFAULT_DEVICES = 8;

/** An empty node serves nobody, so all of them may go at once; others one after the other. */
const DEFAULT_BUDGETS: DisruptionBudget[] = [
  { nodes: '100%', reasons: [DisruptionReason.EMPTY] },
  { nodes: '1', reasons: [DisruptionReason.DRIFTED, DisruptionReason.UNDERUTILIZED] },
];

/**
 * Spec of the NodePool.
 *
 * @internal
 */
export function nodePoolSpec(
  shape: PoolShape,
  provisioner: NodeProvisioner,
  labels: NodeLabels,
  nodeClassRef: NodeClassReference,
): KarpenterNodePoolSpec {
  const { options } = shape;
  const autoMode = provisioner === NodeProvisioner.EKS_AUTO_MODE;
  const { disruption = {} } = options;
  return {
    template: {
      metadata: metadata({ ...deviceLabels(shape, autoMode), ...options.labels }),
      spec: {
        nodeClassRef,
        requirements: [
          { key: 'kubernetes.io/arch', operator: 'In', values: [shape.architecture] },
          { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
          ...capacityRequirements(options, labels),
          ...shape.selection.requirements(labels),
          ...zoneRequirements(options),
        ],
        taints: nonEmptyList([...(shape.taintKey ? [{ key: shape.taintKey, effect: 'NoSchedule' }] : []), ...(options.taints ?? [])]),
        // 20 days and one to drain: EKS Auto Mode ends nodes after 21
        expireAfter: disruption.expireAfter ? karpenterDuration(disruption.expireAfter) : autoMode ? '480h' : 'Never',
        terminationGracePeriod: disruption.terminationGracePeriod
          ? karpenterDuration(disruption.terminationGracePeriod)
          : autoMode
            ? '24h'
            : undefined,
      },
    },
    disruption: {
      consolidationPolicy: 'WhenEmpty',
      consolidateAfter: disruption.consolidateAfter ? karpenterDuration(disruption.consolidateAfter) : '10m',
      budgets: (disruption.budgets ?? DEFAULT_BUDGETS).map(budget),
    },
    limits: limits(shape),
    replicas: options.replicas,
    weight: options.weight,
  };
}

/** Bottlerocket, which Auto Mode runs too, has its own device plugin: the GPU operator must not bring another. */
function deviceLabels(shape: PoolShape, autoMode: boolean): { [key: string]: string } {
  return shape.taintKey === 'nvidia.com/gpu' && (autoMode || shape.runsBottlerocket) ? { 'nvidia.com/gpu.deploy.operands': 'false' } : {};
}

function capacityRequirements(options: NodePoolOptions, labels: NodeLabels): NodeRequirement[] {
  const byDefault = options.capacityBlocksOnly ? [CapacityType.RESERVED] : [CapacityType.RESERVED, CapacityType.ON_DEMAND];
  const types = { key: 'karpenter.sh/capacity-type', operator: 'In', values: options.capacityTypes ?? byDefault };
  if (!options.capacityBlocksOnly) return [types];
  return [types, { key: `${labels.prefix}/capacity-reservation-type`, operator: 'In', values: ['capacity-block'] }];
}

function zoneRequirements({ zones, zoneIds }: NodePoolOptions): NodeRequirement[] {
  return [
    ...(zones ? [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: zones }] : []),
    ...(zoneIds ? [{ key: 'topology.k8s.aws/zone-id', operator: 'In', values: zoneIds }] : []),
  ];
}

function limits({ options, selection, taintKey }: PoolShape): { [resource: string]: string } {
  if (options.replicas !== undefined) return { nodes: `${options.limits?.nodes ?? options.replicas + 1}` };
  if (!options.limits) {
    if (!taintKey) return { cpu: `${DEFAULT_VCPUS}` };
    return { [taintKey]: `${Math.max(DEFAULT_DEVICES, ...selection.types.map((type) => type.nodeDevices))}` };
  }
  const { devices, vcpus, memoryGiB, nodes } = options.limits;
  return {
    ...(taintKey && devices !== undefined && { [taintKey]: `${devices}` }),
    ...(vcpus !== undefined && { cpu: `${vcpus}` }),
    ...(memoryGiB !== undefined && { memory: `${memoryGiB}Gi` }),
    ...(nodes !== undefined && { nodes: `${nodes}` }),
  };
}

function budget({ nodes, schedule, duration, reasons }: DisruptionBudget): NodePoolBudget {
  return { nodes, schedule, duration: duration && karpenterDuration(duration), reasons };
}

function metadata(labels: { [key: string]: string }): NodeTemplateMetadata | undefined {
  return Object.keys(labels).length > 0 ? { labels } : undefined;
}

function nonEmptyList<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
