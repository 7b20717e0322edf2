import { type Agent, type OutgoingHttpHeaders, request as plain } from 'node:http';
import { request as secure } from 'node:https';

export interface HttpCall {
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** How long an answer may take to begin, and to go on. @default 10 */
  readonly seconds?: number;
  /** Keeps connections, and knows certificates. @default - a connection of its own, whose certificate is not looked at: servers of the box make theirs */
  readonly agent?: Agent;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One request to a server of the box, which answers whatever its status is.
 *
 * @throws when no answer comes
 */
export function http(url: string, { method = 'GET', headers, body, seconds = 10, agent }: HttpCall = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const isSecure = url.startsWith('https:');
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const trust = isSecure && agent === undefined ? { rejectUnauthorized: false } : {};
    const call = (isSecure ? secure : plain)(url, { method, headers: { ...length, ...headers }, timeout: seconds * 1000, agent, ...trust }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data: string) => { text += data; })
        .once('end', () => resolve({ status: response.statusCode ?? 500, text })).once('error', reject);
    });
    call.once('timeout', () => call.destroy(new Error(`${method} ${url}: no answer within ${seconds} s`)));
    call.once('error', reject);
    call.end(body);
  });
}

/**
 * Asks one of the box's own fakes for what it has for tests, or tells it what it shall do; both speak JSON.
 *
 * @throws when it knows nothing of that
 */
export async function control(method: 'GET' | 'PUT', url: string, body?: unknown): Promise<unknown> {
  const { status, text } = await http(url, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  if (status !== 200) throw new Error(`${method} ${url}: ${status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
