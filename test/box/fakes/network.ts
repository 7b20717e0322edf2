/**
 * The HTTP network inside the cluster, as a proxy: KEDA's queries to Prometheus, KubeRay's calls of Ray dashboards and AIBrix's
 * calls of engines arrive here under their own host names, are recorded, and get the answer that a scenario has set.
 *
 * usage: network.ts PORT
 *   PUT  /-/prometheus   {"<part of a query>": number | null, …}           null: this source is gone
 *   PUT  /-/ray          {"<part of a head's host>": "DEPLOYING", …}       status of the applications there, RUNNING where nothing is said
 *   PUT  /-/ended        ["<address of a pod>", …]                         engines that have ended, and their adapters with them
 *   GET  /-/adapters     {"<address of a pod>": {"<name>": "<place>"}}     what engines were told to load
 *   PUT  /-/down         ["<part of a host>", …]                           hosts that do not answer
 *   GET  /-/requests     what came in: [{method, url, body}]
 */
import { createServer, type ServerResponse } from 'node:http';
import { type Call, json } from './network/answer';
import { Engines } from './network/engines';
import { Prometheus } from './network/prometheus';
import { RayHeads } from './network/ray';

const [port] = process.argv.slice(2) as [string];
const MAX_RECORDED = 2000;

const prometheus = new Prometheus();
const rayHeads = new RayHeads();
const engines = new Engines();
const requests: { readonly method: string; readonly url: string; readonly body: string }[] = [];
let down: string[] = [];

function control({ method, url, body }: Call, response: ServerResponse): void {
  const setting = method === 'PUT' ? (JSON.parse(body) as unknown) : undefined;
  switch (`${method} ${url.pathname}`) {
    case 'GET /-/ready': break;
    case 'GET /-/requests': return json(response, requests);
    case 'GET /-/adapters': return json(response, engines.loaded());
    case 'PUT /-/prometheus': prometheus.samples = setting as Prometheus['samples']; break;
    case 'PUT /-/ray': rayHeads.statuses = setting as RayHeads['statuses']; break;
    case 'PUT /-/ended': engines.forget(setting as string[]); break;
    case 'PUT /-/down': down = setting as string[]; break;
    default: return json(response, { error: `nothing to set or to see at ${method} ${url.pathname}` }, 404);
  }
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
    const call: Call = { method, url: new URL(address, `http://${request.headers.host}`), body };
    const { url } = call;
    if (url.hostname === '127.0.0.1') return control(call, response);
    requests.push({ method, url: url.href, body: body.slice(0, 4000) });
    if (requests.length > MAX_RECORDED) requests.shift();
    if (down.some((part) => url.hostname.includes(part))) return void response.destroy();
    for (const server of [prometheus, engines, rayHeads]) if (server.answer(call, response)) return;
    json(response, { error: `nothing here plays ${url.href}` }, 404);
  });
}).listen(Number(port), '127.0.0.1');
