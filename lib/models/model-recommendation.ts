/** How a model of the catalogue is usually served: a start to change, not a limit. */
export interface ModelRecommendation {
  /** Short name of the engine: `vllm`, `sglang`, `llama-cpp`, `diffusers`. */
  readonly engine: string;

  /** EC2 instance type of every node. */
  readonly instanceType: string;

  /**
   * Nodes of one replica.
   * @default 1
   */
  readonly nodes?: number;

  /**
   * Tensor-parallel size.
   * @default 1
   */
  readonly tensor?: number;

  /**
   * Pipeline-parallel size.
   * @default 1
   */
  readonly pipeline?: number;

  /**
   * Data-parallel size.
   * @default 1
   */
  readonly data?: number;

  /**
   * Whether ranks hold whole experts.
   * @default false
   */
  readonly expert?: boolean;

  /**
   * Context to serve, in tokens.
   * @default - what the model allows and the memory holds
   */
  readonly contextLength?: number;
}
