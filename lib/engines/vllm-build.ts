import type { Accelerator } from '../accelerators/accelerator';
import { AcceleratorKind, CpuArchitecture } from '../accelerators/accelerator-kind';
import { WeightsSource } from '../models/weights';
import { Versions } from '../versions';
import { type EngineContext, ServingRole } from './engine';
import { EngineArguments } from './engine-arguments';
import { refuseOptions, unsupportedAccelerator } from './unsupported';
import type { VllmOptions } from './vllm-options';

/** What differs between the builds of vLLM. */
export interface VllmBuild {
  /** The container image. */
  readonly image: string;
  /** The vLLM in the image: 24 for 0.24. */
  readonly minor: number;
  /** Whether `--shutdown-timeout` exists (0.18 and later). */
  readonly drains: boolean;
  /** Whether the image has the Run:ai streamer, which reads weights from S3. */
  readonly streams: boolean;
  /** Format of computation, where the default does not work. */
  readonly dtype?: string;
  /** Arguments that only this build has or needs. */
  readonly arguments?: EngineArguments;
  /** Environment that only this build has or needs. */
  readonly env?: { readonly [name: string]: string };
  /** Scheduler of the pod, where devices must be neighbours. */
  readonly schedulerName?: string;
}

/**
 * The build of vLLM for an accelerator.
 *
 * @throws when there is none, or it lacks an option that is asked for
 */
export function vllmBuild(context: EngineContext, options: VllmOptions): VllmBuild {
  const { accelerator } = context;
  switch (accelerator.kind) {
    case AcceleratorKind.NVIDIA:
      return {
        ...nvidiaImage(context),
        drains: true,
        streams: true,
        dtype: lacksBf16(accelerator) ? 'half' : undefined,
      };
    case AcceleratorKind.CPU:
      return cpuBuild(context, options);
    case AcceleratorKind.TRAINIUM:
      return accelerator.family.startsWith('trn1') ? legacyNeuron(context, options) : neuron(context, options);
    case AcceleratorKind.INFERENTIA:
      if (accelerator.family !== 'inf1') return legacyNeuron(context, options);
      throw unsupportedAccelerator('vllm', accelerator, 'choose inf2, trn1 or trn2, or an NVIDIA type');
  }
}

/** The CPU image has no streamer (`docker/Dockerfile.cpu` installs the extra `audio` only). */
function cpuBuild({ accelerator, placement }: EngineContext, options: VllmOptions): VllmBuild {
  refuseOptions(`vllm on ${accelerator.instanceType}`, { kvOffloadGiB: options.kvOffloadGiB }, 'KV cache is in host memory already');
  const kvCacheGiB = Math.max(1, Math.ceil(placement.kvCacheGiB), Math.floor(placement.kvCacheGiB + placement.freeGiB / 2));
  return {
    image: Versions.VLLM_CPU_IMAGE,
    minor: 28,
    drains: true,
    streams: false,
    dtype: 'bfloat16',
    env: {
      VLLM_CPU_KVCACHE_SPACE: String(kvCacheGiB), // half of what stays free is left to the page cache of the weights
      VLLM_CPU_OMP_THREADS_BIND: 'auto', // every core of the pod but the reserved one, by NUMA node
      VLLM_CPU_NUM_OF_RESERVED_CPU: '1', // the HTTP server and the scheduler
    },
  };
}

/** Trainium2 and Trainium3: the plugin of vLLM 0.24. */
function neuron(context: EngineContext, options: VllmOptions): VllmBuild {
  refuseOnNeuron(context, options);
  return {
    image: Versions.VLLM_NEURON_IMAGE,
    minor: 24,
    drains: true,
    streams: false,
    arguments: staticShapes(context),
    env: neuronEnv(options),
    schedulerName: neuronScheduler(context.accelerator, options),
  };
}

/** Inferentia2 and Trainium1: vLLM 0.16 with NxD Inference, which has neither drain nor prefix caching. */
function legacyNeuron(context: EngineContext, options: VllmOptions): VllmBuild {
  refuseOnNeuron(context, options);
  refuseOptions(
    `vllm on ${context.accelerator.instanceType}`,
    { prefixCaching: options.prefixCaching },
    'its last build has no prefix caching: choose trn2',
  );
  return {
    image: Versions.VLLM_NEURON_LEGACY_IMAGE,
    minor: 16,
    drains: false,
    streams: false,
    arguments: staticShapes(context).set('block-size', 32).set('enable-prefix-caching', false),
    env: { ...neuronEnv(options), VLLM_NEURON_FRAMEWORK: 'neuronx-distributed-inference' },
    schedulerName: neuronScheduler(context.accelerator, options),
  };
}

/** The Neuron builds have no LoRA, no host memory for KV cache and no pipeline stages (vllm-neuron 0.24.0.1.1.0). */
function refuseOnNeuron({ accelerator, placement }: EngineContext, options: VllmOptions): void {
  refuseOptions(
    `vllm on ${accelerator.instanceType}`,
    {
      lora: options.lora,
      kvOffloadGiB: options.kvOffloadGiB,
      enforceEager: options.enforceEager,
      quantization: options.quantization,
      'parallelism.pipeline': (placement.parallelism.pipeline ?? 1) > 1,
      'parallelism.data': (placement.parallelism.data ?? 1) > 1,
    },
    'choose an NVIDIA type for it',
  );
}

/** Neuron compiles for exact sizes: each is a start of its own, so neither may be left to the engine. */
function staticShapes({ concurrency, contextLength, placement }: EngineContext): EngineArguments {
  return new EngineArguments().set('max-num-seqs', concurrency ?? 4).set('max-model-len', contextLength ?? placement.contextLength);
}

function neuronEnv(options: VllmOptions): { [name: string]: string } {
  return { NEURON_COMPILE_CACHE_URL: options.neuronCompileCache ?? '/cache/neuron' };
}

/**
 * Ranks talk over the links between devices, so a pod with some devices of a node needs neighbours: only the scheduler
 * extension knows them. On 16-device nodes the rings have 1, 4, 8 or 16 devices (Neuron documentation, scheduler flow).
 */
function neuronScheduler(accelerator: Accelerator, options: VllmOptions): string | undefined {
  const { devices, nodeDevices, instanceType } = accelerator;
  if (nodeDevices === 16 && ![1, 4, 8, 16].includes(devices)) {
    throw new Error(`'devices' (${devices}) of ${instanceType} must be 1, 4, 8 or 16: only those are neighbours`);
  }
  return devices > 1 && devices < nodeDevices ? (options.neuronScheduler ?? 'my-scheduler') : undefined;
}

/** The upstream image has no EFA: NCCL would fall back to TCP without a word. */
function nvidiaImage({ accelerator, nodes, role }: EngineContext): Pick<VllmBuild, 'image' | 'minor'> {
  const crossesNodes = nodes > 1 || (role !== undefined && role !== ServingRole.BOTH);
  const needsEfa = crossesNodes && accelerator.efaInterfaces > 0;
  return needsEfa && accelerator.architecture === CpuArchitecture.AMD64
    ? { image: Versions.VLLM_EFA_IMAGE, minor: 27 }
    : { image: Versions.VLLM_IMAGE, minor: 31 };
}

/** Turing (T4) computes in fp16 only. */
function lacksBf16(accelerator: Accelerator): boolean {
  return accelerator.deviceName === 't4' || accelerator.deviceName === 't4g';
}

/** Whether a build streams the weights of this model server. */
export function streamsWeights({ weights }: EngineContext, build: VllmBuild): boolean {
  return build.streams && weights.source === WeightsSource.S3;
}
