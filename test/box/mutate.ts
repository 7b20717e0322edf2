/**
 * Breaks each property that a scenario claims to hold, one at a time in a copy of the tree, and shows what noticed.
 *
 *   npm run test:mutations                                          all of them: hours
 *   npm run test:mutations -- --boxes 4 zones disruption            of some scenarios, four at a time: 2.5 GiB of memory each
 *   npm run test:mutations -- --breaks 'spread over zones' zones    those whose sentence has this in it
 *
 * The lists are in test/box/mutations, one file a scenario. A mutation that no test notices, or that does not even run, is an error.
 * Before a mutation is tried, its tests have passed without it: what fails anyway catches nothing.
 */
import { parseArgs } from 'node:util';
import { MutatedTree, requireApplicable, type Tests } from './harness/mutated-tree';
import { ReusedBox } from './harness/reused-box';
import { allMutations } from './mutations';
import type { Mutation } from './mutations/mutation';

/** Tests, and the mutations that they have to notice. */
interface Group {
  readonly tests: Tests;
  readonly waiting: Mutation[];
  /** Whether the tests pass without a mutation. */
  state: 'unknown' | 'asked' | 'sound';
}

/** A place where one mutation at a time is tried. */
interface Place {
  readonly tree: MutatedTree;
  readonly box: ReusedBox;
}

function grouped(mutations: readonly Mutation[]): Group[] {
  const groups = new Map<string, Group>();
  for (const mutation of mutations) {
    const tests = { scenario: mutation.caughtBy, named: mutation.tests };
    const key = JSON.stringify(tests);
    const group = groups.get(key) ?? { tests, waiting: [], state: 'unknown' };
    group.waiting.push(mutation);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.waiting.length - a.waiting.length); // the long ones first, so that all places end together
}

/** Hands out the work, and counts what came of it. */
class Run {
  public caught = 0;
  public missed = 0;

  constructor(private readonly groups: readonly Group[]) {}

  /** Works until there is nothing left to do. */
  public async workAt(place: Place): Promise<void> {
    for (;;) {
      const ready = this.groups.find(({ state, waiting }) => state === 'sound' && waiting.length > 0);
      const unknown = this.groups.find(({ state }) => state === 'unknown');
      if (ready !== undefined) await this.tryOne(ready, place);
      else if (unknown !== undefined) await this.askFor(unknown, place);
      else if (this.groups.some(({ state }) => state === 'asked')) await new Promise((resolve) => setTimeout(resolve, 1000)); // its mutations come next
      else return;
    }
  }

  private async askFor(group: Group, { tree, box }: Place): Promise<void> {
    group.state = 'asked';
    const begin = Date.now();
    const { scenario, named } = group.tests;
    const broken = await tree.failures(group.tests, box.stateFile).catch((error: unknown) => [messageOf(error)]);
    if (broken.length === 0) await box.accept();
    else await box.restore();
    report(broken.length === 0 ? 'sound' : 'UNSOUND', `the tests of '${named ?? 'everything'}' without a mutation`, `${scenario}, ${secondsSince(begin)} s`, broken);
    if (broken.length > 0) this.missed += group.waiting.splice(0).length;
    group.state = 'sound';
  }

  private async tryOne(group: Group, { tree, box }: Place): Promise<void> {
    const mutation = group.waiting.shift();
    if (mutation === undefined) return;
    const begin = Date.now();
    const failures = await tree.failuresWith(mutation, box.stateFile).catch((error: unknown) => new Error(messageOf(error)));
    const noticed = !(failures instanceof Error) && failures.length > 0;
    this[noticed ? 'caught' : 'missed'] += 1;
    report(
      noticed ? 'caught' : 'MISSED', mutation.breaks, `${mutation.file}, by ${mutation.caughtBy}, ${secondsSince(begin)} s`,
      failures instanceof Error ? [failures.message] : failures,
    );
    await box.restore();
  }
}

function report(verdict: string, what: string, where: string, details: readonly string[]): void {
  console.log([`${verdict.padEnd(8)} ${what}`, where, ...details.map((detail) => `- ${detail}`)].join('\n         '));
}

function secondsSince(begin: number): number {
  return Math.round((Date.now() - begin) / 1000);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { boxes: { type: 'string', default: '1' }, breaks: { type: 'string', multiple: true } } });
  const boxes = Number(values.boxes);
  if (!Number.isInteger(boxes) || boxes < 1 || boxes > 8) throw new Error(`'--boxes' (${values.boxes}) must be a whole number between 1 and 8: write --boxes 2`);
  const all = await allMutations();
  requireApplicable(all);
  const scenarios = [...new Set(all.map(({ caughtBy }) => caughtBy))];
  const unknown = positionals.filter((name) => !scenarios.includes(name));
  if (unknown.length > 0) throw new Error(`no mutations for '${unknown.join("', '")}': there are some for ${scenarios.join(', ')}`);
  const chosen = all.filter(({ caughtBy, breaks }) => (positionals.length === 0 || positionals.includes(caughtBy))
    && (values.breaks === undefined || values.breaks.some((text) => breaks.includes(text))));
  if (chosen.length === 0) throw new Error(`no mutation breaks '${values.breaks?.join("' or '")}': the sentences are in test/box/mutations`);
  const run = new Run(grouped(chosen));

  const places: Place[] = [];
  const end = (): Promise<unknown> => {
    places.forEach(({ tree }) => tree.dispose()); // first, or its tests would go on without their box
    return Promise.allSettled(places.map(({ box }) => box.stop()));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end().then(() => process.exit(1)));
  let started = Promise.resolve();
  const working = Array.from({ length: boxes }, async (_, index) => {
    // one after another, or each waits for the others; the first works meanwhile
    const box = started.then(() => ReusedBox.start((line) => console.error(`box ${index + 1}: ${line}`)));
    started = box.then(() => undefined);
    const place = { tree: new MutatedTree(), box: await box };
    places.push(place);
    await run.workAt(place);
  });
  try {
    await Promise.all(working);
  } finally {
    await end();
  }
  console.log(`\n${run.caught} of ${run.caught + run.missed} mutations caught`);
  if (run.missed > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
