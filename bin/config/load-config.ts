import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { parseDocument } from 'yaml';
import { ConfigError } from './config-error';
import { explainError } from './explain-error';
import type { InferenceConfig } from './inference-config';

/** The schema that editors use and that the file is checked against; generated from `inference-config.ts`. */
export const SCHEMA_FILE = join(packageRoot(), 'inference.schema.json');

/**
 * Reads a config file, YAML or JSON, and checks it against the published schema.
 *
 * @throws ConfigError with the path, what was got and what is allowed
 */
export function loadConfig(file: string): InferenceConfig {
  if (!existsSync(file)) throw new ConfigError(`the config file '${file}' does not exist: pass another with -c config=FILE`);
  return parseConfig(readFileSync(file, 'utf8'), file);
}

/** Checks the text of a config file; see {@link loadConfig}. */
export function parseConfig(text: string, file: string): InferenceConfig {
  const document = parseDocument(text, { uniqueKeys: true });
  const [broken] = document.errors;
  if (broken) throw new ConfigError(`${file}: ${broken.message.split('\n')[0]}`);

  const config: unknown = document.toJS() ?? {};
  const validate = validator();
  if (validate(config)) return config;
  throw new ConfigError(`${file}: ${explainError(validate.errors ?? [], config)}`);
}

let compiled: ValidateFunction<InferenceConfig> | undefined;

/** Compiling the schema takes longer than all checks of a file, so it is done once. */
function validator(): ValidateFunction<InferenceConfig> {
  // a file is checked once, so optimizing the validator costs more than it saves
  const options = { allErrors: true, verbose: true, allowUnionTypes: true, inlineRefs: false, code: { optimize: false } };
  compiled ??= new Ajv(options).compile<InferenceConfig>(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as object);
  return compiled;
}

/** The package's folder, from the sources as from `dist/`. */
function packageRoot(): string {
  const candidates = [join(__dirname, '..', '..'), join(__dirname, '..', '..', '..')];
  return candidates.find((folder) => existsSync(join(folder, 'package.json'))) ?? candidates[0];
}
