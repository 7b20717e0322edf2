import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { BenchmarkResult } from '../../lib/benchmarks/benchmark-result';
import type { ThroughputProfile } from '../../lib/cost';
import { ConfigError } from './config-error';
import type { ThroughputConfig } from './inference-config';

/** The rate that the file names; a result `file` is read from the folder of the config file. */
export function throughputOf(config: ThroughputConfig, configFile: string): ThroughputProfile {
  const { file, stage, replicas, outputTokensPerSecond, source, instanceType } = config;
  if (file === undefined) {
    if (outputTokensPerSecond === undefined) {
      throw new ConfigError("'throughput' has neither 'file' nor 'outputTokensPerSecond': give the result file of a benchmark, or the number");
    }
    forbid({ stage, replicas }, "is read with 'file', and there is none: leave it out");
    return { outputTokensPerSecond, instanceType, source };
  }
  forbid({ outputTokensPerSecond, source }, "is in the 'file': leave one of them out");
  const text = read(resolve(dirname(configFile), file));
  return ConfigError.at(file, () => BenchmarkResult.fromJson(text).throughput({ instanceType, stage, replicas, source: file }));
}

function forbid(given: { readonly [key: string]: unknown }, why: string): void {
  const key = Object.keys(given).find((name) => given[name] !== undefined);
  if (key !== undefined) throw new ConfigError(`'throughput.${key}' (${String(given[key])}) ${why}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`'throughput.file' (${path}) cannot be read: give the path of the result file of a benchmark`);
  }
}
