import { join } from 'node:path';
import { answers, Child } from '../child';
import type { BoxContext } from '../component';

const BOX = join(__dirname, '..', '..');

/** Starts one of the box's own small servers as a process: it must answer while a test blocks. */
export function startFake(context: BoxContext, name: string, port: number, ...args: string[]): Promise<Child> {
  return Child.start({
    name,
    command: process.execPath,
    args: ['-r', join(BOX, 'register.js'), join(BOX, 'fakes', `${name}.ts`), String(port), ...args],
    logFolder: context.logs,
    ready: answers(`http://127.0.0.1:${port}/-/ready`, 200),
  });
}
