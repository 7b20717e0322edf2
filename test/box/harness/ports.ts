import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below the ports that connections get for themselves (from 32768 on Linux), which may be taken before a component opens its own. */
const [FIRST, BEYOND] = [12_000, 30_000];

/** Free loopback ports; all are held open until the last one is known, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(FIRST, BEYOND);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => { server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)); });
    if (!free) continue;
    servers.push(server);
    ports.push(port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Throws when a port of the loopback address is taken. */
export async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(port, '127.0.0.1', resolve); });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be opened (${code})`;
    throw new Error(`'port' (${port}) ${reason}: choose another one, or leave it out and get a free one`, { cause: error });
  }
  await new Promise((resolve) => { server.close(resolve); });
}
