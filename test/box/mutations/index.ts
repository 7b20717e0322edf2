import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutation } from './mutation';

const NOT_LISTS = ['index.ts', 'mutation.ts'];

/** All mutations: of every list in this folder. */
export async function allMutations(): Promise<Mutation[]> {
  const files = readdirSync(__dirname).filter((file) => !NOT_LISTS.includes(file)).sort();
  const lists = await Promise.all(files.map((file) => import(join(__dirname, file)) as Promise<{ readonly MUTATIONS: readonly Mutation[] }>));
  return lists.flatMap(({ MUTATIONS }) => MUTATIONS);
}
