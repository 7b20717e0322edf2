import { App } from 'cdk8s';
import * as engines from '../lib/engines';
import * as topologies from '../lib/topologies';
import {
  Accelerator,
  AcceleratorKind,
  AIBrix,
  Diffusers,
  type IEngine,
  type ITopology,
  LlamaCpp,
  Model,
  ModelServerChart,
  type ModelServerChartProps,
  ModelTask,
  MultiNode,
  Nim,
  Ray,
  SgLang,
  SingleNode,
  TextEmbeddings,
  Triton,
  Vllm,
} from '../lib';
import { type Manifest, manifestsOf } from './fixtures/model-server';

/**
 * Every engine in every topology on every kind of accelerator: each either works behind the same endpoint, or says what
 * would. The table says which; all the rest must throw.
 */

const QWEN3 = Model.huggingFace('Qwen/Qwen3-8B');
const VECTORS = Model.huggingFace('BAAI/bge-m3', { task: ModelTask.EMBEDDING });
const PICTURES = Model.huggingFace('Qwen/Qwen-Image', { task: ModelTask.TEXT_TO_IMAGE });

interface Subject {
  readonly make: () => IEngine;
  readonly model: Model;
  /** Its NVIDIA type, where it is not four L40S. */
  readonly nvidia?: Accelerator;
}

const ENGINES: { readonly [className: string]: Subject } = {
  Vllm: { make: () => new Vllm(), model: QWEN3 },
  SgLang: { make: () => new SgLang(), model: QWEN3 },
  Triton: { make: () => new Triton(), model: QWEN3 },
  LlamaCpp: { make: () => new LlamaCpp({ repository: 'Qwen/Qwen3-8B-GGUF' }), model: QWEN3 },
  Nim: { make: () => new Nim({ image: 'nvcr.io/nim/qwen/qwen3-8b:2.0.12', ngcApiKey: { secretName: 'ngc' } }), model: QWEN3 },
  TextEmbeddings: { make: () => new TextEmbeddings(), model: VECTORS, nvidia: Accelerator.G6E_XLARGE },
  Diffusers: { make: () => new Diffusers(), model: PICTURES, nvidia: Accelerator.G6E_XLARGE },
};

const ACCELERATORS: { readonly [kind in AcceleratorKind]: Accelerator } = {
  [AcceleratorKind.NVIDIA]: Accelerator.G6E_12XLARGE,
  [AcceleratorKind.INFERENTIA]: Accelerator.INF2_48XLARGE,
  [AcceleratorKind.TRAINIUM]: Accelerator.TRN2_48XLARGE,
  [AcceleratorKind.CPU]: Accelerator.M8G_8XLARGE,
};

/** How to make the topologies that need to be told something. */
const TOPOLOGIES: { readonly [className: string]: () => ITopology } = {
  SingleNode: () => new SingleNode(),
  MultiNode: () => new MultiNode({ nodes: 2 }),
};

/** What works, by topology: `engine/kind`. */
const WORKS: { readonly [topology: string]: string[] } = {
  'single-node': [
    'vllm/nvidia', 'vllm/inferentia', 'vllm/trainium', 'vllm/cpu',
    'sglang/nvidia', 'triton/nvidia', 'nim/nvidia', 'diffusers/nvidia',
    'llama-cpp/nvidia', 'llama-cpp/cpu', 'text-embeddings/nvidia', 'text-embeddings/cpu',
  ],
  'multi-node': ['vllm/nvidia', 'sglang/nvidia'],
  ray: ['vllm/nvidia'],
  disaggregated: ['vllm/nvidia'],
  aibrix: ['vllm/nvidia', 'vllm/inferentia', 'vllm/trainium', 'vllm/cpu', 'sglang/nvidia'],
};

/** The errors of pairs that do not work: what was asked for, and what to write instead. */
const DOCUMENTED = [
  /^'accelerator' \([\w.-]+\) has no build of [\w-]+: choose /,
  /^'accelerator' \([\w.-]+\) has no image of Ray Serve LLM: use a type with NVIDIA GPUs and x86, or a SingleNode topology$/,
  /^'parallelism\.pipeline' cannot be used with vllm on [\w.-]+: choose an NVIDIA type for it$/, // a stage for each node
  /^engine '[\w-]+' serves from one node only on '[\w.-]+': use a SingleNode topology/,
  /^engine '[\w-]+' does not hand its KV cache over in this topology: use Vllm, or a SingleNode topology$/,
  /^'accelerator' \([\w.-]+\) cannot hand KV cache over by NIXL: use a type with NVIDIA GPUs$/,
  /^engine '[\w-]+' is not known to AIBrix: use Vllm or SgLang, or a SingleNode topology$/,
  /^engine '[\w-]+' does not run in Ray Serve LLM, which starts vLLM itself: use Vllm, or a SingleNode topology$/,
];

