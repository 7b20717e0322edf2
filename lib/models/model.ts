import { nearestNames } from '../nearest-names';
import { CATALOGUE } from './catalogue';
import { architectureOf } from './config/architecture-of';
import type { ModelArchitecture } from './model-architecture';
import type { ModelOptions } from './model-options';
import type { ModelRecommendation } from './model-recommendation';
import { ModelTask } from './model-task';
import { WeightsFormat } from './weights-format';

/** Longest short name: names of Kubernetes objects are built from it, and have 63 characters. */
const SLUG_LENGTH = 40;

/**
 * A model: a repository id, the name it is served under, and the facts that memory depends on.
 *
 * It holds no engine flags and no images. Popular models are members; `Model.huggingFace()` takes any repository and
 * knows the facts of those in the catalogue, and `Model.fromConfig()` reads the facts of any other from its config.json.
 */
export class Model {
  /** Qwen3 0.6B, for first tests. */
  public static readonly QWEN3_0_6B = Model.huggingFace('Qwen/Qwen3-0.6B');
  /** Qwen3 1.7B. */
  public static readonly QWEN3_1_7B = Model.huggingFace('Qwen/Qwen3-1.7B');
  /** Qwen3 4B. */
  public static readonly QWEN3_4B = Model.huggingFace('Qwen/Qwen3-4B');
  /** Qwen3 8B. */
  public static readonly QWEN3_8B = Model.huggingFace('Qwen/Qwen3-8B');
  /** Qwen3 14B. */
  public static readonly QWEN3_14B = Model.huggingFace('Qwen/Qwen3-14B');
  /** Qwen3 32B. */
  public static readonly QWEN3_32B = Model.huggingFace('Qwen/Qwen3-32B');
  /** Qwen3 30B-A3B, a mixture of experts. */
  public static readonly QWEN3_30B_A3B = Model.huggingFace('Qwen/Qwen3-30B-A3B');
  /** Qwen3 235B-A22B, a mixture of experts. */
  public static readonly QWEN3_235B_A22B = Model.huggingFace('Qwen/Qwen3-235B-A22B');
  /** Qwen3-Coder 480B-A35B, a mixture of experts. */
  public static readonly QWEN3_CODER_480B_A35B = Model.huggingFace('Qwen/Qwen3-Coder-480B-A35B-Instruct');
  /** Llama 3.2 1B. Gated. */
  public static readonly LLAMA_3_2_1B = Model.huggingFace('meta-llama/Llama-3.2-1B-Instruct');
  /** Llama 3.2 3B. Gated. */
  public static readonly LLAMA_3_2_3B = Model.huggingFace('meta-llama/Llama-3.2-3B-Instruct');
  /** Llama 3.1 8B. Gated. */
  public static readonly LLAMA_3_1_8B = Model.huggingFace('meta-llama/Llama-3.1-8B-Instruct');
  /** Llama 3.3 70B. Gated. */
  public static readonly LLAMA_3_3_70B = Model.huggingFace('meta-llama/Llama-3.3-70B-Instruct');
  /** Llama 3.1 405B. Gated. */
  public static readonly LLAMA_3_1_405B = Model.huggingFace('meta-llama/Llama-3.1-405B-Instruct');
  /** Llama 4 Scout 17B with 16 experts. Gated. */
  public static readonly LLAMA_4_SCOUT = Model.huggingFace('meta-llama/Llama-4-Scout-17B-16E-Instruct');
  /** DeepSeek-R1, FP8, a mixture of experts. */
  public static readonly DEEPSEEK_R1 = Model.huggingFace('deepseek-ai/DeepSeek-R1-0528');
  /** DeepSeek-V3, FP8, a mixture of experts. */
  public static readonly DEEPSEEK_V3 = Model.huggingFace('deepseek-ai/DeepSeek-V3-0324');
  /** DeepSeek-R1 distilled into Llama 8B. */
  public static readonly DEEPSEEK_R1_DISTILL_LLAMA_8B = Model.huggingFace('deepseek-ai/DeepSeek-R1-Distill-Llama-8B');
  /** gpt-oss 20B, MXFP4. */
  public static readonly GPT_OSS_20B = Model.huggingFace('openai/gpt-oss-20b');
  /** gpt-oss 120B, MXFP4. */
  public static readonly GPT_OSS_120B = Model.huggingFace('openai/gpt-oss-120b');
  /** Mistral 7B. */
  public static readonly MISTRAL_7B = Model.huggingFace('mistralai/Mistral-7B-Instruct-v0.3');
  /** Mistral Small 24B. */
  public static readonly MISTRAL_SMALL_24B = Model.huggingFace('mistralai/Mistral-Small-24B-Instruct-2501');
  /** Gemma 3 27B, multimodal. Gated. */
  public static readonly GEMMA_3_27B = Model.huggingFace('google/gemma-3-27b-it');
  /** Kimi K2.5, a mixture of experts in 4 bits. */
  public static readonly KIMI_K2_5 = Model.huggingFace('moonshotai/Kimi-K2.5');

