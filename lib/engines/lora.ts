import { copyFolder } from './local-weights';
import type { EngineInitContainer } from './engine';

/** A LoRA adapter that is loaded when the engine starts. */
export interface LoraAdapter {
  /** The name that clients send as `model` to get the adapter. */
  readonly name: string;
  /**
   * Repository id of the hub, a path inside the pod, or an `s3://` prefix, which is copied to the node's disk before the
   * start. The pods must be allowed to read the prefix: grant it to the model server.
   */
  readonly source: string;
}

/** LoRA adapters of a model server. */
export interface LoraOptions {
  /**
   * Adapters that are there from the start.
   * @default - none
   */
  readonly adapters?: LoraAdapter[];
  /**
   * Adapters in one batch at most.
   * @default - the number of `adapters`, at least 1
   */
  readonly maxAdapters?: number;
  /**
   * Largest rank of an adapter: 1, 8, 16, 32, 64, 128, 256, 320 or 512.
   * @default 16
   */
  readonly maxRank?: number;
  /**
   * Let clients load and unload adapters over HTTP. Anybody who reaches the port can do it: keep it behind a gateway.
   * @default false
   */
  readonly runtimeUpdates?: boolean;
}

const RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];

/**
 * Adapters in one batch at most.
 *
 * @internal
 */
export function maxAdapters(lora: LoraOptions): number {
  return lora.maxAdapters ?? Math.max(1, lora.adapters?.length ?? 0);
}

/**
 * Checks what engines would refuse at start: the ranks that have kernels, and two adapters with one name.
 *
 * @internal
 */
export function validateLora(lora: LoraOptions | undefined): void {
  if (!lora) return;
  if (lora.maxRank !== undefined && !RANKS.includes(lora.maxRank)) {
    throw new Error(`'lora.maxRank' (${lora.maxRank}) must be one of ${RANKS.join(', ')}`);
  }
  const names = (lora.adapters ?? []).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`'lora.adapters' has the name '${twice}' twice: give each adapter a name of its own`);
}

/**
 * Where an adapter is inside the pod: prefixes of buckets are copied there.
 *
 * @internal
 */
export function adapterPath({ name, source }: LoraAdapter): string {
  return source.startsWith('s3://') ? `/cache/adapters/${name}` : source;
}

/**
 * What copies the adapters that are in buckets.
 *
 * @internal
 */
export function copyAdapters(lora: LoraOptions | undefined): EngineInitContainer[] {
  return (lora?.adapters ?? [])
    .filter(({ source }) => source.startsWith('s3://'))
    .map((adapter, index) => copyFolder(`copy-adapter-${index}`, adapter.source, adapterPath(adapter)));
}

/**
 * Whether an adapter is loaded from the hub, which must then be reachable.
 *
 * @internal
 */
export function usesHub(lora: LoraOptions | undefined): boolean {
  return (lora?.adapters ?? []).some(({ source }) => !source.startsWith('s3://') && !source.startsWith('/'));
}
