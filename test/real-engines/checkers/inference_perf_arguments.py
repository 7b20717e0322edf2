"""inference-perf's own command line and configuration classes. Case: {name, args: what follows `inference-perf`, files: {path: text}}.

The command is invoked whole; it ends once it has read its configuration. 0.6 ignores keys it does not know: they are looked up.
"""

import sys
import tempfile

import yaml
from inference_perf import main as command
from inference_perf.config import Config
from schema_walk import unknown_keys
from verdicts import judge, placed

read_config = command.read_config


class ConfigurationRead(Exception):
    pass


def read_and_end(*args, **keywords):
    read_config(*args, **keywords)
    raise ConfigurationRead


command.read_config = read_and_end


def errors_of(case):
    with tempfile.TemporaryDirectory() as folder:
        sys.argv = ["inference-perf", *(placed(argument, case.get("files", {}), folder) for argument in case["args"])]
        try:
            command.main_cli()
            yield "ended without reading a configuration"
        except ConfigurationRead:
            pass
    for path, text in case.get("files", {}).items():
        yield from unknown_keys(yaml.safe_load(text), Config, path)


judge(errors_of)
