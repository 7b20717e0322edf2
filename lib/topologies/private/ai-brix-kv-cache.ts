import { k8s } from 'cdk8s-plus-34';
import type { Construct } from 'constructs';
import { KvCache } from '../../resources/kv-cache';
import { Versions } from '../../versions';
import type { AIBrixKvCache } from '../ai-brix-options';
import type { TopologyContext } from '../topology';

const SERVICE_PORT = 12345;
const ADMIN_PORT = 8088;

/**
 * Name of the shared KV cache of a model server.
 *
 * @internal
 */
export function kvCacheName(server: string): string {
  return `${server}-kv-cache`;
}

/**
 * Labels of the pods of a shared KV cache, its Redis included.
 *
 * @internal
 */
export function kvCacheSelector(server: string): { [key: string]: string } {
  return { 'kvcache.orchestration.aibrix.ai/name': kvCacheName(server) };
}

/**
 * Adds the shared KV cache of a model server: InfiniStore, which speaks TCP where there is no RDMA for it (EFA is none).
 *
 * What is cached is what people asked, and neither InfiniStore nor its Redis asks for a password: only the server's pods
 * reach them. Out: each other, DNS, and HTTPS for the watcher, which asks the API server where the pods are.
 *
 * @internal
 */
export function addKvCache(scope: Construct, { name, namespace, labels, selector }: TopologyContext, options: AIBrixKvCache): void {
  const self: k8s.NetworkPolicyPeer = { podSelector: { matchLabels: kvCacheSelector(name) } };
  const port = (protocol: string, number: number): k8s.NetworkPolicyPort => ({ protocol, port: k8s.IntOrString.fromNumber(number) });
  new k8s.KubeNetworkPolicy(scope, 'KvCacheNetworkPolicy', {
    metadata: { name: kvCacheName(name), namespace, labels: { ...labels } },
    spec: {
      podSelector: { matchLabels: kvCacheSelector(name) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [self, { podSelector: { matchLabels: { ...selector } } }] }],
      egress: [{ to: [self] }, { ports: [port('UDP', 53), port('TCP', 53)] }, { ports: [port('TCP', 443)] }],
    },
  });
  const small = { cpu: '200m', memory: '256Mi' };
  const large = { cpu: '2', memory: `${options.memoryGiB ?? 32}Gi` };
  new KvCache(scope, 'KvCache', {
    metadata: {
      name: kvCacheName(name),
      namespace,
      labels: { ...labels },
      annotations: { 'kvcache.orchestration.aibrix.ai/backend': 'infinistore' },
    },
    spec: {
      metadata: { redis: { runtime: { replicas: 1, image: Versions.REDIS_IMAGE, resources: { requests: small, limits: small } } } },
      watcher: { image: Versions.AIBRIX_KVCACHE_WATCHER_IMAGE, resources: { requests: small, limits: small } },
      cache: {
        replicas: options.replicas ?? 1,
        image: Versions.AIBRIX_INFINISTORE_IMAGE,
        resources: { requests: large, limits: large },
      },
      service: { ports: [{ name: 'service', port: SERVICE_PORT }, { name: 'admin', port: ADMIN_PORT }] },
    },
  });
}

/**
 * What an engine is told of the shared KV cache.
 *
 * @internal
 */
export function kvCacheEnv(server: string): k8s.EnvVar[] {
  return Object.entries({
    AIBRIX_KV_CACHE_OL_L2_CACHE_BACKEND: 'infinistore',
    AIBRIX_KV_CACHE_OL_INFINISTORE_CONNECTION_TYPE: 'TCP',
    AIBRIX_KV_CACHE_OL_META_SERVICE_BACKEND: 'redis',
    AIBRIX_KV_CACHE_OL_META_SERVICE_URL: `redis://${kvCacheName(server)}-redis:6379`,
    AIBRIX_KV_CACHE_OL_META_SERVICE_CLUSTER_META_KEY: 'kvcache_nodes',
    PYTHONHASHSEED: '0', // the same prompt has the same key in every pod
  }).map(([name, value]) => ({ name, value }));
}

/**
 * The engine's arguments for the shared KV cache.
 *
 * @internal
 */
export const KV_CACHE_ARGS = ['--kv-transfer-config', JSON.stringify({ kv_connector: 'AIBrixOffloadingConnectorV1Type3', kv_role: 'kv_both' })];
