import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { BenchmarkResult } from '../../lib';

/** What GuideLLM 0.7.3 and inference-perf 0.6 have written, without the lists of single requests. */
function result(name: string): string {
  return readFileSync(join(__dirname, '..', 'fixtures', 'benchmarks', `${name}.json`), 'utf8');
}

interface GuideLlmReport {
  benchmarks: { duration: number; metrics: { request_totals: object; output_token_count: object } }[];
}

/** A report with one stage for each number of tokens, a second long. */
function stages(...tokens: number[]): string {
  const [stage] = (JSON.parse(result('guidellm')) as GuideLlmReport).benchmarks;
  const benchmarks = tokens.map((total_sum) => ({
    ...stage,
    duration: 1,
    metrics: { request_totals: { successful: total_sum === 0 ? 0 : 1, errored: 0 }, output_token_count: { successful: { total_sum } } },
  }));
  return JSON.stringify({ benchmarks });
}

test('of GuideLLM: the tokens of the answered requests over the time of the stage', () => {
  // given: 12 requests of 8 tokens in 4 seconds
  const { tool, stages: measured } = BenchmarkResult.fromJson(result('guidellm'));
  expect(tool).toBe('guidellm');
  expect(measured).toEqual([{ answered: 12, failed: 0, requestsPerSecond: 3, outputTokensPerSecond: 24 }]);
});

test('of inference-perf: as the tool says', () => {
  const { tool, stages: measured } = BenchmarkResult.fromJson(result('inference-perf'));
  expect(tool).toBe('inference-perf');
  expect(measured).toEqual([{ answered: 12, failed: 0, requestsPerSecond: expect.closeTo(1.3506, 3), outputTokensPerSecond: expect.closeTo(16.3199, 3) }]);
});

describe('a rate', () => {
  test('is that of the stage with most tokens, of one replica, and says where it is from', () => {
    const throughput = BenchmarkResult.fromJson(stages(10, 90, 60)).throughput({ instanceType: 'g6.xlarge', replicas: 3, source: 'benchmarks.json' });
    expect(throughput).toEqual({
      instanceType: 'g6.xlarge',
      outputTokensPerSecond: 30,
      source: 'benchmarks.json, guidellm: stage 2 of 3, 1 requests at 1.0 a second',
    });
  });

  test('is that of the stage that is asked for', () => {
    expect(BenchmarkResult.fromJson(stages(10, 90, 60)).throughput({ instanceType: 'g6.xlarge', stage: 3 }).outputTokensPerSecond).toBe(60);
  });

  test('of the fastest stage is at least that of every other, and of n replicas a part of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 16 }), (tokens, replicas) => {
        const read = BenchmarkResult.fromJson(stages(...tokens));
        const { outputTokensPerSecond } = read.throughput({ instanceType: 'g6.xlarge', replicas });
        expect(outputTokensPerSecond * replicas).toBeCloseTo(Math.max(...tokens), 6);
      }),
    );
  });
});

describe('fails', () => {
  test.each<[string, string, RegExp]>([
    ['for text that is not JSON', 'requests,tokens', /^'result' is not JSON \(.*\): give GuideLLM's benchmarks\.json, or a …_lifecycle_metrics\.json of inference-perf$/],
    ['for another JSON', '{"results": []}', /^'result' has neither 'benchmarks' nor 'successes', so it is of no tool that is known: give GuideLLM's/],
    ['for a list', '[]', /^'result' has neither/],
    ['without stages', '{"benchmarks": []}', /^'benchmarks' of the result \(\[\]\) must be a list of at least one/],
    ['without a field', '{"benchmarks": [{"metrics": {}}]}', /^'benchmarks\.0\.metrics\.request_totals\.successful' of the result \(missing\) must be a number of at least 0/],
    ['with a field that is no number', '{"successes": {"count": "12"}}', /^'successes\.count' of the result \("12"\) must be a number/],
    ['when GuideLLM got no answer', result('guidellm-failed'), /^'result' of guidellm has no request that was answered, and 12 that failed: run the benchmark again$/],
    ['when inference-perf got no answer', result('inference-perf-failed'), /^'result' of inference-perf has no request that was answered, and 12 that failed/],
  ])('%s', (_what, text, message) => {
    expect(() => BenchmarkResult.fromJson(text)).toThrow(message);
  });

  test.each<[string, object, string]>([
    ['for a stage that is not there', { stage: 4 }, "'stage' (4) must be a whole number between 1 and 2: the result has 2"],
    ['for a stage without answers', { stage: 2 }, "'stage' (2) has no request that was answered: choose another"],
    ['for no replica', { replicas: 0 }, "'replicas' (0) must be a whole number of at least 1"],
  ])('%s', (_what, server, message) => {
    expect(() => BenchmarkResult.fromJson(stages(5, 0)).throughput({ instanceType: 'g6.xlarge', ...server })).toThrow(message);
  });
});
