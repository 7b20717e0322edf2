"""SGLang's own argument parser, and the metrics that its sources declare.

Case: {name, args: what follows the module's name, metrics: names}.
"""

import argparse
import os
import pathlib

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from verdicts import judge
import sglang
from sglang.srt.server_args import ServerArgs

# they are made when a server starts, with its labels, so that their names are read where they stand
METRICS = pathlib.Path(sglang.__file__).parent.joinpath("srt/observability/metrics_collector.py").read_text(encoding="utf-8")

parser = argparse.ArgumentParser(prog="sglang.launch_server", allow_abbrev=False)
ServerArgs.add_cli_args(parser)


def errors_of(case):
    parser.parse_args(case["args"])
    yield from (f"no metric '{metric}'" for metric in case.get("metrics", []) if f'"{metric}"' not in METRICS)


judge(errors_of)
