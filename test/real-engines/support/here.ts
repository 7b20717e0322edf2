import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StartedContainer } from './containers';

/** What differs between a container on a cluster and the same process here; everything else is run as emitted. */
export interface Here {
  /** Folder with the model, or its file, in place of the weights. */
  readonly model: string;
  /** Port in place of the container's. */
  readonly port: number;
  /** Folder in place of the container's /cache. */
  readonly folder: string;
}

/** vLLM's command on this machine: another model without weights, another port, numbers that any CPU computes with, and KV caches in host memory. */
export function vllmHere({ args, env, files }: StartedContainer, { model, port, folder }: Here) {
  const placed = placeFiles(files, folder);
  let result = [model, ...args.slice(1)].map((argument) => placed[argument] ?? argument);
  result = setFlag(result, '--port', String(port));
  result = setFlag(result, '--host', '127.0.0.1');
  result = setFlag(result, '--load-format', 'dummy');
  result = setFlag(result, '--dtype', 'float32');
  const transfer = flagOf(result, '--kv-transfer-config');
  if (transfer !== undefined) {
    result = setFlag(result, '--kv-transfer-config', JSON.stringify({ ...(JSON.parse(transfer) as object), kv_buffer_device: 'cpu' }));
  }
  return { args: result, env: { ...moveCache(env, folder), HF_HUB_OFFLINE: '1', VLLM_CPU_KVCACHE_SPACE: '1' } };
}

/** llama.cpp's command on this machine: another model file and another port. */
export function llamaHere({ args, env }: StartedContainer, { model, port, folder }: Here) {
  let result = withoutFlag(withoutFlag([...args], '--hf-repo'), '--hf-file');
  result = setFlag(result, '--model', model);
  result = setFlag(result, '--port', String(port));
  result = setFlag(result, '--host', '127.0.0.1');
  return { args: result, env: moveCache(env, folder) };
}

/** The value after a flag. */
export function flagOf(args: readonly string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args[at + 1];
}

/** A flag with another value; appended when it is not there. */
export function setFlag(args: readonly string[], flag: string, value: string): string[] {
  const at = args.indexOf(flag);
  return at < 0 ? [...args, flag, value] : [...args.slice(0, at + 1), value, ...args.slice(at + 2)];
}

export function withoutFlag(args: readonly string[], flag: string): string[] {
  const at = args.indexOf(flag);
  return at < 0 ? [...args] : [...args.slice(0, at), ...args.slice(at + 2)];
}

function moveCache(env: { readonly [name: string]: string }, folder: string): { [name: string]: string } {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace(/^\/cache/, folder)]));
}

function placeFiles(files: { readonly [path: string]: string }, folder: string): { [path: string]: string } {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => {
    const here = join(folder, path);
    mkdirSync(dirname(here), { recursive: true });
    writeFileSync(here, text);
    return [path, here];
  }));
}
