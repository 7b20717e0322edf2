import type { ServerResponse } from 'node:http';

/** One request that came in, as far as a server here looks at it. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

export function json(response: ServerResponse, value: unknown, status: number = 200): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

export function text(response: ServerResponse, value: string, status: number = 200): void {
  response.statusCode = status;
  response.end(value);
}
