#!/usr/bin/env bash
# Checks every template of every app with cfn-lint, for regions of the three partitions: the default app, the apps of
# test/configs, the examples, nested stacks too. No AWS account and, once cfn-lint is installed, no network.
#
#   scripts/cfn-lint.sh               build, synthesize and check everything
#   scripts/cfn-lint.sh --no-build    the same with dist/ as it is
#   scripts/cfn-lint.sh … NAME …      only the apps of these names: inference, everything-karpenter, 01-first-stack
#
# Warnings are fatal: a misspelt IAM action is one. What cfn-lint cannot see: whether a region has four zones (the templates
# pick them by Fn::GetAZs, which fails at deployment in a region with fewer: set 'zones'), whether it sells an instance type,
# whether the version of an add-on exists, and an ARN with a partition written by hand, which is looked for here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
self=scripts/cfn-lint.sh

regions=(us-west-2 eu-central-1 us-gov-west-1 cn-north-1)
ignored=(
  W3005 # "dependency already enforced": aws-cdk-lib writes the DependsOn of every construct it was told to wait for
)

say() { printf '%s\n' "$*"; }
die() { say "cfn-lint: $*" >&2; exit 1; }

# Writes the cloud assembly of an app to a folder.
synthesize() {
  local file=$1 into=$2
  case $file in
    *.yaml) node dist/bin/synth.js -c "config=$file" -o "$into" ;;
    *.js) CDK_OUTDIR=$into CDK_CONTEXT_JSON=$context node "$file" ;;
  esac
}

# ARNs that name a partition, in stacks that can be deployed to any. One of a known region may, and a user's role does.
partitions() {
  node -e '
    const { readFileSync } = require("node:fs");
    const { basename, dirname, join } = require("node:path");
    let found = false;
    for (const file of process.argv.slice(1)) {
      const { artifacts } = JSON.parse(readFileSync(join(dirname(file), "manifest.json"), "utf8"));
      const stacks = Object.values(artifacts).filter(({ type }) => type === "aws:cloudformation:stack");
      if (!stacks.every(({ environment }) => environment.endsWith("/unknown-region"))) continue;
      for (const arn of new Set(readFileSync(file, "utf8").match(/arn:aws[a-z-]*:[^"\\]*/g))) {
        console.log(`${basename(file)}: ${arn} is of one partition only: use Aws.PARTITION or Stack.formatArn`);
        found = true;
      }
    }
    process.exit(found ? 1 : 0);' "$@"
}

# One line for one app, and its findings when there are any.
check() {
  local file=$1 name into log templates start=$SECONDS
  name=$(basename "${file%.*}")
  into=$temporary/$name
  log=$into.log
  if ! synthesize "$file" "$into" >"$log" 2>&1; then
    say "✗ $name: it does not synthesize"
    cat "$log"
    return 1
  fi
  mapfile -t templates < <(find "$into" -name '*.template.json' | sort)
  ((${#templates[@]} > 0)) || { say "✗ $name: no template in its assembly"; return 1; }
  if { "$linter" --regions "${regions[@]}" --ignore-checks "${ignored[@]}" --format parseable -- "${templates[@]}" && partitions "${templates[@]}"; } >"$log" 2>&1; then
    say "✓ $name: ${#templates[@]} templates, $((SECONDS - start)) s"
  else
    say "✗ $name: $(wc -l <"$log") findings"
    sed -E "s|^$into/||; s/^(.{400}).+/\1 …/" "$log" # a misspelt IAM action is followed by a list of all there are
    return 1
  fi
}

if [[ ${1:-} == --check ]]; then check "$2"; exit; fi # one app, called by the line with xargs below

build=yes
wanted=()
for argument in "$@"; do
  case $argument in
    --no-build) build=no ;;
    --*) die "unknown option '$argument': there is --no-build" ;;
    *) wanted+=("$argument") ;;
  esac
done
[[ $build == no ]] || npm run --silent build

apps=()
for file in inference.yaml test/configs/*.yaml examples/*.ts; do
  name=$(basename "${file%.*}")
  ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" $name "* ]] || continue
  [[ $file != *.ts ]] || file=dist/${file%.ts}.js
  [[ -f $file ]] || die "$file is missing: run npm run build"
  apps+=("$file")
done
((${#apps[@]} > 0)) || die "no app is called ${wanted[*]}"

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
linter=$(scripts/python-env.sh scripts/cfn-lint-requirements.txt)/bin/cfn-lint
# the feature flags, as the CDK command passes them to an example
context=$(node -p 'JSON.stringify(JSON.parse(require("node:fs").readFileSync("cdk.json", "utf8")).context)')
export temporary linter context CDK_VALIDATION=false # CDK's own validator has a test of its own

start=$SECONDS
printf '%s\0' "${apps[@]}" | xargs -0 -n 1 -P "$(nproc)" timeout 150 "$self" --check || die "${#apps[@]} apps checked in ${regions[*]}: there are findings, see above"
say "cfn-lint: ${#apps[@]} apps without a finding in ${regions[*]}, $((SECONDS - start)) s"
