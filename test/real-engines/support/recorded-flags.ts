import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from './checker';

/** What the flags of a program take: nothing, a value of a kind, or one of a list. */
type Takes = 'nothing' | 'text' | 'integer' | 'number' | readonly string[];

/** The flags of a program that cannot be had here, written down from its source: `fixtures/flags/`. */
export interface RecordedFlags {
  /** The version they were read in. */
  readonly version: string;
  /** Where they were read. */
  readonly source: string;
  /** Arguments without a flag that it takes. */
  readonly positional: number;
  /** Names of metrics that it exports, as far as they are used here. */
  readonly metrics?: readonly string[];
  readonly flags: { readonly [flag: string]: Takes };
}

export function recordedFlags(name: string): RecordedFlags {
  return JSON.parse(readFileSync(join(__dirname, '..', 'fixtures', 'flags', `${name}.json`), 'utf8')) as RecordedFlags; // judged by checks-bite.test.ts
}

/** A verdict on command lines, each unique by its name. */
export function judgeByRecord(program: RecordedFlags, cases: readonly { readonly name: string; readonly args: readonly string[] }[]): Verdict[] {
  return cases.map(({ name, args }) => {
    const errors = [...errorsOf(program, args)];
    return { name, ok: errors.length === 0, errors };
  });
}

function* errorsOf({ flags, positional }: RecordedFlags, args: readonly string[]): Generator<string> {
  let without = 0;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at];
    if (!argument.startsWith('--')) {
      without += 1;
      continue;
    }
    if (!(argument in flags)) {
      yield `unknown flag ${argument}`;
      continue;
    }
    const takes = flags[argument];
    if (takes === 'nothing') continue;
    at += 1;
    const value = args.at(at);
    if (at >= args.length || value === undefined) yield `${argument} has no value`;
    else if (takes === 'integer' && !/^\d+$/.test(value)) yield `${argument} takes an integer, got ${value}`;
    else if (takes === 'number' && Number.isNaN(Number(value))) yield `${argument} takes a number, got ${value}`;
    else if (Array.isArray(takes) && !takes.includes(value)) yield `${argument} takes ${takes.join(', ')}, got ${value}`;
  }
  if (without !== positional) yield `${without} arguments without a flag, ${positional} expected`;
}
