import { Accelerator, GpuPool, type GpuPoolOptions, NodeOs, NodeProvisioner } from '../../../lib';
import { allocatable, capacity, nodeShape } from '../../../lib/karpenter/allocatable';
import { choiceOptionsOf } from '../../../lib/karpenter/choice-options';
import type { ContainerManifest } from '../../../lib/karpenter/manifests';
import { podRequests } from '../../../lib/karpenter/pod-demand';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** The shape of a pool's nodes, and what is left to pods on one of them. */
function nodeOf(type: Accelerator, options: GpuPoolOptions = {}, provisioner = NodeProvisioner.KARPENTER) {
  const pool = new GpuPool({ instanceTypes: [type], ...options });
  const config = pool.bind({ name: 'gpu', environment: { provisioner, clusterName: 'inference', nodeRoleName: 'nodes' } });
  const shape = nodeShape(choiceOptionsOf(config, 'us-west-2'));
  return { shape, all: capacity(type, shape), left: allocatable(type, shape) };
}

describe('what the nodes of a pool leave to pods', () => {
  test('an EFA-only interface on the first card takes the place of one with addresses', () => {
    const { all, left } = nodeOf(Accelerator.P5_48XLARGE); // a first card with two interfaces of 50 addresses
    expect([all.get('pods'), all.get('vpc.amazonaws.com/efa')]).toEqual([51, 32]);
    expect(left.get('memory')).toBe((all.get('memory') ?? 0) - (11 * 51 + 255 + 100) * MIB);
    expect(nodeOf(Accelerator.P5_48XLARGE, { efa: false }).all.get('pods')).toBe(100);
  });

  test('EFA-only interfaces on other cards take nothing', () => {
    const { all } = nodeOf(Accelerator.P6_B300_48XLARGE); // its first card has no EFA
    expect([all.get('pods'), all.get('vpc.amazonaws.com/efa')]).toEqual([198, 16]);
  });

  test.each([
    [NodeOs.BOTTLEROCKET, 20],
    [NodeOs.AL2023, 58],
  ])('memory is reserved for maxPods, but by AL2023 for every address (%s)', (os, pods) => {
    const { all, left } = nodeOf(Accelerator.G6_XLARGE, { os, maxPods: 20 });
    expect(all.get('pods')).toBe(20);
    expect(left.get('memory')).toBe((all.get('memory') ?? 0) - (11 * pods + 255 + 100) * MIB);
  });

  test.each<[string, GpuPoolOptions, number]>([
    ['local NVMe', {}, 250e9],
    ['the data volume', { instanceStore: false }, 300 * GIB],
    ['the data volume of AL2023', { instanceStore: false, os: NodeOs.AL2023, dataVolume: { sizeGiB: 77 } }, 77 * GIB],
    ['what Karpenter takes for granted of a snapshot without a size', { dataVolume: { snapshotId: 'snap-0123456789abcdef0' } }, 20 * GIB],
  ])('images and emptyDirs have %s', (_what, options, bytes) => {
    expect(nodeOf(Accelerator.G6_XLARGE, options).all.get('ephemeral-storage')).toBe(bytes);
  });

  test('overrides of the node class count', () => {
    expect(nodeOf(Accelerator.G6_XLARGE, { nodeClassOverrides: { spec: { kubelet: { maxPods: 9 } } } }).all.get('pods')).toBe(9);
  });

  test('EKS Auto Mode has 110 pods', () => {
    expect(nodeOf(Accelerator.G6_XLARGE, {}, NodeProvisioner.EKS_AUTO_MODE).all.get('pods')).toBe(110);
  });
});

test('an init container runs beside the sidecars that were started before it', () => {
  const container = (cpu: string, restartPolicy?: string): ContainerManifest => ({ restartPolicy, resources: { requests: { cpu } } });
  const requested = (...initContainers: ContainerManifest[]): number | undefined => podRequests({ containers: [container('1')], initContainers }).get('cpu');
  expect(requested(container('500m', 'Always'), container('3'))).toBe(3.5);
  expect(requested(container('3'), container('500m', 'Always'))).toBe(3);
  expect(requested(container('1'), container('500m', 'Always'))).toBe(1.5);
});