  /**
   * A model repository of the Hugging Face hub. Nothing is fetched: the facts are the catalogue's, with the options on top.
   *
   * @throws when the id is not 'owner/name', or an option is not possible
   */
  public static huggingFace(id: string, options: ModelOptions = {}): Model {
    return new Model(id, { ...CATALOGUE.get(id), ...definedOnly(options) });
  }

  /**
   * A model whose facts are read from the text of its config.json.
   *
   * The file does not say how many parameters there are: they are counted from the shape, unless options give them.
   *
   * @throws when the text is not the config of a transformer, naming the field that is missing
   */
  public static fromConfig(id: string, config: string, options: ModelOptions = {}): Model {
    return new Model(id, { ...CATALOGUE.get(id), ...architectureOf(id, config), ...definedOnly(options) });
  }

  /** The ids of all models whose facts are known. */
  public static catalogue(): string[] {
    return [...CATALOGUE.keys()];
  }

  /** The ids of the catalogue that are nearest to this one: for "did you mean". */
  public static nearest(id: string): string[] {
    return nearestNames(id, Model.catalogue());
  }

  /** The repository id: `Qwen/Qwen3-8B`. */
  public readonly id: string;
  /** The name that clients send as `model`. */
  public readonly servedName: string;
  /** Branch, tag or commit. Absent: the newest. */
  public readonly revision?: string;
  /** Whether a token is needed to read the repository. */
  public readonly gated: boolean;
  /** Size of the weight files that are loaded, in GiB, where it was measured. */
  public readonly weightsGiB?: number;
  /** Size of the whole repository, in GiB, where it differs from the weights. */
  public readonly repositoryGiB?: number;
  /** Parameters, in billions. */
  public readonly parametersBillions?: number;
  /** Parameters that one token uses, in billions. */
  public readonly activeParametersBillions?: number;
  /** Number format of the weights. */
  public readonly format: WeightsFormat;
  /** Shape of the model. Absent: not known, so nothing can be checked. */
  public readonly architecture?: ModelArchitecture;
  /** What the model is for. */
  public readonly task: ModelTask;
  /** Parser of tool calls, by vLLM's name. */
  public readonly toolCallParser?: string;
  /** Parser of reasoning, by vLLM's name. */
  public readonly reasoningParser?: string;
  /** How the model is usually served. Absent outside the catalogue. */
  public readonly recommendation?: ModelRecommendation;
  /** A short name for Kubernetes objects: `qwen3-8b`. A DNS label of at most 40 characters. */
  public readonly slug: string;

  private constructor(id: string, facts: ModelOptions) {
    if (!/^[\w.-]+\/[\w.-]+$/.test(id) || id.includes('..')) {
      throw new Error(`'id' (${id}) must be a repository id of the form owner/name, such as Qwen/Qwen3-8B`);
    }
    requirePositive('weightsGiB', facts.weightsGiB);
    requirePositive('repositoryGiB', facts.repositoryGiB);
    requirePositive('parametersBillions', facts.parametersBillions);
    requirePositive('activeParametersBillions', facts.activeParametersBillions);
    if (facts.servedName === '') {
      throw new Error(`'servedName' of ${id} must not be empty: leave it out to serve the model as '${id}'`);
    }
    this.id = id;
    this.servedName = facts.servedName ?? id;
    this.revision = facts.revision;
    this.gated = facts.gated ?? false;
    this.weightsGiB = facts.weightsGiB;
    this.repositoryGiB = facts.repositoryGiB;
    this.parametersBillions = facts.parametersBillions;
    this.activeParametersBillions = facts.activeParametersBillions;
    this.format = facts.format ?? WeightsFormat.BF16;
    this.architecture = facts.architecture;
    this.task = facts.task ?? ModelTask.TEXT_GENERATION;
    this.toolCallParser = facts.toolCallParser;
    this.reasoningParser = facts.reasoningParser;
    this.recommendation = CATALOGUE.get(id)?.recommendation;
    this.slug = slugOf(id);
  }
}

/** The name part of an id as a DNS label: lower case, dots and underscores as hyphens. */
function slugOf(id: string): string {
  const label = id
    .slice(id.indexOf('/') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
  return /^[a-z]/.test(label) ? label : `m-${label}`.slice(0, SLUG_LENGTH).replace(/-+$/, '');
}

function requirePositive(prop: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
    throw new Error(`'${prop}' (${value}) must be greater than 0`);
  }
}

/** Without the props that are given as undefined, which would hide the catalogue's facts. */
function definedOnly(options: ModelOptions): ModelOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
