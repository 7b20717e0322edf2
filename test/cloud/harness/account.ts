import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, Child } from '../../box/harness/child';
import { freePorts } from '../../box/harness/ports';
import { type ToolCall } from './calls';
import { type ProcessResult, run } from './process';
import type { AccountState, StackState } from './state';

const CLOUD = join(__dirname, '..');
const ROOT = join(CLOUD, '..', '..');
const REGION = 'us-west-2';
const ACCOUNT = '123456789012';

/** A real API server for the clusters of the account. */
export interface ClusterBehind {
  readonly kubeconfig: string;
  /** Folder with kubectl and helm. */
  readonly tools: string;
  /** Folder with the charts that can be pulled, each under its name. */
  readonly charts: string;
  /** Their version: another one cannot be pulled. */
  readonly chartVersion: string;
}

export interface AccountProps {
  /** @default - kubectl and helm are written down, and nothing stands behind them */
  readonly cluster?: ClusterBehind;
  /** Run the app from its sources. @default false - as it was built */
  readonly fromSources?: boolean;
}

/** An empty AWS account on a free loopback port, with a project folder that the CDK command runs in. */
export class Account {
  public static async start(props: AccountProps = {}): Promise<Account> {
    const tools = await installTools();
    const folder = mkdtempSync(join(tmpdir(), 'inference-cloud-'));
    const [port] = await freePorts(1);
    const account = new Account(folder, `http://127.0.0.1:${port}`, tools.python);
    try {
      account.writeProject(props.fromSources ?? false);
      account.writeTools(props.cluster);
      account.server = await Child.start({
        name: 'account',
        command: tools.python,
        args: [
          '-B', '-m', 'account', '--port', String(port), '--folder', join(folder, 'functions'),
          '--node', process.execPath, '--node-modules', tools.sdk, '--bin', join(folder, 'bin'),
          '--function-environment', JSON.stringify(account.environmentOfTools(props.cluster)),
        ],
        env: { PYTHONPATH: CLOUD },
        logFolder: folder,
        ready: answers(`${account.endpoint}/moto-api/`, 200),
      });
    } catch (error) {
      await account.stop();
      throw error;
    }
    return account;
  }

  private server?: Child;

  private constructor(private readonly folder: string, public readonly endpoint: string, private readonly python: string) {}

  /** Stops it and removes all its files. */
  public async stop(): Promise<void> {
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Writes the config file of the project. */
  public writeConfig(text: string): void {
    writeFileSync(join(this.folder, 'project', 'inference.yaml'), text);
  }

  /** Runs the real CDK command in the project. */
  public cdk(...args: readonly string[]): Promise<ProcessResult> {
    return run(process.execPath, [join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--no-notices', '--ci'], {
      cwd: join(this.folder, 'project'),
      timeoutSeconds: 280,
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: this.folder, AWS_ENDPOINT_URL: this.endpoint, AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', CDK_VALIDATION: 'false', CDK_DISABLE_CLI_TELEMETRY: '1',
      },
    });
  }

