/**
 * Measures what a cluster makes of many model servers of the library: how long until every pod is bound, what is slow, what it costs.
 *
 *   npm run bench:cluster                                 200 models with 5 replicas each: 1,000 pods, each with a node of its own
 *   npm run bench:cluster -- --models 20 --json           a small one, as JSON
 *
 * It starts a box of its own unless CDK_EKS_INFERENCE_BOX names one; only of its own it can say what memory the processes took.
 *
 * Times are those that the controllers wrote into the objects, to the second. 30 s of every launch are the fake's of the box: an
 * instance becomes a node after that time, as a real one would.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { CapacityType, FixedReplicas, GpuPool } from '../../lib';
import { libraryPool, modelServer, objectsOf } from './fixtures/library';
import { apiRequests, type RequestCount, requestsBetween } from './harness/api-requests';
import { Box, STATE_VARIABLE } from './harness/box';
import { Deployments, NodeClaims, type NodeClaim, type Pod, Pods } from './harness/kinds';
import { type ProcessUsage, usageOf } from './harness/process-usage';
import { eventually } from './harness/wait';
import { Workspace } from './harness/workspace';

const NAMESPACE = 'bench';
const POOL = 'bench';
/** Model servers that are applied by one kubectl. */
const AT_ONCE = 20;

/** One step on the way of a pod from the manifest to its node. */
interface Stage {
  readonly name: string;
  /** Seconds from the beginning until the last pod had passed it. */
  readonly doneAfter: number;
  /** Seconds that it took of a pod: half of them took less. */
  readonly median: number;
  /** Seconds of the slowest pod. */
  readonly longest: number;
}

