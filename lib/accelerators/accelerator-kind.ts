/** What computes in a node. */
export enum AcceleratorKind {
  /** NVIDIA GPUs: resource `nvidia.com/gpu`. */
  NVIDIA = 'nvidia',
  /** AWS Inferentia chips: resource `aws.amazon.com/neuron`. */
  INFERENTIA = 'inferentia',
  /** AWS Trainium chips: resource `aws.amazon.com/neuron`. */
  TRAINIUM = 'trainium',
  /** No device: the vector units of Graviton or x86 cores. */
  CPU = 'cpu',
}

/** Processor architecture, as in the label `kubernetes.io/arch`. */
export enum CpuArchitecture {
  /** x86-64. */
  AMD64 = 'amd64',
  /** Graviton and Grace. */
  ARM64 = 'arm64',
}
