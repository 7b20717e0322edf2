import { parse, stringify } from 'yaml';
import { isDefaultOfAl2023, type ParallelPull } from './parallel-pull';

/** What an AL2023 node is told beyond what Karpenter tells it. */
export interface Al2023Settings {
  /** How images are pulled in parallel; not at all where absent. */
  readonly parallelPull?: ParallelPull;
  /** A script or a NodeConfig of the user. */
  readonly userData?: string;
}

const BOUNDARY = '//';

/**
 * User data of an AL2023 node: MIME parts, to which Karpenter adds its own.
 *
 * @throws when the user's part is neither a script nor a NodeConfig
 * @internal
 */
export function al2023UserData(settings: Al2023Settings): string | undefined {
  const { parallelPull, userData } = settings;
  const parts: string[] = [];
  if (parallelPull) parts.push(part('application/node.eks.aws', stringify(FAST_IMAGE_PULL)));
  if (parallelPull && !isDefaultOfAl2023(parallelPull)) parts.push(part('text/x-shellscript', tuningScript(parallelPull)));
  if (userData !== undefined) parts.push(userPart(userData));
  if (parts.length === 0) return undefined;
  return [
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    '',
    ...parts,
    `--${BOUNDARY}--`,
    '',
  ].join('\n');
}

/** Switches containerd to the SOCI snapshotter. Ignored below 4 vCPUs or 7 GiB. */
const FAST_IMAGE_PULL = { apiVersion: 'node.eks.aws/v1alpha1', kind: 'NodeConfig', spec: { featureGates: { FastImagePull: true } } };

/**
 * NodeConfig has no fields for the snapshotter, so its file is edited: nodeadm writes it before cloud-init runs
 * scripts, and starts the snapshotter after.
 */
function tuningScript(pull: ParallelPull): string {
  const set = (key: string, value: string): string => `-e 's/^${key} = .*/${key} = ${value}/'`;
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    'config=/etc/soci-snapshotter-grpc/config.toml',
    '[ -f "$config" ] || exit 0',
    `sed -i ${[
      set('concurrent_download_chunk_size', `"${pull.chunkSize}"`),
      set('max_concurrent_downloads_per_image', `${pull.downloadsPerImage}`),
      set('max_concurrent_unpacks_per_image', `${pull.unpacksPerImage}`),
    ].join(' ')} "$config"`,
    '',
  ].join('\n');
}

function userPart(userData: string): string {
  if (userData.includes(`--${BOUNDARY}`)) {
    throw new Error(`'userData' must be one script or one NodeConfig for AL2023, without the MIME boundary --${BOUNDARY}`);
  }
  if (userData.startsWith('#!')) return part('text/x-shellscript', userData);
  if (isNodeConfig(userData)) return part('application/node.eks.aws', userData);
  throw new Error(
    "'userData' must be a shell script that begins with #! or a NodeConfig (apiVersion: node.eks.aws/v1alpha1) for AL2023, " +
      `got '${userData.split('\n')[0].slice(0, 40)}'`,
  );
}

function isNodeConfig(userData: string): boolean {
  try {
    const object: unknown = parse(userData);
    return typeof object === 'object' && object !== null && 'kind' in object && object.kind === 'NodeConfig';
  } catch {
    return false; // not YAML: the message says what is allowed
  }
}

function part(contentType: string, content: string): string {
  return [`--${BOUNDARY}`, `Content-Type: ${contentType}`, '', content.trimEnd(), ''].join('\n');
}
