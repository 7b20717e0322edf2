"""Waits until a model server answers under the name that a benchmark will send.

Arguments: address of the server, served name, seconds to wait. API_KEY, if it is set, goes with the requests.
Needs Python 3.9 or newer. Exit status 1: the time is over.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

PAUSE_SECONDS = 5


def served_models(endpoint):
    """The names that the server has, or why it does not say."""
    request = urllib.request.Request(f"{endpoint}/v1/models")
    if os.environ.get("API_KEY"):
        request.add_header("Authorization", f"Bearer {os.environ['API_KEY']}")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return [model["id"] for model in json.load(response)["data"]], None
    except urllib.error.HTTPError as error:
        return [], f"HTTP {error.code}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [], str(error)


def main(endpoint, name, seconds):
    deadline = time.monotonic() + float(seconds)
    said = None
    while True:
        names, problem = served_models(endpoint)
        if name in names:
            print(f"{endpoint} serves {name}", flush=True)
            return 0
        state = problem or f"it serves {', '.join(names) or 'nothing'}"
        if state != said:
            print(f"waiting for {name} at {endpoint}: {state}", flush=True)
            said = state
        if time.monotonic() + PAUSE_SECONDS > deadline:
            print(f"{name} was not there within {seconds} s", file=sys.stderr)
            return 1
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
