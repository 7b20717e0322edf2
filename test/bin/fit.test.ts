import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { Regions } from '../../lib';
import type { FitAnswer } from '../../lib/plan/fit-answer';
import { runInference } from './run-inference';

const valid = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('inference-fit.schema.json', 'utf8')) as object);

function answerOf(...args: string[]): FitAnswer {
  return JSON.parse(runInference('fit', ...args, '--json').stdout) as FitAnswer;
}

describe('inference fit', () => {
  test('prints the types that hold a model, cheapest first, as JSON that the schema allows', () => {
    // when
    const answer = answerOf('Qwen/Qwen3-32B', '--context', '16384', '--concurrency', '4');
    // then
    const prices = answer.instanceTypes.map(({ usdPerHour }) => usdPerHour ?? Infinity);
    expect(valid(answer)).toBe(true);
    expect(prices.length).toBeGreaterThan(5);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    expect(answer).toMatchObject({ model: 'Qwen/Qwen3-32B', contextLength: 16384, concurrency: 4, priceRegion: 'us-east-1', priceDate: '2026-07-20' });
  });

  test('the table says region and date of the prices, without colours', () => {
    const { stdout, exitCode } = runInference('fit', 'Qwen/Qwen3-32B', '--limit', '2');
    expect(stdout).toMatch(/on-demand list prices of us-east-1, \d{4}-\d\d-\d\d/);
    expect(stdout).toMatch(/^\d+ more: --limit \d+$/m);
    expect(stdout).not.toMatch(/\u001b/); // eslint-disable-line no-control-regex -- the escape character is what must not be there
    expect(exitCode).toBe(0);
  });

  test('a region without known prices says so, and shows those of no other', () => {
    // when
    const { stdout } = runInference('fit', 'Qwen/Qwen3-32B', '--region', 'sa-east-1');
    const answer = answerOf('Qwen/Qwen3-32B', '--region', 'sa-east-1');
    // then
    expect(stdout).toContain('no price is known for sa-east-1');
    expect(stdout).not.toMatch(/\$\d|\d{4}-\d\d-\d\d/);
    expect(answer.priceDate).toBeUndefined();
    expect(answer.instanceTypes.every(({ usdPerHour }) => usdPerHour === undefined)).toBe(true);
  });

  test('where some prices are not known, the others are shown with their region and month, and the order is explained', () => {
    // when
    const { stdout } = runInference('fit', 'Qwen/Qwen3-32B', '--region', 'us-west-2');
    const { instanceTypes, priceDate } = answerOf('Qwen/Qwen3-32B', '--region', 'us-west-2');
    // then
    const price = (name: string): number | undefined => instanceTypes.find(({ instanceType }) => instanceType === name)?.usdPerHour;
    expect(stdout).toContain('on-demand list prices of us-west-2, 2026-01, not all are known: ordered by the list prices of another region;');
    expect(priceDate).toBe('2026-01');
    expect([price('g6e.12xlarge'), price('g7e.2xlarge')]).toEqual([10.49264, undefined]);
  });

  test.each(['us-east-1', 'eu-west-2', 'ap-southeast-1', 'sa-east-1'])('proposes nothing that %s does not sell', (region) => {
    const { instanceTypes } = answerOf('Qwen/Qwen3-8B', '--region', region);
    expect(instanceTypes.length).toBeGreaterThan(0);
    for (const { instanceType, zoneIds } of instanceTypes) expect(zoneIds).toEqual(Regions.zonesSelling(region, instanceType));
    expect(instanceTypes.filter(({ instanceType }) => !Regions.sells(region, instanceType))).toEqual([]);
  });

  test('proposes nothing that the zones do not sell', () => {
    // given
    const zone = Regions.zoneIds('us-west-2')[3];
    // when
    const inZone = answerOf('Qwen/Qwen3-8B', '--region', 'us-west-2', '--zone-ids', zone).instanceTypes;
    const inRegion = answerOf('Qwen/Qwen3-8B', '--region', 'us-west-2').instanceTypes;
    // then
    expect(inZone.length).toBeLessThan(inRegion.length);
    expect(inZone.every(({ instanceType }) => Regions.zonesSelling('us-west-2', instanceType).includes(zone))).toBe(true);
  });

  test('ends with 1 when nothing holds the model, and the JSON stays valid', () => {
    // when
    const asked = ['deepseek-ai/DeepSeek-R1', '--nodes', '1', '--context', '131072', '--concurrency', '500'];
    const { stdout, exitCode } = runInference('fit', ...asked);
    const answer = answerOf(...asked);
    // then
    expect(exitCode).toBe(1);
    expect(stdout).toContain('no instance type holds it, so lower --context or --concurrency');
    expect(valid(answer)).toBe(true);
    expect(answer.instanceTypes).toEqual([]);
  });

  test('every choice of a format changes the memory, or is the default', () => {
    const spare = (...args: string[]) => answerOf('Qwen/Qwen3-8B', '--context', '8192', '--concurrency', '16', ...args).instanceTypes.find(({ instanceType }) => instanceType === 'g6e.xlarge')?.marginGiB;
    const asIs = spare() ?? Infinity;
    for (const format of ['fp8', 'int8', 'bitsandbytes', 'mxfp4', 'nvfp4']) expect(spare('--quantization', format)).toBeGreaterThan(asIs + 5);
    for (const format of ['fp8', 'int8', 'nvfp4']) expect(spare('--kv-cache-dtype', format)).toBeGreaterThan(asIs + 5);
    for (const format of ['auto', 'bfloat16']) expect(spare('--kv-cache-dtype', format)).toBe(asIs);
  });

  test('a context beyond what the model was trained for is said', () => {
    const warning = "'--context' (50,000) is beyond the 40,960 positions that Qwen/Qwen3-8B was trained for";
    expect(runInference('fit', 'Qwen/Qwen3-8B', '--context', '50000').stdout).toContain(`\nwarning: ${warning}\n`);
    expect(answerOf('Qwen/Qwen3-8B', '--context', '50000').warnings).toEqual([warning]);
    expect(answerOf('Qwen/Qwen3-8B', '--context', '40960').warnings).toEqual([]);
  });

  test.each([
    ['a model', ['Qwen/Qwen3-32'], "nothing is known of 'Qwen/Qwen3-32': did you mean Qwen/Qwen3-32B"],
    ['a region', ['Qwen/Qwen3-8B', '--region', 'eu-wst-2'], "'--region' (eu-wst-2) is not known, did you mean eu-west-2?"],
    ['a zone', ['Qwen/Qwen3-8B', '--region', 'eu-west-2', '--zone-ids', 'euw2-az9'], "'--zone-ids' (euw2-az9) is not in eu-west-2"],
    ['a zone without its region', ['Qwen/Qwen3-8B', '--zone-ids', 'euw2-az1'], "'--zone-ids' (euw2-az1) needs the region"],
    ['a context', ['Qwen/Qwen3-8B', '--context', '0'], 'whole number of at least 1'],
    ['a cache format', ['Qwen/Qwen3-8B', '--kv-cache-dtype', 'fp7'], 'Allowed choices are auto, bfloat16, fp8, int8, nvfp4'],
    ['a quantization', ['Qwen/Qwen3-8B', '--quantization', 'int3'], 'Allowed choices are fp8, int8, bitsandbytes, mxfp4, nvfp4'],
    ['a config file', ['a/b', '--config', 'nope.json'], "error: '--config' (nope.json) cannot be read: give the path of the model's config.json"],
    ['a model in a config file', ['a/b', '--config', 'package.json'], "error: '--config' (package.json): 'config' of a/b has no 'num_hidden_layers'"],
  ])('fails on %s that is not known, with the nearest word', (_what, args, message) => {
    const { stdout, stderr, exitCode } = runInference('fit', ...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(1);
  });
});
