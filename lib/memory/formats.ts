import { WeightsFormat } from '../models/weights-format';

/**
 * Bytes of one parameter of a linear layer, scales included.
 *
 * - AWQ and GPTQ in groups of 128: 4 bits, and 16 bits of scale with 4 bits of zero point a group.
 * - MXFP4: 4 bits, and 8 bits of scale for 32. NVFP4: 4 bits, and 8 bits of scale for 16.
 * - GGUF: bits a weight as llama.cpp's `quantize` prints them.
 */
const BYTES_PER_PARAMETER: { readonly [format in WeightsFormat]: number } = {
  [WeightsFormat.FP32]: 4,
  [WeightsFormat.BF16]: 2,
  [WeightsFormat.FP16]: 2,
  [WeightsFormat.FP8]: 1,
  [WeightsFormat.FP8_BLOCK128]: 1 + 4 / (128 * 128),
  [WeightsFormat.INT8]: 1,
  [WeightsFormat.AWQ_INT4]: (4 + 20 / 128) / 8,
  [WeightsFormat.GPTQ_INT4]: (4 + 20 / 128) / 8,
  [WeightsFormat.INT4]: (4 + 16 / 32) / 8,
  [WeightsFormat.MXFP4]: (4 + 8 / 32) / 8,
  [WeightsFormat.NVFP4]: (4 + 8 / 16) / 8,
  [WeightsFormat.NF4]: 0.52,
  [WeightsFormat.GGUF_Q8_0]: 8.5 / 8,
  [WeightsFormat.GGUF_Q5_K_M]: 5.7 / 8,
  [WeightsFormat.GGUF_Q4_K_M]: 4.89 / 8,
};

/** Bytes of one parameter of a linear layer in a format. */
export function bytesPerParameter(format: WeightsFormat): number {
  return BYTES_PER_PARAMETER[format];
}

/** Whether embeddings and the output layer are quantized too. Only GGUF does that. */
export function quantizesEmbeddings(format: WeightsFormat): boolean {
  return format.startsWith('gguf');
}

/** Size of the quantization groups along the input of a matrix, where slices must be whole groups. */
export function groupSize(format: WeightsFormat): number | undefined {
  switch (format) {
    case WeightsFormat.FP8_BLOCK128:
    case WeightsFormat.AWQ_INT4:
    case WeightsFormat.GPTQ_INT4:
      return 128;
    case WeightsFormat.MXFP4:
    case WeightsFormat.INT4:
      return 32;
    case WeightsFormat.NVFP4:
      return 16;
    default:
      return undefined;
  }
}

/**
 * What a `quantization` option of an engine makes of weights that are stored otherwise. Methods that only name how
 * the weights are stored (`awq`, `gptq_marlin`, `compressed-tensors`, `modelopt`) convert nothing.
 */
export function formatAfterLoad(stored: WeightsFormat, quantization: string | undefined): WeightsFormat {
  const converted = CONVERSIONS.get((quantization ?? '').toLowerCase());
  return converted !== undefined && bytesPerParameter(converted) < bytesPerParameter(stored) ? converted : stored;
}

const CONVERSIONS: ReadonlyMap<string, WeightsFormat> = new Map([
  ['fp8', WeightsFormat.FP8],
  ['fp8_per_tensor', WeightsFormat.FP8],
  ['fp8_per_block', WeightsFormat.FP8],
  ['w8a8_fp8', WeightsFormat.FP8],
  ['int8', WeightsFormat.INT8],
  ['w8a8_int8', WeightsFormat.INT8],
  ['bitsandbytes', WeightsFormat.NF4],
  ['mxfp4', WeightsFormat.MXFP4],
  ['nvfp4', WeightsFormat.NVFP4],
  ['q8_0', WeightsFormat.GGUF_Q8_0],
  ['q5_k_m', WeightsFormat.GGUF_Q5_K_M],
  ['q4_k_m', WeightsFormat.GGUF_Q4_K_M],
]);

/** Bytes of one number in the KV cache, by the engines' names for the format. */
const CACHE_BYTES: ReadonlyMap<string, number> = new Map([
  ['auto', 2],
  ['bfloat16', 2],
  ['float16', 2],
  ['bf16', 2],
  ['fp16', 2],
  ['f16', 2],
  ['float32', 4],
  ['f32', 4],
  ['fp8', 1],
  ['fp8_e4m3', 1],
  ['fp8_e5m2', 1],
  ['fp8_inc', 1],
  ['fp8_ds_mla', 656 / 576],
  ['int8', 1],
  ['q8_0', 34 / 32],
  ['q5_1', 24 / 32],
  ['q5_0', 22 / 32],
  ['q4_1', 20 / 32],
  ['q4_0', 18 / 32],
  ['nvfp4', 0.5625],
  ['nvfp4_ds_mla', 0.5625],
  ['fp4_e2m1', 0.5625],
]);

/**
 * Bytes of one number in the KV cache.
 *
 * `fp8_ds_mla` is vLLM's layout for sparse MLA: 656 bytes a token and layer for 576 numbers.
 *
 * @throws when no engine has a format of this name
 */
export function cacheBytes(format: string): number {
  const bytes = CACHE_BYTES.get(format.toLowerCase());
  if (bytes === undefined) {
    throw new Error(`'kvCacheDtype' (${format}) must be one of ${[...CACHE_BYTES.keys()].join(', ')}`);
  }
  return bytes;
}
