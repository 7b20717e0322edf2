import { WeightsSource } from '../models/weights';
import { Versions } from '../versions';
import type { EngineContext, EngineInitContainer } from './engine';

/** Where an engine that cannot stream finds the weights, and what must run before it. */
export interface LocalWeights {
  /** Repository id or folder. */
  readonly location: string;
  /** What copies the weights, when they are in a bucket. */
  readonly initContainers?: EngineInitContainer[];
}

/** Folder of the node's disk that weights are copied to. */
const FOLDER = '/cache/weights';

/**
 * The weights for an engine that reads files and has no streamer: from a bucket they are copied to the node's disk
 * before each start. A start is quicker from a volume that is shared and cached: Weights.volume() with Mountpoint for S3.
 *
 * @internal
 */
export function localWeights(context: EngineContext): LocalWeights {
  const { weights, model } = context;
  if (weights.source !== WeightsSource.S3) return { location: weights.modelArgument(model) };
  return { location: FOLDER, initContainers: [copyFolder('copy-weights', weights.modelArgument(model), FOLDER)] };
}

/**
 * A container that copies a prefix of a bucket to a folder, without files of some patterns.
 *
 * @internal
 */
export function copyFolder(name: string, from: string, to: string, exclude: string[] = []): EngineInitContainer {
  return {
    name,
    image: Versions.AWS_CLI_IMAGE,
    command: ['aws'],
    args: ['s3', 'sync', from, to, '--only-show-errors', '--no-progress', ...exclude.flatMap((pattern) => ['--exclude', pattern])],
  };
}

/**
 * A container that copies one object of a bucket to a file.
 *
 * @internal
 */
export function copyFile(name: string, from: string, to: string): EngineInitContainer {
  return {
    name,
    image: Versions.AWS_CLI_IMAGE,
    command: ['aws'],
    args: ['s3', 'cp', from, to, '--only-show-errors', '--no-progress'],
  };
}
