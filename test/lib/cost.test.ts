import fc from 'fast-check';
import { Accelerator } from '../../lib/accelerators';
import { Cost, type CostItem, type CostRequest } from '../../lib/cost';

const REGION = 'us-east-1';

/** One to three replicas on an L4, with one override. */
function item(overrides: Partial<CostItem> = {}): CostItem {
  return { name: 'chat', accelerator: Accelerator.G6_XLARGE, minimum: 1, maximum: 3, ...overrides };
}

/** A server and nothing else, with one override. */
function estimate(overrides: Partial<CostRequest> = {}): Cost {
  return Cost.estimate({ region: REGION, items: [item()], ...overrides });
}

describe('a model server', () => {
  test('costs its replicas', () => {
    expect(estimate().lines).toEqual([
      {
        name: 'chat',
        instanceType: 'g6.xlarge',
        minimumUsd: 0.8048,
        typicalUsd: 2 * 0.8048,
        maximumUsd: 3 * 0.8048,
        usdPerMillionTokens: undefined,
      },
    ]);
  });

  test('of several nodes costs all of them, of half a node half', () => {
    expect(estimate({ items: [item({ accelerator: Accelerator.P5_48XLARGE, nodesPerReplica: 2 })] }).total.minimumUsd).toBeCloseTo(110.08);
    expect(estimate({ items: [item({ accelerator: Accelerator.G6_12XLARGE.withDevices(2) })] }).total.minimumUsd).toBeCloseTo(4.6016 / 2);
  });

  test('that scales to zero costs nothing at least', () => {
    expect(estimate({ items: [item({ minimum: 0 })] }).total).toMatchObject({ minimumUsd: 0, typicalUsd: 2 * 0.8048 });
  });

  test('costs less by what is committed and what is spot', () => {
    const total = (discount: CostItem['discount']): number | undefined => estimate({ items: [item({ discount })] }).total.minimumUsd;
    expect(total({ committed: 0.4 })).toBeCloseTo(0.6 * 0.8048);
    expect(total({ spotShare: 1, spot: 0.7 })).toBeCloseTo(0.3 * 0.8048);
    expect(total({ committed: 0.4, spotShare: 0.5, spot: 0.7 })).toBeCloseTo((0.5 * 0.6 + 0.5 * 0.3) * 0.8048);
  });

  test('has a price of a token where a rate was measured', () => {
    // 842 tokens a second on g6e.12xlarge: $3.46 a million, which is what the published benchmark's own formula gives
    const throughput = { outputTokensPerSecond: 842, instanceType: 'g6e.12xlarge' };
    const [line] = estimate({ items: [item({ accelerator: Accelerator.G6E_12XLARGE, throughput })] }).lines;
    expect(line.usdPerMillionTokens).toBeCloseTo(3.46, 2);
  });
});

describe('a cluster', () => {
  test('that does nothing costs its control plane, network, volumes and controllers', () => {
    const cluster = {
      natGateways: 4,
      interfaceEndpoints: 20,
      loadBalancers: 1,
      volumesGiB: 73,
      systemNodes: [item({ name: 'system', accelerator: Accelerator.fromInstanceType('m7g.large'), minimum: 2, maximum: 2 })],
    };
    const expected = 0.1 + 4 * 0.045 + 20 * 0.01 + 0.0225 + (73 * 0.08) / 730 + 2 * 0.0816;
    expect(estimate({ items: [], cluster }).cluster).toEqual({
      minimumUsd: expect.closeTo(expected),
      typicalUsd: expect.closeTo(expected),
      maximumUsd: expect.closeTo(expected),
    });
  });

  test('in extended support costs six times as much', () => {
    expect(estimate({ items: [], cluster: { extendedSupport: true } }).total.minimumUsd).toBeCloseTo(0.6);
  });

  test('is part of the total, and of the month', () => {
    const cost = estimate({ cluster: {} });
    expect(cost.total.minimumUsd).toBeCloseTo(0.9048);
    expect(cost.monthly.minimumUsd).toBeCloseTo(0.9048 * 730);
  });
});

describe('what is not known', () => {
  test('has no price of another region, and neither has its total', () => {
    const cost = estimate({ region: 'eu-west-1', cluster: {} });
    expect(cost.total).toEqual({ minimumUsd: undefined, typicalUsd: undefined, maximumUsd: undefined });
    expect(cost.unpriced).toEqual(['g6.xlarge', 'control plane, network and volumes']);
  });

  test('of services does not hide what the instances cost', () => {
    const cost = estimate({ region: 'eu-central-1', cluster: {} });
    expect(cost.lines[0].minimumUsd).toBe(1.0064);
    expect(cost.total.minimumUsd).toBeUndefined();
    expect(cost.unpriced).toEqual(['control plane, network and volumes']);
  });

  test('is nothing in the region of the default app', () => {
    const cost = estimate({ region: 'us-west-2', cluster: { natGateways: 4, systemNodes: [item({ accelerator: Accelerator.fromInstanceType('m7g.large') })] } });
    expect(cost.unpriced).toEqual([]);
    expect(cost.cluster?.minimumUsd).toBeCloseTo(0.1 + 4 * 0.045 + 0.0816);
  });

  test('is told for a type without a list price', () => {
    const cost = estimate({ items: [item(), item({ name: 'large', accelerator: Accelerator.fromInstanceType('p5e.48xlarge') })] });
    expect(cost.unpriced).toEqual(['p5e.48xlarge']);
    expect(cost.lines[0].maximumUsd).toBeDefined();
    expect(cost.total.maximumUsd).toBeUndefined();
  });

  test('prices say their region and day', () => {
    expect(estimate()).toMatchObject({ region: 'us-east-1', priceDate: '2026-07-20' });
    expect(estimate({ region: 'us-west-2' })).toMatchObject({ region: 'us-west-2', priceDate: '2026-01' });
    expect(estimate({ region: 'sa-east-1' }).priceDate).toBeUndefined();
  });
});

