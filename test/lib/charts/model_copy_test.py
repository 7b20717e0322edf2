"""The copy program against a hub and a bucket in this process.

    python3 test/lib/charts/model_copy_test.py            S3 is a stand-in, nothing to install
    WITH_MOTO=1 python3 test/lib/charts/model_copy_test.py    S3 is moto (pip install 'moto[s3,secretsmanager]' boto3)
"""

import hashlib
import http.server
import io
import json
import os
import pathlib
import sys
import threading
import types
import unittest
import urllib.parse

WITH_MOTO = os.environ.get("WITH_MOTO") == "1"
BUCKET, PREFIX = "weights", "models/acme/tiny/main/"
COMMIT = "c0ffee" + "0" * 34


class StandInS3:
    """The few calls that the programs make, over a dictionary."""

    def __init__(self):
        self.objects, self.uploads = {}, {}

    def get_paginator(self, _):
        return types.SimpleNamespace(paginate=lambda **request: [self.list_objects_v2(**request)])

    def list_objects_v2(self, Bucket, Prefix, MaxKeys=1000):
        keys = sorted(key for key in self.objects if key.startswith(Prefix))[:MaxKeys]
        return {"Contents": [{"Key": key, "Size": len(self.objects[key][0])} for key in keys], "KeyCount": len(keys)}

    def head_object(self, Bucket, Key):
        return {"Metadata": self.objects[Key][1]}

    def get_object(self, Bucket, Key):
        return {"Body": io.BytesIO(self.objects[Key][0])}

    def put_object(self, Bucket, Key, Body, Metadata):
        self.objects[Key] = (Body, Metadata)

    def create_multipart_upload(self, Bucket, Key, Metadata):
        self.uploads[Key] = ({}, Metadata)
        return {"UploadId": Key}

    def upload_part(self, Bucket, Key, UploadId, PartNumber, Body):
        self.uploads[Key][0][PartNumber] = Body
        return {"ETag": str(PartNumber)}

    def complete_multipart_upload(self, Bucket, Key, UploadId, MultipartUpload):
        parts, metadata = self.uploads.pop(Key)
        numbers = [part["PartNumber"] for part in MultipartUpload["Parts"]]
        assert numbers == sorted(parts), f"parts {numbers} of {sorted(parts)}"
        self.objects[Key] = (b"".join(parts[number] for number in numbers), metadata)

    def abort_multipart_upload(self, Bucket, Key, UploadId):
        self.uploads.pop(Key)

    def list_multipart_uploads(self, Bucket):
        return {"Uploads": [{"Key": key} for key in self.uploads]}


if WITH_MOTO:
    import boto3
    import moto

    os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
else:
    stand_in = types.SimpleNamespace(client=lambda service, **_: stand_in.clients[service], clients={})
    sys.modules["boto3"] = boto3 = stand_in
    sys.modules["botocore"] = types.ModuleType("botocore")
    sys.modules["botocore.config"] = types.SimpleNamespace(Config=lambda **_: None)

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "lib" / "charts"))
import model_copy  # noqa: E402
import wait_for_weights  # noqa: E402


