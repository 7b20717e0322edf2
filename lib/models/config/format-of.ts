import { WeightsFormat } from '../weights-format';
import type { ConfigReader, Json } from './config-reader';

/**
 * The number format that a config.json says the weights are stored in.
 *
 * @throws when the quantization method is not known
 */
export function formatOf(config: ConfigReader): WeightsFormat {
  const quantization = config.object('quantization_config');
  if (!quantization) return dtype(config);
  const method = String(quantization.quant_method ?? (quantization.quant_algo ? 'modelopt' : '')).toLowerCase();
  const bits = Number(quantization.bits ?? quantization.w_bit ?? 4);
  switch (method) {
    case 'fp8':
      return quantization.weight_block_size ? WeightsFormat.FP8_BLOCK128 : WeightsFormat.FP8;
    case 'fbgemm_fp8':
      return WeightsFormat.FP8;
    case 'mxfp4':
      return WeightsFormat.MXFP4;
    case 'awq':
      return WeightsFormat.AWQ_INT4;
    case 'gptq':
      return bits === 8 ? WeightsFormat.INT8 : WeightsFormat.GPTQ_INT4;
    case 'bitsandbytes':
      return quantization.load_in_8bit ? WeightsFormat.INT8 : WeightsFormat.NF4;
    case 'modelopt':
    case 'modelopt_fp4':
      return /fp4/i.test(`${quantization.quant_algo ?? method}`) ? WeightsFormat.NVFP4 : WeightsFormat.FP8;
    case 'compressed-tensors':
      return compressedTensors(quantization);
    default:
      throw new Error(
        `'config' of ${config.id} has the quantization method '${method}', which is not known: ` +
          "pass 'format' and 'weightsGiB' to Model.huggingFace() instead",
      );
  }
}

function compressedTensors(quantization: Json): WeightsFormat {
  const text = JSON.stringify(quantization);
  if (/mxfp4/.test(text)) return WeightsFormat.MXFP4;
  if (/nvfp4/.test(text)) return WeightsFormat.NVFP4;
  if (/"num_bits":4/.test(text)) return WeightsFormat.INT4;
  return /"type":"float"/.test(text) ? WeightsFormat.FP8 : WeightsFormat.INT8;
}

function dtype(config: ConfigReader): WeightsFormat {
  switch (config.string('dtype', 'torch_dtype')) {
    case 'float32':
      return WeightsFormat.FP32;
    case 'float16':
      return WeightsFormat.FP16;
    default:
      return WeightsFormat.BF16;
  }
}
