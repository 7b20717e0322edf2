import type { Accelerator } from '../../lib/accelerators/accelerator';
import { AcceleratorKind } from '../../lib/accelerators/accelerator-kind';
import { catalogueTypes } from '../../lib/accelerators/catalogue-types';
import type { ContainerManifest, PodManifest } from '../../lib/karpenter/manifests';

const EVERY_NODE: Omit<PodManifest, 'containers'> = { tolerations: [{ operator: 'Exists' }] };
const NO_REQUESTS: ContainerManifest = {};

/** On nodes of the instance types that the charts list: those that have what the add-on is for. */
function onTypes(suits: (type: Accelerator) => boolean): Omit<PodManifest, 'containers'> {
  const values = catalogueTypes().filter(suits).map(({ instanceType }) => instanceType);
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values }] }];
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    tolerations: ['nvidia.com/gpu', 'aws.amazon.com/neuron'].map((key) => ({ key, operator: 'Exists' })),
  };
}

const NVIDIA_NODES = onTypes(({ kind }) => kind === AcceleratorKind.NVIDIA);
const NEURON_NODES = onTypes(({ isNeuron }) => isNeuron);
const EFA_NODES = onTypes(({ efaInterfaces }) => efaInterfaces > 0);

/** A driver of the Container Storage Interface: the driver, its registrar and its liveness probe. */
const CSI_NODE: ContainerManifest[] = Array.from({ length: 3 }, () => requests('10m', '40Mi'));

/**
 * The pods that add-ons put on nodes, by the add-on's name: on which nodes, and what they request there. A pod without
 * requests still takes one of the pods that a node can have.
 *
 * Source: the charts' values and the manifests of the EKS add-ons at the versions of `Versions` (2026). The NVIDIA
 * device plugin and the operands of the GPU operator ask for labels that only nodes have and no NodePool sets, so
 * Karpenter does not reckon with them either, and they request nothing.
 */
const DAEMONS: { readonly [addon: string]: readonly PodManifest[] } = {
  'vpc-cni': [{ ...EVERY_NODE, containers: [requests('25m'), requests('25m')] }], // aws-node, and the agent of network policies
  'kube-proxy': [{ ...EVERY_NODE, containers: [requests('100m')] }],
  'eks-pod-identity-agent': [{ ...EVERY_NODE, containers: [NO_REQUESTS] }],
  'aws-ebs-csi-driver': [{ ...EVERY_NODE, containers: CSI_NODE }],
  'eks-node-monitoring-agent': [
    { ...EVERY_NODE, containers: [requests('10m', '30Mi')] },
    { ...NVIDIA_NODES, containers: [NO_REQUESTS] }, // dcgm-server
  ],
  'mountpoint-s3-csi': [{ ...EVERY_NODE, containers: CSI_NODE }],
  'neuron-device-plugin': [{ ...NEURON_NODES, containers: [NO_REQUESTS] }],
  'efa-device-plugin': [{ ...EFA_NODES, containers: [requests('10m', '20Mi')] }],
  'dcgm-exporter': [{ ...NVIDIA_NODES, containers: [NO_REQUESTS] }],
  'kube-prometheus-stack': [{ tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }], containers: [NO_REQUESTS] }], // node-exporter
};

/**
 * The pods that add-ons put on nodes.
 *
 * @param addons names of the add-ons; one that puts nothing on nodes, or is not known here, has none
 */
export function daemonPodsOf(addons: readonly string[]): PodManifest[] {
  return addons.flatMap((name) => DAEMONS[name] ?? []);
}

function requests(cpu: string, memory?: string): ContainerManifest {
  return { resources: { requests: memory === undefined ? { cpu } : { cpu, memory } } };
}
