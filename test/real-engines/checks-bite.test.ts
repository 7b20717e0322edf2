import { judge, refusals } from './support/checker';
import { wideModel, workspace } from './support/fixtures';
import { judgeByRecord, recordedFlags } from './support/recorded-flags';

/**
 * A check that never refuses proves nothing: for each engine a right configuration passes, and the same with a wrong
 * flag, a wrong value and a wrong key is refused, with the engine's reason.
 */
const files = workspace();
afterAll(files.remove);

/** The names that were refused must be exactly these, each for the reason it was meant to show. */
async function expectRefusals(verdicts: ReturnType<typeof judge>, expected: { [name: string]: RegExp }) {
  const got = refusals(await verdicts);
  expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, reason] of Object.entries(expected)) expect({ name, errors: got[name].join('\n') }).toEqual({ name, errors: expect.stringMatching(reason) });
}

test.concurrent('vllm refuses wrong flags, values, keys, registered names and environment variables', async () => {
  const model = wideModel(files.folder);
  const case_ = (name: string, args: string[], env = {}) => ({ name, args: ['org/model', ...args], env, model });
  const verdicts = judge('vllm', 'vllm_arguments', [
    case_('right', ['--served-model-name', 'a', '--max-model-len', '32768', '--shutdown-timeout', '60'], { VLLM_NO_USAGE_STATS: '1', HOME: '/cache' }),
    case_('right across nodes', ['--tensor-parallel-size', '8', '--pipeline-parallel-size', '2', '--nnodes', '2', '--node-rank', '1', '--master-addr', '10.0.0.1', '--headless']),
    case_('flag', ['--swap-space', '4']),
    case_('abbreviated flag', ['--max-model-l', '256']),
    case_('value', ['--max-num-batched-tokens', '10', '--max-num-seqs', '20']),
    case_('memory fraction', ['--gpu-memory-utilization', '1.9']),
    case_('devices over nodes', ['--tensor-parallel-size', '3', '--nnodes', '2', '--node-rank', '0']),
    case_('key', ['--structured-outputs-config', '{"backnd":"xgrammar"}']),
    case_('speculative key', ['--speculative-config', '{"method":"ngram","num_speculative_token":3}']),
    case_('speculative method', ['--speculative-config', '{"method":"guess","num_speculative_tokens":3}']),
    case_('load format', ['--load-format', 'runai_stream']),
    case_('quantization', ['--quantization', 'fp7']),
    case_('tool parser', ['--enable-auto-tool-choice', '--tool-call-parser', 'herpes']),
    case_('reasoning parser', ['--reasoning-parser', 'openai']),
    case_('connector', ['--kv-transfer-config', '{"kv_connector":"P2pNcclConnector","kv_role":"kv_both"}']),
    case_('connector inside another', ['--kv-transfer-config', '{"kv_connector":"MultiConnector","kv_role":"kv_both","kv_connector_extra_config":{"connectors":[{"kv_connector":"NixlConector","kv_role":"kv_both"}]}}']),
    case_('environment', [], { VLLM_CACHE_ROT: '/cache' }),
  ]);
  await expectRefusals(verdicts, {
    'flag': /unrecognized arguments: --swap-space/,
    'abbreviated flag': /unrecognized arguments: --max-model-l/,
    'value': /max_num_batched_tokens \(10\) must be greater/,
    'memory fraction': /less than or equal to 1/,
    'devices over nodes': /nnodes|divisible/,
    'key': /backnd/,
    'speculative key': /num_speculative_token'/,
    'speculative method': /'guess' is not one of/,
    'load format': /'runai_stream' is not registered/,
    'quantization': /'fp7' is not registered/,
    'tool parser': /'herpes' is not registered/,
    'reasoning parser': /'openai' is not registered/,
    'connector': /'P2pNcclConnector' is not registered/,
    'connector inside another': /'NixlConector' is not registered/,
    'environment': /VLLM_CACHE_ROT/,
  });
}, 900_000);

