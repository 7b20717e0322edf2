import type { Mutation } from './mutation';

export const MUTATIONS: readonly Mutation[] = [
  {
    breaks: 'servers that wait together do not share a node that costs more than one for each',
    file: 'lib/accelerators/accelerator.ts',
    replace: "const devices = this.fractional ? [name] : [name, count('gpu-count')];",
    by: 'const devices = [name]; void count;',
    caughtBy: 'packing',
  },
];
