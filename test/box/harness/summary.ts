import { Accelerator } from '../../../lib/accelerators';
import { podsOf } from './admission';
import type { Box } from './box';
import { ApiError } from './cluster';
import { isTrue, NodeClaims, Pods, type KubeObject, type NodeClaim, type Pod } from './kinds';

/** One line for each workload, each node and the whole; the key stays while the text changes. */
export interface Summary {
  readonly lines: ReadonlyMap<string, string>;
  /** Every workload has its pods, and all of them run. */
  readonly settled: boolean;
}

const NAME = 'app.kubernetes.io/name';
const [TYPE, ZONE, CAPACITY] = ['node.kubernetes.io/instance-type', 'topology.kubernetes.io/zone', 'karpenter.sh/capacity-type'] as const;

/** What has become of an app's workloads by now. */
export async function summarize(box: Box, objects: readonly KubeObject[]): Promise<Summary> {
  const workloads = new Set(objects.filter((object) => podsOf([object], '').length > 0).map(workloadOf));
  const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace ?? 'default'));
  const pods = (await Promise.all([...namespaces].map((namespace) => box.cluster.list(Pods, { namespace })))).flat()
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded');
  const claims = await nodeClaims(box);
  const lines = new Map<string, string>();
  let settled = true;
  for (const workload of new Set([...workloads, ...pods.map(workloadOf)])) {
    const own = pods.filter((pod) => workloadOf(pod) === workload);
    const waiting = own.filter(({ status }) => status.phase !== 'Running');
    settled &&= own.length > 0 && waiting.length === 0;
    const reason = waiting[0] === undefined ? '' : await reasonOf(box, waiting[0]);
    lines.set(workload, own.length === 0 ? 'no pods yet' : `${own.length - waiting.length} of ${own.length} pods run${reason}`);
  }
  for (const claim of claims) lines.set(`node ${claim.metadata.name}`, describeNode(claim));
  if (claims.length > 0) lines.set('nodes', costOf(claims, box.region));
  return { lines, settled };
}

function workloadOf({ metadata }: { readonly metadata: KubeObject['metadata'] }): string {
  return `${metadata.namespace ?? 'default'}/${metadata.labels?.[NAME] ?? metadata.ownerReferences?.[0]?.name ?? metadata.name}`;
}

/** Why a pod does not run, in the words of who decided last. */
async function reasonOf(box: Box, { metadata, spec }: Pod): Promise<string> {
  if (spec.nodeName !== undefined) return '';
  const query = encodeURIComponent(`involvedObject.name=${metadata.name}`);
  const { items } = (await box.cluster.call('GET', `/api/v1/namespaces/${metadata.namespace}/events?fieldSelector=${query}`)) as {
    items: readonly { readonly message?: string; readonly metadata: { readonly creationTimestamp: string } }[];
  };
  const last = [...items].sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)).pop();
  return last?.message === undefined ? '' : `: ${last.message.slice(0, 160)}`;
}

async function nodeClaims(box: Box): Promise<NodeClaim[]> {
  try {
    return await box.cluster.list(NodeClaims);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return []; // a box without Karpenter
    throw error;
  }
}

function describeNode(claim: NodeClaim): string {
  const labels = claim.metadata.labels ?? {};
  const type = labels[TYPE];
  if (type === undefined) return 'wanted';
  return `${type}, ${labels[CAPACITY]}, ${labels[ZONE]}, ${isTrue(claim, 'Ready') ? 'ready' : 'launched'}`;
}

/** The nodes together, at the price of the catalogue; types of which it does not know one are counted without. */
function costOf(claims: readonly NodeClaim[], region: string): string {
  const types = claims.flatMap(({ metadata }) => metadata.labels?.[TYPE] ?? []);
  const prices = types.map((type) => (Accelerator.catalogue().includes(type) ? Accelerator.fromInstanceType(type).onDemandUsdPerHour(region) : undefined));
  const known = prices.filter((price) => price !== undefined);
  const total = known.reduce((sum, price) => sum + price, 0).toFixed(2);
  const missing = types.length - known.length;
  return `${claims.length}, ${total} USD an hour on demand${missing === 0 ? '' : `, and ${missing} whose price is not known`}`;
}

/** Shows a summary that changes: rewritten in place on a terminal, elsewhere a line whenever one has changed. */
export class SummaryView {
  private shown: ReadonlyMap<string, string> = new Map();
  private rows = 0;

  constructor(private readonly output: NodeJS.WriteStream, private readonly begin: number = Date.now()) {}

  public show({ lines }: Summary): void {
    const clock = `${((Date.now() - this.begin) / 1000).toFixed(0)} s`;
    if (this.output.isTTY) this.rewrite(clock, lines);
    else {
      for (const [key, text] of lines) if (this.shown.get(key) !== text) this.output.write(`${clock}  ${key}: ${text}\n`);
      for (const key of this.shown.keys()) if (!lines.has(key)) this.output.write(`${clock}  ${key}: gone\n`);
    }
    this.shown = lines;
  }

  /** What is written next does not disturb the summary, and is not overwritten by it. */
  public release(): void {
    this.rows = 0;
  }

  private rewrite(clock: string, lines: ReadonlyMap<string, string>): void {
    const width = this.output.columns;
    const texts = [clock, ...[...lines].map(([key, text]) => `  ${key}: ${text}`)].map((line) => line.slice(0, width - 1));
    const up = this.rows === 0 ? '' : `\u001b[${this.rows}A`;
    this.output.write(`${up}${texts.map((line) => `\u001b[2K${line}`).join('\n')}\n\u001b[0J`);
    this.rows = texts.length;
  }
}
