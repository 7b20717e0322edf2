import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Ajv from 'ajv';
import { App } from 'aws-cdk-lib';
import { chromium, type Browser } from 'playwright-core';
import { stringify } from 'yaml';
import { addStack } from '../../bin/build-app';
import { parseConfig } from '../../bin/config/load-config';
import type { Plan } from '../../lib/plan/plan';
import { runInference } from './run-inference';

const folder = mkdtempSync(join(tmpdir(), 'inference-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const valid = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('inference-plan.schema.json', 'utf8')) as object);

/** An app of every shape that a plan has, where everything fits. */
const APP = {
  name: 'Assistants',
  region: 'us-east-1',
  cluster: { natGateways: 'single', zones: 4 },
  nodePools: { gpu: { families: ['g6', 'g6e', 'p5'], limits: { devices: 40 } } },
  addons: { keda: true, 'kube-prometheus-stack': true, 'leader-worker-set': true },
  modelStore: true,
  models: {
    chat: { model: 'Qwen/Qwen3-8B', accelerator: 'g6e.xlarge', contextLength: 16384, concurrency: 8, scaling: { queue: { maxReplicas: 4 } } },
    small: { model: 'Qwen/Qwen3-1.7B', accelerator: 'g6.xlarge', fromStore: false },
    coder: { model: 'Qwen/Qwen3-Coder-480B-A35B-Instruct', accelerator: 'p5.48xlarge', topology: { 'multi-node': { nodes: 2 } } },
  },
};
const TOO_LARGE = { model: 'meta-llama/Llama-3.3-70B-Instruct', accelerator: 'g6.xlarge', fromStore: false };

function configFile(config: object): string {
  const file = join(mkdtempSync(join(folder, 'config-')), 'inference.yaml');
  writeFileSync(file, stringify(config));
  return file;
}

function planOf(config: object): { plan: Plan; exitCode: number } {
  const { stdout, stderr, exitCode } = runInference('plan', '-c', `config=${configFile(config)}`, '--json');
  expect(stderr).toBe('');
  return { plan: JSON.parse(stdout) as Plan, exitCode };
}

test('the published schemas are those of the types', () => {
  execFileSync(process.execPath, ['scripts/plan-schema.mjs', '--check'], { stdio: 'pipe' });
});

describe('the plan of a config file', () => {
  const { plan, exitCode } = (() => {
    const { stdout, exitCode: code } = runInference('plan', '-c', `config=${configFile(APP)}`, '--json');
    return { plan: JSON.parse(stdout) as Plan, exitCode: code };
  })();

  test('is what the schema says', () => {
    expect(valid(plan)).toBe(true);
    expect(valid.errors).toBeNull();
  });

  test('can run, and ends with 0', () => {
    expect(plan.problems).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('has the models in the order of the file, each with what it needs', () => {
    expect(plan.models.map(({ name, engine, topology, endpoint }) => ({ name, engine, topology, endpoint }))).toEqual([
      { name: 'chat', engine: 'vllm', topology: 'single-node', endpoint: 'http://chat.default' },
      { name: 'small', engine: 'vllm', topology: 'single-node', endpoint: 'http://small.default' },
      { name: 'coder', engine: 'vllm', topology: 'multi-node', endpoint: 'http://coder.default' },
    ]);
    expect(plan.models.map(({ replicas }) => replicas)).toEqual([
      { minimum: 1, maximum: 4 },
      { minimum: 1, maximum: 1 },
      { minimum: 1, maximum: 1 },
    ]);
  });

  test('the parts of the memory are the memory', () => {
    for (const { fit } of plan.models) {
      const { budgetGiB, deviceGiB, freeGiB, ...parts } = fit.memory;
      const needed = Object.values(parts).reduce((sum, part) => sum + part, 0);
      expect(budgetGiB).toBeLessThan(deviceGiB);
      expect(needed + freeGiB).toBeCloseTo(budgetGiB, 1);
      expect(fit.marginGiB).toBe(freeGiB);
    }
  });

  test('pods get the type that was asked for first, at the price of its region', () => {
    const [chat, , coder] = plan.models;
    expect(chat.placement.pods[0].instanceTypes[0]).toMatchObject({ instanceType: 'g6e.xlarge', pool: 'gpu', nodeShare: 1, usdPerHour: 1.861 });
    expect(chat.placement.pods[0].instanceTypes.map(({ zoneIds }) => zoneIds?.length)).not.toContain(0);
    expect(coder.placement.pods.map(({ role, minimum, maximum }) => [role, minimum, maximum])).toEqual([['leader', 1, 1], ['workers', 1, 1]]);
  });

  test('costs add up: models and the idle cluster are the whole, and pools are the models', () => {
    const sum = (amounts: (number | undefined)[]): number => amounts.reduce<number>((total, amount) => total + (amount ?? NaN), 0);
    for (const amount of ['minimumUsd', 'typicalUsd', 'maximumUsd'] as const) {
      const models = sum(plan.models.map(({ cost }) => cost[amount]));
      expect(sum([models, plan.cluster.cost[amount]])).toBeCloseTo(plan.cost[amount] ?? NaN, 3);
      expect(sum(plan.cluster.pools.map(({ cost }) => cost[amount]))).toBeCloseTo(models, 3);
    }
    expect(plan.models[0].cost).toMatchObject({ minimumUsd: 1.861, maximumUsd: 4 * 1.861, region: 'us-east-1', priceDate: '2026-07-20' });
    expect(plan.models[2].cost.maximumUsd).toBeCloseTo(2 * 55.04, 2);
  });

  test('counts what is there without models', () => {
    expect(plan.cluster.idle).toEqual({ natGateways: 1, interfaceEndpoints: 0, systemNodes: 2, systemInstanceType: 'm7g.large', volumesGiB: 108 });
  });

  test('parallel pull and streaming make every start shorter', () => {
    for (const { coldStart } of plan.models) {
      expect(coldStart.totalSeconds).toBeLessThan(coldStart.unoptimised.totalSeconds);
      expect(coldStart.optimised.totalSeconds).toBeLessThanOrEqual(coldStart.totalSeconds);
      expect(coldStart.stages.map(({ name }) => name)).toEqual(['node', 'image', 'weights', 'engine']);
    }
  });

  test('the table names all of it without colours', () => {
    const { stdout } = runInference('plan', '-c', `config=${configFile(APP)}`);
    for (const word of ['chat', 'g6e.xlarge', '2 x p5.48xlarge', 'tensor 8, pipeline 2', '1 to 4', 'http://coder.default', 'together', 'us-east-1, 2026-07-20']) {
      expect(stdout).toContain(word);
    }
    expect(stdout).not.toMatch(/\u001b/); // eslint-disable-line no-control-regex -- the escape character is what must not be there
  });
});

describe('a million tokens', () => {
  const measured = { file: resolve('test/fixtures/benchmarks/guidellm.json'), instanceType: 'g6.xlarge' };
  const app = { ...APP, models: { ...APP.models, small: { ...APP.models.small, throughput: measured } } };

  test('cost what the result of a benchmark says, in the plan, the table and the page', () => {
    // given: 24 tokens a second for $0.8048 an hour
    const usdPerMillionTokens = 0.8048 / ((24 * 3600) / 1e6);
    const { plan, exitCode } = planOf(app);
    const page = join(folder, 'tokens.html');
    const { stdout } = runInference('plan', '-c', `config=${configFile(app)}`, '--html', page);
    // then
    expect(exitCode).toBe(0);
    expect(valid(plan)).toBe(true);
    expect(plan.models.map(({ tokenCost }) => tokenCost?.usdPerMillionTokens)).toEqual([undefined, expect.closeTo(usdPerMillionTokens, 3), undefined]);
    expect(stdout).toMatch(/^small .*\$9\.31$/m);
    expect(stdout).toMatch(/^small: 24 tokens a second of a replica \(.*guidellm\.json, guidellm: 12 requests at 3\.0 a second\)$/m);
    expect(readFileSync(page, 'utf8')).toContain('<dt>a million tokens</dt><dd>$9.31</dd>');
  });

  test('have no cost before that, and both say how to get it', () => {
    const how =
      '$ per million tokens of chat, small, coder: not measured yet. Run a Benchmark against each and write its result file under the model: ' +
      'throughput: { file: benchmarks.json, instanceType: g6e.xlarge }';
    const page = join(folder, 'no-tokens.html');
    const { stdout } = runInference('plan', '-c', `config=${configFile(APP)}`, '--html', page);
    expect(stdout).toContain(`\n${how}\n`);
    expect(stdout).not.toContain('$/million tokens');
    expect(readFileSync(page, 'utf8')).toContain(how);
  });
});

describe('a discount', () => {
  const nodePools = { gpu: { ...APP.nodePools.gpu, capacityTypes: ['spot', 'on-demand'], discount: { spot: 0.6, spotShare: 0.5 } } };

  test('lowers what nodes cost and is told beside the prices; services cost the same', () => {
    // given
    const [list, less] = [planOf(APP).plan, planOf({ ...APP, discount: { committed: 0.3 } }).plan];
    const servicesUsd = 0.1 + 0.045 + (less.cluster.idle.volumesGiB * 0.08) / 730;
    // then
    expect(less.models.map(({ cost }) => cost.maximumUsd)).toEqual(list.models.map(({ cost }) => expect.closeTo((cost.maximumUsd ?? 0) * 0.7, 3)));
    expect((less.cluster.cost.maximumUsd ?? 0) - servicesUsd).toBeCloseTo(((list.cluster.cost.maximumUsd ?? 0) - servicesUsd) * 0.7, 3);
    expect(runInference('plan', '-c', `config=${configFile({ ...APP, discount: { committed: 0.3 } })}`).stdout).toContain('2026-07-20, less 30 % committed; not');
  });

  test('of a pool is that of its models', () => {
    const config = { ...APP, nodePools, discount: { committed: 0.3 } };
    const { plan } = planOf(config);
    expect(valid(plan)).toBe(true);
    expect(plan.models.find(({ name }) => name === 'small')?.cost.maximumUsd).toBeCloseTo(0.8048 * 0.7, 3);
    expect(runInference('plan', '-c', `config=${configFile(config)}`).stdout).toContain(
      'less 30 % committed (in pool gpu 60 % on spot, which 50 % of the nodes are)',
    );
  });

  test('counts for the budget', () => {
    expect(planOf({ ...APP, budgetUsdPerHour: 100 }).exitCode).toBe(1);
    expect(planOf({ ...APP, budgetUsdPerHour: 100, discount: { committed: 0.3 } }).exitCode).toBe(0);
  });
});

describe('ends with 1, and says what to change', () => {
  test('when a model does not fit: the others are planned, and what would hold it is named', () => {
    // when
    const { plan, exitCode } = planOf({ ...APP, models: { ...APP.models, llama: TOO_LARGE } });
    const { stdout } = runInference('plan', '-c', `config=${configFile({ ...APP, models: { llama: TOO_LARGE } })}`);
    // then
    const llama = plan.models[3];
    expect(exitCode).toBe(1);
    expect(valid(plan)).toBe(true);
    expect(plan.models.map(({ fit }) => fit.fits)).toEqual([true, true, true, false]);
    expect(plan.problems).toEqual([expect.stringMatching(/^model 'llama': does not fit on g6\.xlarge: each device needs 1\d\d\.\d GiB/)]);
    expect(llama.fit.alternatives.length).toBeGreaterThan(2);
    expect(stdout).toContain('the cheapest that hold meta-llama/Llama-3.3-70B-Instruct');
    expect(stdout).toContain(llama.fit.alternatives[0].instanceType);
  });

  test('when the budget is passed', () => {
    const { plan, exitCode } = planOf({ ...APP, budgetUsdPerHour: 100 });
    expect(exitCode).toBe(1);
    expect(plan.budget).toEqual({ usdPerHour: 100, kept: false });
    expect(plan.problems).toEqual([expect.stringMatching(/^'budgetUsdPerHour' \(\$100\) is less than the \$\d+\.\d\d an hour/)]);
    expect(plan.problems[0]).toContain('(coder $110.08, chat $7.44, small $0.80)');
  });

  test('when a pod can get no node', () => {
    const { plan, exitCode } = planOf({ ...APP, nodePools: { gpu: { families: ['g6'], limits: { devices: 0 } } }, models: { small: APP.models.small } });
    expect(exitCode).toBe(1);
    expect(plan.problems).toEqual(["model 'small': no node can come for its pods 'server': NodePool 'gpu': every instance type that suits is beyond its limits"]);
  });

  test('when the head of a Ray cluster can get no node, in one line: it does not run on GPU nodes', () => {
    const ray = { ...APP.models.small, topology: 'ray' };
    const file = configFile({ ...APP, addons: { ...APP.addons, 'kube-ray': true }, models: { ray } });
    const { stdout, stderr, exitCode } = runInference('plan', '-c', `config=${file}`);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: .*model server 'ray': no node can come for its pods 'head'[^\n]*: add a pool without accelerators first[^\n]*\n$/);
  });

  test.each([
    ['a file that is no plan', ['README.md'], "'README.md' is no plan: name a config file (.yaml), or the cdk.out of an app with an InferencePlan"],
    ['JSON that is no plan', ['package.json'], "'package.json' is no plan: name a config file (.yaml)"],
    ['nothing', ['nope'], "'nope' does not exist: name a config file, or synthesize first"],
    ['two sources', ['inference.yaml', '-c', 'config=other.yaml'], "'--context' (config=other.yaml) and 'inference.yaml' are both named: leave one of them out"],
    ['a context of something else', ['-c', 'region=us-east-1'], 'write config=FILE, such as config=inference.yaml'],
  ])('for %s', (_what, args, message) => {
    const { stdout, stderr, exitCode } = runInference('plan', ...args);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  test('when the config file is wrong, in one line', () => {
    const { stdout, stderr, exitCode } = runInference('plan', '-c', `config=${configFile({ ...APP, modles: {} })}`);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: .*'modles' is not known, did you mean 'models'\?[^\n]*\n$/);
  });
});

describe('what is not known is said', () => {
  test('a region without known prices has none, not those of another, and its budget is not checked', () => {
    const { small, coder } = APP.models;
    const { plan, exitCode } = planOf({ ...APP, region: 'sa-east-1', cluster: { ...APP.cluster, zones: 3 }, models: { small, coder }, budgetUsdPerHour: 1 });
    expect(plan.cost).toEqual({ region: 'sa-east-1', unpriced: expect.arrayContaining(['p5.48xlarge', 'm7g.large']) });
    expect(plan.models.flatMap(({ cost }) => [cost.maximumUsd, cost.priceDate])).toEqual(Array(4).fill(undefined));
    expect(plan.budget).toEqual({ usdPerHour: 1 });
    expect(plan.warnings).toContainEqual(expect.stringContaining("'budgetUsdPerHour' ($1) cannot be checked: no price is known in sa-east-1"));
    expect(exitCode).toBe(0);
  });

  test('where only the prices of services are not known, the models are shown with theirs, and there is no total', () => {
    // when
    const config = configFile({ ...APP, region: 'eu-central-1', cluster: { ...APP.cluster, zones: 3 }, models: { small: APP.models.small } });
    const { stdout } = runInference('plan', '-c', `config=${config}`);
    // then
    expect(stdout).toMatch(/^small +\$1\.01 +\$1\.01 +\$1\.01$/m);
    expect(stdout).toContain('on-demand list prices of eu-central-1, 2026-01;');
    expect(stdout).toContain('no price is known in eu-central-1 for control plane, network and volumes, so there is no total');
    expect(stdout).not.toMatch(/^together/m);
  });

  test('an app without region is shown at the prices that are known, and says so', () => {
    const { stdout } = runInference('plan', '-c', `config=${configFile({ ...APP, region: undefined })}`);
    expect(stdout).toContain('us-east-1, since the app names no region, 2026-07-20');
  });

  test('a pool that is limited below what its models take', () => {
    const { plan } = planOf({ ...APP, nodePools: { gpu: { families: ['g6', 'g6e', 'p5'], limits: { devices: 8 } } } });
    expect(plan.warnings).toContain("pool 'gpu' is limited to 8 nvidia.com/gpu, and its models take 18 at the fewest replicas: raise 'limits.devices', or pods stay pending");
  });
});

describe('beside the templates', () => {
  function synth(config: object, outdir = mkdtempSync(join(folder, 'out-'))): string {
    const app = new App({ outdir, context: { 'aws:cdk:disable-asset-staging': true } });
    addStack(app, parseConfig(stringify(config), 'inference.yaml'), 'inference.yaml');
    app.synth();
    return outdir;
  }

  test('is the same plan, byte for byte in every synth, and the command reads it', () => {
    // when
    const [first, second] = [synth(APP), synth(APP)];
    const written = readFileSync(join(first, 'inference-plan.json'), 'utf8');
    // then
    expect(readFileSync(join(second, 'inference-plan.json'), 'utf8')).toBe(written);
    expect(JSON.parse(written)).toEqual(planOf(APP).plan);
    expect(JSON.parse(runInference('plan', first, '--json').stdout)).toEqual(JSON.parse(written));
    // and a review sees one line for each model
    const template = JSON.parse(readFileSync(join(first, 'Assistants.template.json'), 'utf8')) as { Outputs: { [id: string]: { Description?: string } } };
    const lines = Object.values(template.Outputs).map(({ Description }) => Description);
    expect(lines).toContain('Qwen/Qwen3-8B: fits g6e.xlarge with 6.6 GiB to spare, 1 to 4 replicas, $1.86 to $7.44/h in us-east-1 on 2026-07-20, first answer after 4:33');
  });

  test('two plans in one assembly have the names of their stacks', () => {
    // given
    const outdir = mkdtempSync(join(folder, 'out-'));
    const app = new App({ outdir, context: { 'aws:cdk:disable-asset-staging': true } });
    for (const name of ['One', 'Two']) addStack(app, { name, models: {} });
    // when
    app.synth();
    // then
    expect(existsSync(join(outdir, 'One.inference-plan.json'))).toBe(true);
    expect(runInference('plan', outdir).stderr).toMatch(/has 2 plans: name one of .*One\.inference-plan\.json, .*Two\.inference-plan\.json/);
    expect(runInference('plan', join(outdir, 'Two.inference-plan.json')).stdout).toContain('cluster two');
  });

  test('synth fails over the budget', () => {
    expect(() => synth({ ...APP, budgetUsdPerHour: 100 })).toThrow("'budgetUsdPerHour' ($100) is less than the $118.");
  });

  test('fails on a folder without a plan', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { stderr, exitCode } = runInference('plan', empty);
    expect(stderr).toContain("has no inference-plan.json: add new InferencePlan(stack, 'Plan', { inference })");
    expect(exitCode).toBe(1);
  });
});

/** What a visitor gets to see. */
interface Measures {
  readonly scrollWidth: number;
  readonly overflowing: string[];
  readonly charts: string[];
  readonly zones: number;
  readonly smallestText: number;
}

/** Runs in the page, as text: the types of this project know no browser. */
const MEASURE = `(() => {
  const isSeen = element => element.getClientRects().length > 0;
  const isWide = element => element.getBoundingClientRect().right > window.innerWidth + 1;
  const scale = svg => svg.getBoundingClientRect().width / Number(svg.getAttribute('width'));
  const charts = [...document.querySelectorAll('svg')].filter(isSeen);
  const texts = [...document.querySelectorAll('svg text')].filter(isSeen);
  return {
    scrollWidth: document.documentElement.scrollWidth,
    overflowing: [...document.querySelectorAll('main *')].filter(one => isSeen(one) && !one.closest('.scroll') && isWide(one)).map(one => one.outerHTML.slice(0, 80)),
    charts: charts.map(svg => svg.getAttribute('aria-label').split(':')[0]),
    zones: document.querySelectorAll('.zone').length,
    smallestText: Math.min(...texts.map(text => parseFloat(getComputedStyle(text).fontSize) * scale(text.closest('svg')))),
  };
})()`;

const CHROMIUM = '/usr/bin/chromium';
const hasChromium = existsSync(CHROMIUM);
// eslint-disable-next-line no-console -- a test that does not run says why
if (!hasChromium) console.log(`the page is not rendered: there is no ${CHROMIUM}; apt-get install chromium`);

describe('the page', () => {
  const file = join(folder, 'plan.html');
  const run = runInference('plan', '-c', `config=${configFile({ ...APP, models: { ...APP.models, llama: TOO_LARGE } })}`, '--html', file);

  test('is the same for the same app, and says where it is', () => {
    const again = join(folder, 'again.html');
    runInference('plan', '-c', `config=${configFile({ ...APP, models: { ...APP.models, llama: TOO_LARGE } })}`, '--html', again);
    expect(run.stderr).toBe(`wrote ${file}\n`);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'));
  });

  test('shows names as text, whatever they are', () => {
    const page = join(folder, 'names.html');
    const plan = planOf({ ...APP, models: { small: { ...APP.models.small, servedName: 'a' } } }).plan;
    const named = { ...plan, models: plan.models.map((model) => ({ ...model, name: '<img src=x onerror=alert(1)>' })) };
    const planFile = join(folder, 'names.json');
    writeFileSync(planFile, JSON.stringify(named));
    runInference('plan', planFile, '--html', page);
    expect(readFileSync(page, 'utf8')).not.toContain('<img');
  });

  (hasChromium ? describe : describe.skip)('in Chromium', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());

    test.each([
      ['a phone', 360, 740],
      ['a desk', 1280, 900],
    ])('fits %s, asks the network for nothing and has its pictures', async (_what, width, height) => {
      // given
      const page = await browser.newPage({ viewport: { width, height } });
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      // when
      await page.goto(pathToFileURL(file).href);
      // then
      const seen = (await page.evaluate(MEASURE)) as Measures; // what MEASURE returns
      expect(seen.scrollWidth).toBe(width);
      expect(seen.overflowing).toEqual([]);
      expect(seen.charts).toEqual(['US dollars an hour', ...Array(4).fill(['memory of one device', 'cold start']).flat()]);
      expect(seen.zones).toBe(3 * 4);
      expect(seen.smallestText).toBeGreaterThan(10);
      expect(requests).toEqual([pathToFileURL(file).href]);
      expect(complaints).toEqual([]);
      await page.close();
    });
  });
});
