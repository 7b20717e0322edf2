/** A LoRA adapter that is loaded when the engine starts. */
export interface LoraAdapter {
  /** The name that clients send as `model` to get the adapter. */
  readonly name: string;
  /** Repository id, or a path inside the pod. */
  readonly source: string;
}

/** LoRA adapters of a model server. */
export interface LoraOptions {
  /**
   * Adapters that are there from the start.
   * @default - none
   */
  readonly adapters?: LoraAdapter[];
  /**
   * Adapters in one batch at most.
   * @default - the number of `adapters`, at least 1
   */
  readonly maxAdapters?: number;
  /**
   * Largest rank of an adapter: 1, 8, 16, 32, 64, 128, 256, 320 or 512.
   * @default 16
   */
  readonly maxRank?: number;
  /**
   * Let clients load and unload adapters over HTTP. Anybody who reaches the port can do it: keep it behind a gateway.
   * @default false
   */
  readonly runtimeUpdates?: boolean;
}
