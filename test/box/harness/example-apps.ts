import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type AppFile } from './app';

/** The forms of an example, by what the file itself lists: `-c serve=ray`, `-c recipe=gpt-oss-20b`. */
function formsOf(root: string, file: string): AppFile[] {
  const text = readFileSync(join(root, file), 'utf8');
  const choice = /tryGetContext\('(serve|recipe)'\)/.exec(text)?.[1];
  if (choice === undefined) return [{ title: file, file, context: {} }];
  const table = /^(?:export )?const (?:SERVE|RECIPES)\b[^=]*= \{\n([\s\S]*?)^\};/m.exec(text)?.[1] ?? '';
  return [...table.matchAll(/^ {2}'?([a-z0-9.-]+)'?:/gm)].map(([, word = '']) => ({ title: `${file}, ${choice}=${word}`, file, context: { [choice]: word } }));
}

/** Every example of a checkout, in every form that it has. */
export function exampleApps(root: string = ROOT): AppFile[] {
  return readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts')).sort().flatMap((file) => formsOf(root, `examples/${file}`));
}

/** The app of every config file of a checkout: the default one, and those that switch everything on. */
export function configApps(root: string = ROOT): AppFile[] {
  const files = ['inference.yaml', ...readdirSync(join(root, 'test', 'configs')).filter((file) => file.endsWith('.yaml')).sort().map((file) => `test/configs/${file}`)];
  return files.map((config) => ({ title: config, file: 'bin/app.ts', context: { config } }));
}
