import type { CatalogueEntry } from './catalogue-entry';
import { DEEPSEEK } from './deepseek';
import { GOOGLE } from './google';
import { LLAMA } from './llama';
import { MISTRAL } from './mistral';
import { MOONSHOT } from './moonshot';
import { OPENAI } from './openai';
import { OTHERS } from './others';
import { QWEN } from './qwen';

/** Every model of the catalogue, by repository id. */
export const CATALOGUE: ReadonlyMap<string, CatalogueEntry> = new Map(
  [...QWEN, ...LLAMA, ...DEEPSEEK, ...MISTRAL, ...GOOGLE, ...OPENAI, ...MOONSHOT, ...OTHERS].map((entry) => [entry.id, entry]),
);
