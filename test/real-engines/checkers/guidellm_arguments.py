"""guidellm's own command line and scenario class. Case: {name, args: what follows `guidellm`, files: {path: text}}.

`files` are the scenario files that the arguments name, by their path in the container. The command is invoked whole;
only the function that would send requests is taken out.
"""

import importlib
import tempfile

import click
from verdicts import judge, placed

command = importlib.import_module("guidellm.cli.run")  # the package has a function of the same name


async def send_nothing(*, args, **_rest):
    args.get_benchmarks()  # the profiles are built when a run begins


command.benchmark_generative_text = send_nothing
cli = importlib.import_module("guidellm.cli").cli


def errors_of(case):
    with tempfile.TemporaryDirectory() as folder:
        args = [placed(argument, case.get("files", {}), folder) for argument in case["args"]]
        try:
            cli.main(args, prog_name="guidellm", standalone_mode=False)
        except click.ClickException as error:
            return [error.format_message()]
    return []


judge(errors_of)
