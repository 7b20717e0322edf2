"""Where custom resources send what became of them."""
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answers:
    """A small server of its own: moto's knows only one answer, and no failure."""

    def __init__(self):
        self.given = {}
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                answers.given[self.path] = json.loads(body)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def ask(self, lambda_client, event):
        """Runs the function behind a custom resource and returns its answer; a function that ends without one has failed."""
        path = f"/{uuid.uuid4()}"
        event = {**event, "RequestId": str(uuid.uuid4()), "ResponseURL": f"https://127.0.0.1{path}"}
        result = lambda_client.invoke(FunctionName=event["ServiceToken"], Payload=json.dumps(event).encode())
        if path not in self.given:
            raise RuntimeError(f"the custom resource did not answer: {result['Payload'].read().decode()[:1000]}")
        return self.given.pop(path)
