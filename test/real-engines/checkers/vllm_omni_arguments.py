"""vLLM-Omni's own parser and its check of what was parsed, and the metrics that it declares.

Case: {name, args: what follows `vllm serve`, env, metrics: names, label: that they must have}.
A folder with the index of a pipeline stands in for the weights, which are not there; everything else is judged as emitted.
"""

import json
import os
import tempfile

os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from verdicts import judge
from vllm import envs
from vllm_omni.entrypoints.cli.serve import OmniServeCommand
from vllm_omni.metrics import prometheus
from vllm_omni.utils.tracking_parser import TrackingArgumentParser

parser = TrackingArgumentParser(prog="vllm")
command = OmniServeCommand()
serve = command.subparser_init(parser.add_subparsers(dest="subparser"))
serve.allow_abbrev = serve._shadow.allow_abbrev = False  # a pair of parsers: the second only notes what was given

WEIGHTS = tempfile.mkdtemp()
with open(os.path.join(WEIGHTS, "model_index.json"), "w") as index:
    json.dump({"_class_name": "StableDiffusion3Pipeline", "_diffusers_version": "0.36.0"}, index)

FAMILIES = {family._name: family._labelnames for family in vars(prometheus).values() if hasattr(family, "_labelnames")}


def errors_of(case):
    if "--omni" not in case["args"]:
        yield "without --omni, vLLM serves language models only"
    args = parser.parse_args(["serve", *case["args"]])
    if not (args.model_tag or args.model):
        yield "no model is named"
    args.model_tag = args.model = WEIGHTS
    command.validate(args)
    for name in case.get("env", {}):
        if name.startswith("VLLM_") and name not in envs.environment_variables:
            yield f"vLLM knows no environment variable '{name}'"
    for metric in case.get("metrics", []):
        if metric not in FAMILIES:
            yield f"no metric '{metric}': {', '.join(sorted(FAMILIES))}"
        elif case["label"] not in FAMILIES[metric]:
            yield f"metric '{metric}' has no label '{case['label']}'"


judge(errors_of)