type Constructor<T> = new (options?: object) => T;

/** The classes of a barrel that implement a contract, by name. */
function classesOf<T>(barrel: object, isOne: (prototype: object) => boolean): [string, Constructor<T>][] {
  return Object.entries(barrel).filter((entry): entry is [string, Constructor<T>] => typeof entry[1] === 'function' && isOne(entry[1].prototype));
}

const engineClasses = classesOf<IEngine>(engines, (prototype) => 'bind' in prototype && 'streams' in prototype);
const topologyClasses = classesOf<ITopology>(topologies, (prototype) => 'bind' in prototype);

function serverWith(name: string, props: Partial<ModelServerChartProps>): ModelServerChart {
  return new ModelServerChart(new App(), name, {
    name,
    namespace: 'inference',
    model: QWEN3,
    engine: new Vllm(),
    accelerator: ACCELERATORS[AcceleratorKind.NVIDIA],
    servedName: 'qwen3',
    region: 'us-west-2',
    podMonitor: true,
    ...props,
  });
}

interface Case {
  readonly engine: string;
  readonly topology: string;
  readonly kind: AcceleratorKind;
  readonly works: boolean;
  readonly make: (name: string) => ModelServerChart;
}

const CASES: Case[] = topologyClasses.flatMap(([topologyClass, Topology]) =>
  Object.values(ENGINES).flatMap(({ make, model, nvidia }) =>
    Object.values(AcceleratorKind).map((kind): Case => {
      const topology = () => TOPOLOGIES[topologyClass]?.() ?? new Topology({});
      const pair = { engine: make().name, topology: topology().name };
      return {
        ...pair,
        kind,
        works: (WORKS[pair.topology] ?? []).includes(`${pair.engine}/${kind}`),
        make: (name) =>
          serverWith(name, {
            model,
            engine: make(),
            topology: topology(),
            accelerator: kind === AcceleratorKind.NVIDIA ? (nvidia ?? ACCELERATORS[kind]) : ACCELERATORS[kind],
          }),
      };
    }),
  ),
);

const WORKING = CASES.filter(({ works }) => works);
const label = ({ engine, topology, kind }: Case) => `${engine} in ${topology} on ${kind}`;
const named = (cases: Case[]): [string, Case][] => cases.map((one) => [label(one), one]);

/** One synth of every pair that works. */
const SYNTHESIZED = new Map(WORKING.map((one) => [label(one), { ...one, chart: one.make('qwen') }]));
const synthesized = () => [...SYNTHESIZED.values()];

describe('the sweep', () => {
  test('has every engine of the library', () => {
    expect(Object.keys(ENGINES).sort()).toEqual(engineClasses.map(([name]) => name).sort());
  });

  test('says of every topology of the library what works in it', () => {
    expect(Object.keys(WORKS).sort()).toEqual([...new Set(CASES.map(({ topology }) => topology))].sort());
  });

  test('has no two engines or topologies of one name', () => {
    expect(new Set(CASES.map(({ engine }) => engine)).size).toBe(Object.keys(ENGINES).length);
    expect(new Set(CASES.map(({ topology }) => topology)).size).toBe(topologyClasses.length);
  });

  test.each(named(CASES.filter(({ works }) => !works)))('refuses %s, and says what would work', (_name, one) => {
    expect(DOCUMENTED.filter((message) => message.test(errorOf(() => one.make('qwen'))))).toHaveLength(1);
  });
});

