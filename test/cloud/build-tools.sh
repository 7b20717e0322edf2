#!/usr/bin/env bash
# Installs what the cloud needs besides Node.js and Python, once, into a cache outside the checkout, and prints where:
#
#   python FOLDER   virtual environment with moto
#   sdk FOLDER      AWS SDK for JavaScript of the Lambda runtime
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk-eks-inference/node

echo "python $("$here/../../scripts/python-env.sh" "$here/requirements.txt")"

sdk=$cache/lambda-sdk-$(cat "$here/sdk/package-lock.json" | sha256sum | cut -c1-12)
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock -w 900 9 || { echo "cloud: another installation holds $cache/.lock for 15 minutes" >&2; exit 1; }
if [[ ! -f $sdk/complete ]]; then
  echo "cloud: installing the AWS SDK of the Lambda runtime, once …" >&2
  rm -rf "$sdk"
  mkdir -p "$sdk"
  cp "$here/sdk/package.json" "$here/sdk/package-lock.json" "$sdk/"
  npm ci --prefix "$sdk" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 9>&-
  touch "$sdk/complete"
fi
echo "sdk $sdk/node_modules"
