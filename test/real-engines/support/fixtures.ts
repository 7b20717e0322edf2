import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Model } from '../../../lib';
import { environment } from '../environments/environment';

const FIXTURES = join(__dirname, '..', 'fixtures');

/** A folder for the files of one test file; `remove` deletes it. */
export interface Workspace {
  readonly folder: string;
  remove(): void;
}

export function workspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The tiny language model that engines run. */
export function tinyModel(folder: string): string {
  const model = join(folder, 'tiny');
  write('vllm', 'tiny_model.py', model);
  return model;
}

/** A model with heads, layers, experts and positions enough for any parallel size and length: to judge, not to run. */
export function wideModel(folder: string): string {
  const model = join(folder, 'wide');
  write('vllm', 'tiny_model.py', model, '--wide');
  return model;
}

/**
 * A model of the same shape as one of the catalogue: heads, layers, experts and positions decide which parallel sizes and
 * lengths an engine takes.
 */
export function modelLike({ id, architecture }: Model, wide: string): string {
  if (!architecture) return wide;
  const folder = join(dirname(wide), id.replace('/', '--'));
  if (existsSync(folder)) return folder;
  cpSync(wide, folder, { recursive: true });
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({
    ...JSON.parse(readFileSync(file, 'utf8')),
    num_hidden_layers: architecture.layers,
    num_attention_heads: architecture.attentionHeads,
    num_key_value_heads: architecture.kvHeads ?? architecture.attentionHeads,
    max_position_embeddings: architecture.maxPositions,
    num_experts: architecture.experts ?? 128,
  }));
  return folder;
}

/** The tiny language model for llama.cpp, with random weights. */
export function tinyGguf(folder: string): string {
  const model = join(folder, 'tiny.gguf');
  write('llama-cpp', 'tiny_gguf.py', tinyModel(folder), model);
  return model;
}

function write(engine: 'vllm' | 'llama-cpp', script: string, ...args: string[]): void {
  execFileSync(environment(engine).python, [join(FIXTURES, script), ...args], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 });
}
