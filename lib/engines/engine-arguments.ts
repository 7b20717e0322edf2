/** One engine argument: a flag of its command line and, in snake case, a keyword of its configuration. */
interface EngineArgument {
  readonly flag: string;
  readonly value: ArgumentValue;
}

/** What JSON can hold. */
export type ArgumentValue = string | number | boolean | readonly ArgumentValue[] | { readonly [key: string]: ArgumentValue };

/**
 * The arguments of an engine, once: as a command line for a container, as keywords for Ray Serve and Triton.
 *
 * Objects become JSON, `true` a bare flag, `false` its `--no-` form, and numbers never take an exponent.
 *
 * @internal
 */
export class EngineArguments {
  private readonly entries: EngineArgument[] = [];

  /** Adds a flag (kebab case, without dashes); `undefined` is left out. */
  public set(flag: string, value: ArgumentValue | undefined): this {
    if (value === undefined) return this;
    const known = this.entries.findIndex((entry) => entry.flag === flag);
    if (known >= 0) this.entries[known] = { flag, value };
    else this.entries.push({ flag, value });
    return this;
  }

  /** Takes a flag back. */
  public remove(flag: string): this {
    const known = this.entries.findIndex((entry) => entry.flag === flag);
    if (known >= 0) this.entries.splice(known, 1);
    return this;
  }

  /** Adds all arguments of another set; they win. */
  public setAll(other: EngineArguments | undefined): this {
    other?.entries.forEach(({ flag, value }) => this.set(flag, value));
    return this;
  }

  /** The value of a flag, if set. */
  public get(flag: string): ArgumentValue | undefined {
    return this.entries.find((entry) => entry.flag === flag)?.value;
  }

  /** The command line. */
  public toCommandLine(): string[] {
    return this.entries.flatMap(({ flag, value }) => {
      if (value === true) return [`--${flag}`];
      if (value === false) return [`--no-${flag}`];
      if (Array.isArray(value)) return [`--${flag}`, ...value.map(render)];
      return [`--${flag}`, render(value)];
    });
  }

  /** The same arguments as keywords: `max-model-len` is `max_model_len`. */
  public toKeywords(): { [keyword: string]: ArgumentValue } {
    return Object.fromEntries(this.entries.map(({ flag, value }) => [flag.replace(/-/g, '_'), value]));
  }
}

function render(value: ArgumentValue): string {
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'number' ? value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 12 }) : String(value);
}
