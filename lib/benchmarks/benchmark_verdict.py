"""Files the results of a benchmark in S3 and fails when requests failed, which the tools themselves do not.

Arguments: folder of the results, largest share of failed requests, and where to file them (s3://bucket/prefix/) or
nothing. Needs Python 3.9 or newer, and boto3 to file results.
Exit status 1: too many requests failed, or none was sent.
"""

import json
import pathlib
import sys


def counts(folder):
    """Sent and failed requests, by what the tools write: inference-perf's summary, or GuideLLM's report."""
    summaries = sorted(folder.rglob("*summary_lifecycle_metrics.json"))
    reports = sorted(folder.rglob("benchmarks.json"))
    if not summaries and not reports:
        raise SystemExit(f"no results in {folder}: the tool did not finish")
    sent = failed = 0
    for path in summaries:
        summary = json.loads(path.read_text())
        failed += summary["failures"]["count"]
        sent += summary["failures"]["count"] + summary["successes"]["count"]
    for path in reports:
        for benchmark in json.loads(path.read_text())["benchmarks"]:
            totals = benchmark["metrics"]["request_totals"]
            failed += totals["errored"]
            sent += totals["errored"] + totals["successful"]  # those cut off at the end of a stage are no failures
    return sent, failed


def file_results(folder, destination):
    import boto3

    bucket, _, prefix = destination[len("s3://") :].partition("/")
    client = boto3.client("s3")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        key = f"{prefix}{path.relative_to(folder).as_posix()}"
        client.upload_file(str(path), bucket, key)
        print(f"filed s3://{bucket}/{key}", flush=True)


def main(folder, largest_share, destination=""):
    folder = pathlib.Path(folder)
    sent, failed = counts(folder)
    if destination:
        file_results(folder, destination)
    print(f"{sent} requests, {failed} failed", flush=True)
    if sent == 0:
        print("no request was sent", file=sys.stderr)
        return 1
    if failed / sent > float(largest_share):
        print(f"{failed} of {sent} requests failed, and at most {float(largest_share):.1%} may", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
