import fc from 'fast-check';
import { Accelerator } from '../../lib/accelerators';
import { ColdStart, type ColdStartRequest } from '../../lib/cold-start';
import { Model, Weights } from '../../lib/models';
import { Placement } from '../../lib/placement';

const S3 = Weights.s3('s3://weights/llama/');

/** A start of a 15 GiB model, with one override. */
function request(overrides: Partial<ColdStartRequest> = {}): ColdStartRequest {
  const { model = Model.LLAMA_3_1_8B, accelerator = Accelerator.G6_XLARGE, weights = Weights.hub() } = overrides;
  const placement = Placement.plan({ model, accelerator, contextLength: 8192, streamed: weights === S3 });
  return { model, accelerator, weights, placement, warmNode: true, ...overrides };
}

/** What the talk counts as "weights": everything from the image to the first answer. */
function weightsAndEngine(start: ColdStart): number {
  return start.seconds('weights') + start.seconds('engine');
}

describe('the published measurement', () => {
  // AWS, "AI on EKS" talk: image pull, then 15 GB of weights until ready, before and after SOCI parallel pull and
  // streaming from S3. The instance types are not told: g6.xlarge with gp3, and one device of g6e.12xlarge with its NVMe.
  const frugal = { accelerator: Accelerator.G6_XLARGE, localNvme: false };
  const fast = { accelerator: Accelerator.G6E_12XLARGE.withDevices(1), localNvme: true };

  test.each([
    { node: 'frugal, before', given: { ...frugal }, image: 226, weights: 258, total: 485 },
    {
      node: 'frugal, after',
      given: { ...frugal, rootVolumeMBps: 1000, fastImagePull: true, weights: S3 },
      image: 90,
      weights: 89,
      total: 178,
    },
    { node: 'fast, before', given: { ...fast }, image: 101, weights: 78, total: 180 },
    { node: 'fast, after', given: { ...fast, fastImagePull: true, weights: S3 }, image: 36, weights: 74, total: 110 },
  ])('$node: within 8 % of $image s, $weights s and $total s', ({ given, image, weights, total }) => {
    const start = ColdStart.estimate(request(given));
    expect(Math.abs(start.seconds('image') / image - 1)).toBeLessThan(0.08);
    expect(Math.abs(weightsAndEngine(start) / weights - 1)).toBeLessThan(0.08);
    expect(Math.abs(start.totalSeconds / total - 1)).toBeLessThan(0.08);
  });
});

describe('what limits a start', () => {
  test.each<[string, Partial<ColdStartRequest>, string, string]>([
    ['a default root volume', { localNvme: false }, 'image', 'root volume'],
    ['serial unpacking on fast disks', { accelerator: Accelerator.P5_48XLARGE }, 'image', 'serial unpacking'],
    ['four vCPUs with parallel pull', { localNvme: false, rootVolumeMBps: 1000, fastImagePull: true }, 'image', 'processor'],
    ['the largest layer on many vCPUs', { accelerator: Accelerator.P5_48XLARGE, fastImagePull: true }, 'image', 'the largest layer'],
    ['the network when streaming to a small node', { weights: S3 }, 'weights', 'network'],
    ['the streamer on a large node', { accelerator: Accelerator.P5_48XLARGE, weights: S3 }, 'weights', 'streamer'],
    ['the hub on a large node', { accelerator: Accelerator.P5_48XLARGE }, 'weights', 'hub'],
    ['compilation on Neuron', { accelerator: Accelerator.INF2_48XLARGE }, 'engine', 'compilation'],
  ])('is %s', (_name, overrides, stage, limit) => {
    expect(ColdStart.estimate(request(overrides)).stages.find(({ name }) => name === stage)?.limitedBy).toBe(limit);
  });

  test('is named as a stage', () => {
    expect(ColdStart.estimate(request({ accelerator: Accelerator.INF2_48XLARGE })).limitingStage.name).toBe('engine');
  });

  test('weights on a volume pass the network once', () => {
    const claim = Weights.volume({ claimName: 'models' });
    expect(ColdStart.estimate(request({ weights: claim })).seconds('weights')).toBeLessThan(
      ColdStart.estimate(request()).seconds('weights'),
    );
  });

  test('a warm node and a compile cache save their stages', () => {
    const cold = ColdStart.estimate(request({ warmNode: false }));
    const warm = ColdStart.estimate(request({ compileCached: true }));
    expect([cold.seconds('node'), warm.seconds('node')]).toEqual([90, 0]);
    expect(warm.seconds('engine')).toBeLessThan(cold.seconds('engine'));
    expect(ColdStart.estimate(request({ warmNode: false, accelerator: Accelerator.P5_48XLARGE })).seconds('node')).toBe(180);
    expect(
      ColdStart.estimate(request({ warmNode: false, model: Model.LLAMA_3_2_1B, accelerator: Accelerator.C8G_4XLARGE })).seconds('node'),
    ).toBe(50);
  });

  test('two nodes read half of the weights each', () => {
    const model = Model.DEEPSEEK_R1;
    const accelerator = Accelerator.P5_48XLARGE;
    const seconds = (nodes: number): number =>
      ColdStart.estimate({ model, accelerator, weights: S3, placement: Placement.plan({ model, accelerator, nodes }) }).seconds('weights');
    expect(seconds(2)).toBeCloseTo(seconds(1) / 2);
  });
});

