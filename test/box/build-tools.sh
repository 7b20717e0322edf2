#!/usr/bin/env bash
# Builds the real components of the box from their Go modules, and the Python environment, into a cache outside the checkout.
#
#   test/box/build-tools.sh            build what is missing; a few hundred milliseconds when nothing is
#   test/box/build-tools.sh --paths    print "<tool> <folder>" for each, build nothing
#   test/box/build-tools.sh --update   after a change of a pin: let Go complete go.mod and go.sum, then build
#   test/box/build-tools.sh … lws keda only these
#
# A folder's name ends in a hash of everything that decides its content, so a changed pin builds one tool and an unchanged one none.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk-eks-inference/tools
goroot_version=go1.26.10   # one toolchain for all, so that they share one build cache; Go fetches it by itself
flags=(-trimpath -buildvcs=false)
order=(etcd kube kube-previous kube-oldest kwok karpenter lws kuberay keda aibrix crds python kubectl)   # the cluster first

say() { printf '%s\n' "$*" >&2; }
die() { say "box: $*"; exit 1; }

mode=build
wanted=()
for argument in "$@"; do
  case $argument in
    --paths | --update) mode=${argument#--} ;;
    --*) die "unknown option $argument" ;;
    *) wanted+=("$argument") ;;
  esac
done
if ((${#wanted[@]} == 0)); then
  for tool in "${order[@]}"; do [[ -d $here/tools/$tool || -f $here/tools/$tool.sh ]] && wanted+=("$tool"); done
fi

digest() { sha256sum | cut -c1-12; }
is_go() { [[ -f $here/tools/$1/go.mod ]]; }

# The folder of a tool in the cache.
folder() {
  local tool=$1
  if is_go "$tool"; then
    local sum
    sum=$( (cd "$here/tools/$tool" && cat go.mod go.sum ldflags ./*.go 2>/dev/null || true; echo "$goroot_version ${flags[*]}") | digest)
    echo "$cache/$tool-$sum"
  else
    echo "$cache/$tool-$("$here/tools/$tool.sh" key | digest)"
  fi
}

# "<package> <binary>" lines, out of the tool directives and their comments; a program of our own takes the place of the one it extends.
binaries() {
  [[ -f $here/tools/$1/main.go ]] && { echo ". $1"; return; }
  sed -nE 's|^(tool)?[[:space:](]*([a-z0-9.-]+\.[a-z]+/[^ ]+) // ([a-z0-9-]+)$|\2 \3|p' "$here/tools/$1/go.mod"
}

build_go() {
  local tool=$1 into=$2 package binary ldflags=''
  cd "$here/tools/$tool"
  [[ -f ldflags ]] && ldflags=$(tr '\n' ' ' <ldflags)
  mkdir -p "$into/bin"
  local mod=-mod=readonly
  [[ $mode == update ]] && mod=-mod=mod
  while read -r package binary; do
    say "  $tool: go build $package"
    GOFLAGS='' CGO_ENABLED=0 go build "${flags[@]}" "$mod" -ldflags="-s -w $ldflags" -o "$into/bin/$binary" "$package" </dev/null
  done < <(binaries "$tool")
  # where the sources lie: CRDs, charts and stages are read from there
  # shellcheck disable=SC2046
  GOFLAGS='' go mod download -json $(go mod edit -json | python3 -c '
import json, sys
print(*[r["Path"] + "@" + r["Version"] for r in json.load(sys.stdin)["Require"] if not r.get("Indirect")])') |
    sed -nE 's/^[[:space:]]*"(Path|Dir)": "([^"]+)",?$/\2/p' | paste -d ' ' - - >"$into/modules"
}

complete() {
  local into=$1 dir
  [[ -f $into/complete ]] || return 1
  [[ -f $into/modules ]] || return 0
  while read -r _ dir; do [[ -d $dir ]] || return 1; done <"$into/modules"   # someone emptied Go's module cache
}

if [[ $mode == paths ]]; then
  for tool in "${wanted[@]}"; do echo "$tool $(folder "$tool")"; done
  exit 0
fi

command -v go >/dev/null || die "Go is not installed: install Go 1.24 or newer from https://go.dev/dl"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || die "Python 3.11 or newer is needed: install it, and let python3 be it"
export GOTOOLCHAIN=$goroot_version GOWORK=off
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock -n 9 || { say "box: another build is running, waiting for it"; flock -w 3600 9; }

number=0
for tool in "${wanted[@]}"; do
  number=$((number + 1))
  is_go "$tool" || [[ -f $here/tools/$tool.sh ]] || die "no such tool: $tool"
  into=$(folder "$tool")
  if complete "$into"; then continue; fi
  say "box: [$number/${#wanted[@]}] building $tool …"
  start=$SECONDS
  temporary=$cache/.building-$tool.$$
  rm -rf "$temporary"
  mkdir -p "$temporary"
  trap 'rm -rf "$temporary"' EXIT
  # not as a condition: within one, the shell goes on after a command that fails
  set +e
  if is_go "$tool"; then (set -e; build_go "$tool" "$temporary"); else "$here/tools/$tool.sh" build "$temporary" 9>&-; fi
  status=$?
  set -e
  ((status == 0)) || die "building $tool failed, see above; after a change of its go.mod run: test/box/build-tools.sh --update $tool"
  into=$(folder "$tool")   # --update may have changed what it is named after
  echo "$((SECONDS - start))" >"$temporary/complete"
  rm -rf "$into"
  mv "$temporary" "$into"
  say "box: [$number/${#wanted[@]}] $tool built in $((SECONDS - start)) s"
done
