"""Lambda without containers: a function is a process on this machine, with the runtime's SDK and a minimal environment."""
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

from moto.awslambda.models import LambdaFunction

HERE = pathlib.Path(__file__).parent


class Runner:
    """Runs functions; `bin_folder` stands in for what their layers would bring to the PATH."""

    def __init__(self, endpoint, answers_port, folder, node, node_modules, bin_folder, environment, timeout):
        self.endpoint, self.answers_port, self.folder = endpoint, answers_port, pathlib.Path(folder)
        self.node, self.node_modules, self.bin_folder, self.environment, self.timeout = node, node_modules, bin_folder, environment, timeout

    def run(self, function, event):
        """Result, whether it failed, and log, as moto wants them."""
        work = pathlib.Path(tempfile.mkdtemp(prefix="function-", dir=self.folder))
        try:
            code, temporary, result = work / "task", work / "tmp", work / "result.json"
            temporary.mkdir()
            zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(code)
            process = subprocess.run(
                self.command(function, code, result), input=json.dumps(event), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                cwd=code, env=self.environment_of(function, code, temporary), timeout=min(int(function.timeout), self.timeout), check=False)
            text = result.read_text() if result.exists() else json.dumps({"errorType": "Runtime.ExitError", "errorMessage": process.stdout[-1000:]})
            failed, output = process.returncode != 0, process.stdout
        except subprocess.TimeoutExpired as error:
            text, failed, output = json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {error.timeout} seconds"}), True, ""
        finally:
            shutil.rmtree(work, ignore_errors=True)
        with open(self.folder / "functions.log", "a") as log:
            log.write(f"=== {function.function_name}{' FAILED' if failed else ''}\n{output}\n")
        return text, failed, output

    def command(self, function, code, result):
        module, name = function.handler.rsplit(".", 1)
        if function.run_time.startswith("nodejs"):
            return [self.node, "--require", str(HERE / "loopback.cjs"), str(HERE / "invoke.cjs"), str(code / module), name, str(result)]
        if function.run_time.startswith("python"):
            return [sys.executable, "-B", str(HERE / "invoke.py"), str(code), module.replace("/", "."), name, str(result)]
        raise RuntimeError(f"the runtime {function.run_time} is not played here")

    def environment_of(self, function, code, temporary):
        return {
            "PATH": f"{self.bin_folder}:/usr/bin:/bin", "HOME": str(temporary), "TMPDIR": str(temporary), "TEST_OUTDIR": str(temporary), "LANG": "C.UTF-8",
            "NODE_PATH": self.node_modules, "ACCOUNT_ANSWERS_PORT": str(self.answers_port), "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "function", "AWS_SECRET_ACCESS_KEY": "function", "AWS_REGION": function.region, "AWS_DEFAULT_REGION": function.region,
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name, "LAMBDA_TASK_ROOT": str(code), "AWS_EC2_METADATA_DISABLED": "true",
            **self.environment, **{key: str(value) for key, value in (function.environment_vars or {}).items()},
        }


def install(runner):
    """Makes moto run functions so."""
    def invoke(function, event=None):
        return runner.run(function, json.loads(event) if isinstance(event, str) else event or {})
    LambdaFunction._invoke_lambda = invoke
    os.makedirs(runner.folder, exist_ok=True)
