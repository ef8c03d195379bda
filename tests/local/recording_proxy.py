"""A proxy between the functions and ministack that records their requests for parameters, exports and metrics.

The simulator records the requests for databases and keys. Use `with RecordingProxy() as proxy, LocalAws(env=proxy.env()) as aws`, then set
`proxy.target = aws.url`. Functions inherit the endpoint from the environment.
"""

import http.client
import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cbor2

FOREIGN = {"transfer-encoding", "connection", "content-length", "date", "server"}


class RecordingProxy:
    """The server of the proxy. It runs until the end of a `with`."""

    def __init__(self):
        self.target = None
        self.requests = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Small answers are sent at once. Otherwise the reader would wait 40 ms for the rest of a packet.
            disable_nagle_algorithm = True
            do_GET = do_POST = do_PUT = lambda handler: self.forward(handler)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def env(self):
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def forward(self, handler):
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        self.requests += requests_of(handler.path, handler.headers, body)
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.target).netloc, timeout=60)
        connection.request(handler.command, handler.path, body, dict(handler.headers))
        answer = connection.getresponse()
        content = answer.read()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in FOREIGN:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
        connection.close()


def requests_of(path, headers, body):
    """The requests to IAM for a call of a client with an application name."""
    application = re.search(r"\bapp/(\S+)", headers.get("x-amz-user-agent", ""))
    if not application:
        return
    account, region, service = re.search(r"Credential=(\w+)/\d+/([\w-]+)/([\w-]+)/", headers["authorization"]).groups()
    resource, context = "*", {}
    if service == "ssm":
        action = "ssm:" + headers["x-amz-target"].rpartition(".")[2]
        named = json.loads(body)
        resource = f"arn:aws:ssm:{region}:{account}:parameter/" + named.get("Path", named.get("Name", "")).split(":")[0].lstrip("/")
    elif service == "monitoring":
        action = "cloudwatch:" + path.rpartition("/")[2]
        context = {"cloudwatch:namespace": cbor2.loads(body)["Namespace"]}
    else:
        action = f"{service}:" + urllib.parse.parse_qs(body.decode())["Action"][0]
    yield {"principal": application[1], "account": account, "action": action, "resource": resource, "context": context}