describe('a budget', () => {
  test('holds at the largest', () => {
    expect(estimate({ budgetUsdPerHour: 3 * 0.8048 }).withinBudget).toBe(true);
    expect(estimate({ budgetUsdPerHour: 2 }).withinBudget).toBe(false);
    expect(estimate().withinBudget).toBe(true);
  });

  test('fails with the largest items', () => {
    const items = [item(), item({ name: 'reasoning', accelerator: Accelerator.P5_48XLARGE })];
    expect(() => Cost.require({ region: REGION, items, budgetUsdPerHour: 100 })).toThrow(
      "'budgetUsdPerHour' ($100) is less than the $167.53 an hour that everything costs at its largest (reasoning $165.12, chat $2.41): " +
        'lower the most replicas of these, or raise the budget',
    );
  });

  test('fails where the cost cannot be known', () => {
    expect(() => Cost.require({ region: 'eu-west-1', items: [item()], budgetUsdPerHour: 100 })).toThrow(
      "'budgetUsdPerHour' ($100) cannot be checked: no price is known in eu-west-1 for g6.xlarge",
    );
  });
});

describe('fails', () => {
  const throughput = { outputTokensPerSecond: 842, instanceType: 'g6.xlarge' };
  test.each<[string, Partial<CostItem>, RegExp]>([
    ['fewer than none', { minimum: -1 }, /'minimum' of 'chat' \(-1\) must be at least 0/],
    ['most below fewest', { minimum: 4 }, /'maximum' of 'chat' \(3\) must be at least 'minimum' \(4\)/],
    ['a usual hour beyond the most', { typical: 4 }, /'typical' of 'chat' \(4\) must be between 'minimum' \(1\) and 'maximum' \(3\)/],
    ['a discount of 40', { discount: { committed: 40 } }, /'committed' of 'chat' \(40\) must be a share between 0 and 1/],
    [
      'no tokens',
      { throughput: { ...throughput, outputTokensPerSecond: 0 } },
      /'outputTokensPerSecond' of 'chat' \(0\) must be greater than 0/,
    ],
    [
      'a rate of another type',
      { throughput: { ...throughput, instanceType: 'p5.48xlarge' } },
      /was measured on p5\.48xlarge and the server runs on g6\.xlarge/,
    ],
  ])('with %s', (_name, overrides, message) => {
    expect(() => estimate({ items: [item(overrides)] })).toThrow(message);
  });

  test('with a negative budget', () => {
    expect(() => estimate({ budgetUsdPerHour: -1 })).toThrow("'budgetUsdPerHour' (-1) must be at least 0");
  });
});

describe('properties', () => {
  const count = fc.integer({ min: 0, max: 50 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const priced = Accelerator.catalogue()
    .map((name) => Accelerator.fromInstanceType(name))
    .filter((type) => type.onDemandUsdPerHour(REGION) !== undefined);

  test('least ≤ usual ≤ most, and a discount never costs', () => {
    fc.assert(
      fc.property(fc.constantFrom(...priced), count, count, share, share, share, (accelerator, a, b, committed, spotShare, spot) => {
        const [minimum, maximum] = [a, b].sort((x, y) => x - y);
        const { total } = estimate({ items: [item({ accelerator, minimum, maximum, discount: { committed, spotShare, spot } })] });
        const list = estimate({ items: [item({ accelerator, minimum, maximum })] }).total;
        const [least, usual, most] = [total.minimumUsd ?? NaN, total.typicalUsd ?? NaN, total.maximumUsd ?? NaN];
        expect(least).toBeLessThanOrEqual(usual);
        expect(usual).toBeLessThanOrEqual(most);
        expect(most).toBeLessThanOrEqual((list.maximumUsd ?? NaN) + 1e-9);
      }),
    );
  });

  test('a total is the sum of its lines', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...priced), count), { maxLength: 20 }), (servers) => {
        const items = servers.map(([accelerator, maximum], index) => item({ name: `m${index}`, accelerator, minimum: 0, maximum }));
        const cost = estimate({ items });
        expect(cost.total.maximumUsd).toBeCloseTo(cost.lines.reduce((sum, line) => sum + (line.maximumUsd ?? NaN), 0));
      }),
    );
  });
});
