import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { App, Stack } from 'aws-cdk-lib';
import type { Recipe } from '../../examples/05-recipes';
import * as library from '../../lib';
import { containersIn, type Manifest, type StartedContainer } from './support/containers';

/** What an app puts on its cluster, read from the templates that it synthesizes. */
export interface Synthesized {
  /** The app, in words. */
  readonly name: string;
  /** Containers of all its pods. */
  readonly containers: readonly StartedContainer[];
  /** What Ray Serve is given, by the name of its RayService. */
  readonly serveConfigs: { readonly [name: string]: string };
}

const EXAMPLES = 'examples';
const CONFIGS = 'test/configs';

/**
 * Every example with everything that its command line can choose, and every config file of the tests and the default one.
 * Only folders are listed here: a new example, word, recipe or config is in by itself.
 */
export function synthesizedApps(): Synthesized[] {
  return [...exampleApps(), ...configApps()];
}

/** An example is an app that runs when it is loaded: the modules it gets are fresh, and tell which apps it makes. */
function exampleApps(): Synthesized[] {
  const synthesized: Synthesized[] = [];
  jest.isolateModules(() => {
    const apps: App[] = [];
    jest.doMock('aws-cdk-lib', () => {
      const actual: typeof import('aws-cdk-lib') = jest.requireActual('aws-cdk-lib');
      class RecordedApp extends actual.App {
        constructor(props?: object) {
          super({ ...props, context: { 'aws:cdk:disable-asset-staging': true } });
          apps.push(this);
        }
      }
      return new Proxy(actual, { get: (target, name) => (name === 'App' ? RecordedApp : Reflect.get(target, name)) });
    });
    for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'))) {
      apps.length = 0;
      require(join(process.cwd(), EXAMPLES, file)); // eslint-disable-line @typescript-eslint/no-require-imports -- an example runs when it is loaded
      if (apps.length === 0) throw new Error(`${file} makes no app when it is loaded`);
      synthesized.push(...apps.map((app) => ofApp(file, app)));
    }
    const { App: Recorded } = require('aws-cdk-lib') as typeof import('aws-cdk-lib'); // eslint-disable-line @typescript-eslint/no-require-imports -- the one that examples get
    const built = (name: string, build: (app: App) => Stack) => {
      const app = new Recorded();
      build(app);
      synthesized.push(ofApp(name, app));
    };
    const { SERVE, oneLine } = require('../../examples/04-one-line') as typeof import('../../examples/04-one-line'); // eslint-disable-line @typescript-eslint/no-require-imports -- loaded with the App that is recorded
    for (const word of Object.keys(SERVE)) built(`04-one-line.ts -c serve=${word}`, (app) => oneLine(app, word));
    const { RECIPES, recipeStack, recommended } = require('../../examples/05-recipes') as typeof import('../../examples/05-recipes'); // eslint-disable-line @typescript-eslint/no-require-imports -- as above
    const { Model } = require('cdk-eks-inference') as typeof import('../..'); // eslint-disable-line @typescript-eslint/no-require-imports -- the library that the recipes use
    const recipe = (name: string, chosen: Recipe) => built(`05-recipes.ts -c ${name}`, (app) => recipeStack(app, chosen));
    for (const [name, chosen] of Object.entries(RECIPES)) recipe(`recipe=${name}`, chosen);
    for (const id of Model.catalogue()) {
      const model = Model.huggingFace(id);
      if (model.recommendation) recipe(`model=${id}`, recommended(model));
    }
  });
  return synthesized;
}

/** The app of each config file, as `npm run synth -- -c config=…` makes it. */
function configApps(): Synthesized[] {
  const synthesized: Synthesized[] = [];
  jest.isolateModules(() => {
    const { buildApp } = require('../../bin/build-app') as typeof import('../../bin/build-app'); // eslint-disable-line @typescript-eslint/no-require-imports -- aws-cdk-lib only where apps are made
    for (const file of ['inference.yaml', ...readdirSync(CONFIGS).map((name) => join(CONFIGS, name))]) {
      synthesized.push(ofApp(file, buildApp({ context: { config: file, 'aws:cdk:disable-asset-staging': true } })));
    }
  });
  return synthesized;
}

function ofApp(name: string, app: App): Synthesized {
  const { manifestsOf } = require('../../bin/manifests') as typeof import('../../bin/manifests'); // eslint-disable-line @typescript-eslint/no-require-imports -- see above
  const { directory } = app.synth(); // a folder of its own: no app here names one
  const units = manifestsOf(directory).map(({ objects }) => objects as Manifest[]); // what the custom resource applies
  rmSync(directory, { recursive: true, force: true });
  return {
    name,
    containers: units.flatMap(containersIn), // the ConfigMaps of pods are in the same unit
    serveConfigs: Object.fromEntries(units.flat().flatMap(({ kind, metadata, spec }) =>
      (kind === 'RayService' && spec?.serveConfigV2 ? [[metadata.name, spec.serveConfigV2]] : []))),
  };
}

/** The model of the catalogue that a text names, by its id or its folder in a store. */
export function modelNamedIn(text: string): library.Model | undefined {
  return library.Model.catalogue()
    .map((id) => library.Model.huggingFace(id))
    .filter(({ id, slug }) => text.includes(id) || text.includes(slug))
    .sort((a, b) => b.id.length - a.id.length) // Qwen3-8B is not Qwen3-8B-FP8
    .at(0);
}
