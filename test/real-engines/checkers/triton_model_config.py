"""Triton's own protobuf for config.pbtxt. Case: {name, config: the text of the file}.

`text_format` refuses unknown fields, unknown enum values and duplicates. What the schema cannot say is asked here.
"""

from google.protobuf import text_format
from tritonclient.grpc.model_config_pb2 import ModelConfig
from verdicts import judge


def errors_of(case):
    config = text_format.Parse(case["config"], ModelConfig())
    if not config.backend and not config.platform:
        yield "neither 'backend' nor 'platform' is set"
    if config.max_batch_size < 0:
        yield f"max_batch_size ({config.max_batch_size}) must not be negative"
    for kind in ("input", "output"):
        names = [tensor.name for tensor in getattr(config, kind)]
        yield from (f"{kind} '{name}' twice" for name in {n for n in names if names.count(n) > 1})


judge(errors_of)
