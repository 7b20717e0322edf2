#!/bin/sh
# Resolves every *.in into the fully pinned *.txt that environments/environment.ts installs with --no-deps.
# usage: requirements/lock.sh [path of uv]
set -eu
cd "$(dirname "$0")"
uv=${1:-uv}
lock() { # lock <environment> [overrides...]
  environment=$1
  shift
  "$uv" pip compile --quiet --no-annotate --no-header --python-version 3.12 --python-platform x86_64-manylinux_2_36 \
    $(printf ' --override %s' "$@") "$environment.in" --output-file "$environment.txt"
}
lock vllm no-cuda.txt no-triton.txt torch-2.13.txt
lock vllm-0.28 no-cuda.txt no-triton.txt torch-2.13.txt
lock vllm-0.27 no-cuda.txt no-triton.txt torch-2.13.txt
lock vllm-0.24 no-cuda.txt no-triton.txt torch-2.11.txt
lock vllm-0.16 no-cuda.txt no-triton.txt torch-2.10.txt
lock ray no-cuda.txt no-triton.txt torch-2.11.txt
lock benchmarks no-cuda.txt no-triton.txt torch-2.13.txt
lock sglang no-cuda.txt torch-2.13.txt
echo 'sglang==0.5.21' >> sglang.txt
lock vllm-omni no-cuda.txt no-triton.txt torch-2.13.txt
printf 'vllm-omni==0.28.0\ntorchaudio==2.11.0\n' >> vllm-omni.txt
lock triton no-cuda.txt
lock disaggregation no-cuda.txt
lock llama-cpp no-cuda.txt
