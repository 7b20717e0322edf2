import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Authority } from './certificates';
import type { Child } from './child';
import { Cluster } from './cluster';
import type { Addresses, BoxContext, Component, ControlPlane } from './component';
import { COMPONENTS } from './components';
import { installDefinitions } from './definitions';
import { Metrics } from './metrics';
import { Network } from './network';
import { requireFreePort } from './ports';
import { Tools } from './tools';

/** Set for the tests by the global setup: the files with the states of the running boxes, one for each of jest's workers. */
export const STATE_VARIABLE = 'CDK_EKS_INFERENCE_BOX';

export interface BoxProps {
  /** Names of the components that are wanted; what they need comes with them. @default - all */
  readonly components?: readonly string[];
  /** Names of components that do not run, and whose custom resources can be written nevertheless. @default - none */
  readonly definitionsOf?: readonly string[];
  /** @default "kube", the newest that EKS runs */
  readonly controlPlane?: ControlPlane;
  /** Name of the EKS cluster that the box plays. @default "inference", as in the default app */
  readonly clusterName?: string;
  /** Region whose instance types and zones moto answers with. @default us-west-2, one of the four regions with four zones */
  readonly region?: string;
  /** Port of the API server on the loopback address. @default - a free one */
  readonly port?: number;
  /** Gets one line whenever a component is ready. @default - silent */
  readonly log?: (line: string) => void;
}

interface State {
  readonly folder: string;
  readonly token: string;
  readonly clusterName: string;
  readonly region: string;
  readonly addresses: Addresses;
}

/** A running cloud: API server, controllers, AWS. */
export class Box {
  /** Starts a box; when one of its components cannot start, none is left running. */
  public static async start(props: BoxProps = {}): Promise<Box> {
    const log = props.log ?? (() => undefined);
    const tools = new Tools();
    if (props.port !== undefined) await requireFreePort(props.port);
    const folder = mkdtempSync(join(tmpdir(), 'inference-box-'));
    mkdirSync(join(folder, 'logs'));
    const state: State = {
      folder, token: randomBytes(16).toString('hex'), clusterName: props.clusterName ?? 'inference', region: props.region ?? 'us-west-2',
      addresses: props.port === undefined ? {} : { apiServer: `https://127.0.0.1:${props.port}` },
    };
    const box = new Box(state, tools);
    try {
      await box.startComponents(componentsOf(props), await Authority.create(join(folder, 'certificates')), props.controlPlane ?? 'kube', log);
    } catch (error) {
      await box.stop({ keepLogs: true });
      throw error;
    }
    writeFileSync(join(folder, 'state.json'), JSON.stringify(state), { mode: 0o600 });
    return box;
  }

  /** The box that the global setup of the tests has started for this worker. */
  public static attach(): Box {
    const files = process.env[STATE_VARIABLE]?.split(delimiter) ?? [];
    const file = files[(Number(process.env.JEST_WORKER_ID ?? 1) - 1) % files.length];
    if (file === undefined) throw new Error('no box is running: run the tests by npm run test:cluster');
    return new Box(JSON.parse(readFileSync(file, 'utf8')) as State, new Tools());
  }

  private readonly children: Child[] = [];
  private context?: BoxContext;
  private connection?: Cluster;

  private constructor(private readonly state: State, public readonly tools: Tools) {}

  public get folder(): string {
    return this.state.folder;
  }

  public get logs(): string {
    return join(this.folder, 'logs');
  }

  public get stateFile(): string {
    return join(this.folder, 'state.json');
  }

  public get kubeconfig(): string {
    return join(this.folder, 'kubeconfig');
  }

  public get clusterName(): string {
    return this.state.clusterName;
  }

  public get region(): string {
    return this.state.region;
  }

  /** The API of the box. */
  public get cluster(): Cluster {
    const server = this.state.addresses.apiServer;
    if (server === undefined) throw new Error('the API server is not up yet');
    return (this.connection ??= new Cluster({ server, token: this.state.token, kubeconfig: this.kubeconfig, kubectl: this.tools.binary('kubectl') }));
  }

  /** The servers inside the cluster that controllers talk to. */
  public get network(): Network {
    const address = this.state.addresses.network;
    if (address === undefined) throw new Error('the box was started without the component \'network\'');
    return new Network(address);
  }

  /** What pods use and count, for Kubernetes' own autoscaler. */
  public get metrics(): Metrics {
    const address = this.state.addresses.metrics;
    if (address === undefined) throw new Error('the box was started without the component \'metrics\'');
    return new Metrics(address);
  }

  /** Address of moto. */
  public get aws(): string {
    return this.state.addresses.aws ?? '';
  }

