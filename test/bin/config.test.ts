import { execFileSync } from 'node:child_process';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { stringify } from 'yaml';
import { addStack } from '../../bin/build-app';
import { parseConfig } from '../../bin/config/load-config';

/** Reads and builds what a file says, as the app does. */
function build(config: object): void {
  addStack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), parseConfig(stringify(config), 'inference.yaml'), 'inference.yaml');
}

const qwen = { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge' };
const gpu = { gpu: { families: ['g6'] } };
const on = { instanceType: 'g6.xlarge' };
const guideLlm = 'test/fixtures/benchmarks/guidellm.json';

describe('fails in one line that names the place, what was got and the fix', () => {
  test.each<[string, object, string]>([
    ['an unknown key', { modles: {} }, "'modles' is not known, did you mean 'models'?: allowed here are "],
    ['an unknown key of a model', { models: { a: { ...qwen, acelerator: 'x' } } }, "'models.a.acelerator' is not known, did you mean 'accelerator'?"],
    ['an unknown option of an engine', { models: { a: { ...qwen, engine: { vllm: { enforceEeger: true } } } } }, "'models.a.engine.vllm.enforceEeger' is not known, did you mean 'enforceEager'?"],
    ['an engine that does not exist', { models: { a: { ...qwen, engine: 'vlm' } } }, "'models.a.engine' (vlm) must be one of vllm, sglang"],
    ['a missing accelerator', { models: { a: { model: 'Qwen/Qwen3-1.7B' } } }, "'models.a.accelerator' is missing: add it"],
    ['0 zones', { cluster: { zones: 0 } }, "'cluster.zones' (0) must be between 1 and 6"],
    ['7 zones', { cluster: { zones: 7 } }, "'cluster.zones' (7) must be between 1 and 6"],
    ['more zones than the region has', { region: 'eu-central-1' }, 'eu-central-1'],
    ['a wrong type', { cluster: { flowLogs: 'yes' } }, "'cluster.flowLogs' (yes) must be a boolean"],
    ['a wrong choice', { cluster: { natGateways: 'one' } }, "'cluster.natGateways' (one) must be one of per-zone, single"],
    ['an accelerator without a pool', { models: { a: qwen } }, "models.a: 'accelerator' (g6.xlarge) is in no node pool: write nodePools: { gpu: { families: [g6] } }"],
    ['an accelerator that does not exist', { nodePools: gpu, models: { a: { ...qwen, accelerator: 'g6.xlrge' } } }, "models.a: 'instanceType' (g6.xlrge) is not in the catalogue: did you mean g6.xlarge"],
    ['a model that is no repository id', { nodePools: gpu, models: { a: { ...qwen, model: 'qwen' } } }, "models.a: 'id' (qwen) must be a repository id of the form owner/name"],
    ['a model that does not fit', { nodePools: gpu, models: { a: { ...qwen, model: 'Qwen/Qwen3-32B' } } }, "model 'Qwen/Qwen3-32B' does not fit on g6.xlarge"],
    ['a missing add-on', { nodePools: gpu, models: { a: { ...qwen, topology: 'ray' } } }, 'models.a: it needs the add-on kube-ray: write addons: { kube-ray: true }'],
    ['an add-on that scaling needs', { nodePools: gpu, models: { a: { ...qwen, scaling: { queue: { maxReplicas: 2 } } } } }, 'models.a: it needs the add-ons keda and kube-prometheus-stack'],
    ['an add-on version that is no exact one', { addons: { keda: { version: 'latest' } } }, "addons.keda: 'version' (latest) of an add-on must be one exact chart version"],
    ['a name that is no DNS label', { nodePools: gpu, models: { Qwen_3: qwen } }, "'name' (Qwen_3) must be a DNS label: at most 63 lower-case letters, digits and dashes, starting with a letter: write qwen-3"],
    ['a negative limit', { nodePools: { gpu: { families: ['g6'], limits: { devices: -1 } } } }, "nodePools.gpu: 'limits.devices' (-1)"],
    ['a family that does not exist', { nodePools: { gpu: { families: ['g66'] } } }, "nodePools.gpu: 'families' has 'g66', which is not known: did you mean g6"],
    ['negative replicas', { nodePools: gpu, models: { a: { ...qwen, scaling: { replicas: -1 } } } }, "models.a: 'replicas' (-1) must be a whole number, 0 or more"],
    ['two ways of scaling', { models: { a: { ...qwen, scaling: { replicas: 1, queue: { maxReplicas: 2 } } } } }, "'models.a.scaling'"],
    ['a store that is not there', { nodePools: gpu, models: { a: { ...qwen, fromStore: true } } }, "models.a: 'fromStore' needs a store: write modelStore: true"],
    ['ranges for an endpoint that is closed', { cluster: { privateEndpoint: true, publicAccessCidrs: ['10.0.0.0/8'] } }, "'cluster.publicAccessCidrs' has no effect with 'cluster.privateEndpoint'"],
    ['a region that does not sell the family', { region: 'eu-west-2', nodePools: { trainium: { families: ['trn2'] } } }, 'eu-west-2'],
    ['the head of a Ray cluster without nodes', { nodePools: gpu, addons: { 'kube-ray': true }, models: { a: { ...qwen, topology: 'ray' } } }, "no node can come for its pods 'head': NodePool 'gpu': the pod does not tolerate its taint nvidia.com/gpu:NoSchedule: add a pool without accelerators first, new X86Pool(), or x86: true under nodePools"],
    ['that head without the pool of EKS Auto Mode', { cluster: { compute: 'auto-mode', generalPurposePool: false }, nodePools: gpu, addons: { 'kube-ray': true }, models: { a: { ...qwen, topology: 'ray' } } }, "no node can come for its pods 'head'"],
    ['a pool of EKS Auto Mode under Karpenter', { cluster: { generalPurposePool: false } }, "'cluster.generalPurposePool' (false) is a pool of EKS Auto Mode: write compute: auto-mode, or leave it out"],
    ['a discount in percent', { discount: { committed: 30 } }, "'discount.committed' (30) must be between 0 and 1"],
    ['an unknown discount', { nodePools: { gpu: { families: ['g6'], discount: { reserved: 0.3 } } } }, "'nodePools.gpu.discount.reserved' is not known, did you mean 'committed'?"],
    ['a rate without instance type', { models: { a: { ...qwen, throughput: { outputTokensPerSecond: 900 } } } }, "'models.a.throughput.instanceType' is missing: add it"],
    ['a rate of 0', { models: { a: { ...qwen, throughput: { ...on, outputTokensPerSecond: 0 } } } }, "'models.a.throughput.outputTokensPerSecond' (0) must be more than 0"],
    ['no rate', { nodePools: gpu, models: { a: { ...qwen, throughput: on } } }, "models.a: 'throughput' has neither 'file' nor 'outputTokensPerSecond': give the result file of a benchmark, or the number"],
    ['a rate and a file', { nodePools: gpu, models: { a: { ...qwen, throughput: { ...on, file: guideLlm, outputTokensPerSecond: 900 } } } }, "models.a: 'throughput.outputTokensPerSecond' (900) is in the 'file': leave one of them out"],
    ['a stage without file', { nodePools: gpu, models: { a: { ...qwen, throughput: { ...on, stage: 1, outputTokensPerSecond: 900 } } } }, "models.a: 'throughput.stage' (1) is read with 'file', and there is none: leave it out"],
    ['a stage that the file has not', { nodePools: gpu, models: { a: { ...qwen, throughput: { ...on, file: guideLlm, stage: 2 } } } }, "guidellm.json: 'stage' (2) must be a whole number between 1 and 1: the result has 1"],
    ['a result that is not there', { nodePools: gpu, models: { a: { ...qwen, throughput: { ...on, file: 'none.json' } } } }, "none.json) cannot be read: give the path of the result file of a benchmark"],
    ['a result that is none', { nodePools: gpu, models: { a: { ...qwen, throughput: { ...on, file: 'package.json' } } } }, "models.a: package.json: 'result' has neither 'benchmarks' nor 'successes'"],
  ])('%s', (_what, config, message) => {
    // when
    const failed = () => build(config);
    // then
    expect(failed).toThrow(message);
    expect(failed).toThrow(/^inference\.yaml: [^\n]+[^.\n]$/);
  });

  test('YAML that is none', () => {
    expect(() => parseConfig('name: [', 'inference.yaml')).toThrow(/^inference\.yaml: .+ at line 1/);
  });

  test('the same key twice', () => {
    expect(() => parseConfig('name: a\nname: b', 'inference.yaml')).toThrow(/^inference\.yaml: Map keys must be unique/);
  });
});

test('EKS Auto Mode keeps its pool for general purposes unless the file says no', () => {
  const poolsWith = (cluster: object) => {
    const stack = addStack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), parseConfig(stringify({ cluster }), 'inference.yaml'));
    const [made] = Object.values(Template.fromStack(stack).findResources('AWS::EKS::Cluster')) as { Properties: { ComputeConfig: { NodePools: string[] } } }[];
    return made.Properties.ComputeConfig.NodePools;
  };
  expect(poolsWith({ compute: 'auto-mode' })).toEqual(['system', 'general-purpose']);
  expect(poolsWith({ compute: 'auto-mode', generalPurposePool: false })).toEqual(['system']);
});

describe('the schema', () => {
  test('is the one of the types', () => {
    execFileSync(process.execPath, ['scripts/schema.mjs', '--check'], { stdio: 'pipe' });
  });

  test('takes JSON as well', () => {
    expect(parseConfig('{"name": "Chat", "models": {}}', 'inference.json')).toEqual({ name: 'Chat', models: {} });
  });
});