describe.each(named(WORKING))('%s', (name) => {
  const { chart, engine, kind, topology, make } = known(SYNTHESIZED.get(name));
  const manifests = manifestsOf(chart);
  const service = manifests.find((manifest) => manifest.kind === 'Service' && manifest.metadata.name === 'qwen');

  test('is behind the same Service as every other engine of its topology', () => {
    const reference = known(synthesized().find((other) => other.topology === topology && other.engine === 'vllm')); // all hold vLLM
    expect(service).toEqual(manifestsOf(reference.chart).find((manifest) => manifest.kind === 'Service' && manifest.metadata.name === 'qwen'));
    expect(chart.endpoint).toBe('http://qwen.inference');
  });

  test('has the port that the Service and the monitor name', () => {
    const ports = containersOf(manifests).flatMap((container) => container.ports ?? []);
    expect(ports).toContainEqual(expect.objectContaining({ name: 'http', containerPort: chart.engineConfig.port }));
    const monitored = manifests.find((manifest) => manifest.kind === 'PodMonitor')?.spec.podMetricsEndpoints[0];
    expect(ports.map((port) => port.name)).toContain(monitored.port);
    expect(monitored.path).toBe(chart.engineConfig.metricsPath);
  });

  test('knows the served name', () => {
    expect(chart.servedName).toBe('qwen3');
    expect(JSON.stringify(manifests)).toContain('qwen3');
  });

  test('answers on OpenAI paths', () => {
    expect(chart.engineConfig.paths.some((path) => /^\/v1\/(chat\/completions|embeddings|images\/generations)$/.test(path))).toBe(true);
  });

  test('is ready on its own path, and alive for longer than a slow answer', () => {
    if (topology === 'ray') return; // KubeRay writes the probes
    const containers = containersOf(manifests);
    const inTheService = containers.filter(({ ports }) => ports?.some((port) => port.name === 'http'));
    const engineContainers = containers.filter(({ startupProbe }) => startupProbe);
    expect(Math.min(inTheService.length, engineContainers.length)).toBeGreaterThan(0);
    for (const { readinessProbe } of inTheService) expect(readinessProbe?.httpGet?.path).toBe(chart.engineConfig.readinessPath);
    for (const { readinessProbe, livenessProbe, startupProbe } of engineContainers) {
      expect(readinessProbe?.httpGet?.path).toBe(chart.engineConfig.readinessPath);
      expect(livenessProbe?.httpGet?.path).toBe(chart.engineConfig.livenessPath);
      expect((startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0)).toBeGreaterThanOrEqual(15 * 60);
      expect((livenessProbe?.periodSeconds ?? 0) * (livenessProbe?.failureThreshold ?? 0)).toBeGreaterThanOrEqual(60);
    }
  });

  test('two models in a namespace share no name', () => {
    const names = (one: Manifest[]) => one.map((manifest) => `${manifest.kind}/${manifest.metadata.name}`);
    const other = manifestsOf(make('llama'));
    expect(names(other).filter((object) => names(manifests).includes(object))).toEqual([]);
    expect(JSON.stringify(other.find((manifest) => manifest.kind === 'Service')?.spec.selector)).not.toEqual(JSON.stringify(service?.spec.selector));
  });

  describe("makes none of others' mistakes:", () => {
    const text = JSON.stringify(manifests);
    const pods = podsOf(manifests);

    test('there are pods to look at', () => expect(pods.length).toBeGreaterThan(0));

    test('no shell, nothing installed at a start', () => {
      for (const { command = [], args = [] } of containersOf(manifests)) {
        expect([...command, ...args].filter((word) => /^(\/bin\/)?(ba)?sh$|^-c$|pip3? install|apt-get|apk add/.test(word))).toEqual([]);
      }
    });

    test('no image floats', () => {
      for (const { image } of containersOf(manifests)) expect(image).toMatch(/(:(?!latest$|stable$|main$)[\w.-]+|@sha256:[0-9a-f]{64})$/);
    });

    test('numbers have no exponent', () => expect(text).not.toMatch(/\d+(\.\d+)?e\+\d+/));

    test('pods tolerate the taint of their devices', () => {
      const taint = chart.accelerator.taintKey;
      const withDevices = pods.filter((pod) => JSON.stringify(pod).includes(`"${taint}":`));
      if (kind !== AcceleratorKind.CPU) expect(withDevices.length).toBeGreaterThan(0);
      for (const pod of withDevices) expect(pod.tolerations).toContainEqual(expect.objectContaining({ key: taint }));
    });

    test('a public model needs no token', () => expect(text).not.toContain('HF_TOKEN'));

    test('a whole node needs no scheduler of its own', () => {
      for (const pod of pods) expect(pod.schedulerName).toBeUndefined();
    });

    test('replicas are not forced into one zone, and no zone is taken for one group', () => {
      expect(text).not.toContain('exclusive-topology');
      if (topology === 'disaggregated') return; // one replica is both halves, and EFA does not leave a zone
      for (const { affinity } of pods) {
        for (const term of affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
          expect(term.matchLabelKeys).toBeDefined(); // each group for itself
        }
      }
    });

    test('no developer endpoints and no settings of fabrics that EC2 has not', () => {
      expect(text).not.toMatch(/VLLM_SERVER_DEV_MODE|NCCL_IB_|mlx5/);
    });

    test('nothing runs as root, or says why', () => {
      for (const pod of pods) {
        if (pod.securityContext?.runAsUser !== 0) expect(pod.securityContext?.runAsNonRoot).toBe(true);
        else expect(text).toContain('cdk-eks-inference/runs-as-root');
      }
      for (const { securityContext } of containersOf(manifests)) {
        expect(securityContext?.allowPrivilegeEscalation).toBe(false);
        expect(securityContext?.capabilities?.drop).toEqual(['ALL']);
      }
    });

    test('no token of the API server, and no variables of other Services', () => {
      for (const pod of pods) {
        expect(pod.automountServiceAccountToken ?? (topology === 'ray' ? false : undefined)).toBe(false);
        expect(pod.enableServiceLinks).toBe(false);
      }
    });

    test('a pod has the time it needs to end', () => {
      for (const pod of pods) {
        const pause = pod.containers[0].lifecycle?.preStop?.sleep?.seconds ?? 0;
        const serves = pod.containers[0].readinessProbe !== undefined;
        const drain = serves && topology !== 'ray' ? (chart.engineConfig.shutdownSeconds ?? 0) : 0; // Ray drains during the pause
        expect(pod.terminationGracePeriodSeconds ?? 30).toBeGreaterThan(pause + drain);
      }
    });

    test('devices are asked for and limited alike', () => {
      for (const { resources } of containersOf(manifests)) {
        for (const [resource, amount] of Object.entries(resources?.limits ?? {})) expect(resources?.requests?.[resource]).toEqual(amount);
      }
    });

    if (engine !== 'nim') {
      test('caches are on the disk that the node has for it', () => {
        expect(pods.some((pod) => pod.volumes?.some((volume) => volume.name === 'cache' && volume.emptyDir?.sizeLimit))).toBe(true);
      });
    }
  });
});

