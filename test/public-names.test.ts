import * as library from '../index';

test('no two public names differ by case only: file systems and documentation of other languages would take them for one', () => {
  const spellings = new Map<string, string[]>();
  for (const name of Object.keys(library)) spellings.set(name.toLowerCase(), [...(spellings.get(name.toLowerCase()) ?? []), name]);
  expect([...spellings.values()].filter((names) => names.length > 1)).toEqual([]);
});
