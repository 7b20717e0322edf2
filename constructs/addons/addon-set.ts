import type { Construct } from 'constructs';
import type { AddonContext, IAddon } from './addon';

/** Properties of the add-ons of one cluster. */
export interface AddonSetProps extends AddonContext {
  /**
   * Names of add-ons that are on the cluster already, installed by other means.
   *
   * @default - none
   */
  readonly existing?: string[];
}

/**
 * The add-ons of one cluster: puts them in the order of their `requires`, and nothing else, so that independent ones
 * are installed at the same time.
 *
 * @throws when an add-on is there twice, when one that it requires is missing, and when two cannot live together
 */
export class AddonSet {
  private readonly addons = new Map<string, IAddon>();
  private readonly installed = new Map<string, Construct>();

  constructor(
    private readonly scope: Construct,
    private readonly props: AddonSetProps,
  ) {}

  /** Install add-ons. Those given together may require each other in any order of the list. */
  public add(...addons: IAddon[]): void {
    for (const addon of addons) {
      if (this.has(addon.name)) {
        throw new Error(`the add-on '${addon.name}' is already on the cluster: list it once in 'addons'`);
      }
      this.addons.set(addon.name, addon);
    }
    addons.forEach((addon) => this.checkNeighbours(addon));
    addons.forEach((addon) => this.install(addon, []));
  }

  /** Whether an add-on is on the cluster, by its name. */
  public has(name: string): boolean {
    return this.addons.has(name) || (this.props.existing ?? []).includes(name);
  }

  /** The names of all add-ons on the cluster, in the order they were given. */
  public get names(): string[] {
    return [...(this.props.existing ?? []), ...this.addons.keys()];
  }

  /** Make a construct wait for add-ons, by name. Those that exist already need no waiting. */
  public require(dependent: Construct, ...names: string[]): void {
    for (const name of names) {
      if (!this.has(name)) {
        throw new Error(
          `'${dependent.node.path}' needs the add-on '${name}': add it to 'addons', got [${this.names.join(', ')}]`,
        );
      }
      const construct = this.installed.get(name);
      if (construct) dependent.node.addDependency(construct);
    }
  }

  private install(addon: IAddon, dependents: readonly string[]): Construct {
    const done = this.installed.get(addon.name);
    if (done) return done;
    if (dependents.includes(addon.name)) {
      throw new Error(`add-ons require each other in a circle: ${[...dependents, addon.name].join(' -> ')}`);
    }
    const required = addon.requires.flatMap((name) => {
      const other = this.addons.get(name);
      return other ? [this.install(other, [...dependents, addon.name])] : [];
    });
    const construct = addon.bind(this.scope, this.props);
    required.forEach((dependency) => construct.node.addDependency(dependency));
    this.installed.set(addon.name, construct);
    return construct;
  }

  private checkNeighbours(addon: IAddon): void {
    for (const name of addon.requires) {
      if (!this.has(name)) {
        throw new Error(`the add-on '${addon.name}' needs the add-on '${name}': add it to 'addons', got [${this.names.join(', ')}]`);
      }
    }
    for (const name of this.names) {
      const excludes = addon.conflictsWith.includes(name) || this.addons.get(name)?.conflictsWith?.includes(addon.name);
      if (excludes) {
        throw new Error(`the add-ons '${addon.name}' and '${name}' cannot be on the same cluster: remove one of them`);
      }
    }
  }
}
