/** A JSON object whose fields are not known to exist or to have the right type. */
export type Json = { readonly [field: string]: unknown };

/** Reads fields of a config.json, the language model's first. */
export class ConfigReader {
  private readonly scopes: Json[];

  constructor(
    public readonly id: string,
    text: string,
  ) {
    let root: unknown;
    try {
      root = JSON.parse(withoutInfinities(text));
    } catch (error) {
      throw new Error(`'config' of ${id} is not JSON (${(error as Error).message}): pass the text of its config.json`, { cause: error });
    }
    if (!isObject(root)) {
      throw new Error(`'config' of ${id} must be a JSON object: pass the text of its config.json`);
    }
    const nested = [root.text_config, root.llm_config, root.language_config].filter(isObject);
    this.scopes = [...nested, root];
  }

  public count(...names: string[]): number | undefined {
    return this.find(names, (value) => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined));
  }

  public requireCount(...names: string[]): number {
    const value = this.count(...names);
    if (value === undefined) {
      throw new Error(`'config' of ${this.id} has no '${names[0]}': pass 'architecture' to Model.huggingFace() instead`);
    }
    return value;
  }

  public flag(name: string): boolean | undefined {
    return this.find([name], (value) => (typeof value === 'boolean' ? value : undefined));
  }

  public string(...names: string[]): string | undefined {
    return this.find(names, (value) => (typeof value === 'string' ? value : undefined));
  }

  public strings(name: string): string[] | undefined {
    return this.find([name], (value) => (Array.isArray(value) ? value.map(String) : undefined));
  }

  public numbers(name: string): number[] | undefined {
    return this.find([name], (value) => (Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : undefined));
  }

  public object(name: string): Json | undefined {
    return this.find([name], (value) => (isObject(value) ? value : undefined));
  }

  private find<T>(names: string[], read: (value: unknown) => T | undefined): T | undefined {
    for (const scope of this.scopes) {
      for (const name of names) {
        const value = read(scope[name]);
        if (value !== undefined) return value;
      }
    }
    return undefined;
  }
}

/** Python writes numbers that JSON does not have: they become null. */
function withoutInfinities(text: string): string {
  return text.replace(/([[,:]\s*)(?:-?Infinity|NaN)(?=\s*[,\]}])/g, '$1null');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
