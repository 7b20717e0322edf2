import { parse, stringify, type TomlTable } from 'smol-toml';
import { mergePatch } from '../resources/merge-patch';
import type { ParallelPull } from './parallel-pull';

/** What a Bottlerocket node is told beyond what Karpenter tells it. */
export interface BottlerocketSettings {
  /** How images are pulled in parallel; not at all where absent. */
  readonly parallelPull?: ParallelPull;
  /** Let containers that do not run as root open the devices they were given. */
  readonly devicesForNonRoot: boolean;
  /** Settings of the user as TOML, which win. */
  readonly userData?: string;
}

/**
 * User data of a Bottlerocket node, as TOML.
 *
 * All settings of the snapshotter are written: Bottlerocket's own defaults are three downloads and one unpack at a
 * time.
 *
 * @throws when the user's settings are not TOML
 * @internal
 */
export function bottlerocketUserData(settings: BottlerocketSettings): string | undefined {
  const { parallelPull, devicesForNonRoot, userData } = settings;
  const own: TomlTable = {};
  if (devicesForNonRoot) own.kubernetes = { 'device-ownership-from-security-context': true };
  if (parallelPull) {
    own['container-runtime'] = { snapshotter: 'soci' };
    own['container-runtime-plugins'] = {
      'soci-snapshotter': {
        'pull-mode': 'parallel-pull-unpack',
        'parallel-pull-unpack': {
          'max-concurrent-downloads-per-image': parallelPull.downloadsPerImage,
          'concurrent-download-chunk-size': parallelPull.chunkSize,
          'max-concurrent-unpacks-per-image': parallelPull.unpacksPerImage,
          'discard-unpacked-layers': true,
        },
      },
    };
  }
  const merged = mergePatch<TomlTable>(Object.keys(own).length > 0 ? { settings: own } : {}, userData ? parseToml(userData) : {});
  return Object.keys(merged).length > 0 ? `${stringify(merged).trim()}\n` : undefined;
}

function parseToml(userData: string): TomlTable {
  let table: TomlTable;
  try {
    table = parse(userData);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(`'userData' must be TOML for Bottlerocket: ${reason}`, { cause: error });
  }
  const unknown = Object.keys(table).filter((name) => name !== 'settings');
  if (unknown.length > 0) {
    throw new Error(`'userData' has [${unknown[0]}], but Bottlerocket reads only [settings]: write [settings.${unknown[0]}]`);
  }
  return table;
}
