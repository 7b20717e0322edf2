/** What a start takes from nothing to the first answer. */
export interface PlannedColdStart extends PlannedStart {
  /** Whether its nodes pull and unpack the layers of an image in parallel. */
  readonly parallelPull: boolean;
  /** Where the weights are read from: `hub`, `s3` or `volume`. */
  readonly weightsFrom: string;
  /** The same start with images pulled layer by layer and weights from the Hugging Face hub. */
  readonly unoptimised: PlannedStart;
  /** The same start with images pulled in parallel and weights streamed from S3. */
  readonly optimised: PlannedStart;
}

/** A start, stage by stage. */
export interface PlannedStart {
  /** Seconds from nothing to the first answer. */
  readonly totalSeconds: number;
  /** The longest stage. */
  readonly limitingStage: string;
  /** The stages in their order. */
  readonly stages: PlannedStage[];
}

/** One stage of a start. */
export interface PlannedStage {
  /** What happens: `node`, `image`, `weights` or `engine`. */
  readonly name: string;
  /** How long it takes, in seconds. */
  readonly seconds: number;
  /** What it waits for most. */
  readonly limitedBy: string;
}
