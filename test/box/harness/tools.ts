import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BOX = join(__dirname, '..');
const REMEDY = 'run: test/box/build-tools.sh';

/** Where the build script has put a tool, and the sources of its modules. */
export class Tools {
  private readonly folders: ReadonlyMap<string, string>;

  constructor() {
    const lines = execFileSync(join(BOX, 'build-tools.sh'), ['--paths'], { encoding: 'utf8' }).trim().split('\n');
    this.folders = new Map(lines.map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)] as const;
    }));
  }

  public folder(tool: string): string {
    const folder = this.folders.get(tool);
    if (folder === undefined || !existsSync(join(folder, 'complete'))) throw new Error(`the tool '${tool}' of the box is not built: ${REMEDY} ${tool}`);
    return folder;
  }

  /** An executable of a tool. */
  public binary(tool: string, name: string = tool): string {
    const path = join(this.folder(tool), 'bin', name);
    if (!existsSync(path)) throw new Error(`the tool '${tool}' of the box has no '${name}': ${REMEDY} ${tool}`);
    return path;
  }

  /** Version of a module that a tool is built from, without its "v". */
  public version(tool: string, module: string): string {
    return /@v([^@]+)$/.exec(this.source(tool, module))?.[1] ?? '';
  }

  /** A file or folder in the sources of the module that a tool is built from. */
  public source(tool: string, module: string, ...path: string[]): string {
    const line = readFileSync(join(this.folder(tool), 'modules'), 'utf8').split('\n').find((x) => x.startsWith(`${module} `));
    if (line === undefined) throw new Error(`the tool '${tool}' of the box is not built from '${module}'`);
    const found = join(line.slice(module.length + 1), ...path);
    if (!existsSync(found)) throw new Error(`${found} is missing: ${REMEDY} ${tool}`);
    return found;
  }
}
