/** One property of what the library emits, broken on purpose, and the scenario that has to notice. */
export interface Mutation {
  /** The property, as a sentence: "a group stays in one zone". */
  readonly breaks: string;
  /** Source file, from the root of the repository. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly replace: string;
  /** What stands there instead; it must still be TypeScript that runs. */
  readonly by: string;
  /** Scenario file without `.test.ts`. */
  readonly caughtBy: string;
  /** Part of the names of the tests to run, where the whole file would take long. @default - all of the scenario */
  readonly tests?: string;
}
