import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { mergePatch } from './merge-patch';

/** CPU and memory of a container, both reserved and not exceeded. */
export interface KvCacheResources {
  /** What is reserved. */
  readonly requests: { readonly [resource: string]: string };
  /** What is not exceeded. */
  readonly limits: { readonly [resource: string]: string };
}

/** Pods of one part of a cache. */
export interface KvCacheRuntime {
  /** Pods. */
  readonly replicas?: number;
  /** Image. */
  readonly image: string;
  /** CPU and memory. */
  readonly resources: KvCacheResources;
}

/** Where the cache keeps its members. */
export interface KvCacheRedis {
  /** The pods of Redis. */
  readonly runtime: KvCacheRuntime;
}

/** Where the cache keeps its members. */
export interface KvCacheMetadata {
  /** A Redis. */
  readonly redis: KvCacheRedis;
}

/** A port of the cache's Service. */
export interface KvCachePort {
  /** Name. */
  readonly name: string;
  /** Port of the Service and of the pods. */
  readonly port: number;
}

/** The Service of the cache. */
export interface KvCacheService {
  /** Its ports. */
  readonly ports: KvCachePort[];
}

/** Spec of a KVCache. */
export interface KvCacheSpec {
  /** Where the cache keeps its members. */
  readonly metadata: KvCacheMetadata;
  /** The pod that registers members. */
  readonly watcher: KvCacheRuntime;
  /** The pods that hold the cache. */
  readonly cache: KvCacheRuntime;
  /** The Service. */
  readonly service: KvCacheService;
}

/** Properties of a KVCache. */
export interface KvCacheProps {
  /** Name, namespace, labels, and the annotation that names the backend. */
  readonly metadata: ApiObjectMetadata;
  /** The cache. */
  readonly spec: KvCacheSpec;
  /**
   * Fields to merge into the object as a JSON merge patch (RFC 7386): `null` removes a field, lists are replaced.
   * @default - the object is what the typed properties say
   */
  readonly overrides?: { readonly [field: string]: unknown };
}

/** KVCache of AIBrix (`orchestration.aibrix.ai/v1alpha1`): memory of several pods that holds KV cache of all engines. */
export class KvCache extends ApiObject {
  constructor(scope: Construct, id: string, props: KvCacheProps) {
    const { overrides, ...object } = props;
    super(scope, id, mergePatch({ apiVersion: 'orchestration.aibrix.ai/v1alpha1', kind: 'KVCache', ...object }, overrides));
  }
}
