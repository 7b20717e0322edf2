/** The number format that a model's weights are stored in. */
export enum WeightsFormat {
  /** 32-bit floating point. */
  FP32 = 'fp32',
  /** 16-bit brain floating point. */
  BF16 = 'bf16',
  /** 16-bit IEEE floating point. */
  FP16 = 'fp16',
  /** 8-bit floating point, scaled per tensor or channel. */
  FP8 = 'fp8',
  /** 8-bit floating point, scaled per block of 128 x 128, as DeepSeek and Qwen publish it. */
  FP8_BLOCK128 = 'fp8-block128',
  /** 8-bit integers with 8-bit activations (W8A8). */
  INT8 = 'int8',
  /** 4-bit integers by AWQ, in groups of 128. */
  AWQ_INT4 = 'awq-int4',
  /** 4-bit integers by GPTQ, in groups of 128. */
  GPTQ_INT4 = 'gptq-int4',
  /** 4-bit integers packed by compressed-tensors, in groups of 32 or 128. */
  INT4 = 'int4',
  /** 4-bit microscaling floating point, blocks of 32 (gpt-oss). */
  MXFP4 = 'mxfp4',
  /** NVIDIA's 4-bit floating point, blocks of 16 with FP8 scales. */
  NVFP4 = 'nvfp4',
  /** 4-bit NormalFloat of bitsandbytes. */
  NF4 = 'nf4',
  /** GGUF, 8 bits (Q8_0). */
  GGUF_Q8_0 = 'gguf-q8_0',
  /** GGUF, 5 bits (Q5_K_M). */
  GGUF_Q5_K_M = 'gguf-q5_k_m',
  /** GGUF, 4 bits (Q4_K_M): the usual choice of llama.cpp. */
  GGUF_Q4_K_M = 'gguf-q4_k_m',
}
