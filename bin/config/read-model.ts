import { readFileSync } from 'node:fs';
import { Model } from '../../lib/models/model';
import type { ModelOptions } from '../../lib/models/model-options';
import { ConfigError } from './config-error';

/**
 * A model by the config.json of its repository.
 *
 * @param option what the user has named the file with
 */
export function readModel(id: string, path: string, option: string, facts: ModelOptions = {}): Model {
  const named = `'${option}' (${path})`;
  const config = read(path, named);
  return ConfigError.at(named, () => Model.fromConfig(id, config, facts));
}

function read(path: string, named: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`${named} cannot be read: give the path of the model's config.json`);
  }
}