describe('limits that derive from it', () => {
  test('a small model has ten minutes for its probe', () => {
    const start = ColdStart.estimate(request({ model: Model.QWEN3_0_6B, weights: S3 }));
    expect(start.startupProbeSeconds).toBe(600);
  });

  test('a large one has three times its start, up to three hours', () => {
    const start = ColdStart.estimate(request({ model: Model.LLAMA_3_3_70B, accelerator: Accelerator.G6E_12XLARGE, localNvme: false }));
    expect(start.startupProbeSeconds).toBeGreaterThanOrEqual(3 * weightsAndEngine(start));
    const huge = ColdStart.estimate(request({ model: Model.DEEPSEEK_R1, accelerator: Accelerator.P5EN_48XLARGE, localNvme: false }));
    expect(huge.startupProbeSeconds).toBe(10_800);
  });

  test('always hold together', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Model.catalogue()),
        fc.constantFrom(...Accelerator.catalogue()),
        fc.boolean(),
        fc.integer({ min: 125, max: 2000 }),
        (id, type, fastImagePull, rootVolumeMBps) => {
          const start = ColdStart.estimate(
            request({
              model: Model.huggingFace(id),
              accelerator: Accelerator.fromInstanceType(type),
              fastImagePull,
              rootVolumeMBps,
              warmNode: false,
            }),
          );
          expect(start.stages.map(({ name }) => name)).toEqual(['node', 'image', 'weights', 'engine']);
          expect(start.startupProbeSeconds).toBeGreaterThanOrEqual(Math.min(10_800, 2 * weightsAndEngine(start)));
          expect(start.progressDeadlineSeconds).toBeGreaterThan(start.startupProbeSeconds);
          expect(start.scalingCooldownSeconds).toBeGreaterThanOrEqual(Math.max(300, start.totalSeconds));
          for (const seconds of [start.startupProbeSeconds, start.progressDeadlineSeconds, start.scalingCooldownSeconds]) {
            expect(Number.isInteger(seconds)).toBe(true);
          }
        },
      ),
    );
  });

  test('a faster disk never makes a start slower', () => {
    fc.assert(
      fc.property(fc.integer({ min: 125, max: 2000 }), fc.integer({ min: 125, max: 2000 }), fc.boolean(), (a, b, fastImagePull) => {
        const [slow, quick] = [a, b].sort((x, y) => x - y);
        const total = (rootVolumeMBps: number): number =>
          ColdStart.estimate(request({ localNvme: false, rootVolumeMBps, fastImagePull })).totalSeconds;
        expect(total(quick)).toBeLessThanOrEqual(total(slow) + 1e-9);
      }),
    );
  });
});

test.each<[Partial<ColdStartRequest>, string]>([
  [{ imageMB: 0 }, "'imageMB' (0) must be greater than 0"],
  [{ rootVolumeMBps: -1 }, "'rootVolumeMBps' (-1) must be greater than 0"],
])('fails with %j', (overrides, message) => {
  expect(() => ColdStart.estimate(request(overrides))).toThrow(message);
});

test('fails for a stage that there is not', () => {
  expect(() => ColdStart.estimate(request()).seconds('boot')).toThrow("'stage' (boot) must be one of node, image, weights, engine");
});
