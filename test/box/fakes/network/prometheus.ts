import type { ServerResponse } from 'node:http';
import { type Call, json } from './answer';

/** Prometheus: a number for each part of a query that a scenario has set, and the two functions that say something of their own. */
export class Prometheus {
  /** By a part of the query; null: the server hangs up. */
  public samples: Readonly<Record<string, number | null>> = {};

  public answer({ url, body }: Call, response: ServerResponse): boolean {
    if (!url.pathname.endsWith('/api/v1/query')) return false;
    const query = url.searchParams.get('query') ?? new URLSearchParams(body).get('query') ?? '';
    const value = this.valueOf(query);
    if (value === null) {
      response.destroy();
      return true;
    }
    const result = value === undefined ? [] : [{ metric: {}, value: [Date.now() / 1000, String(value)] }];
    json(response, { status: 'success', data: { resultType: 'vector', result } });
    return true;
  }

  private valueOf(query: string): number | null | undefined {
    const clamped = /^clamp_max\((.*), ([0-9.]+)\)$/s.exec(query);
    if (clamped !== null) {
      const value = this.valueOf(clamped[1] ?? '');
      return typeof value === 'number' ? Math.min(value, Number(clamped[2])) : value;
    }
    const entry = Object.entries(this.samples).find(([part]) => query.includes(part));
    if (entry !== undefined) return entry[1];
    return query.endsWith(' or vector(0)') ? 0 : undefined;
  }
}
