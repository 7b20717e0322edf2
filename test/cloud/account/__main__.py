"""Serves the account on the loopback until it is stopped.

usage: python -m account --port PORT --folder FOLDER --node NODE --node-modules FOLDER --bin FOLDER [--function-environment JSON]
"""
import argparse
import json
import logging

from moto.core.config import default_user_config
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.server import main as serve

from . import cloudformation, cloudtrail, eks_api, functions
from .answers import Answers
from .stacks import Stacks

parser = argparse.ArgumentParser(prog="account")
for option in ("--port", "--folder", "--node", "--node-modules", "--bin"):
    parser.add_argument(option, required=True)
parser.add_argument("--function-environment", type=json.loads, default={})
parser.add_argument("--function-timeout", type=int, default=120, help="seconds; a function that is slower is taken for one that hangs")
options = parser.parse_args()

logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
for noisy in ("botocore", "urllib3"):
    logging.getLogger(noisy).setLevel(logging.WARNING)

endpoint, answers, regions = f"http://127.0.0.1:{options.port}", Answers(), {}
default_user_config["iam"]["load_aws_managed_policies"] = True
# moto enforces bucket policies without their conditions: CDK's "deny what is not encrypted" would lock everybody out
FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
cloudformation.install(lambda region: regions.setdefault(region, Stacks(endpoint, region, answers)))
cloudtrail.install()
eks_api.install()
functions.install(functions.Runner(
    endpoint, answers.port, options.folder, options.node, options.node_modules, options.bin, options.function_environment, options.function_timeout))
serve(["-H", "127.0.0.1", "-p", options.port])
