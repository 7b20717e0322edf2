import type Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { closest } from 'fastest-levenshtein';
import { Accelerator } from '../../lib/accelerators/accelerator';
import { Model } from '../../lib/models/model';
import { Placement } from '../../lib/placement';
import type { FitAnswer, FittingInstanceType } from '../../lib/plan/fit-answer';
import { alternativeOf } from '../../lib/plan/private/fit-of';
import { priceRegionOf } from '../../lib/plan/private/price-region';
import { Regions } from '../../lib/regions/regions';
import { readModel } from '../config/read-model';
import { plainTable } from '../plan/plain-table';
import { count, parallelText, usd } from '../plan/words';

interface FitOptions {
  readonly context?: number;
  readonly concurrency: number;
  readonly region?: string;
  readonly zoneIds?: string[];
  readonly nodes: number;
  readonly kvCacheDtype?: string;
  readonly quantization?: string;
  readonly config?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `inference fit MODEL`: every instance type that holds a model, cheapest first. Needs no cluster and no account. */
export function fitCommand(): Command {
  return new Command('fit')
    .description('Which instance do I need? Every instance type that holds a model, cheapest first.')
    .argument('<model>', 'repository id, such as Qwen/Qwen3-32B')
    .option('--context <tokens>', 'longest prompt plus answer', positiveInteger)
    .option('--concurrency <requests>', 'requests of that length in flight at once', positiveInteger, 1)
    .option('--region <region>', 'only what this region sells, at its prices')
    .option('--zone-ids <ids>', 'only what is sold in these zones, comma-separated (usw2-az1,usw2-az2); needs --region', (ids) => ids.split(','))
    .option('--nodes <count>', 'most nodes of one replica', positiveInteger, 2)
    .addOption(new Option('--kv-cache-dtype <dtype>', 'format of the KV cache').choices(['auto', 'bfloat16', 'fp8', 'int8', 'nvfp4']))
    .addOption(new Option('--quantization <format>', 'quantize at load').choices(['fp8', 'int8', 'bitsandbytes', 'mxfp4', 'nvfp4']))
    .option('--config <file>', "the model's config.json, for a model outside the catalogue or with one of your own")
    .option('--limit <rows>', 'rows to print', positiveInteger, 20)
    .option('--json', 'print JSON, by inference-fit.schema.json: every row')
    .addHelpText('after', '\nExit code 1 when no instance type holds the model, or something that was asked for is not known.')
    .action((id: string, options: FitOptions) => {
      const answer = fit(id, options);
      console.log(options.json ? JSON.stringify(answer, null, 2) : render(answer, options));
      if (answer.instanceTypes.length === 0) process.exitCode = 1;
    });
}

/**
 * Which instance types hold a model.
 *
 * @throws when the model, the region or a zone is not known, naming the nearest that is
 */
export function fit(id: string, options: FitOptions): FitAnswer {
  const { region, zoneIds, context, concurrency, kvCacheDtype, quantization, nodes } = options;
  requireZones(region, zoneIds);
  const model = modelOf(id, options.config);
  const request = {
    model,
    accelerator: Accelerator.G6_XLARGE, // any: only its alternatives are asked for
    contextLength: context,
    concurrency,
    kvCacheDtype,
    quantization,
  };
  const alternatives = Placement.plan(request).alternatives({ region, zoneIds, maxNodes: nodes });
  const instanceTypes: FittingInstanceType[] = alternatives.map((one) => ({
    ...alternativeOf(one),
    zoneIds: region === undefined ? undefined : Regions.zonesSelling(region, one.instanceType),
  }));
  return {
    model: id,
    contextLength: context,
    concurrency,
    region,
    priceRegion: priceRegionOf(region),
    priceDate: instanceTypes.some(({ usdPerHour }) => usdPerHour !== undefined) ? Accelerator.priceDate(priceRegionOf(region)) : undefined,
    instanceTypes,
    warnings: beyondTraining(model, context),
  };
}

/** Engines serve a longer context only where the model's positions are stretched. */
function beyondTraining({ id, architecture }: Model, context: number | undefined): string[] {
  const positions = architecture?.maxPositions;
  if (context === undefined || positions === undefined || context <= positions) return [];
  return [`'--context' (${count(context)}) is beyond the ${count(positions)} positions that ${id} was trained for`];
}

function modelOf(id: string, configFile: string | undefined): Model {
  const model = configFile ? readModel(id, configFile, '--config') : Model.huggingFace(id);
  if (model.architecture) return model;
  throw new Error(`nothing is known of '${id}': did you mean ${Model.nearest(id).join(' or ')}? Or pass its config.json with --config FILE`);
}

function requireZones(region: string | undefined, zoneIds: readonly string[] | undefined): void {
  if (region === undefined) {
    if (zoneIds) throw new Error(`'--zone-ids' (${zoneIds.join(',')}) needs the region of the zones: add --region`);
    return;
  }
  if (!Regions.isKnown(region)) {
    throw new Error(`'--region' (${region}) is not known, did you mean ${closest(region, Regions.all())}? Known are ${Regions.all().join(', ')}`);
  }
  const zones = Regions.zoneIds(region);
  const unknown = zoneIds?.find((zone) => !zones.includes(zone));
  if (unknown !== undefined) {
    throw new Error(`'--zone-ids' (${unknown}) is not in ${region}, did you mean ${closest(unknown, zones)}? It has ${zones.join(', ')}`);
  }
}

function render(answer: FitAnswer, { limit }: FitOptions): string {
  const { model, contextLength, concurrency, region, instanceTypes } = answer;
  const context = contextLength ? `${count(contextLength)} tokens` : 'a context of 8,192 tokens, or all it allows';
  const asked = `${model} with ${context}, ${concurrency} at once`;
  if (instanceTypes.length === 0) {
    return `${asked}: no instance type${region ? ` in ${region}` : ''} holds it, so lower --context or --concurrency, allow more --nodes, or take a quantized model`;
  }
  const more = instanceTypes.length - limit;
  return [
    asked,
    tableOf(instanceTypes.slice(0, limit), region !== undefined),
    ...(more > 0 ? [`${more} more: --limit ${instanceTypes.length}`] : []),
    footer(answer),
    ...answer.warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');
}

function tableOf(rows: readonly FittingInstanceType[], withZones: boolean): string {
  const table: Table.Table = plainTable(['instance type', 'nodes', 'parallel', 'spare GiB', '$/h', ...(withZones ? ['zones'] : [])]);
  for (const { instanceType, nodes, parallelism, marginGiB, usdPerHour, zoneIds } of rows) {
    const price = usdPerHour === undefined ? 'not known' : usd(usdPerHour);
    table.push([instanceType, nodes, parallelText(parallelism), marginGiB.toFixed(1), price, ...(withZones ? [(zoneIds ?? []).join(' ')] : [])]);
  }
  return table.toString().replace(/ +$/gm, '');
}

/** A price says its region and its day, and where one is not known that is said instead. */
function footer({ priceRegion, priceDate, instanceTypes }: FitAnswer): string {
  const order = 'ordered by the list prices of another region';
  if (priceDate === undefined) return `no price is known for ${priceRegion}: ${order}; spare is per device`;
  const partly = instanceTypes.some(({ usdPerHour }) => usdPerHour === undefined) ? `, not all are known: ${order}` : '';
  return `on-demand list prices of ${priceRegion}, ${priceDate}${partly}; spare is per device`;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number of at least 1.');
  return value;
}
