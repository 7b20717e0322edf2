/**
 * The HTTP network inside the cluster, as a proxy: KEDA's queries to Prometheus, KubeRay's calls of Ray dashboards and AIBrix's
 * scrapes of engines arrive here under their own host names, are recorded, and get the answer that a scenario has set.
 *
 * usage: network.ts PORT
 *   PUT  /-/prometheus   {"<part of a query>": number | null, …}   null: this source is gone
 *   PUT  /-/metrics      {"<metric name>": number, …}              what every engine's /metrics says
 *   PUT  /-/down         ["<part of a host>", …]                   hosts that do not answer
 *   GET  /-/requests     what came in: [{method, url, body}]
 */
import { createServer, type ServerResponse } from 'node:http';

const [port] = process.argv.slice(2) as [string];

interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

const requests: Recorded[] = [];
const MAX_RECORDED = 2000;
let samples: Record<string, number | null> = {};
let engineMetrics: Record<string, number> = {};
let down: string[] = [];
/** Applications that were deployed to a Ray dashboard, by host. */
const applications = new Map<string, { name: string; route_prefix?: string; deployments?: { name: string }[] }[]>();

function json(response: ServerResponse, value: unknown, status: number = 200): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

function prometheus(query: string, response: ServerResponse): void {
  const entry = Object.entries(samples).find(([part]) => query.includes(part));
  if (entry?.[1] === null) return void response.destroy();
  const result = entry === undefined ? [] : [{ metric: {}, value: [Date.now() / 1000, String(entry[1])] }];
  json(response, { status: 'success', data: { resultType: 'vector', result } });
}

/** What a Ray head says of Serve: everything that was asked for is running. */
function rayDashboard(method: string, host: string, path: string, body: string, response: ServerResponse): boolean {
  if (path.startsWith('/api/serve/applications')) {
    if (method === 'PUT') {
      const config = JSON.parse(body) as { applications?: { name: string }[] };
      applications.set(host, config.applications ?? []);
      json(response, {});
      return true;
    }
    const deployed = applications.get(host) ?? [];
    json(response, {
      controller_info: {}, http_options: { host: '0.0.0.0', port: 8000 }, proxies: {},
      applications: Object.fromEntries(deployed.map(({ name, route_prefix, deployments }) => [name, {
        name, route_prefix: route_prefix ?? '/', status: 'RUNNING', message: '', last_deployed_time_s: 1,
        deployments: Object.fromEntries((deployments ?? []).map((deployment) => [deployment.name, { name: deployment.name, status: 'HEALTHY', message: '' }])),
      }])),
    });
    return true;
  }
  if (path.startsWith('/-/healthz')) {
    response.end('success');
    return true;
  }
  if (path.startsWith('/api/')) {
    json(response, {});
    return true;
  }
  return false;
}

function control(method: string, path: string, body: string, response: ServerResponse): void {
  if (method === 'GET' && path === '/-/requests') return json(response, requests);
  if (method === 'PUT' && path === '/-/prometheus') samples = JSON.parse(body) as typeof samples;
  if (method === 'PUT' && path === '/-/metrics') engineMetrics = JSON.parse(body) as typeof engineMetrics;
  if (method === 'PUT' && path === '/-/down') down = JSON.parse(body) as string[];
  json(response, {});
}

createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (data: string) => { body += data; }).on('end', () => {
    const method = request.method ?? 'GET';
    const address = request.url ?? '/';
    if (!URL.canParse(address, `http://${request.headers.host ?? ''}`)) {
      return json(response, { error: `no host in ${address}` }, 502); // KubeRay asks a pod that has no address yet
    }
    const url = new URL(address, `http://${request.headers.host}`);
    if (url.hostname === '127.0.0.1') return control(method, url.pathname, body, response);
    requests.push({ method, url: url.href, body: body.slice(0, 4000) });
    if (requests.length > MAX_RECORDED) requests.shift();
    if (down.some((part) => url.hostname.includes(part))) return void response.destroy();
    if (url.pathname.endsWith('/api/v1/query')) return prometheus(url.searchParams.get('query') ?? new URLSearchParams(body).get('query') ?? '', response);
    if (url.pathname === '/metrics') return void response.end(Object.entries(engineMetrics).map(([name, value]) => `${name} ${value}\n`).join(''));
    if (rayDashboard(method, url.host, url.pathname, body, response)) return;
    json(response, { error: `nothing here plays ${url.href}` }, 404);
  });
}).listen(Number(port), '127.0.0.1');