test.concurrent('ray serve refuses wrong keys at every level, wrong values and unknown engine arguments', async () => {
  const model = wideModel(files.folder);
  const case_ = (name: string, change: (value: ReturnType<typeof application>) => unknown = value => value) => {
    const document = application();
    change(document);
    return { name, config: JSON.stringify({ applications: [document] }), model }; // JSON is YAML
  };
  const verdicts = judge('ray', 'ray_serve', [
    case_('right'),
    case_('application key', value => Object.assign(value, { route_prefx: '/' })),
    case_('import path', value => Object.assign(value, { import_path: 'ray.serve.llm:build_openai_ap' })),
    case_('builder key', value => Object.assign(value.args, { llm_config: [] })),
    case_('llm key', value => Object.assign(value.args.llm_configs[0], { accelerator: 'L4' })),
    case_('model key', value => Object.assign(value.args.llm_configs[0].model_loading_config, { model: 'x' })),
    case_('accelerator value', value => Object.assign(value.args.llm_configs[0], { accelerator_type: 'L5' })),
    case_('deployment key', value => Object.assign(value.args.llm_configs[0].deployment_config, { max_ongoing_request: 1 })),
    case_('autoscaling key', value => Object.assign(value.args.llm_configs[0].deployment_config.autoscaling_config, { max_replica: 3 })),
    case_('autoscaling bounds', value => Object.assign(value.args.llm_configs[0].deployment_config.autoscaling_config, { min_replicas: 4 })),
    case_('engine argument', value => Object.assign(value.args.llm_configs[0].engine_kwargs, { max_model_length: 1 })),
    case_('metrics turned off', value => Object.assign(value.args.llm_configs[0].engine_kwargs, { disable_log_stats: true })),
  ]);
  await expectRefusals(verdicts, {
    'application key': /route_prefx: unknown/,
    'import path': /has no 'build_openai_ap'/,
    'builder key': /args.llm_config: unknown/,
    'llm key': /llm_config.accelerator: unknown|Extra inputs|accelerator/,
    'model key': /model_loading_config/,
    'accelerator value': /L5/,
    'deployment key': /max_ongoing_request/,
    'autoscaling key': /max_replica/,
    'autoscaling bounds': /max_replicas/,
    'engine argument': /max_model_length/,
    'metrics turned off': /log_engine_metrics|log_stats/,
  });
}, 900_000);

/** A right Ray Serve application. */
function application() {
  return {
    name: 'llm',
    route_prefix: '/',
    import_path: 'ray.serve.llm:build_openai_app',
    args: {
      llm_configs: [{
        model_loading_config: { model_id: 'a', model_source: 'org/model' },
        accelerator_type: 'L4',
        engine_kwargs: { tensor_parallel_size: 1, max_model_len: 4096 },
        deployment_config: { max_ongoing_requests: 64, autoscaling_config: { min_replicas: 1, max_replicas: 2, target_ongoing_requests: 32 } },
      }],
    },
  };
}

test.concurrent('triton refuses unknown fields, enum values and types', async () => {
  const right = 'backend: "vllm"\ninstance_group [ { count: 1 kind: KIND_MODEL } ]\n';
  await expectRefusals(judge('triton', 'triton_model_config', [
    { name: 'right', config: right },
    { name: 'field', config: `${right}max_batch: 0` },
    { name: 'enum', config: right.replace('KIND_MODEL', 'KIND_MODELS') },
    { name: 'type', config: `${right}max_batch_size: "many"` },
    { name: 'negative', config: `${right}max_batch_size: -1` },
    { name: 'no backend', config: 'max_batch_size: 0' },
  ]), { field: /max_batch/, enum: /KIND_MODELS/, type: /many|integer/i, negative: /-1/, 'no backend': /backend/ });
});

test.concurrent('sglang refuses wrong flags, abbreviations and names', async () => {
  const case_ = (name: string, args: string[]) => ({ name, args: ['--model-path', 'org/model', ...args] });
  await expectRefusals(judge('sglang', 'sglang_arguments', [
    case_('right', ['--tp-size', '2', '--mem-fraction-static', '0.85', '--enable-metrics', '--host', '0.0.0.0']),
    case_('flag', ['--max-model-len', '1']),
    case_('abbreviated flag', ['--context-len', '4096']),
    case_('value', ['--tp-size', 'two']),
    case_('tool parser', ['--tool-call-parser', 'nope']),
    case_('load format', ['--load-format', 'nope']),
    case_('transfer backend', ['--disaggregation-transfer-backend', 'nope']),
    { ...case_('metric', []), metrics: ['sglang:num_running_reqs', 'sglang:num_waiting_reqs'] },
  ]), {
    'flag': /--max-model-len/, 'abbreviated flag': /--context-len/, 'value': /two/, 'tool parser': /nope/, 'load format': /nope/, 'transfer backend': /nope/,
    'metric': /no metric 'sglang:num_waiting_reqs'/,
  });
}, 900_000);

