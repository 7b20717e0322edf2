import { dirname, resolve } from 'node:path';
import { Accelerator } from '../../lib/accelerators/accelerator';
import type { IEngine } from '../../lib/engines/engine';
import { Diffusers } from '../../lib/engines/diffusers';
import { LlamaCpp } from '../../lib/engines/llama-cpp';
import { Nim } from '../../lib/engines/nim';
import { SgLang } from '../../lib/engines/sglang';
import { TextEmbeddings } from '../../lib/engines/text-embeddings';
import { Triton } from '../../lib/engines/triton';
import { Vllm } from '../../lib/engines/vllm';
import { Model } from '../../lib/models/model';
import { Parallelism } from '../../lib/parallelism';
import { FixedReplicas } from '../../lib/scaling/fixed-replicas';
import { HpaScaling } from '../../lib/scaling/hpa-scaling';
import { QueueScaling } from '../../lib/scaling/queue-scaling';
import type { IScaling } from '../../lib/scaling/scaling';
import { AIBrix } from '../../lib/topologies/ai-brix';
import { AIBrixRouting } from '../../lib/topologies/ai-brix-options';
import { Disaggregated, type PrefillOptions } from '../../lib/topologies/disaggregated';
import { MultiNode } from '../../lib/topologies/multi-node';
import { Ray } from '../../lib/topologies/ray';
import { SingleNode } from '../../lib/topologies/single-node';
import type { ITopology } from '../../lib/topologies/topology';
import type {
  AcceleratorConfig,
  EngineChoice,
  EngineName,
  ModelSource,
  PrefillConfig,
  ScalingChoice,
  TopologyChoice,
  TopologyName,
} from './inference-config';
import { readModel } from './read-model';

/** One maker for each key of a choice; a key without a maker does not compile. */
type Makers<Choice, Made> = { readonly [Key in keyof Required<Choice>]: (options: NonNullable<Choice[Key]>) => Made };

const ENGINES: Makers<EngineChoice, IEngine> = {
  vllm: (options) => new Vllm(options),
  sglang: (options) => new SgLang(options),
  triton: (options) => new Triton(options),
  'llama-cpp': (options) => new LlamaCpp(options),
  diffusers: (options) => new Diffusers(options),
  nim: (options) => new Nim(options),
  'text-embeddings': (options) => new TextEmbeddings(options),
};

const TOPOLOGIES: Makers<TopologyChoice, ITopology> = {
  'single-node': (options) => new SingleNode(options),
  'multi-node': (options) => new MultiNode(options),
  ray: (options) => new Ray(options),
  aibrix: ({ routing, ...options }) => new AIBrix({ ...options, routing: routing ? AIBrixRouting.of(routing) : undefined }),
  disaggregated: ({ prefill, ...options }) => new Disaggregated({ ...options, prefill: prefill && prefillOf(prefill) }),
};

const SCALINGS: Makers<ScalingChoice, IScaling> = {
  replicas: (count) => new FixedReplicas(count),
  queue: (options) => new QueueScaling(options),
  hpa: (options) => new HpaScaling(options),
};

/** The engine that the file names: `vllm`, or `{ vllm: { … } }`. */
export function engineOf(choice: EngineName | EngineChoice = 'vllm'): IEngine {
  return make(ENGINES, typeof choice === 'string' ? { [choice]: {} } : choice);
}

/** The topology that the file names, if it names one. */
export function topologyOf(choice?: TopologyName | TopologyChoice): ITopology | undefined {
  return choice && make(TOPOLOGIES, typeof choice === 'string' ? { [choice]: {} } : choice);
}

/** The scaling that the file names, if it names one. */
export function scalingOf(choice?: ScalingChoice): IScaling | undefined {
  return choice && make(SCALINGS, choice);
}

/** The instance type that the file names. */
export function acceleratorOf(choice: string | AcceleratorConfig): Accelerator {
  if (typeof choice === 'string') return Accelerator.fromInstanceType(choice);
  const accelerator = Accelerator.fromInstanceType(choice.instanceType);
  return choice.devices === undefined ? accelerator : accelerator.withDevices(choice.devices);
}

function prefillOf({ accelerator, parallelism, scaling, nodes }: PrefillConfig): PrefillOptions {
  return {
    nodes,
    accelerator: accelerator === undefined ? undefined : acceleratorOf(accelerator),
    parallelism: parallelism && Parallelism.of(parallelism),
    scaling: scalingOf(scaling),
  };
}

/** The model that the file names; a `configFile` is read from the folder of the config file. */
export function modelOf(source: string | ModelSource, configFile: string): Model {
  if (typeof source === 'string') return Model.huggingFace(source);
  const { id, configFile: modelConfig, ...options } = source;
  if (!modelConfig) return Model.huggingFace(id, options);
  return readModel(id, resolve(dirname(configFile), modelConfig), 'configFile', options);
}

function make<Choice extends object, Made>(makers: Makers<Choice, Made>, choice: Choice): Made {
  const [key] = Object.keys(choice) as (keyof Choice)[]; // the schema allows exactly one key
  const options = choice[key] as NonNullable<Choice[keyof Choice]>; // and no null
  return makers[key](options);
}
