import type { Accelerator } from '../../accelerators/accelerator';
import type { EngineConfig, EngineContext, ServingRole } from '../../engines/engine';
import { WeightsSource } from '../../models/weights';
import type { Parallelism } from '../../parallelism';
import { Placement } from '../../placement';
import type { ServingPod } from '../serving-pod';
import type { TopologyContext } from '../topology';

/** What pods of one side of a model server differ in. Absent members are as in the model server. */
export interface SideProps {
  /** Their instance type. */
  readonly accelerator?: Accelerator;
  /** How the model is split over them. */
  readonly parallelism?: Parallelism;
  /** Nodes of one replica. */
  readonly nodes?: number;
  /** The half of the work they do. */
  readonly role?: ServingRole;
  /** The name in the metrics. */
  readonly servedName?: string;
  /** Further names they answer to. */
  readonly aliases?: string[];
}

/** The engine for one side of a model server. */
export interface Side {
  /** What the engine was bound with. */
  readonly context: EngineContext;
  /** The engine's container. */
  readonly engine: EngineConfig;
  /** Makes the pods. */
  readonly pod: ServingPod;
}

/**
 * Binds the engine once more, for pods that differ from the model server's.
 *
 * @throws when the model does not fit them, naming the cheapest types that hold it
 *
 * @internal
 */
export function side(topology: TopologyContext, props: SideProps): Side {
  const base = topology.engineContext;
  const context: EngineContext = { ...base, ...defined(props), placement: placementOf(topology, props) };
  const engine = topology.engine.bind(context);
  return { context, engine, pod: topology.pod.with(engine, context) };
}

function placementOf({ engine, engineContext }: TopologyContext, { accelerator, parallelism, nodes }: SideProps): Placement {
  const { model, weights, contextLength, concurrency } = engineContext;
  if (!accelerator && !parallelism && (nodes === undefined || nodes === engineContext.nodes)) return engineContext.placement;
  const type = accelerator ?? engineContext.accelerator;
  return Placement.require({
    model,
    accelerator: type,
    nodes: nodes ?? engineContext.nodes,
    parallelism,
    contextLength,
    concurrency,
    streamed: weights.source === WeightsSource.S3 && engine.streams(type),
    ...engine.memory,
  });
}

/** The members that say something of their own. */
function defined({ accelerator, nodes, role, servedName, aliases }: SideProps): Partial<EngineContext> {
  return {
    ...(accelerator && { accelerator }),
    ...(nodes !== undefined && { nodes }),
    ...(role && { role }),
    ...(servedName !== undefined && { servedName }),
    ...(aliases && { aliases }),
  };
}
