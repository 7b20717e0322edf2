#!/usr/bin/env bash
# A virtual environment with moto and what CDK's kubectl handler imports. Run its programs by `bin/python -m`: the folder is moved after it was made.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case $1 in
  key) cat "$here/../requirements.txt"; python3 -c 'import sys; print(sys.version)' ;;
  build)
    python3 -m venv "$2"
    "$2/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$here/../requirements.txt" >&2
    ;;
esac
