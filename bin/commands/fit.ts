import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { Accelerator } from '../../lib/accelerators/accelerator';
import { Model } from '../../lib/models/model';
import { Placement } from '../../lib/placement';
import type { PlacementAlternative } from '../../lib/placement-request';
import { Regions } from '../../lib/regions/regions';

interface FitOptions {
  readonly context?: number;
  readonly concurrency?: number;
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
    .option('--concurrency <requests>', 'requests of that length in flight at once', positiveInteger)
    .option('--region <region>', 'only what this region sells, at its prices')
    .option('--zone-ids <ids>', 'only what is sold in these zones, comma-separated (usw2-az1,usw2-az2)', (ids) => ids.split(','))
    .option('--nodes <count>', 'most nodes of one replica', positiveInteger, 2)
    .option('--kv-cache-dtype <dtype>', 'format of the KV cache: auto, fp8')
    .option('--quantization <format>', 'quantize at load: fp8')
    .option('--config <file>', "the model's config.json, for a model outside the catalogue")
    .option('--limit <rows>', 'rows to print', positiveInteger, 20)
    .option('--json', 'print JSON')
    .action((id: string, options: FitOptions, command: Command) => {
      const fitting = fit(id, options);
      if (fitting.length === 0) {
        command.error(`error: no instance type${options.region ? ` in ${options.region}` : ''} holds '${id}': lower --context or --concurrency`);
      }
      console.log(options.json ? JSON.stringify(fitting.map(toJson), null, 2) : render(id, fitting, options));
    });
}

function fit(id: string, options: FitOptions): PlacementAlternative[] {
  if (options.region && !Regions.isKnown(options.region)) {
    throw new Error(`'--region' (${options.region}) is not known: it is one of ${Regions.all().join(', ')}`);
  }
  const model = options.config ? Model.fromConfig(id, readFileSync(options.config, 'utf8')) : Model.huggingFace(id);
  if (!model.architecture) {
    throw new Error(
      `nothing is known of '${id}': did you mean ${Model.nearest(id).join(' or ')}? Or pass its config.json with --config FILE`,
    );
  }
  const request = {
    model,
    accelerator: Accelerator.G6_XLARGE, // any: only its alternatives are asked for
    contextLength: options.context,
    concurrency: options.concurrency,
    kvCacheDtype: options.kvCacheDtype,
    quantization: options.quantization,
  };
  return Placement.plan(request).alternatives({ region: options.region, zoneIds: options.zoneIds, maxNodes: options.nodes });
}

function toJson(one: PlacementAlternative) {
  const { tensor, pipeline, data, expert } = one.parallelism;
  return { ...one, parallelism: { tensor, pipeline, data, expert } };
}

function render(id: string, fitting: readonly PlacementAlternative[], options: FitOptions): string {
  const table = new Table({ head: ['instance type', 'nodes', 'parallel', 'spare GiB', '$/h', 'zones'], style: { head: [], border: [] } });
  for (const one of fitting.slice(0, options.limit)) {
    const { tensor, pipeline, expert } = one.parallelism;
    table.push([
      one.instanceType,
      one.nodes,
      [`tensor ${tensor}`, ...((pipeline ?? 1) > 1 ? [`pipeline ${pipeline}`] : []), ...(expert ? ['expert'] : [])].join(', '),
      one.marginGiB.toFixed(1),
      one.usdPerHour?.toFixed(2) ?? 'not known',
      options.region ? Regions.zonesSelling(options.region, one.instanceType).length : '',
    ]);
  }
  const context = options.context ? `${options.context} tokens` : 'its shortest useful context';
  const region = fitting[0].priceRegion;
  const more = fitting.length > options.limit ? `\n${fitting.length - options.limit} more: --limit ${fitting.length}` : '';
  return (
    `${id} with ${context}, ${options.concurrency ?? 1} at once\n${table.toString()}${more}\n` +
    `on-demand list prices of ${region}, ${Accelerator.priceDate}; spare is per device`
  );
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number of at least 1.');
  return value;
}
