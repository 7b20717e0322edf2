import type { ServerResponse } from 'node:http';
import { type Call, json, text } from './answer';

/** The engines in pods, as far as LoRA adapters go: each has its own, with vLLM's status codes. */
export class Engines {
  /** Names of adapters with their places, by the address of the pod. */
  private readonly adapters = new Map<string, Map<string, string>>();

  /** Engines at these addresses have ended: whoever comes next there has no adapters. */
  public forget(addresses: readonly string[]): void {
    for (const address of addresses) this.adapters.delete(address);
  }

  public loaded(): object {
    return Object.fromEntries([...this.adapters].map(([address, names]) => [address, Object.fromEntries(names)]));
  }

  public answer({ method, url, body }: Call, response: ServerResponse): boolean {
    const adapters = this.adapters.get(url.hostname) ?? new Map<string, string>();
    switch (`${method} ${url.pathname}`) {
      case 'GET /v1/models':
        json(response, { object: 'list', data: [...adapters.keys()].map((id) => ({ id, object: 'model' })) });
        return true;
      case 'POST /v1/load_lora_adapter': {
        const { lora_name: name, lora_path: path } = JSON.parse(body) as { lora_name: string; lora_path: string };
        if (adapters.has(name)) json(response, { error: { message: `The lora adapter '${name}' has already been loaded.`, code: 400 } }, 400);
        else text(response, `Success: LoRA adapter '${name}' added successfully.`);
        this.adapters.set(url.hostname, adapters.set(name, path));
        return true;
      }
      case 'POST /v1/unload_lora_adapter': {
        const { lora_name: name } = JSON.parse(body) as { lora_name: string };
        if (adapters.delete(name)) text(response, `Success: LoRA adapter '${name}' removed successfully.`);
        else json(response, { error: { message: `The lora adapter '${name}' cannot be found.`, code: 404 } }, 404);
        return true;
      }
      default:
        return false;
    }
  }
}
