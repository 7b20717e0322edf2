"""Copies one revision of a Hugging Face repository to S3, once.

Bytes go from the hub to S3 through memory: a model of any size needs no disk. Each file is checked against the hash
that the hub has for it before S3 shows it. A copy that was interrupted goes on with the first file that is missing; a
copy that is complete has a marker beside its files and is not looked at again.

Needs Python 3.9 or newer and boto3. Exit status 2: trying again would not help.
"""

import collections
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config

MARKER = ".copy-complete.json"
MIB = 1024 * 1024
PART_BYTES = 32 * MIB
MAX_PARTS = 10_000  # of one S3 multipart upload
IN_FLIGHT = 8  # parts being downloaded, and as many being uploaded: at most 512 MiB of memory together
ATTEMPTS = 8

# Formats of other programs, and second copies of the weights.
NEVER = ["original/*", "metal/*"]
DUPLICATES = [
    "consolidated*",
    "pytorch_model*.bin",
    "pytorch_model*.bin.index.json",
    "tf_model*.h5",
    "flax_model*.msgpack",
    "rust_model*.ot",
    "onnx/*",
    "openvino/*",
]


class Hopeless(Exception):
    """An error that stays when tried again."""


class KeepSecrets(urllib.request.HTTPRedirectHandler):
    """The hub redirects to signed addresses of other hosts, which must not see its token."""

    def redirect_request(self, request, response, code, message, headers, address):
        redirected = super().redirect_request(request, response, code, message, headers, address)
        if redirected and urllib.parse.urlsplit(address).netloc != urllib.parse.urlsplit(request.full_url).netloc:
            redirected.remove_header("Authorization")
        return redirected


class Hub:
    """One revision of one repository."""

    def __init__(self, endpoint, model, revision, token):
        self.endpoint = endpoint.rstrip("/")
        self.model = model
        self.headers = {"User-Agent": "cdk-eks-inference"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.opener = urllib.request.build_opener(KeepSecrets)
        address = f"{self.endpoint}/api/models/{model}/revision/{urllib.parse.quote(revision, safe='')}"
        described = json.loads(self.ask(address)[0])
        self.commit = described["sha"]

    def files(self):
        """All files, as (path, size, hash). The hash is SHA-256 of large files, and git's SHA-1 of others."""
        address = f"{self.endpoint}/api/models/{self.model}/tree/{self.commit}?recursive=true"
        found = []
        while address:
            body, headers = self.ask(address)
            for entry in json.loads(body):
                if entry["type"] == "file":
                    large = entry.get("lfs")
                    found.append((entry["path"], entry["size"], large["oid"] if large else entry["oid"]))
            address = next_page(headers.get("Link"))
        return found

    def ask(self, address):
        """An answer of the hub's API. Refusals are final."""
        for attempt in range(ATTEMPTS):
            try:
                with self.opener.open(urllib.request.Request(address, headers=self.headers), timeout=60) as response:
                    return response.read(), response.headers
            except urllib.error.HTTPError as error:
                if error.code in (401, 403, 404):
                    raise Hopeless(
                        f"{error.code} from {address}: no such repository or revision, or it is gated and the token is "
                        f"missing or its account has not accepted the terms at {self.endpoint}/{self.model}"
                    ) from error
                pause(attempt, error)
            except OSError as error:
                pause(attempt, error)
        raise RuntimeError(f"no answer from {address} after {ATTEMPTS} attempts")

    def read(self, path, start, size):
        """Bytes of a file. Each request asks the hub anew: signed addresses expire during long copies."""
        if size == 0:
            return b""
        address = f"{self.endpoint}/{self.model}/resolve/{self.commit}/{quote(path)}"
        headers = {**self.headers, "Range": f"bytes={start}-{start + size - 1}"}
        for attempt in range(ATTEMPTS):
            try:
                with self.opener.open(urllib.request.Request(address, headers=headers), timeout=120) as response:
                    if start > 0 and response.status != 206:
                        raise OSError(f"status {response.status} for a range")
                    data = response.read(size)
                if len(data) == size:
                    return data
                raise OSError(f"{len(data)} bytes instead of {size}")
            except OSError as error:  # HTTPError and dropped connections as well
                # A signed address of another host may have expired: only what the hub itself refuses is final.
                refused = isinstance(error, urllib.error.HTTPError) and error.url.startswith(self.endpoint)
                if refused and error.code in (401, 403, 404):
                    raise Hopeless(f"{error.code} from {address}: see {self.endpoint}/{self.model} for its terms") from error
                pause(attempt, error)
        raise RuntimeError(f"{path} from {start} could not be read in {ATTEMPTS} attempts")


class Destination:
    """The folder of the model in the bucket."""

    def __init__(self, uri):
        address = urllib.parse.urlsplit(uri)
        self.uri = uri
        self.bucket = address.netloc
        self.prefix = address.path.lstrip("/")
        retries = {"mode": "standard", "total_max_attempts": 10}
        self.s3 = boto3.client("s3", config=Config(retries=retries, max_pool_connections=4 * IN_FLIGHT))
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        # Listing, not HeadObject: with a list permission for one prefix, S3 answers 403 for a key that is not there.
        self.sizes = {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def key(self, path):
        return self.prefix + path

    def marker(self):
        """What a complete copy says of itself, or nothing."""
        if self.key(MARKER) not in self.sizes:
            return None
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=self.key(MARKER))["Body"].read())

    def has(self, path, size, oid):
        key = self.key(path)
        if self.sizes.get(key) != size:
            return False
        return self.s3.head_object(Bucket=self.bucket, Key=key)["Metadata"].get("hub-oid") == oid

    def put(self, path, data, oid=""):
        self.s3.put_object(Bucket=self.bucket, Key=self.key(path), Body=data, Metadata={"hub-oid": oid})


