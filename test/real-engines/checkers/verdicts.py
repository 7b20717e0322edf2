"""What every checker shares: cases in as a JSON file, verdicts out as JSON on stdout.

One process judges all cases of an engine, because importing the engine costs more than judging a thousand cases.
"""

import contextlib
import io
import json
import os
import pathlib
import sys
from collections.abc import Callable, Iterable
from typing import Any


def judge(errors_of: Callable[[dict[str, Any]], Iterable[str]]) -> None:
    """Reads the cases of the file in argv[1] and prints `[{name, ok, errors}]`.

    An exception is a verdict as well: engines refuse by raising, and argparse by exiting.
    """
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # engines log to stdout
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    verdicts = []
    for case in cases:
        errors = list(guarded(errors_of, case))
        verdicts.append({"name": case["name"], "ok": not errors, "errors": errors})
    json.dump(verdicts, out)
    out.flush()
    os._exit(0)  # engines leave threads behind


def guarded(errors_of: Callable[[dict[str, Any]], Iterable[str]], case: dict[str, Any]) -> Iterable[str]:
    stderr = io.StringIO()
    try:
        with contextlib.redirect_stderr(stderr):
            yield from errors_of(case)
    except SystemExit:
        yield stderr.getvalue().split("error:", 1)[-1].strip() or "exited without a message"
    except Exception as error:  # noqa: BLE001 - any refusal counts, whatever its class
        yield f"{type(error).__name__}: {' '.join(str(error).split())[:600]}"


def placed(argument: str, files: dict[str, str], folder: str) -> str:
    """An argument that names a file of the container, with the file written to a folder of this machine."""
    if argument not in files:
        return argument
    path = pathlib.Path(folder, pathlib.Path(argument).name)
    path.write_text(files[argument], encoding="utf-8")
    return str(path)