test.concurrent('vllm-omni refuses wrong flags, abbreviations, values, variables and metrics', async () => {
  const case_ = (name: string, args: string[], more: object = {}) => ({ name, args: ['org/model', '--omni', ...args], ...more });
  await expectRefusals(judge('vllm-omni', 'vllm_omni_arguments', [
    case_('right', ['--ulysses-degree', '2', '--log-stats', '--vae-use-tiling'], { env: { VLLM_API_KEY: 'k' }, metrics: ['vllm_omni:num_requests_running'], label: 'model_name' }),
    case_('flag', ['--ulises-degree', '2']),
    case_('abbreviated flag', ['--ulysses-deg', '2']),
    case_('value', ['--ulysses-degree', 'two']),
    case_('environment', [], { env: { VLLM_CACHE_ROT: '/cache' } }),
    case_('metric', [], { metrics: ['vllm:omni_num_requests_running'], label: 'model_name' }),
    case_('label', [], { metrics: ['vllm_omni:num_requests_running'], label: 'model' }),
    { name: 'language model', args: ['org/model'] },
  ]), {
    'flag': /--ulises-degree/, 'abbreviated flag': /--ulysses-deg/, 'value': /two/, 'environment': /VLLM_CACHE_ROT/,
    'metric': /no metric 'vllm:omni_num_requests_running'/, 'label': /no label 'model'/, 'language model': /--omni/,
  });
}, 900_000);

test('a record of flags refuses those that it does not have, and wrong and missing values', async () => {
  const case_ = (name: string, args: string[]) => ({ name, args: ['org/model', ...args] });
  const verdicts = judgeByRecord(recordedFlags('trtllm-serve'), [
    case_('right', ['--backend', 'pytorch', '--tp_size', '2', '--kv_cache_free_gpu_memory_fraction', '0.9', '--trust_remote_code']),
    case_('flag', ['--tp-size', '2']),
    case_('value', ['--tp_size', 'two']),
    case_('fraction', ['--kv_cache_free_gpu_memory_fraction', 'most']),
    case_('choice', ['--backend', 'vllm']),
    case_('value of a switch', ['--trust_remote_code', 'true']),
    case_('no value', ['--port']),
    { name: 'no model', args: [] },
  ]);
  await expectRefusals(Promise.resolve(verdicts), {
    'flag': /unknown flag --tp-size/, 'value': /takes an integer, got two/, 'fraction': /takes a number/, 'choice': /pytorch.*got vllm/,
    'value of a switch': /2 arguments without a flag/, 'no value': /--port has no value/, 'no model': /0 arguments without a flag/,
  });
});

test.concurrent('guidellm refuses wrong flags, kinds and keys', async () => {
  const run = (changes: { [flag: string]: string } = {}) => Object.entries({
    backend: 'kind=openai_http,target=http://a,model=m', profile: 'kind=concurrent,streams=4', constraint: 'kind=max_requests,count=10',
    data: 'kind=synthetic_text,prompt_tokens=64,output_tokens=16', ...changes,
  }).flatMap(([flag, value]) => [`--${flag}`, value]);
  const file = { '/scenario.yaml': JSON.stringify({ spec: { backend: { kind: 'openai_http', target: 'http://a', model: 'm', modle: 'm' } } }) };
  await expectRefusals(judge('benchmarks', 'guidellm_arguments', [
    { name: 'right', args: ['run', ...run()] },
    { name: 'command', args: ['benchmark', ...run()] },
    { name: 'flag', args: ['run', ...run({ 'rate-type': 'sweep' })] },
    { name: 'value', args: ['run', ...run({ profile: 'kind=concurrently,streams=4' })] },
    { name: 'key', args: ['run', ...run({ constraint: 'kind=max_requests,counts=10' })] },
    { name: 'key in a file', args: ['run', '--config', '/scenario.yaml'], files: file },
  ]), { 'command': /benchmark/, 'flag': /--rate-type/, 'value': /concurrently/, 'key': /counts|count/, 'key in a file': /modle/ });
}, 900_000);

test.concurrent('inference-perf refuses wrong flags, values and keys', async () => {
  const right = {
    api: { type: 'completion', streaming: true },
    data: { type: 'random', input_distribution: { min: 16, max: 64, mean: 32, std_dev: 8, total_count: 50 } },
    load: { type: 'constant', stages: [{ rate: 5, duration: 3 }] },
    server: { type: 'vllm', model_name: 'm', base_url: 'http://a' },
  };
  const case_ = (name: string, config: object, args: string[] = []) =>
    ({ name, args: ['--config_file', '/config.yaml', ...args], files: { '/config.yaml': JSON.stringify(config) } });
  await expectRefusals(judge('benchmarks', 'inference_perf_arguments', [
    case_('right', right),
    case_('flag', right, ['--configs', 'x']),
    case_('value', { ...right, load: { type: 'constantly', stages: [{ rate: 5, duration: 3 }] } }),
    case_('key', { ...right, server: { ...right.server, model: 'm' } }),
    case_('key of a stage', { ...right, load: { type: 'constant', stages: [{ rate: 5, duration: 3, times: 2 }] } }),
  ]), { 'flag': /--configs/, 'value': /constantly|load/, 'key': /model/, 'key of a stage': /times/ });
}, 900_000);
