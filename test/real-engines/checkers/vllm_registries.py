"""Names that vLLM takes as any text, and looks up only when the model is loaded."""

from collections.abc import Iterator
from typing import Any

from vllm.distributed.kv_transfer.kv_connector.factory import KVConnectorFactory
from vllm.model_executor.layers.quantization import QUANTIZATION_METHODS
from vllm.model_executor.model_loader import _LOAD_FORMAT_TO_MODEL_LOADER
from vllm.reasoning import ReasoningParserManager
from vllm.tool_parsers import ToolParserManager


def registry_errors(args) -> Iterator[str]:
    def unknown(what: str, value: Any, known) -> list[str]:
        return [f"{what} '{value}' is not registered: {', '.join(sorted(map(str, known)))}"] if value and value not in known else []

    yield from unknown("load format", getattr(args, "load_format", None), set(_LOAD_FORMAT_TO_MODEL_LOADER) | {"auto"})
    yield from unknown("quantization", getattr(args, "quantization", None), QUANTIZATION_METHODS)
    yield from unknown("tool call parser", getattr(args, "tool_call_parser", None), ToolParserManager.list_registered())
    yield from unknown("reasoning parser", getattr(args, "reasoning_parser", None), ReasoningParserManager.list_registered())
    if getattr(args, "kv_transfer_config", None):
        yield from connector_errors(args.kv_transfer_config.kv_connector, args.kv_transfer_config.kv_connector_extra_config)


def connector_errors(connector: str, extra: dict[str, Any]) -> Iterator[str]:
    if connector not in KVConnectorFactory._registry:
        yield f"KV connector '{connector}' is not registered: {', '.join(sorted(KVConnectorFactory._registry))}"
    for member in extra.get("connectors", []) if connector == "MultiConnector" else []:
        yield from connector_errors(member["kv_connector"], member.get("kv_connector_extra_config", {}))
