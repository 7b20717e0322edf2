import { Accelerator } from '../../../lib/accelerators/accelerator';
import { AcceleratorKind } from '../../../lib/accelerators/accelerator-kind';
import type { EngineConfig, EngineContext } from '../../../lib/engines/engine';
import { Model } from '../../../lib/models/model';
import { Weights } from '../../../lib/models/weights';
import type { Parallelism } from '../../../lib/parallelism';
import { Placement } from '../../../lib/placement';

/** A CPU type with two threads a core, which the catalogue does not have. */
export const X86 = Accelerator.of({ instanceType: 'm7i.8xlarge', kind: AcceleratorKind.CPU, vcpus: 32, memoryMiB: 131072 });

/** What a test says of a context; the rest is Qwen3 8B on one L40S, from the hub. */
export interface ContextOverrides extends Partial<Omit<EngineContext, 'placement'>> {
  readonly parallelism?: Parallelism;
}

/** A valid context of an engine. */
export function engineContext(overrides: ContextOverrides = {}): EngineContext {
  const { parallelism, ...rest } = overrides;
  const model = rest.model ?? Model.QWEN3_8B;
  const accelerator = rest.accelerator ?? Accelerator.G6E_XLARGE;
  const nodes = rest.nodes ?? 1;
  return {
    model,
    accelerator,
    servedName: model.servedName,
    placement: Placement.plan({ model, accelerator, nodes, parallelism, contextLength: rest.contextLength, concurrency: rest.concurrency }),
    weights: Weights.hub(),
    nodes,
    drainSeconds: 60,
    ...rest,
  };
}

/** The value after a flag in the arguments of a container. */
export function flag(config: EngineConfig, name: string): string | undefined {
  const index = config.args.indexOf(`--${name}`);
  return index < 0 ? undefined : config.args[index + 1];
}

/** The value of an environment variable, or the Secret and key it comes from. */
export function env(config: EngineConfig, name: string): string | undefined {
  const variable = config.env?.find((candidate) => candidate.name === name);
  const secret = variable?.valueFrom?.secretKeyRef;
  return secret ? `${secret.name}/${secret.key}` : (variable?.value ?? variable?.valueFrom?.fieldRef?.fieldPath);
}
