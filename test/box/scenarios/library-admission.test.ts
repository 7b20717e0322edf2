import {
  Accelerator, Diffusers, FixedReplicas, GpuPool, GravitonPool, type IEngine, InferentiaPool, type IScaling, type ITopology,
  LlamaCpp, Model, type ModelServerChartProps, ModelTask,
  MultiNode, Nim, QueueScaling, Ray, SgLang, SingleNode, TextEmbeddings, TrainiumPool, Triton, Vllm, X86Pool,
} from '../../../lib';
import { libraryPool, modelServer, objectsOf } from '../fixtures/library';
import { admit, differences, podsOf } from '../harness/admission';
import { Box } from '../harness/box';
import type { KubeObject } from '../harness/kinds';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const NAMESPACE = 'sweep';

/** Each engine, with hardware that it runs on. */
const ENGINES: readonly (readonly [name: string, props: Partial<ModelServerChartProps> & { engine: IEngine }])[] = [
  ['vllm', { engine: new Vllm() }],
  ['vllm on H100', { engine: new Vllm(), accelerator: Accelerator.P5_48XLARGE, model: Model.LLAMA_3_3_70B }],
  ['vllm on Inferentia', { engine: new Vllm(), accelerator: Accelerator.INF2_48XLARGE, model: Model.LLAMA_3_1_8B }],
  ['vllm on Trainium', { engine: new Vllm(), accelerator: Accelerator.TRN2_48XLARGE, model: Model.LLAMA_3_1_8B }],
  ['vllm on Graviton', { engine: new Vllm(), accelerator: Accelerator.M8G_8XLARGE }],
  ['sglang', { engine: new SgLang() }],
  ['triton', { engine: new Triton(), servedName: 'qwen3' }],
  ['llama-cpp', { engine: new LlamaCpp(), accelerator: Accelerator.C8G_4XLARGE }],
  ['text-embeddings', { engine: new TextEmbeddings(), model: Model.huggingFace('BAAI/bge-m3', { task: ModelTask.EMBEDDING }) }],
  ['diffusers', { engine: new Diffusers(), model: Model.huggingFace('Qwen/Qwen-Image', { task: ModelTask.TEXT_TO_IMAGE, weightsGiB: 10 }) }],
  ['nim', { engine: new Nim({ image: 'nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.12', ngcApiKey: { secretName: 'ngc' } }) }],
];

const TOPOLOGIES: readonly ITopology[] = [new SingleNode(), new MultiNode({ nodes: 2 }), new Ray()];

const SCALINGS: readonly (readonly [name: string, scaling: IScaling])[] = [
  ['fixed', new FixedReplicas(2)],
  ['queue', new QueueScaling({ maxReplicas: 4 })],
];

/** The chart's objects, or why the library says that the pair cannot be. */
function build(props: Partial<ModelServerChartProps>): KubeObject[] | string {
  try {
    return objectsOf(modelServer({ namespace: NAMESPACE, ...props }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('given every engine on every topology with every scaling', () => {
  let place: Workspace;
  const cases = ENGINES.flatMap(([engine, props]) => TOPOLOGIES.flatMap((topology) => SCALINGS.map(([scaled, scaling]) => {
    const result = build({ ...props, topology, scaling });
    return { name: `${engine}, ${topology.name}, ${scaled}`, objects: typeof result === 'string' ? [] : result, why: typeof result === 'string' ? result : '' };
  })));
  const made = cases.filter(({ objects }) => objects.length > 0);

  beforeAll(async () => {
    place = await Workspace.create(box, NAMESPACE);
    await Workspace.create(box, `${NAMESPACE}-restricted`, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  afterAll(() => place.dispose());

  test('then the library makes what can work, and names another way for the rest', () => {
    for (const { why } of cases.filter(({ objects }) => objects.length === 0)) expect(why).toMatch(/: (use|choose|write|give|scale) /);
    expect(made.length).toBeGreaterThan(cases.length / 3);
  });

  test.each(made)('$name: then the API server admits it, without an unknown field, and stores what was meant', async ({ objects }) => {
    const stored = await admit(box.cluster, objects);
    const changed = objects.flatMap((object) => {
      const twin = stored.find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name);
      return differences(object, twin, `${object.kind}/${object.metadata.name}`);
    });
    expect(changed).toEqual([]);
  });

  test.each(made)('$name: then its pods are admitted where Pod Security "restricted" is enforced, EFA\'s excepted', async ({ objects }) => {
    const pods = podsOf(objects, `${NAMESPACE}-restricted`).map((pod) => ({ ...pod, spec: { ...(pod.spec as object), serviceAccountName: 'default' } }));
    const admitted = admit(box.cluster, pods);
    // libfabric locks memory, which no level but "privileged" allows
    if (JSON.stringify(pods).includes('vpc.amazonaws.com/efa')) await expect(admitted).rejects.toThrow(/container "engine" must not include "IPC_LOCK" in [^;]*$/);
    else await admitted;
  });
});

describe('given every pool', () => {
  test.each([
    ['gpu', new GpuPool()],
    ['inferentia', new InferentiaPool()],
    ['trainium', new TrainiumPool()],
    ['graviton', new GravitonPool()],
    ['x86', new X86Pool()],
  ])('%s: then the API server admits it as it was written', async (name, pool) => {
    const objects = objectsOf(libraryPool(box, name, pool));
    const stored = await admit(box.cluster, objects);
    expect(objects.flatMap((object, index) => differences(object, stored[index], object.kind))).toEqual([]);
  });
});
