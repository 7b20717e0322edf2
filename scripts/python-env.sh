#!/usr/bin/env bash
# Makes a virtual environment of a requirements file, once, outside the checkout, and prints its folder.
#
#   scripts/python-env.sh REQUIREMENTS_FILE
#
# The folder's name ends in a hash of the pins and of the Python, so that a changed pin is another folder.
set -euo pipefail

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

(($# == 1)) || die "usage: $0 REQUIREMENTS_FILE"
requirements=$1
[[ -f $requirements ]] || die "no such file: $requirements"
command -v python3 >/dev/null || die "Python is not installed: install Python 3.10 or newer"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk-eks-inference/python
key=$({ cat "$requirements"; python3 --version; } | sha256sum | cut -c1-12)
name=$(basename "$(dirname "$(realpath "$requirements")")")-$(basename "$requirements" .txt)
folder=$cache/$name-$key

mkdir -p "$cache"
exec 9>"$cache/.lock"
flock -w 900 9 || die "another installation holds $cache/.lock for 15 minutes"
if [[ ! -f $folder/complete ]]; then
  echo "python: installing $(grep -vcE '^[[:space:]]*(#|$)' "$requirements") pinned packages of $requirements, once …" >&2
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2 9>&-
  touch "$folder/complete"
fi
echo "$folder"
