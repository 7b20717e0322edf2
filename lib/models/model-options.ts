import type { ModelArchitecture } from './model-architecture';
import type { ModelTask } from './model-task';
import type { WeightsFormat } from './weights-format';

/** Facts of a model, and how it is served. What is given here wins over the catalogue. */
export interface ModelOptions {
  /**
   * Branch, tag or commit of the repository. Pin a commit in production: a repository can change under its name.
   * @default - the newest commit of the default branch when the pod starts
   */
  readonly revision?: string;

  /**
   * The name that clients send as `model`.
   * @default - the repository id
   */
  readonly servedName?: string;

  /**
   * Whether the repository gives its files only to accounts that accepted its terms, so that a token is needed.
   * @default - as the catalogue says, else false
   */
  readonly gated?: boolean;

  /**
   * Size of the weight files that are loaded, in GiB, without duplicates in other formats.
   * @default - as the catalogue says, else parameters × bytes of the format
   */
  readonly weightsGiB?: number;

  /**
   * Size of the whole repository, in GiB, duplicates in other formats included: what a plain copy takes on disk.
   * @default - the size of the weights
   */
  readonly repositoryGiB?: number;

  /**
   * Parameters, in billions.
   * @default - as the catalogue says, else not known
   */
  readonly parametersBillions?: number;

  /**
   * Parameters that one token uses, in billions: less than all in a mixture of experts.
   * @default - as the catalogue says, else not known
   */
  readonly activeParametersBillions?: number;

  /**
   * Number format of the weights.
   * @default - as the catalogue says, else WeightsFormat.BF16
   */
  readonly format?: WeightsFormat;

  /**
   * Shape of the model.
   * @default - as the catalogue says, else not known: nothing is checked
   */
  readonly architecture?: ModelArchitecture;

  /**
   * What the model is for.
   * @default - as the catalogue says, else ModelTask.TEXT_GENERATION
   */
  readonly task?: ModelTask;

  /**
   * Parser of tool calls, by vLLM's name (`hermes`, `openai`).
   * @default - as the catalogue says, else none
   */
  readonly toolCallParser?: string;

  /**
   * Parser of reasoning, by vLLM's name (`qwen3`, `deepseek_r1`).
   * @default - as the catalogue says, else none
   */
  readonly reasoningParser?: string;
}
