"""Waits until the copy of a model is complete in S3, so that no server starts on half of its weights."""

import signal
import sys
import time
import urllib.parse

import boto3

MARKER = ".copy-complete.json"


def main(uri, seconds=10):
    address = urllib.parse.urlsplit(uri)
    key = address.path.lstrip("/") + MARKER
    s3 = boto3.client("s3")
    reported = 0.0
    while True:
        try:
            # Listing, not HeadObject: with a list permission for one prefix, S3 answers 403 for a key that is not there.
            found = s3.list_objects_v2(Bucket=address.netloc, Prefix=key, MaxKeys=1).get("KeyCount", 0)
            problem = "has no completion marker yet: a ModelCopy writes it"
        except Exception as error:  # whatever it is, the server cannot start without its weights
            found, problem = 0, f"cannot be listed: {error}"
        if found:
            print(f"{uri} is complete", flush=True)
            return
        if time.monotonic() - reported > 60 or not reported:
            reported = time.monotonic()
            print(f"{uri} {problem}", flush=True)
        time.sleep(seconds)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # process 1 ignores it otherwise
    main(sys.argv[1])
