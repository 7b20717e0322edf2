/** Reads a result file by paths such as `benchmarks.0.duration`. */
export class ResultReader {
  private readonly root: unknown;

  /** @throws when the text is no JSON, or no result of a tool that is known */
  constructor(text: string) {
    try {
      this.root = JSON.parse(text);
    } catch (error) {
      throw new Error(`'result' is not JSON (${(error as Error).message}): give ${FILES}`, { cause: error });
    }
    if (!this.has('benchmarks') && !this.has('successes')) {
      throw new Error(`'result' has neither 'benchmarks' nor 'successes', so it is of no tool that is known: give ${FILES}`);
    }
  }

  public has(path: string): boolean {
    return this.at(path) !== undefined;
  }

  /** @throws when it is no list with something in it */
  public length(path: string): number {
    const value = this.at(path);
    if (Array.isArray(value) && value.length > 0) return value.length;
    throw new Error(`'${path}' of the result (${show(value)}) must be a list of at least one: give ${FILES}`);
  }

  /** @throws when it is no number of at least 0 */
  public amount(path: string): number {
    const value = this.at(path);
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw new Error(`'${path}' of the result (${show(value)}) must be a number of at least 0: give ${FILES}`);
  }

  private at(path: string): unknown {
    return path.split('.').reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), this.root);
  }
}

const FILES = "GuideLLM's benchmarks.json, or a …_lifecycle_metrics.json of inference-perf";

/** A list is an object with numbers for keys. */
function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
