"""vLLM's own verdict on a command line: parser, engine configuration, registries, environment variables.

Case: {name, args: what follows `vllm serve`, files: {path: text}, env: {name: value}, model: folder with a config.json},
or, for hosts that start the engine themselves, {name, keywords: what AsyncEngineArgs takes, env, model}.
`model` stands in for the weights, which are not there; everything else is judged as emitted.
"""

import importlib
import importlib.util
import os

os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import tempfile
from typing import Any

from verdicts import judge, placed
from vllm import envs
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.utils.argparse_utils import FlexibleArgumentParser
from vllm_registries import registry_errors

# the parser moves about between versions
cli_args = importlib.import_module(next(
    module for module in ("vllm.entrypoints.launchers.cli_args", "vllm.entrypoints.openai.cli_args")
    if importlib.util.find_spec(module.rpartition(".")[0]) and importlib.util.find_spec(module)
))
parser = cli_args.make_arg_parser(FlexibleArgumentParser(prog="vllm serve"))
parser.allow_abbrev = False  # vLLM's default takes --max-model-l for --max-model-len

# What a machine without devices refuses although it is right on the target. Each is judged by its registry or its
# parser above, and set to what a CPU can hold before the engine configuration is built.
CPU_STAND_INS: dict[str, tuple[Any, str]] = {
    "dtype": ("float32", "half and bfloat16 depend on the instruction set of this CPU"),
    "quantization": (None, "kernels of quantized weights exist for GPUs only; the name is looked up in the registry"),
    "kv_cache_dtype": ("auto", "8-bit and 4-bit caches need a GPU's attention kernels; the parser knows the names"),
    "enable_sleep_mode": (False, "needs CUDA virtual memory"),
    "load_format": ("dummy", "streamers are separate packages; the name is looked up in the registry"),
    "kv_transfer_config": (None, "connectors import CUDA packages; their names are looked up in the registry"),
    "swap_space": (0, "0.16 compares it with the memory of this machine"),
    "kv_offloading_size": (None, "host offload copies from GPU memory"),
    "speculative_config": (None, "the draft's weights are not there; keys and method are checked by its class below"),
    "tokenizer": (None, "the tokenizer is not there"),
    "hf_overrides": ({}, "they belong to the model that `model` stands in for"),
    "revision": (None, "the stand-in is a folder"),
    "tokenizer_mode": ("auto", "the stand-in has a tokenizer of its own"),
    "config_format": ("auto", "the stand-in has a config.json"),
}


def errors_of(case: dict[str, Any]):
    if "keywords" in case:
        args = AsyncEngineArgs(**{**case["keywords"], "model": case["model"]})
    else:
        with tempfile.TemporaryDirectory() as folder:
            args = parser.parse_args([placed(argument, case.get("files", {}), folder) for argument in case["args"]])
            cli_args.validate_parsed_serve_args(args)
    yield from registry_errors(args)
    yield from environment_errors(case.get("env", {}))
    if args.speculative_config:
        yield from speculative_errors(dict(args.speculative_config))
    args.model = case["model"]
    for name, (value, _reason) in CPU_STAND_INS.items():
        if hasattr(args, name):
            setattr(args, name, value)
    engine = args if "keywords" in case else AsyncEngineArgs.from_cli_args(args)
    engine.create_engine_config()


def speculative_errors(config: dict[str, Any]):
    """Building the whole configuration loads the draft model, so its fields and methods are compared by name."""
    import dataclasses
    import typing

    from vllm.config import SpeculativeConfig
    from vllm.config.speculative import SpeculativeMethod

    def literals(hint) -> set[str]:
        return {value for arg in typing.get_args(hint) for value in ({arg} if isinstance(arg, str) else literals(arg))}

    known = {field.name for field in dataclasses.fields(SpeculativeConfig)}
    yield from (f"speculative-config has no key '{key}'" for key in config.keys() - known)
    if (method := config.get("method")) and method not in literals(SpeculativeMethod):
        yield f"speculative method '{method}' is not one of {', '.join(sorted(literals(SpeculativeMethod)))}"
    if not isinstance(config.get("num_speculative_tokens"), int) or config["num_speculative_tokens"] < 1:
        yield f"num_speculative_tokens ({config.get('num_speculative_tokens')}) must be a positive integer"


def environment_errors(env: dict[str, str]):
    """vLLM warns about names of its own that it does not know, and goes on without them. Neuron's plugin has some more."""
    for name in env:
        if name.startswith("VLLM_") and not name.startswith("VLLM_NEURON_") and name not in envs.environment_variables:
            yield f"vLLM knows no environment variable '{name}'"


judge(errors_of)