/** No colours, no lines between the rows. */
const PLAIN = { style: { head: [], border: [] }, chars: { 'mid': '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } };

interface Result {
  readonly machine: string;
  readonly models: number;
  readonly pods: number;
  readonly objects: number;
  readonly nodes: number;
  readonly secondsUntilStored: number;
  readonly secondsUntilBound: number;
  readonly stages: readonly Stage[];
  readonly slowestStage: string;
  readonly apiCalls: number;
  readonly apiCallsByKind: readonly RequestCount[];
  readonly processes: readonly ProcessUsage[];
  readonly peakMemoryMiB: number;
}

async function measure(place: Workspace, models: number, replicas: number, timeoutSeconds: number, log: (line: string) => void): Promise<Result> {
  const { box, cluster } = place;
  const pods = models * replicas;
  const pool = new GpuPool({ families: ['g6'], capacityTypes: [CapacityType.ON_DEMAND], maxPods: 110, limits: { vcpus: 8 * pods } });
  await place.apply(...objectsOf(libraryPool(box, POOL, pool)));

  const servers = Array.from({ length: models }, (_, index) => objectsOf(modelServer({ namespace: NAMESPACE, name: `model-${index}`, scaling: new FixedReplicas(replicas) })));
  const objects = servers.flat();
  const before = await apiRequests(cluster);
  const begin = Date.now();
  const end = begin + timeoutSeconds * 1000;
  const left = (): number => Math.max(1, (end - Date.now()) / 1000);

  for (let first = 0; first < models; first += AT_ONCE) {
    await place.apply(...servers.slice(first, first + AT_ONCE).flat());
    log(`${Math.min(models, first + AT_ONCE)} of ${models} model servers are stored`);
  }
  const secondsUntilStored = since(begin, Date.now());
  let reported = -1;
  await eventually(`${pods} pods are ready`, async () => {
    const ready = (await cluster.list(Deployments, { namespace: NAMESPACE })).reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
    if (Math.floor(ready / 100) !== Math.floor(reported / 100)) log(`${ready} of ${pods} pods are ready`);
    reported = ready;
    if (ready < pods) throw new Error(`${ready} are`);
  }, { seconds: left(), everySeconds: 2 });

  const [storedPods, claims, after] = await Promise.all([cluster.list(Pods, { namespace: NAMESPACE }), cluster.list(NodeClaims), apiRequests(cluster)]);
  const stages = stagesOf(begin, storedPods, claims);
  const apiCallsByKind = requestsBetween(before, after);
  const processes = [...box.processes].map(([name, pid]) => usageOf(name, pid)).sort((a, b) => b.cpuSeconds - a.cpuSeconds);
  return {
    machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    models, pods: storedPods.length, objects: objects.length, nodes: new Set(storedPods.map(({ spec }) => spec.nodeName)).size,
    secondsUntilStored, secondsUntilBound: stages.find(({ name }) => name === 'bound')?.doneAfter ?? NaN,
    stages, slowestStage: stages.reduce((slowest, stage) => (stage.median > slowest.median ? stage : slowest)).name,
    apiCalls: apiCallsByKind.reduce((sum, { count }) => sum + count, 0), apiCallsByKind,
    processes, peakMemoryMiB: processes.reduce((sum, { peakMiB }) => sum + peakMiB, 0),
  };
}

function since(begin: number, moment: number): number {
  return Math.max(0, Math.round((moment - begin) / 100) / 10);
}

/** When a condition became true. */
function became(object: Pod | NodeClaim, type: string): number {
  const condition = object.status?.conditions?.find((one) => one.type === type && one.status === 'True');
  if (condition?.lastTransitionTime === undefined) throw new Error(`${object.metadata.name} has no condition ${type}`);
  return Date.parse(condition.lastTransitionTime);
}

/** The moments of each pod, and of the node that was made for it; several pods may share one. */
function stagesOf(begin: number, pods: readonly Pod[], claims: readonly NodeClaim[]): Stage[] {
  const byNode = new Map(claims.map((claim) => [claim.status?.nodeName, claim]));
  const timelines = pods.map((pod) => {
    const claim = byNode.get(pod.spec.nodeName);
    if (claim === undefined) throw new Error(`${pod.metadata.name} is on ${pod.spec.nodeName}, which Karpenter did not make`);
    return [
      Date.parse(pod.metadata.creationTimestamp ?? ''), Date.parse(claim.metadata.creationTimestamp ?? ''),
      became(claim, 'Launched'), became(claim, 'Registered'), became(pod, 'PodScheduled'), became(pod, 'Ready'),
    ];
  });
  return ['created', 'node claimed', 'node launched', 'node registered', 'bound', 'ready'].map((name, index) => {
    const ends = timelines.map((moments) => moments[index] ?? NaN);
    // a pod may use a node that was there before it
    const took = timelines.map((moments) => since(index === 0 ? begin : moments[index - 1] ?? NaN, moments[index] ?? NaN)).sort((a, b) => a - b);
    return { name, doneAfter: since(begin, Math.max(...ends)), median: took[Math.floor(took.length / 2)] ?? NaN, longest: took.at(-1) ?? NaN };
  });
}

function print(result: Result): void {
  const { models, pods, objects, nodes, machine } = result;
  console.log(`\n${models} model servers, ${objects} objects, ${pods} pods, ${nodes} nodes; ${machine}\n`);
  console.log(`all stored ${result.secondsUntilStored} s, all bound ${result.secondsUntilBound} s after the first apply; slowest stage: ${result.slowestStage}\n`);
  const stages = new Table({ head: ['pods', 'all after', 'median', 'longest'], colAligns: ['left', 'right', 'right', 'right'], ...PLAIN });
  for (const { name, doneAfter, median, longest } of result.stages) stages.push([name, ...[doneAfter, median, longest].map((seconds) => `${seconds} s`)]);
  console.log(stages.toString());
  const calls = new Table({ head: [`${result.apiCalls} API calls`, 'verb', 'count', 'a pod'], colAligns: ['left', 'left', 'right', 'right'], ...PLAIN });
  for (const { verb, resource, count } of result.apiCallsByKind.slice(0, 15)) calls.push([resource, verb, count, (count / pods).toFixed(1)]);
  console.log(calls.toString());
  if (result.processes.length === 0) return;
  const processes = new Table({ head: ['process', 'CPU', 'peak memory'], colAligns: ['left', 'right', 'right'], ...PLAIN });
  for (const { name, cpuSeconds, peakMiB } of result.processes) processes.push([name, `${cpuSeconds.toFixed(0)} s`, `${peakMiB.toFixed(0)} MiB`]);
  processes.push(['all', `${result.processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0).toFixed(0)} s`, `${result.peakMemoryMiB.toFixed(0)} MiB`]);
  console.log(processes.toString());
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`'--${name}' (${text}) must be a whole number, 1 or more`);
  return value;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      models: { type: 'string', default: '200' }, replicas: { type: 'string', default: '5' },
      timeout: { type: 'string', default: '900' }, json: { type: 'boolean', default: false },
    },
  });
  const [models, replicas, timeout] = [whole('models', values.models), whole('replicas', values.replicas), whole('timeout', values.timeout)];
  const log = (line: string): void => console.error(`bench: ${line}`);
  const attached = process.env[STATE_VARIABLE] !== undefined;
  const box = attached ? Box.attach() : await Box.start({ components: ['karpenter', 'scheduler'], log });
  const place = await Workspace.create(box, NAMESPACE);
  const end = (): Promise<void> => (attached ? place.dispose() : box.stop({ keepLogs: process.env.BOX_KEEP_LOGS !== undefined }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    const result = await measure(place, models, replicas, timeout, log);
    if (values.json) console.log(JSON.stringify(result, undefined, 2));
    else print(result);
  } finally {
    await end();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
