/**
 * What pods use and count, as metrics-server and a custom metrics adapter serve it behind the API server's aggregation. No container
 * runs here, so a test says the numbers; which pods they are of, the API server says.
 *
 * usage: metrics-api.ts PORT FOLDER_WITH_CERTIFICATE KUBECONFIG
 *   PUT /-/metrics   {"<app.kubernetes.io/name>": {"cpu": <cores>, "<metric>": <number>, …}}   of all its pods together, which share it equally;
 *                    replaces what was set before
 */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { Cluster } from '../harness/cluster';
import { Pods, type Pod } from '../harness/kinds';
import { json } from './network/answer';

const [port, certificates, kubeconfig] = process.argv.slice(2) as [string, string, string];
const WINDOW_SECONDS = 5;

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}
const { clusters: [{ cluster: { server } }], users: [{ user: { token } }] } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig; // as the box writes it
const cluster = new Cluster({ server, token, kubeconfig, kubectl: 'unused' });

let metrics: Readonly<Record<string, Readonly<Record<string, number>>>> = {};

const RESOURCES = {
  '/apis/metrics.k8s.io/v1beta1': [{ name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] }],
  '/apis/custom.metrics.k8s.io/v1beta2': [{ name: 'pods/*', singularName: '', namespaced: true, kind: 'MetricValueList', verbs: ['get'] }],
};

/** The pods that a selector finds, with their share of a metric that a test has set for their server. */
async function measured(namespace: string, selector: string | null, metric: string): Promise<{ pod: Pod; value: number }[]> {
  const wanted = (selector ?? '').split(',').filter((pair) => pair !== '').map((pair) => pair.split(/==?/) as [string, string]);
  const pods = await cluster.list(Pods, { namespace, labels: Object.fromEntries(wanted) });
  const running = pods.filter(({ metadata, status }) => status.phase === 'Running' && metadata.deletionTimestamp === undefined);
  const serverOf = ({ metadata }: Pod): string => metadata.labels?.['app.kubernetes.io/name'] ?? '';
  return running.flatMap((pod) => {
    const total = metrics[serverOf(pod)]?.[metric];
    return total === undefined ? [] : [{ pod, value: total / running.filter((other) => serverOf(other) === serverOf(pod)).length }];
  });
}

const now = (): string => new Date().toISOString();
const thousandths = (value: number): string => `${Math.round(value * 1000)}m`;

async function answer(url: URL, response: ServerResponse): Promise<void> {
  const { searchParams } = url;
  const pathname = decodeURIComponent(url.pathname); // * comes encoded
  const resources = RESOURCES[pathname as keyof typeof RESOURCES] as typeof RESOURCES[keyof typeof RESOURCES] | undefined; // any path
  if (resources !== undefined) return json(response, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: pathname.slice('/apis/'.length), resources });

  const used = /^\/apis\/metrics\.k8s\.io\/v1beta1\/namespaces\/([^/]+)\/pods$/.exec(pathname)?.[1];
  if (used !== undefined) {
    const items = (await measured(used, searchParams.get('labelSelector'), 'cpu')).map(({ pod: { metadata, spec }, value }) => ({
      metadata: { name: metadata.name, namespace: used }, timestamp: now(), window: `${WINDOW_SECONDS}s`,
      containers: spec.containers.map(({ name }, index) => ({ name, usage: { cpu: thousandths(index === 0 ? value : 0), memory: '1Mi' } })),
    }));
    return json(response, { kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items });
  }

  const [, namespace, metric] = /^\/apis\/custom\.metrics\.k8s\.io\/v1beta2\/namespaces\/([^/]+)\/pods\/\*\/([^/]+)$/.exec(pathname) ?? [];
  if (namespace === undefined || metric === undefined) return json(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }, 404);
  const items = (await measured(namespace, searchParams.get('labelSelector'), metric)).map(({ pod: { metadata }, value }) => ({
    describedObject: { kind: 'Pod', namespace, name: metadata.name, apiVersion: '/v1' }, metric: { name: metric, selector: null }, timestamp: now(), value: thousandths(value),
  }));
  json(response, { kind: 'MetricValueList', apiVersion: 'custom.metrics.k8s.io/v1beta2', metadata: {}, items });
}

createServer({ cert: readFileSync(join(certificates, 'tls.crt')), key: readFileSync(join(certificates, 'tls.key')) }, (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (data: string) => { body += data; }).on('end', () => {
    const url = new URL(request.url ?? '/', 'https://box');
    if (url.pathname === '/-/ready') return json(response, {});
    if (url.pathname === '/-/metrics' && request.method === 'PUT') {
      metrics = JSON.parse(body) as typeof metrics;
      return json(response, {});
    }
    answer(url, response).catch((error: unknown) => json(response, { error: String(error) }, 500));
  });
}).listen(Number(port), '127.0.0.1');
