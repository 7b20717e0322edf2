import type { ServerResponse } from 'node:http';
import { type Call, json, text } from './answer';

interface Application {
  readonly name: string;
  readonly route_prefix?: string;
  readonly deployments?: readonly { readonly name: string }[];
}

/** The heads of Ray clusters: what is deployed there runs at once, unless a scenario says otherwise. */
export class RayHeads {
  /** Status of the applications, by a part of the head's host; the first that fits counts. */
  public statuses: Readonly<Record<string, string>> = {};

  private readonly applications = new Map<string, readonly Application[]>();

  public answer({ method, url, body }: Call, response: ServerResponse): boolean {
    const { host, pathname } = url;
    if (pathname.startsWith('/-/healthz')) text(response, 'success');
    else if (!pathname.startsWith('/api/')) return false;
    else if (pathname.startsWith('/api/serve/applications') && method === 'PUT') {
      this.applications.set(host, (JSON.parse(body) as { applications?: Application[] }).applications ?? []);
      json(response, {});
    } else json(response, pathname.startsWith('/api/serve/applications') ? this.serve(host) : {});
    return true;
  }

  private serve(host: string): object {
    const status = Object.entries(this.statuses).find(([part]) => host.includes(part))?.[1] ?? 'RUNNING';
    const healthy = status === 'RUNNING' ? 'HEALTHY' : 'UPDATING';
    return {
      controller_info: {}, http_options: { host: '0.0.0.0', port: 8000 }, proxies: {},
      applications: Object.fromEntries((this.applications.get(host) ?? []).map(({ name, route_prefix = '/', deployments = [] }) => [name, {
        name, route_prefix, status, message: '', last_deployed_time_s: 1,
        deployments: Object.fromEntries(deployments.map((deployment) => [deployment.name, { name: deployment.name, status: healthy, message: '' }])),
      }])),
    };
  }
}