  /** Address of Karpenter's metrics. */
  public get karpenterMetrics(): string {
    return this.state.addresses.karpenterMetrics ?? '';
  }

  /** Address of what moto lacks, and of what tests decide about EC2. */
  public get awsFake(): string {
    return this.state.addresses.awsFake ?? '';
  }

  /** Process ids of the components, by name; empty in a box that was attached to. */
  public get processes(): ReadonlyMap<string, number> {
    return new Map(this.children.flatMap((child) => (child.pid === undefined ? [] : [[child.name, child.pid]])));
  }

  /** Components that have ended by themselves, each with the reason: none, unless something is wrong. */
  public get casualties(): string[] {
    return this.children.filter((child) => !child.running).map((child) => `${child.name} has ended: ${child.lastWords()}`);
  }

  /** Stops everything, the last that was started first, and removes the data. */
  public async stop(options: { readonly keepLogs?: boolean } = {}): Promise<void> {
    // controllers before the API server, or they fill their logs with its absence
    const [last, first] = [this.children.filter(isFoundation), this.children.filter((child) => !isFoundation(child))];
    await Promise.all(first.map((child) => child.stop()));
    for (const child of last.reverse()) await child.stop();
    if (options.keepLogs !== true) rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts one more component, which is stopped with the rest; for what can only begin when something has been done to the box. */
  public async add(component: Component): Promise<void> {
    if (this.context === undefined) throw new Error('only the process that has started a box can add to it');
    this.children.push(...await component.start(this.context));
  }

  /**
   * Starts another version of the control plane on the same data, at the same address, as EKS does: the nodes and all other
   * components go on.
   */
  public async upgrade(controlPlane: ControlPlane): Promise<void> {
    if (this.context === undefined) throw new Error('only the process that has started a box can upgrade it');
    for (const name of [...CONTROL_PLANE].reverse()) {
      const index = this.children.findIndex((child) => child.name === name);
      for (const child of index === -1 ? [] : this.children.splice(index, 1)) await child.stop();
    }
    // what this process has open leads to the server that is gone
    this.connection = undefined;
    const context = { ...this.context, controlPlane, cluster: this.cluster };
    for (const name of CONTROL_PLANE) this.children.push(...await componentNamed(name).start(context));
    this.context = context;
  }

  private async startComponents(
    components: readonly Component[], authority: Authority, controlPlane: ControlPlane, log: (line: string) => void,
  ): Promise<void> {
    const { state, tools, kubeconfig, logs } = this;
    const cluster = (): Cluster => this.cluster;
    const context: BoxContext = {
      folder: state.folder, logs, tools, authority, kubeconfig, token: state.token,
      addresses: state.addresses, clusterName: state.clusterName, region: state.region, controlPlane,
      get cluster() { return cluster(); },
    };
    this.context = context;
    const begin = Date.now();
    const started = new Map<string, Promise<void>>();
    let failed = false;
    for (const component of components) {
      started.set(component.name, (async () => {
        await Promise.all(component.requires.map((name) => started.get(name)));
        if (failed) return;
        const from = Date.now();
        try {
          for (const source of component.definitions ?? []) await installDefinitions(context, source);
          this.children.push(...await component.start(context));
        } catch (error) {
          failed = true; // what has not begun yet does not begin
          throw error;
        }
        log(`${component.name} is up after ${((Date.now() - from) / 1000).toFixed(1)} s (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
      })());
    }
    const results = await Promise.allSettled(started.values());
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw new Error(`box: ${failure.reason instanceof Error ? failure.reason.message : String(failure.reason)}`, { cause: failure.reason });
  }
}

function isFoundation(child: Child): boolean {
  return child.name === 'etcd' || child.name === 'api-server';
}

/** Each after those that it needs. */
const CONTROL_PLANE = ['api-server', 'controller-manager', 'scheduler'] as const;

function componentNamed(name: string): Component {
  const component = COMPONENTS.find((candidate) => candidate.name === name);
  if (component === undefined) throw new Error(`box: no component '${name}': there are ${COMPONENTS.map((x) => x.name).join(', ')}`);
  return component;
}

/** The components that are wanted and all that they need, in the order of the table; of some the custom resources alone. */
function componentsOf({ components, definitionsOf = [] }: BoxProps): readonly Component[] {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    wanted.add(name);
    componentNamed(name).requires.forEach(want);
  };
  (components ?? COMPONENTS.map(({ name }) => name)).forEach(want);
  const silent = definitionsOf.filter((name) => !wanted.has(name)).map(componentNamed);
  return [
    ...COMPONENTS.filter(({ name }) => wanted.has(name)),
    ...silent.map(({ name, definitions }): Component => ({ name: `definitions of ${name}`, requires: ['api-server'], definitions, start: () => Promise.resolve([]) })),
  ];
}
