"""Runs a handler of the Python runtime of Lambda with the event on standard input. usage: invoke.py FOLDER MODULE FUNCTION RESULT_FILE"""
import importlib
import json
import sys

folder, module, function, result_file = sys.argv[1:]
sys.path.insert(0, folder)
try:
    result, code = getattr(importlib.import_module(module), function)(json.load(sys.stdin), None), 0
except Exception as error:  # noqa: BLE001  as the runtime does
    result, code = {"errorType": type(error).__name__, "errorMessage": str(error)}, 1
    print(error, file=sys.stderr)
with open(result_file, "w") as file:
    json.dump(result, file)
sys.exit(code)
