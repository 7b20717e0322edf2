/**
 * Every version and image the library emits, in one place. Each is a default that a prop overrides.
 *
 * Seen in public use, with the evidence date beside it; none is `latest`.
 */
export class Versions {
  /** Kubernetes minor of a new cluster. 1.34 leaves standard support on 2026-12-02; 1.35 has AMIs and add-ons of every kind we use. */
  public static readonly KUBERNETES = '1.35';

  /** Karpenter, both charts (2026-10-10). */
  public static readonly KARPENTER = '1.15.0';

  /** AMI aliases of Karpenter node classes (2026-10). */
  public static readonly BOTTLEROCKET_AMI = 'bottlerocket@v1.64.0';
  public static readonly AL2023_AMI = 'al2023@v20261003';

  /** vLLM upstream, amd64 and arm64, CUDA 13.0: NVIDIA driver 580 or newer, which EKS AMIs carry (2026-10). */
  public static readonly VLLM_IMAGE = 'vllm/vllm-openai:v0.31.0';
  /** vLLM for CPUs, amd64 and arm64; the newest CPU tag seen. */
  public static readonly VLLM_CPU_IMAGE = 'vllm/vllm-openai-cpu:v0.28.0';
  /** vLLM with EFA (libfabric, aws-ofi-nccl), NIXL and LMCache: vLLM 0.27.0, amd64 only (2026-08-17). */
  public static readonly VLLM_EFA_IMAGE = 'public.ecr.aws/deep-learning-containers/vllm:server-cuda-v2.3';
  /** vLLM on Trainium2 and Trainium3: vLLM 0.24 (Neuron SDK 2.32.0, 2026-08-17). */
  public static readonly VLLM_NEURON_IMAGE =
    'public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.24.0.1.1.0-neuronx-py313-sdk2.32.0-ubuntu24.04';
  /** vLLM on Inferentia2 and Trainium1: the last image with NxD Inference, vLLM 0.16 (Neuron SDK 2.31.1). */
  public static readonly VLLM_NEURON_LEGACY_IMAGE =
    'public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.16.0-neuronx-py312-sdk2.31.1-ubuntu24.04';
  /** vLLM-Omni: text to image behind OpenAI routes; releases follow even vLLM minors only. */
  public static readonly VLLM_OMNI_IMAGE = 'vllm/vllm-omni:v0.28.0';

  /** SGLang, CUDA 13, amd64 and arm64 (2026-10). */
  public static readonly SGLANG_IMAGE = 'lmsysorg/sglang:v0.5.21';
  /** Triton with the vLLM backend: vLLM 0.24.0, built for driver 610; runs on 580 by CUDA forward compatibility of data-centre GPUs. */
  public static readonly TRITON_VLLM_IMAGE = 'nvcr.io/nvidia/tritonserver:26.07-vllm-python-py3';
  /** Triton with the TensorRT-LLM backend: TensorRT-LLM 1.1.0, driver 580. */
  public static readonly TRITON_TRTLLM_IMAGE = 'nvcr.io/nvidia/tritonserver:26.02-trtllm-python-py3';
  /** llama.cpp server for CPUs, amd64 and arm64. */
  public static readonly LLAMA_CPP_IMAGE = 'ghcr.io/ggml-org/llama.cpp:server-b11206';
  /** llama.cpp server for NVIDIA GPUs, CUDA 13. */
  public static readonly LLAMA_CPP_CUDA_IMAGE = 'ghcr.io/ggml-org/llama.cpp:server-cuda13-b11206';
  /** Text Embeddings Inference; the architecture is a prefix of the tag. */
  public static readonly TEI_IMAGE = 'ghcr.io/huggingface/text-embeddings-inference';
  public static readonly TEI = '1.9';
  /** Ray with Serve LLM: vLLM 0.26.0 (2026-08-19). */
  public static readonly RAY = '2.58.0';
  public static readonly RAY_LLM_IMAGE = 'rayproject/ray-llm:2.58.0-py312-cu130';
  /** Prefill/decode routing sidecar of llm-d. */
  public static readonly LLM_D_SIDECAR_IMAGE = 'ghcr.io/llm-d/llm-d-router-disagg-sidecar:v0.10.0';
  /** AIBrix's shared KV cache: store, member watcher and its Redis, as in its samples of 0.7.0. */
  public static readonly AIBRIX_INFINISTORE_IMAGE = 'aibrix/infinistore:v0.2.42-20250506';
  public static readonly AIBRIX_KVCACHE_WATCHER_IMAGE = 'aibrix/kvcache-watcher:v0.3.0';
  public static readonly REDIS_IMAGE = 'redis:7.4.2';
  /** Envoy without a shell (2026-10): passes requests of a disaggregated server on. */
  public static readonly ENVOY_IMAGE = 'docker.io/envoyproxy/envoy:distroless-v1.39.1';

  /** AWS command line, amd64 and arm64: copies weights and adapters to a node's disk. */
  public static readonly AWS_CLI_IMAGE = 'public.ecr.aws/aws-cli/aws-cli:2.31.16';

  /** Benchmarks. */
  public static readonly INFERENCE_PERF_IMAGE = 'quay.io/inference-perf/inference-perf:v0.6.1';
  public static readonly GUIDELLM_IMAGE = 'ghcr.io/vllm-project/guidellm:v0.7.3';

  /** Copies models to S3 and waits for them: Python 3.11 with boto3, user 1000, amd64 and arm64. */
  public static readonly MODEL_COPY_IMAGE = 'kserve/storage-initializer:v0.20.0';

  /** Helm charts of add-ons. Each was rendered with the values that the add-on sets (2026-11). */
  public static readonly AIBRIX = '0.7.0';
  /** The commit of its tag: the chart is taken from the repository, since AIBrix publishes it nowhere. */
  public static readonly AIBRIX_COMMIT = 'c5465890951ad43d22241ab7ed964b929c5d4aba';
  /** The Envoy Gateway that AIBrix is built for; its images name the same version. */
  public static readonly AIBRIX_ENVOY_GATEWAY_CHART = 'v1.2.8';
  /** Helm and git, for charts that are published nowhere. */
  public static readonly HELM_IMAGE = 'alpine/helm:4.2.2';
  public static readonly AWS_LOAD_BALANCER_CONTROLLER_CHART = '3.5.0';
  public static readonly CERT_MANAGER_CHART = 'v1.21.1';
  public static readonly DCGM_EXPORTER_CHART = '4.8.2';
  public static readonly EFA_DEVICE_PLUGIN_CHART = 'v0.5.30';
  public static readonly ENVOY_GATEWAY_CHART = 'v1.9.0';
  public static readonly GPU_OPERATOR_CHART = 'v26.7.0';
  public static readonly KEDA_CHART = '2.20.2';
  public static readonly KUBE_PROMETHEUS_STACK_CHART = '88.5.3';
  public static readonly KUBE_RAY_CHART = '1.7.0';
  public static readonly LEADER_WORKER_SET_CHART = '0.10.0';
  public static readonly NEURON_CHART = '1.10.0';
  public static readonly NVIDIA_DEVICE_PLUGIN_CHART = '0.20.0';
}