  /** Runs the app, for the last time: the commands that follow take what it has written. */
  public async synthesize(): Promise<void> {
    const assembly = join(this.folder, 'assembly');
    const { code, output } = await this.cdk('synth', '--quiet', '--output', assembly);
    if (code !== 0) throw new Error(output);
    const file = join(this.folder, 'project', 'cdk.json');
    const settings = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...settings, app: assembly }));
  }

  public bootstrap(): Promise<ProcessResult> {
    return this.cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`);
  }

  public deploy(): Promise<ProcessResult> {
    return this.cdk('deploy', '--require-approval', 'never', '--progress', 'events');
  }

  /** Makes each call of kubectl and helm fail that contains the text; without one, none. */
  public refuse(text?: string): void {
    if (text === undefined) rmSync(this.refuseFile, { force: true });
    else writeFileSync(this.refuseFile, text);
  }

  /** The calls of kubectl and helm so far; `helm registry login` and `helm pull` are left out. */
  public calls(): ToolCall[] {
    if (!existsSync(this.callsFile)) return [];
    const calls = readFileSync(this.callsFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as ToolCall);
    return calls.filter(({ tool, args }) => tool !== 'helm' || !['registry', 'pull'].includes(args[0] ?? ''));
  }

  /** What is in the account, read through its APIs. */
  public async state(): Promise<AccountState> {
    return (await this.ask('state.py')) as AccountState;
  }

  /** A stack by its name or, once it is deleted, its id. */
  public async stack(name: string): Promise<StackState> {
    return (await this.ask('stack.py', name)) as StackState;
  }

  /** Names of all stacks, nested ones too. */
  public async stacks(): Promise<string[]> {
    return (await this.ask('stack.py', '--all')) as string[];
  }

  /** What the account's log has that a working account does not: crashes and internal errors, which clients retry in silence. */
  public crashes(): string[] {
    const lines = readFileSync(join(this.folder, 'account.log'), 'utf8').split('\n');
    return lines.filter((line) => /Traceback|"\S* 5\d\d |HTTP\/1\.\d\S*" 5\d\d/.test(line));
  }

  private get callsFile(): string {
    return join(this.folder, 'calls.jsonl');
  }

  private get refuseFile(): string {
    return join(this.folder, 'refuse.txt');
  }

  private async ask(script: string, ...args: readonly string[]): Promise<unknown> {
    const { code, stdout, output } = await run(this.python, ['-B', join(CLOUD, 'account', script), this.endpoint, REGION, ...args], {
      env: { PATH: '/usr/bin:/bin', HOME: this.folder }, timeoutSeconds: 120,
    });
    if (code !== 0) throw new Error(`${script}: ${output.slice(-2000)}`);
    return JSON.parse(stdout);
  }

  /** The default app as a user has it, but compiled already, and in a folder that may be written to. */
  private writeProject(fromSources: boolean): void {
    const built = join(ROOT, 'dist', 'bin', 'app.js');
    if (!fromSources && !existsSync(built)) throw new Error(`${built} is missing: run npm run build`);
    const app = fromSources ? `-r ${join(ROOT, 'test', 'box', 'register.js')} ${join(ROOT, 'bin', 'app.ts')}` : built;
    const settings = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { app: string; build?: string };
    delete settings.build;
    mkdirSync(join(this.folder, 'project'));
    writeFileSync(join(this.folder, 'project', 'cdk.json'), JSON.stringify({ ...settings, app: `${process.execPath} ${app}` }));
    copyFileSync(join(ROOT, 'inference.yaml'), join(this.folder, 'project', 'inference.yaml'));
  }

  private writeTools(cluster?: ClusterBehind): void {
    mkdirSync(join(this.folder, 'bin'));
    const program = cluster === undefined ? `'${this.python}' -B '${join(CLOUD, 'fakes', 'recorder.py')}'` : `'${join(CLOUD, 'fakes', 'cluster-tools.sh')}'`;
    for (const tool of ['kubectl', 'helm', 'aws']) {
      const file = join(this.folder, 'bin', tool);
      writeFileSync(file, `#!/bin/sh\nexec ${program} ${tool} "$@"\n`);
      chmodSync(file, 0o755);
    }
  }

  private environmentOfTools(cluster?: ClusterBehind): Record<string, string> {
    return cluster === undefined
      ? { RECORDER_CALLS: this.callsFile, RECORDER_REFUSE: this.refuseFile }
      : { CLUSTER_KUBECONFIG: cluster.kubeconfig, CLUSTER_TOOLS: cluster.tools, CLUSTER_CHARTS: cluster.charts, CLUSTER_VERSION: cluster.chartVersion };
  }
}

interface InstalledTools {
  readonly python: string;
  /** `node_modules` of the Lambda runtime. */
  readonly sdk: string;
}

async function installTools(): Promise<InstalledTools> {
  const { stdout } = await promisify(execFile)(join(CLOUD, 'build-tools.sh'), [], { timeout: 900_000 });
  const folders = Object.fromEntries(stdout.trim().split('\n').map((line) => line.split(' ') as [string, string]));
  if (folders.python === undefined || folders.sdk === undefined) throw new Error(`build-tools.sh said: ${stdout}`);
  return { python: join(folders.python, 'bin', 'python'), sdk: folders.sdk };
}
