import { Versions } from '../versions';
import type { EngineConfig, EngineContext } from './engine';
import { EngineArguments } from './engine-arguments';
import { localWeights } from './local-weights';
import type { TritonOptions } from './triton';

const OPTIONS_FILE = '/etc/triton/llm-api.yaml';

/**
 * TensorRT-LLM in Triton's image, by the OpenAI server that comes with it (`trtllm-serve`): Triton's front end is not
 * installed in this image, and would have to be at each start.
 *
 * Its metrics are histograms and counters; the server names the model itself, so the served name must be that name.
 *
 * @throws when the served name is another than the server's
 */
export function tensorRtLlm(context: EngineContext, options: TritonOptions, port: number): Omit<EngineConfig, 'user'> {
  const { parallelism } = context.placement;
  const weights = localWeights(context);
  const ownName = weights.location.startsWith('/') ? weights.location.slice(weights.location.lastIndexOf('/') + 1) : weights.location;
  if (context.servedName !== ownName) {
    throw new Error(
      `'servedName' (${context.servedName}) must be '${ownName}' with the TensorRT-LLM backend, which names a model after its ` +
        'repository or folder: leave it out, or write backend: TritonBackend.VLLM',
    );
  }
  return {
    image: options.image ?? Versions.TRITON_TRTLLM_IMAGE,
    command: ['trtllm-serve', 'serve'],
    args: [
      weights.location,
      ...new EngineArguments()
        .set('host', '0.0.0.0')
        .set('port', port)
        .set('backend', 'pytorch')
        .set('tp_size', parallelism.tensor)
        .set('pp_size', parallelism.pipeline)
        .set('ep_size', parallelism.expert ? parallelism.tensor : undefined)
        .set('max_seq_len', context.contextLength)
        .set('max_batch_size', context.concurrency)
        .set('max_num_tokens', options.maxBatchedTokens)
        .set('kv_cache_free_gpu_memory_fraction', options.gpuMemoryUtilization)
        .set('trust_remote_code', options.trustRemoteCode ? true : undefined)
        .set('extra_llm_api_options', OPTIONS_FILE)
        .toCommandLine(),
    ],
    port,
    metricsPath: '/prometheus/metrics',
    readinessPath: '/health',
    livenessPath: '/health',
    paths: ['/v1/models', '/v1/chat/completions', '/v1/completions'],
    metrics: {},
    files: { [OPTIONS_FILE]: 'return_perf_metrics: true\n' }, // without it there are no Prometheus metrics
    shutdownSeconds: context.drainSeconds,
    cachePaths: ['/cache'],
    initContainers: weights.initContainers,
  };
}
