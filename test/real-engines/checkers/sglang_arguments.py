"""SGLang's own argument parser. Case: {name, args: what follows the module's name}."""

import argparse
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from verdicts import judge
from sglang.srt.server_args import ServerArgs

parser = argparse.ArgumentParser(prog="sglang.launch_server", allow_abbrev=False)
ServerArgs.add_cli_args(parser)


def errors_of(case):
    parser.parse_args(case["args"])
    return []


judge(errors_of)
