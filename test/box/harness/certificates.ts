import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function openssl(...args: string[]): Promise<void> {
  try {
    await run('openssl', args);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('openssl is not installed: install it with the package manager of the system', { cause: error });
    throw error;
  }
}

/** An RSA key, for service account tokens. */
export async function makeKey(file: string): Promise<void> {
  await openssl('genrsa', '-out', file, '2048');
}

/** A certificate authority that lives as long as the box. */
export class Authority {
  public static async create(folder: string): Promise<Authority> {
    await mkdir(folder, { recursive: true });
    const [key, certificate] = [join(folder, 'ca.key'), join(folder, 'ca.crt')];
    await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=box', '-keyout', key, '-out', certificate);
    return new Authority(certificate, key);
  }

  private constructor(public readonly certificate: string, private readonly key: string) {}

  /** Writes tls.key, tls.crt and ca.crt for the loopback address into a folder, for servers and clients. */
  public async issue(folder: string, commonName: string): Promise<{ certificate: string; key: string }> {
    await mkdir(folder, { recursive: true });
    const [key, request, certificate, extensions] = ['tls.key', 'tls.csr', 'tls.crt', 'extensions'].map((name) => join(folder, name)) as [string, string, string, string];
    await writeFile(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
    await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${commonName}`, '-keyout', key, '-out', request);
    await openssl('x509', '-req', '-in', request, '-CA', this.certificate, '-CAkey', this.key, '-CAcreateserial', '-days', '30', '-extfile', extensions, '-out', certificate);
    await writeFile(join(folder, 'ca.crt'), await readFile(this.certificate));
    return { certificate, key };
  }

  public async bundle(): Promise<string> {
    return (await readFile(this.certificate)).toString('base64');
  }
}
