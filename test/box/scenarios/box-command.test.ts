import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { ROOT, synthesizeConfig } from '../harness/app';
import { Tools } from '../harness/tools';
import { eventually } from '../harness/wait';

const run = promisify(execFile);

/** The command as `npm run box -- …` runs it once the tools are built, in a process group of its own as a shell would start it. */
class BoxCommand {
  private static readonly started: BoxCommand[] = [];

  /** None outlives the tests, whatever came of them. */
  public static endAll(): void {
    for (const { process } of this.started) if (process.exitCode === null) process.kill('SIGKILL');
  }

  public output = '';
  public readonly exit: Promise<number | null>;
  private readonly process: ChildProcess;

  constructor(...args: readonly string[]) {
    this.process = spawn(process.execPath, ['-r', './test/box/register.js', 'test/box/up.ts', ...args], {
      cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, BOX_COMPONENTS: 'karpenter' },
    });
    for (const stream of [this.process.stdout, this.process.stderr]) stream?.on('data', (data: Buffer) => { this.output += data.toString(); });
    this.exit = new Promise((resolve) => { this.process.once('close', resolve); });
    BoxCommand.started.push(this);
  }

  /** What Ctrl-C does in a terminal: the whole group gets it; npm passes it on once more. */
  public interrupt(): void {
    const { pid } = this.process;
    if (pid === undefined) throw new Error('the command has not started');
    process.kill(-pid, 'SIGINT');
    this.process.kill('SIGINT');
  }

  /** Waits until it prints what matches, and returns what the first group holds. */
  public prints(pattern: RegExp, seconds: number): Promise<string> {
    return eventually(`it prints ${pattern.source}`, () => {
      const match = pattern.exec(this.output);
      if (match === null) throw new Error(this.output.slice(-500));
      return match[1] ?? match[0];
    }, { seconds });
  }
}

/** Processes that have a text among their arguments. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).flatMap((pid) => {
    try {
      const command = readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
      return command.includes(text) ? [`${pid} ${command.slice(0, 100)}`] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

const CONFIG = {
  name: 'Mine', cluster: { name: 'my-cluster' }, region: 'us-east-1',
  nodePools: { gpu: { families: ['g6'], limits: { devices: 4 } } },
  models: { mine: { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge', namespace: 'mine' } },
};

/** What the user has written beside the app, in files whose order is not the one in which they can be applied. */
const BESIDE = {
  '0-used.yaml': [
    { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'defined-later' } },
    {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'beside', namespace: 'expected' },
      spec: {
        priorityClassName: 'made-later',
        tolerations: [{ operator: 'Exists' }], // it goes where the model is
        containers: [{ name: 'beside', image: 'example.com/beside:1', resources: { requests: { cpu: '1m', memory: '1Mi' } } }],
      },
    },
  ],
  '1-needed.yaml': [
    {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.example.com' },
      spec: {
        group: 'example.com', scope: 'Cluster', names: { kind: 'Thing', plural: 'things' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'made-later' }, value: 1000 },
  ],
};

describe('given the app of a user, synthesized', () => {
  const folder = mkdtempSync(join(tmpdir(), 'box-command-'));
  const manifests = join(folder, 'cdk.out', 'manifests');
  let command: BoxCommand;

  beforeAll(async () => {
    await synthesizeConfig(folder, CONFIG);
    for (const [file, objects] of Object.entries(BESIDE)) writeFileSync(join(manifests, file), objects.map((object) => stringify(object)).join('---\n'));
  }, 120_000);

  afterAll(() => {
    BoxCommand.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('when it is put into a box by the command', () => {
    let kubeconfig: string;

    const get = async (...what: readonly string[]): Promise<{ items: readonly Listed[] }> => {
      const env = { KUBECONFIG: kubeconfig, HOME: dirname(kubeconfig) };
      const { stdout } = await run(new Tools().binary('kubectl'), ['get', ...what, '-o', 'json'], { env, maxBuffer: 64 << 20 });
      return JSON.parse(stdout) as { items: readonly Listed[] };
    };

    interface Listed {
      readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
      readonly spec: { readonly nodeName?: string };
      readonly status: { readonly phase?: string; readonly nodeName?: string };
    }

    beforeAll(async () => {
      command = new BoxCommand(manifests);
      kubeconfig = await command.prints(/export KUBECONFIG=(\S+)/, 180);
    }, 200_000);

    test('then its model runs on a node that Karpenter has launched, and kubectl sees it', async () => {
      await command.prints(/all pods run after \d+ s/, 180);
      const [pod, ...others] = (await get('pods', '--namespace', 'mine')).items;
      expect(others).toEqual([]);
      expect(pod?.status.phase).toBe('Running');
      const claims = (await get('nodeclaims')).items;
      expect(claims.map(({ metadata, status }) => [metadata.labels?.['karpenter.sh/nodepool'], metadata.labels?.['node.kubernetes.io/instance-type'], status.nodeName]))
        .toEqual([['gpu', 'g6.xlarge', pod?.spec.nodeName]]);
    }, 200_000);

    test('then it tells what became of the app, in the region of the app and at its prices', () => {
      expect(command.output).toMatch(/applied \d+ objects/);
      expect(command.output).not.toMatch(/left out|refuses/);
      expect(command.output).toMatch(/mine\/mine: 1 of 1 pods run/);
      expect(command.output).toMatch(/g6\.xlarge, on-demand, us-east-1[a-f]/);
      expect(command.output).toMatch(/nodes: 1, \d+\.\d\d USD an hour on demand/);
    });

    test('then what the user has beside it is there, although its files are in another order than it needs', async () => {
      expect((await get('pods,things.example.com', '--namespace', 'expected')).items.map(({ metadata }) => metadata.name)).toEqual(['beside', 'defined-later']);
    });

    test('then Ctrl-C ends it as asked, and leaves no process and no file', async () => {
      const place = dirname(kubeconfig);
      expect(processesWith(place).length).toBeGreaterThan(4);
      command.interrupt();
      expect(await command.exit).toBe(0);
      expect(command.output).toMatch(/everything is stopped, nothing is left\n$/);
      await eventually('its processes are gone', () => { expect(processesWith(place)).toEqual([]); }, { seconds: 10 });
      expect(existsSync(place)).toBe(false);
    }, 60_000);
  });

  describe('when it is asked for what cannot be', () => {
    test.each([
      ['an app that is not there', ['no-such-folder'], "'no-such-folder' does not exist: run npm run synth, or name a folder with manifests"],
      ['a folder without objects', [join(folder, 'empty')], 'has no Kubernetes objects: name the folder that npm run synth has written, cdk.out'],
      ['a port that is none', ['--port', '70000'], "'port' (70000) must be between 1 and 65535: write --port 6443"],
    ])('%s, then it says so and starts nothing', async (_, args, message) => {
      if (args[0] === join(folder, 'empty')) writeFileSync(join(folder, 'empty'), '');
      const refused = new BoxCommand(...args);
      expect(await refused.exit).toBe(1);
      expect(refused.output).toContain(message);
      expect(refused.output).not.toContain('is up');
    });

    test('a port that another program has, then it says so and starts nothing', async () => {
      const server = createServer();
      await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
      const { port } = server.address() as { port: number }; // a TCP server has one
      try {
        const refused = new BoxCommand('--port', String(port));
        expect(await refused.exit).toBe(1);
        expect(refused.output).toContain(`'port' (${port}) is in use by another program: choose another one, or leave it out and get a free one`);
      } finally {
        server.close();
      }
    }, 60_000);
  });
});