describe('one line moves Qwen3', () => {
  /** Everything but the line that changes. */
  const move = (line: Partial<ModelServerChartProps>) => serverWith('qwen', { accelerator: Accelerator.P5_48XLARGE, contextLength: 8192, ...line });
  const LINES: { readonly [line: string]: () => Partial<ModelServerChartProps> } = {
    'engine: new Vllm()': () => ({ engine: new Vllm() }),
    'engine: new SgLang()': () => ({ engine: new SgLang() }),
    'engine: new Triton()': () => ({ engine: new Triton() }),
    'topology: new Ray()': () => ({ topology: new Ray() }),
    'topology: new AIBrix()': () => ({ topology: new AIBrix() }),
    'topology: new MultiNode({ nodes: 2 })': () => ({ topology: new MultiNode({ nodes: 2 }) }),
  };

  test.each(Object.keys(LINES))('to %s behind the same endpoint', (line) => {
    const [before, after] = [move({}), move(LINES[line]())];
    expect(contractOf(after)).toEqual(contractOf(before));
  });

  test('and the workload is another each time', () => {
    const workloads = Object.values(LINES).map((line) => JSON.stringify(manifestsOf(move(line())).filter(({ kind }) => kind !== 'Service')));
    expect(new Set(workloads).size).toBe(workloads.length);
  });
});

function known<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('the lists of this test do not agree');
  return found;
}

function errorOf(make: () => unknown): string {
  try {
    make();
    return 'nothing was thrown';
  } catch (error) {
    return (error as Error).message; // everything here throws Error
  }
}

/** What a client depends on. The selector is the topology's: which of its pods take requests. */
function contractOf(chart: ModelServerChart): object {
  const service = manifestsOf(chart).find((manifest) => manifest.kind === 'Service' && manifest.metadata.name === 'qwen');
  return {
    metadata: service?.metadata,
    spec: { ...service?.spec, selector: undefined },
    endpoint: chart.endpoint,
    servedName: chart.servedName,
    chat: chart.engineConfig.paths.includes('/v1/chat/completions'),
    models: chart.engineConfig.paths.includes('/v1/models'),
  };
}

interface PodLike {
  readonly containers: ContainerLike[];
  readonly initContainers?: ContainerLike[];
  readonly tolerations?: object[];
  readonly schedulerName?: string;
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsNonRoot?: boolean };
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly volumes?: { readonly name: string; readonly emptyDir?: { readonly sizeLimit?: string } }[];
  readonly affinity?: {
    readonly podAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly matchLabelKeys?: string[] }[] };
  };
}

interface ProbeLike {
  readonly httpGet?: { readonly path: string };
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
}

interface ContainerLike {
  readonly image: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly ports?: { readonly name?: string; readonly containerPort: number }[];
  readonly readinessProbe?: ProbeLike;
  readonly livenessProbe?: ProbeLike;
  readonly startupProbe?: ProbeLike;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly securityContext?: { readonly allowPrivilegeEscalation?: boolean; readonly capabilities?: { readonly drop?: string[] } };
  readonly resources?: { readonly limits?: { readonly [name: string]: unknown }; readonly requests?: { readonly [name: string]: unknown } };
}

/** Every pod spec in a set of objects, whatever kind holds it. */
function podsOf(node: unknown): PodLike[] {
  if (node === null || typeof node !== 'object') return [];
  const found = 'containers' in node && Array.isArray(node.containers) ? [node as PodLike] : [];
  return [...found, ...Object.values(node).flatMap(podsOf)];
}

function containersOf(manifests: Manifest[]): ContainerLike[] {
  return podsOf(manifests).flatMap((pod) => [...(pod.initContainers ?? []), ...pod.containers]);
}