class Hub(http.server.ThreadingHTTPServer):
    """A hub with one repository. Files come from another address, as the real hub's do, which refuses the hub's token."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.files, self.token, self.flaky, self.reads, self.corrupt = files, None, set(), [], set()
        self.at = f"http://127.0.0.1:{self.server_port}"
        self.storage = f"http://localhost:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class HubHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        hub = self.server
        address = urllib.parse.urlsplit(self.path)
        if address.path.startswith("/storage/"):
            return self.storage(urllib.parse.unquote(address.path[len("/storage/") :]))
        if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            return self.answer(401)
        if address.path == "/api/models/acme/tiny/revision/main":
            return self.answer(200, json.dumps({"sha": COMMIT}).encode())
        if address.path == f"/api/models/acme/tiny/tree/{COMMIT}":
            return self.tree(urllib.parse.parse_qs(address.query))
        if address.path.startswith(f"/acme/tiny/resolve/{COMMIT}/"):
            path = address.path[len(f"/acme/tiny/resolve/{COMMIT}/") :]
            return self.answer(302, Location=f"{hub.storage}/storage/{path}")
        return self.answer(404)

    def tree(self, query):
        """Three entries a page."""
        start = int(query.get("cursor", ["0"])[0])
        paths = sorted(self.server.files)
        entries = [{"type": "directory", "path": "somewhere", "size": 0, "oid": "x"}] if start == 0 else []
        entries += [entry(path, self.server.files[path]) for path in paths[start : start + 3]]
        more = start + 3 < len(paths)
        link = f'<{self.server.at}/api/models/acme/tiny/tree/{COMMIT}?recursive=true&cursor={start + 3}>; rel="next"'
        self.answer(200, json.dumps(entries).encode(), **({"Link": link} if more else {}))

    def storage(self, path):
        hub = self.server
        hub.reads.append(path)
        if self.headers.get("Authorization"):
            return self.answer(400)
        if path in hub.flaky:
            hub.flaky.discard(path)
            return self.answer(503)
        first, last = (int(each) for each in self.headers["Range"][len("bytes=") :].split("-"))
        data = hub.files[path][first : last + 1]
        self.answer(206, b"\0" * len(data) if path in hub.corrupt else data)


def entry(path, data):
    if path.endswith(".safetensors") or path.endswith(".bin"):
        lfs = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}
        return {"type": "file", "path": path, "size": len(data), "oid": "pointer", "lfs": lfs}
    oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    return {"type": "file", "path": path, "size": len(data), "oid": oid}


class ModelCopyTest(unittest.TestCase):
    def setUp(self):
        if WITH_MOTO:
            aws = moto.mock_aws()
            aws.start()
            self.addCleanup(aws.stop)
            self.s3 = boto3.client("s3")
            self.s3.create_bucket(Bucket=BUCKET)
        else:
            self.s3 = boto3.clients["s3"] = StandInS3()
        self.weights = os.urandom(23 * model_copy.MIB + 7)
        self.hub = Hub(
            {
                "config.json": b"{}",
                "empty.txt": b"",
                "model-00001 of 1.safetensors": self.weights,
                "consolidated.safetensors": b"again",
                "pytorch_model.bin": b"again",
                "original/params.json": b"{}",
                "metal/model.bin": b"again",
            }
        )
        self.addCleanup(self.hub.server_close)
        self.addCleanup(self.hub.shutdown)
        model_copy.PART_BYTES = 5 * model_copy.MIB
        model_copy.time = types.SimpleNamespace(sleep=lambda _: None, monotonic=lambda: 0.0)

    def copy(self, **environment):
        model_copy.main(
            {
                "MODEL_ID": "acme/tiny",
                "MODEL_REVISION": "main",
                "DESTINATION": f"s3://{BUCKET}/{PREFIX}",
                "INCLUDE": '["*"]',
                "EXCLUDE": "[]",
                "HF_ENDPOINT": self.hub.at,
                **environment,
            }
        )

    def keys(self):
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix="").get("Contents", [])
        return sorted(item["Key"][len(PREFIX) :] for item in listed)

    def body(self, path):
        return self.s3.get_object(Bucket=BUCKET, Key=PREFIX + path)["Body"].read()

    def test_copies_safetensors_once_and_marks_the_end(self):
        self.copy()
        self.assertEqual(
            self.keys(), sorted([".copy-complete.json", "config.json", "empty.txt", "model-00001 of 1.safetensors"])
        )
        self.assertEqual(self.body("model-00001 of 1.safetensors"), self.weights)
        marker = json.loads(self.body(".copy-complete.json"))
        self.assertEqual((marker["commit"], marker["files"]), (COMMIT, 3))
        self.assertEqual(marker["bytes"], len(self.weights) + 2)

    def test_does_nothing_when_complete(self):
        self.copy()
        self.hub.reads.clear()
        self.hub.token = "now the hub refuses everything"
        self.copy()
        self.assertEqual(self.hub.reads, [])

    def test_goes_on_where_it_was_interrupted(self):
        self.hub.corrupt.add("model-00001 of 1.safetensors")
        with self.assertRaisesRegex(RuntimeError, "the hub says"):
            self.copy()
        self.assertEqual(self.keys(), ["config.json", "empty.txt"])
        self.assertEqual(self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []), [])
        self.hub.corrupt.clear()
        self.hub.reads.clear()
        self.copy()
        self.assertEqual(set(self.hub.reads), {"model-00001 of 1.safetensors"})
        self.assertEqual(self.body("model-00001 of 1.safetensors"), self.weights)

    def test_replaces_a_file_that_changed_on_the_hub(self):
        self.copy()
        self.s3.put_object(Bucket=BUCKET, Key=PREFIX + "config.json", Body=b"xx", Metadata={"hub-oid": "old"})
        self.copy(EXCLUDE='["never"]')
        self.assertEqual(self.body("config.json"), b"{}")

    def test_tries_again_when_storage_fails(self):
        self.hub.flaky.add("model-00001 of 1.safetensors")
        self.copy()
        self.assertEqual(self.body("model-00001 of 1.safetensors"), self.weights)

    def test_includes_and_excludes(self):
        self.copy(INCLUDE='["*.json", "*.txt"]', EXCLUDE='["empty.*"]')
        self.assertEqual(self.keys(), [".copy-complete.json", "config.json"])

    def test_keeps_consolidated_weights_when_there_are_no_others(self):
        del self.hub.files["model-00001 of 1.safetensors"]
        self.copy()
        self.assertIn("consolidated.safetensors", self.keys())
        self.assertIn("pytorch_model.bin", self.keys())

    def test_sends_the_token_to_the_hub_alone(self):
        self.hub.token = "hf_secret"
        self.copy(HF_TOKEN="hf_secret\n")
        self.assertEqual(self.body("model-00001 of 1.safetensors"), self.weights)

    def test_reads_the_token_from_secrets_manager(self):
        self.hub.token = "hf_secret"
        secret = json.dumps({"token": "hf_secret"})
        if WITH_MOTO:
            boto3.client("secretsmanager").create_secret(Name="hub", SecretString=secret)
        else:
            boto3.clients["secretsmanager"] = types.SimpleNamespace(
                get_secret_value=lambda SecretId: {"SecretString": secret} if SecretId == "hub" else None
            )
        self.copy(HF_TOKEN_SECRET_ARN="hub", HF_TOKEN_SECRET_FIELD="token")
        self.assertIn(".copy-complete.json", self.keys())

    def test_fails_for_good_without_a_token(self):
        self.hub.token = "hf_secret"
        with self.assertRaisesRegex(model_copy.Hopeless, "gated"):
            self.copy()

    def test_fails_for_good_when_no_file_matches(self):
        with self.assertRaisesRegex(model_copy.Hopeless, "no file that matches"):
            self.copy(INCLUDE='["*.gguf"]')

    def test_server_waits_for_the_marker(self):
        slept = []

        def copy_while_asleep(seconds):
            slept.append(seconds)
            self.copy()

        wait_for_weights.time = types.SimpleNamespace(sleep=copy_while_asleep, monotonic=lambda: 1.0)
        wait_for_weights.main(f"s3://{BUCKET}/{PREFIX}")
        self.assertEqual(slept, [10])


if __name__ == "__main__":
    unittest.main()
