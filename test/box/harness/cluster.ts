import { spawn } from 'node:child_process';
import type { OutgoingHttpHeaders } from 'node:http';
import { Agent } from 'node:https';
import { http } from './http';
import type { KubeObject, Kind } from './kinds';
import { sleep } from './wait';

export interface ClusterProps {
  /** Address of the API server. */
  readonly server: string;
  /** Token of a cluster administrator. */
  readonly token: string;
  /** The kubeconfig that goes with it. */
  readonly kubeconfig: string;
  /** kubectl of the Lambda layer. */
  readonly kubectl: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** In whose name a request is made. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What the API server refused, with its status code. */
export class ApiError extends Error {
  constructor(public readonly status: number, message: string) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The API of the box: reading by plain HTTP (a scenario polls a lot), writing by the real kubectl. */
export class Cluster {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16, rejectUnauthorized: false });

  private readonly discovered = new Map<string, Promise<unknown>>();

  constructor(public readonly props: ClusterProps) {}

  public async get<T>(kind: Kind<T>, name: string, namespace: string = 'default'): Promise<T> {
    return (await this.call('GET', path(kind, namespace, name))) as T;
  }

  public async find<T>(kind: Kind<T>, name: string, namespace: string = 'default'): Promise<T | undefined> {
    try {
      return await this.get(kind, name, namespace);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  public async list<T>(kind: Kind<T>, options: ListOptions = {}): Promise<T[]> {
    const selector = Object.entries(options.labels ?? {}).map(([key, value]) => `${key}=${value}`).join(',');
    const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
    const answer = (await this.call('GET', `${path(kind, options.namespace)}${query}`)) as { items: T[] };
    return answer.items;
  }

  public async remove<T>(kind: Kind<T>, name: string, namespace: string = 'default'): Promise<void> {
    try {
      await this.call('DELETE', path(kind, namespace, name), { propagationPolicy: 'Background' });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** A JSON merge patch; `subresource` is for example "scale" or "status". */
  public async patch<T>(kind: Kind<T>, name: string, namespace: string, patch: object, subresource?: string): Promise<T> {
    const suffix = subresource === undefined ? '' : `/${subresource}`;
    return (await this.call('PATCH', `${path(kind, namespace, name)}${suffix}`, patch, 'application/merge-patch+json')) as T;
  }

  /** The Eviction API, as a drain uses it: refused with 429 by a PodDisruptionBudget. */
  public async evict(name: string, namespace: string): Promise<void> {
    await this.call('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
  }

  /** Server-side apply with strict field validation: an unknown or repeated field is an error, not a warning. */
  public async apply(objects: readonly KubeObject[] | string, ...options: string[]): Promise<string> {
    const text = typeof objects === 'string' ? objects : asStream(objects);
    return this.kubectl(['apply', '--server-side', '--validate=strict', '--force-conflicts', '--field-manager=box', ...options, '-f', '-'], text);
  }

  /** What the API server would store for an object: as `apply`, but nothing is kept. */
  public async dryRun(object: KubeObject): Promise<KubeObject> {
    const address = path(await this.kindOf(object), object.metadata.namespace ?? 'default', object.metadata.name);
    const query = 'dryRun=All&fieldManager=box&fieldValidation=Strict&force=true';
    return (await this.call('PATCH', `${address}?${query}`, JSON.stringify(object), 'application/apply-patch+yaml')) as KubeObject; // JSON is YAML
  }

  /** The kind of an object, as the API server has it. */
  private async kindOf({ apiVersion, kind }: KubeObject): Promise<Kind<unknown>> {
    const known = this.discovered.get(apiVersion) ?? this.call('GET', apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
    this.discovered.set(apiVersion, known);
    const { resources } = (await known) as { resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[] };
    const found = resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
    if (found === undefined) throw new Error(`the API server has no kind ${kind} in ${apiVersion}`);
    return { apiVersion, plural: found.name, namespaced: found.namespaced };
  }

  public async delete(objects: readonly KubeObject[] | string, ...options: string[]): Promise<string> {
    const text = typeof objects === 'string' ? objects : asStream(objects);
    return this.kubectl(['delete', '--ignore-not-found', '--wait=false', ...options, '-f', '-'], text);
  }

  /** Runs kubectl; what it wrote to standard error is the message of the error. */
  public kubectl(args: readonly string[], input: string = '', timeoutSeconds: number = 120): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.props.kubectl, ['--kubeconfig', this.props.kubeconfig, ...args], { timeout: timeoutSeconds * 1000, env: { HOME: process.env.HOME ?? '/', PATH: process.env.PATH ?? '' } });
      let [output, errors] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (data: string) => { output += data; });
      child.stderr.setEncoding('utf8').on('data', (data: string) => { errors += data; });
      child.once('error', reject);
      child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`kubectl ${args.slice(0, 3).join(' ')}: ${errors.trim() || `code ${code}`}`))));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  /**
   * One request. Reading is tried again when no answer comes, since a machine that builds beside it can keep the API server waiting, and
   * when it is told to come back later, as an API server does that has just started.
   */
  public async call(method: string, address: string, body?: object | string, contentType: string = 'application/json'): Promise<unknown> {
    let [unanswered, late] = [0, 0];
    for (;;) {
      try {
        return await this.request(method, address, contentType, body);
      } catch (error) {
        if (method !== 'GET') throw error;
        if (!(error instanceof ApiError)) unanswered += 1;
        else if (error.status === 429) late += 1;
        else throw error;
        if (unanswered > 2 || late > 30) throw error;
        if (error instanceof ApiError) await sleep(1);
      }
    }
  }

  /** One request in the name of somebody else, as `kubectl --as` makes it. */
  public callAs(identity: Identity, method: string, address: string, body?: object): Promise<unknown> {
    return this.request(method, address, 'application/json', body, { 'impersonate-user': identity.user, 'impersonate-group': [...identity.groups] });
  }

  private async request(method: string, address: string, contentType: string, body?: object | string, headers: OutgoingHttpHeaders = {}): Promise<unknown> {
    const { status, text } = await http(`${this.props.server}${address}`, {
      method,
      agent: this.agent,
      seconds: 30,
      headers: { authorization: `Bearer ${this.props.token}`, accept: 'application/json', ...(body !== undefined && { 'content-type': contentType }), ...headers },
      body: typeof body === 'object' ? JSON.stringify(body) : body,
    });
    if (status >= 300) throw new ApiError(status, `${method} ${address}: ${status}: ${messageOf(text)}`);
    return text === '' ? undefined : parse(text);
  }
}

function asStream(objects: readonly KubeObject[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

function path(kind: Kind<unknown>, namespace?: string, name?: string): string {
  const group = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  const scope = kind.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${group}${scope}/${kind.plural}${name === undefined ? '' : `/${name}`}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(text: string): string {
  const answer = parse(text);
  if (typeof answer === 'object' && answer !== null && 'message' in answer) return String(answer.message);
  return text.slice(0, 300);
}
