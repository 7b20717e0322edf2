import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Construct, type IDependable } from 'constructs';
import { EksAddon } from './eks-addon';
import { ManagedAddon } from './managed-addon';

/** Properties of the EKS add-ons of a cluster. */
export interface EksAddonsProps {
  /** The cluster. */
  readonly cluster: eks.ICluster;

  /**
   * Add-ons beside the defaults; one with the name of a default replaces it.
   *
   * @default - the defaults
   */
  readonly addons?: ManagedAddon[];

  /**
   * EKS Auto Mode starts the nodes: leave out what it has built in.
   *
   * @default false
   */
  readonly autoMode?: boolean;
}

/** The add-ons that EKS manages on a cluster, and their order around its first nodes. */
export class EksAddons extends Construct {
  private readonly installed: { readonly addon: ManagedAddon; readonly construct: EksAddon }[];

  constructor(scope: Construct, id: string, props: EksAddonsProps) {
    super(scope, id);
    const byName = new Map([...ManagedAddon.defaults(), ...(props.addons ?? [])].map((addon) => [addon.name, addon]));
    this.installed = [...byName.values()]
      .filter((addon) => !(props.autoMode && addon.options.builtIntoAutoMode))
      .map((addon) => ({ addon, construct: new EksAddon(this, addon.name, { cluster: props.cluster, addon }) }));
  }

  /** Put the nodes after the add-ons that they need, and before the add-ons that need them. */
  public orderAround(nodes: Construct): void {
    for (const { addon, construct } of this.installed) {
      if (addon.options.beforeNodes) nodes.node.addDependency(construct);
      else if (addon.options.afterNodes ?? true) construct.resource.node.addDependency(nodes);
    }
  }

  /** Let add-ons wait for what their pods need. */
  public waitFor(...needed: IDependable[]): void {
    for (const { construct } of this.installed) construct.resource.node.addDependency(...needed);
  }

  /** The names of the add-ons. */
  public get names(): string[] {
    return this.installed.map(({ addon }) => addon.name);
  }

  /** Cluster DNS, which controllers need to start; empty where it is built in. */
  public get dns(): IDependable[] {
    return this.installed.filter(({ addon }) => addon.name === ManagedAddon.COREDNS.name).map(({ construct }) => construct);
  }
}
