import { readdirSync, readFileSync } from 'node:fs';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { App as Cdk8sApp } from 'cdk8s';
import { Accelerator, Model, ModelServerChart, Vllm } from '../lib';

/** Apps that examples make when they are loaded. */
const mockApps: App[] = [];
jest.mock('aws-cdk-lib', () => {
  const actual: typeof import('aws-cdk-lib') = jest.requireActual('aws-cdk-lib');
  class RecordedApp extends actual.App {
    constructor(props?: object) {
      super({ ...props, context: { 'aws:cdk:disable-asset-staging': true } });
      mockApps.push(this);
    }
  }
  return new Proxy(actual, { get: (target, name) => (name === 'App' ? RecordedApp : Reflect.get(target, name)) });
});

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

/** The Kubernetes objects of a stack, without the labels that CDK prunes by. */
function objectsOf(stack: Stack): KubernetesObject[] {
  const units = Object.values(Template.fromStack(stack).findResources('Custom::AWSCDK-EKS-KubernetesResource'));
  return units.flatMap(({ Properties }) => {
    const text = typeof Properties.Manifest === 'string' ? Properties.Manifest : (Properties.Manifest['Fn::Join'][1] as unknown[]).map(flat).join('');
    return JSON.parse(text) as KubernetesObject[];
  });
}

function flat(part: unknown): string {
  return typeof part === 'string' ? part : `<${JSON.stringify(part).replace(/[^\w.:]/g, '')}>`;
}

function stackOf(app: App): Stack {
  return app.node.children[0] as Stack; // an example has one stack
}

/** What an example does to a cluster, small enough to review. */
function summaryOf(stack: Stack): string[] {
  return objectsOf(stack).map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
}

const files = readdirSync('examples').filter((file) => file.endsWith('.ts'));

describe.each(files)('%s', (file) => {
  const source = readFileSync(`examples/${file}`, 'utf8');
  mockApps.length = 0;
  require(`../examples/${file}`); // eslint-disable-line @typescript-eslint/no-require-imports -- an example is an app that runs when it is loaded
  const [app] = mockApps;

  test('says in its header how to run it', () => {
    expect(source).toMatch(/^\/\*\*\n \* .+/);
    expect(source).toContain(`npx cdk synth --quiet --app 'node dist/examples/${file.replace('.ts', '.js')}'`);
  });

  test('imports the library as a fork of it would', () => {
    expect(source).toContain("from 'cdk-eks-inference'");
    expect(source).not.toMatch(/from '\.\.\//);
  });

  test('synthesizes', () => {
    expect(summaryOf(stackOf(app))).toMatchSnapshot();
  });
});

describe('recipes', () => {
  const { RECIPES, recipeStack, recommended } = require('../examples/05-recipes') as typeof import('../examples/05-recipes'); // eslint-disable-line @typescript-eslint/no-require-imports -- loaded after the mock

  test.each(Object.keys(RECIPES))('%s has an endpoint and a workload behind it', (name) => {
    const objects = objectsOf(recipeStack(new App(), RECIPES[name]));
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toContain('Service/model');
    expect(objects.some(({ kind }) => ['Deployment', 'RayService', 'LeaderWorkerSet', 'StormService'].includes(kind))).toBe(true);
  });

  test.each(Model.catalogue().filter((id) => Model.huggingFace(id).recommendation))('%s is served as the catalogue recommends', (id) => {
    const { accelerator, engine = new Vllm(), ...recipe } = recommended(Model.huggingFace(id));
    const chart = new ModelServerChart(new Cdk8sApp(), 'model', {
      ...recipe,
      engine,
      accelerator: Accelerator.fromInstanceType(accelerator),
      name: 'model',
      namespace: 'default',
    });
    expect(chart.placement.fits).toBe(true);
  });
});

describe('one word changes what serves, and not the endpoint', () => {
  const { SERVE, oneLine } = require('../examples/04-one-line') as typeof import('../examples/04-one-line'); // eslint-disable-line @typescript-eslint/no-require-imports -- loaded after the mock
  const service = (word: string) => objectsOf(oneLine(new App(), word)).find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'qwen3');
  const vllm = service('vllm');

  test.each(Object.keys(SERVE))('%s', (word) => {
    // then: the same Service but for which pods it selects
    const { spec, ...rest } = service(word) as KubernetesObject & { spec: { selector: object } };
    const { spec: expected, ...expectedRest } = vllm as KubernetesObject & { spec: { selector: object } };
    expect({ ...spec, selector: {} }).toEqual({ ...expected, selector: {} });
    expect(rest.metadata.name).toBe(expectedRest.metadata.name);
    expect(spec.selector).toMatchObject({ 'app.kubernetes.io/name': 'qwen3', 'app.kubernetes.io/component': 'model-server' });
  });
});
