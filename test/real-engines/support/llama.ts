import { environment } from '../environments/environment';
import type { StartedContainer } from './containers';
import { llamaHere } from './here';
import { EngineProcess, freePort } from './process';

/** llama.cpp's server as a container says, with a model file of this machine. */
export async function startLlama(
  container: StartedContainer,
  model: string,
  folder: string,
  more: readonly string[] = [],
): Promise<{ readonly base: string; readonly engine: EngineProcess }> {
  const port = await freePort();
  const { args, env } = llamaHere(container, { model, port, folder });
  const engine = EngineProcess.start(environment('llama-cpp').command('llama-server'), [...args, ...more], env, folder);
  return { base: `http://127.0.0.1:${port}`, engine };
}
