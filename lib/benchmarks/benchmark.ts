import type { k8s } from 'cdk8s-plus-34';
import type { BenchmarkScenario } from './benchmark-scenario';

/** A tool that sends requests to a model server and measures the answers. */
export interface IBenchmark {
  /** The tool's short name: `inference-perf`. */
  readonly name: string;

  /** The container of this tool for a scenario. */
  bind(context: BenchmarkContext): BenchmarkConfig;
}

/** Everything a benchmark tool may depend on. */
export interface BenchmarkContext {
  /** Where requests are sent: `http://chat.inference`. */
  readonly endpoint: string;
  /** The name that is sent as `model`. */
  readonly servedName: string;
  /** Repository whose tokenizer counts tokens. */
  readonly tokenizer: string;
  /** What is asked, how fast and how long. */
  readonly scenario: BenchmarkScenario;
  /** Folder that results are written to. */
  readonly resultsFolder: string;
  /** Folder of the tool's configuration file. */
  readonly configFolder: string;
  /**
   * File with prompts of one's own.
   * @default - prompts are made of random words
   */
  readonly datasetPath?: string;
  /**
   * Column or field of that file that has the prompt.
   * @default - as the tool finds it
   */
  readonly promptField?: string;
  /** Environment variable with the API key, where the server asks for one. */
  readonly apiKeyVariable?: string;
}

/** A container of a benchmark tool. */
export interface BenchmarkConfig {
  /** The container image, with a fixed tag or digest. */
  readonly image: string;
  /**
   * The command.
   * @default - the image's entrypoint
   */
  readonly command?: string[];
  /** The arguments. */
  readonly args: string[];
  /**
   * Environment variables.
   * @default - none
   */
  readonly env?: k8s.EnvVar[];
  /** The tool's configuration: name of the file, and its text. */
  readonly configFile: BenchmarkFile;
}

/** A file. */
export interface BenchmarkFile {
  /** Name, without folders. */
  readonly name: string;
  /** Text. */
  readonly text: string;
}
