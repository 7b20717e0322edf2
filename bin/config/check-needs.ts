import { canServe } from '../../constructs/serving-pools';
import { AcceleratorKind, CpuArchitecture } from '../../lib/accelerators/accelerator-kind';
import type { Accelerator } from '../../lib/accelerators/accelerator';
import type { InferenceStackProps, StackModel } from '../../lib/stacks/inference-stack';
import { ConfigError } from './config-error';

/**
 * Whether the file brings what a model needs. The library checks it as well; here the fix is in the words of the file.
 */
export function checkNeeds(model: StackModel, props: InferenceStackProps): void {
  checkPool(model.accelerator, props);
  const installed = props.addons.map((addon) => addon.name);
  const scaling = model.topology?.scalesItself ? [] : (model.scaling?.requires ?? []);
  const missing = [...(model.topology?.requires ?? []), ...scaling].filter((name) => !installed.includes(name));
  if (missing.length > 0) {
    const lines = missing.map((name) => `${name}: true`).join(', ');
    throw new ConfigError(`it needs ${missing.length > 1 ? 'the add-ons' : 'the add-on'} ${missing.join(' and ')}: write addons: { ${lines} }`);
  }
}

function checkPool(accelerator: Accelerator, { nodePools, autoMode, generalPurposePool = true }: InferenceStackProps): void {
  if (Object.values(nodePools).some((pool) => canServe(pool, accelerator))) return;
  const onAmd64 = accelerator.architecture === CpuArchitecture.AMD64;
  if (autoMode && generalPurposePool && accelerator.kind === AcceleratorKind.CPU && onAmd64) return; // Auto Mode has a pool of its own for these
  throw new ConfigError(
    `'accelerator' (${accelerator.instanceType}) is in no node pool: ` +
      `write nodePools: { ${poolName(accelerator)}: { families: [${accelerator.family}] } }`,
  );
}

function poolName({ kind, architecture }: Accelerator): string {
  switch (kind) {
    case AcceleratorKind.NVIDIA:
      return 'gpu';
    case AcceleratorKind.CPU:
      return architecture === CpuArchitecture.ARM64 ? 'graviton' : 'x86';
    case AcceleratorKind.INFERENTIA:
    case AcceleratorKind.TRAINIUM:
      return kind;
  }
}
