/** A model repository of Triton, as files. */
export interface TritonRepository {
  /** The folder of all models. */
  readonly folder: string;
  /** The files, by absolute path. */
  readonly files: { readonly [path: string]: string };
}

/** Beside the volume of weights, which is mounted at /models. */
const FOLDER = '/etc/triton/models';

/**
 * The repository of one model on the vLLM backend.
 *
 * `KIND_MODEL` leaves the devices to vLLM. The two parameters are compared with `true` in lower case; anything else is
 * off without a word (vllm_backend, `src/model.py`).
 */
export function tritonRepository(name: string, keywords: { readonly [keyword: string]: unknown }): TritonRepository {
  return {
    folder: FOLDER,
    files: {
      [`${FOLDER}/${name}/config.pbtxt`]: [
        `name: ${JSON.stringify(name)}`,
        'backend: "vllm"',
        'instance_group [ { count: 1, kind: KIND_MODEL } ]',
        'parameters { key: "REPORT_CUSTOM_METRICS", value { string_value: "true" } }',
        'parameters { key: "ENABLE_VLLM_HEALTH_CHECK", value { string_value: "true" } }',
        '',
      ].join('\n'),
      [`${FOLDER}/${name}/1/model.json`]: `${JSON.stringify(keywords, undefined, 2)}\n`,
    },
  };
}
