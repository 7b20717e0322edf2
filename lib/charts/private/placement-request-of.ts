import { WeightsSource } from '../../models/weights';
import type { PlacementRequest } from '../../placement-request';
import type { ModelServerChartOptions } from '../model-server-chart';

/**
 * What has to be placed for a model server: the chart that refuses what does not fit and the plan that shows it ask the
 * same question.
 *
 * @internal
 */
export function placementRequestOf(props: ModelServerChartOptions): PlacementRequest {
  const { model, accelerator, engine, topology, weights, parallelism, contextLength, concurrency } = props;
  return {
    model,
    accelerator,
    nodes: topology?.nodesPerReplica ?? 1,
    parallelism,
    contextLength,
    concurrency,
    streamed: weights?.source === WeightsSource.S3 && engine.streams(accelerator),
    ...engine.memory,
  };
}
