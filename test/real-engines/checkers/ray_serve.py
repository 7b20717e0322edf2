"""Ray Serve's own verdict on a serveConfigV2 and the LLM configurations inside it.

Case: {name, config: the YAML text of serveConfigV2, model: folder with a config.json that stands in for the weights}.
Ray ignores keys it does not know, at every level, so the document is walked along the fields of its schema classes.
"""

import importlib
import os

os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import yaml
from ray.llm._internal.serve.core.ingress.builder import LLMServingArgs
from ray.llm._internal.serve.serving_patterns.prefill_decode.builder import PDServingArgs
from ray.serve.config import AutoscalingConfig
from ray.serve.llm import LLMConfig
from ray.serve.schema import DeploymentSchema, ServeDeploySchema
from schema_walk import unknown_keys
from verdicts import judge
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.entrypoints.openai.cli_args import FrontendArgs
from vllm_registries import registry_errors

BUILDERS = {"build_openai_app": LLMServingArgs, "build_dp_openai_app": LLMServingArgs, "build_pd_openai_app": PDServingArgs}
# keywords of Ray's own Serve deployments that DeploymentSchema names differently or not at all
DEPLOYMENT_KEYS = set(DeploymentSchema.model_fields) | {"ray_actor_options", "placement_group_bundles", "placement_group_strategy"}


def errors_of(case):
    document = yaml.safe_load(case["config"])
    yield from unknown_keys(document, ServeDeploySchema, "serve")
    ServeDeploySchema.model_validate(document)
    for application in document["applications"]:
        yield from application_errors(application, case["model"])


def application_errors(application, model: str):
    module, _, name = application["import_path"].partition(":")
    if not hasattr(importlib.import_module(module), name):
        yield f"import_path: {module} has no '{name}'"
        return
    for deployment in application.get("deployments", []):
        yield from deployment_errors(deployment, f"deployments.{deployment['name']}")
    if module != "ray.serve.llm":
        return
    args = application.get("args", {})
    arguments = BUILDERS[name]
    yield from (f"args.{key}: unknown" for key in args.keys() - arguments.model_fields.keys())
    arguments.model_validate(args)
    yield from deployment_errors(args.get("ingress_deployment_config", {}), "ingress_deployment_config")
    for config in [*args.get("llm_configs", []), *(args[half] for half in ("prefill_config", "decode_config") if half in args)]:
        yield from llm_errors(config, model)


def llm_errors(config, model: str):
    yield from unknown_keys(config, LLMConfig, "llm_config")
    yield from deployment_errors(config.get("deployment_config", {}), "deployment_config")
    llm = LLMConfig.model_validate(config)
    engine = llm.get_engine_config()
    yield from registry_errors(AsyncEngineArgs(**{**engine.get_initialization_kwargs(), "model": model}))
    yield from registry_errors(FrontendArgs(**engine.frontend_kwargs))
    if config.get("log_engine_metrics", True) and config.get("engine_kwargs", {}).get("disable_log_stats"):
        yield "engine_kwargs.disable_log_stats turns the metrics off that log_engine_metrics asks for"


def deployment_errors(config, at: str):
    yield from (f"{at}.{key}: unknown" for key in config.keys() - DEPLOYMENT_KEYS)
    autoscaling = config.get("autoscaling_config")
    if isinstance(autoscaling, dict):
        yield from unknown_keys(autoscaling, AutoscalingConfig, f"{at}.autoscaling_config")
        AutoscalingConfig(**autoscaling)  # the schema takes a minimum above the maximum, this does not
        if config.get("num_replicas") is not None:
            yield f"{at}: num_replicas and autoscaling_config exclude each other"


judge(errors_of)
