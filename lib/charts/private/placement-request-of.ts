import { WeightsSource } from '../../models/weights';
import type { PlacementRequest } from '../../placement-request';
import { Regions } from '../../regions/regions';
import type { ModelServerChartProps } from '../model-server-chart';

/**
 * What has to be placed for a model server: the chart that refuses what does not fit and the plan that shows it ask the
 * same question.
 *
 * @internal
 */
export function placementRequestOf(props: ModelServerChartProps): PlacementRequest {
  const { model, accelerator, engine, topology, weights, parallelism, contextLength, concurrency, region } = props;
  return {
    model,
    accelerator,
    nodes: topology?.nodesPerReplica ?? 1,
    parallelism,
    contextLength,
    concurrency,
    region: region !== undefined && Regions.isKnown(region) ? region : undefined, // a token is no region yet
    streamed: weights?.source === WeightsSource.S3 && engine.streams(accelerator),
    ...engine.memory,
  };
}