def copy_small(hub, destination, file):
    path, size, oid = file
    data = hub.read(path, 0, size)
    check(path, oid, hasher(oid, size), data)
    destination.put(path, data, oid)


def copy_large(hub, destination, file, pool):
    """Parts are downloaded ahead, hashed in order and uploaded behind; memory holds a fixed number of them."""
    path, size, oid = file
    target = {"Bucket": destination.bucket, "Key": destination.key(path)}
    part_bytes = max(PART_BYTES, -(-size // MAX_PARTS))
    upload = destination.s3.create_multipart_upload(**target, Metadata={"hub-oid": oid})["UploadId"]
    try:
        digest = hasher(oid, size)
        downloads, uploads, done = collections.deque(), collections.deque(), []

        def send(number, data):
            tag = destination.s3.upload_part(**target, UploadId=upload, PartNumber=number, Body=data)["ETag"]
            return {"PartNumber": number, "ETag": tag}

        def take():
            number, download = downloads.popleft()
            data = download.result()
            digest.update(data)
            uploads.append(pool.submit(send, number, data))
            if len(uploads) > IN_FLIGHT:
                done.append(uploads.popleft().result())

        for number, start in enumerate(range(0, size, part_bytes), 1):
            downloads.append((number, pool.submit(hub.read, path, start, min(part_bytes, size - start))))
            if len(downloads) >= IN_FLIGHT:
                take()
        while downloads:
            take()
        done += [each.result() for each in uploads]
        check(path, oid, digest)
        destination.s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": done})
    except BaseException:
        destination.s3.abort_multipart_upload(**target, UploadId=upload)
        raise


def hasher(oid, size):
    if len(oid) == 64:
        return hashlib.sha256()
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % size)
    return digest


def check(path, oid, digest, data=b""):
    digest.update(data)
    if digest.hexdigest() != oid:
        raise RuntimeError(f"{path} has the hash {digest.hexdigest()}, the hub says {oid}")


def select(files, include, exclude):
    """The files to copy: of weights that are there in several formats, safetensors only."""
    patterns = NEVER + exclude
    if any(fnmatch.fnmatch(path, "*.safetensors") and not fnmatch.fnmatch(path, "consolidated*") for path, _, _ in files):
        patterns += DUPLICATES
    return [
        file
        for file in files
        if any(fnmatch.fnmatch(file[0], pattern) for pattern in include)
        and not any(fnmatch.fnmatch(file[0], pattern) for pattern in patterns)
    ]


def quote(path):
    return urllib.parse.quote(path, safe="/")


def next_page(link):
    for part in (link or "").split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return address.strip(" <>")
    return None


def pause(attempt, error):
    seconds = min(2**attempt, 60)
    print(f"{error}: again in {seconds} s", flush=True)
    time.sleep(seconds)


def hub_token(environment):
    arn = environment.get("HF_TOKEN_SECRET_ARN")
    if not arn:
        return environment.get("HF_TOKEN", "").strip()
    value = boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    field = environment.get("HF_TOKEN_SECRET_FIELD")
    return (json.loads(value)[field] if field else value).strip()


def main(environment):
    model, revision = environment["MODEL_ID"], environment["MODEL_REVISION"]
    include, exclude = json.loads(environment["INCLUDE"]), json.loads(environment["EXCLUDE"])
    destination = Destination(environment["DESTINATION"])

    selection = {"include": include, "exclude": exclude}
    marker = destination.marker()
    if marker and marker.get("selection") == selection:
        print(f"{destination.uri} is complete: {marker['files']} files of commit {marker['commit']}", flush=True)
        return

    hub = Hub(environment.get("HF_ENDPOINT", "https://huggingface.co"), model, revision, hub_token(environment))
    files = select(hub.files(), include, exclude)
    if not files:
        raise Hopeless(f"{model} has no file that matches {include}")
    missing = [file for file in files if not destination.has(*file)]
    total = sum(size for _, size, _ in missing)
    print(f"{model} at {hub.commit}: {len(missing)} of {len(files)} files to copy, {total / MIB:.0f} MiB", flush=True)

    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2 * IN_FLIGHT) as pool:
        small = [file for file in missing if file[1] <= PART_BYTES]
        for batch in range(0, len(small), IN_FLIGHT):  # in batches, so that memory stays bounded
            list(pool.map(lambda file: copy_small(hub, destination, file), small[batch : batch + IN_FLIGHT]))
        for file in missing:
            if file[1] > PART_BYTES:
                copy_large(hub, destination, file, pool)
                print(f"{file[0]}: {file[1] / MIB:.0f} MiB", flush=True)
    seconds = max(time.monotonic() - started, 0.001)
    print(f"copied {total / MIB:.0f} MiB in {seconds:.0f} s, {total / MIB / seconds:.0f} MiB/s", flush=True)

    done = {
        "model": model,
        "revision": revision,
        "commit": hub.commit,
        "files": len(files),
        "bytes": sum(size for _, size, _ in files),
        "selection": selection,
    }
    destination.put(MARKER, json.dumps(done).encode())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # process 1 ignores it otherwise, and uploads stay behind
    try:
        main(os.environ)
    except Hopeless as error:
        print(error, file=sys.stderr)
        sys.exit(2)
