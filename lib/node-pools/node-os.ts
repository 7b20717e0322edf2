/** Operating system of nodes that Karpenter launches. */
export enum NodeOs {
  /** Bottlerocket: read-only root, no shell, NVIDIA device plugin built in. */
  BOTTLEROCKET = 'bottlerocket',
  /** Amazon Linux 2023: anything can be installed by user data. */
  AL2023 = 'al2023',
}
