import { join } from 'node:path';
import { answers, Child } from '../child';
import type { BoxContext } from '../component';

const BOX = join(__dirname, '..', '..');

/** Where one of the box's own servers listens on the loopback address. */
export interface FakeAddress {
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

/** Starts one of the box's own small servers as a process: it must answer while a test blocks. */
export function startFake(context: BoxContext, name: string, { scheme, port }: FakeAddress, ...args: string[]): Promise<Child> {
  return Child.start({
    name,
    command: process.execPath,
    args: ['-r', join(BOX, 'register.js'), join(BOX, 'fakes', `${name}.ts`), String(port), ...args],
    logFolder: context.logs,
    ready: answers(`${scheme}://127.0.0.1:${port}/-/ready`, 200),
  });
}
