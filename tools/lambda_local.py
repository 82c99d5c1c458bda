"""AWS Lambda on loopback, without a container.

It speaks the Lambda runtime API to AWS's own runtime client (awslambdaric), which loads the handler from the built task
root as it does in AWS. A function-URL front turns HTTP into events of payload format 2.0 and back, and a poller turns
queue messages into SQS batches and honours partial failures. One invocation of a function at a time.

AWS:
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import http.server
import importlib.metadata
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
REGION = "us-east-1"
# As long takes a server to notice that it shall end.
_POLL_SECONDS = 0.02
_TEXT = ("text/", "application/json", "application/xml", "application/javascript")


class FunctionError(Exception):
    """What Lambda reports when a handler raised, ran out of time, died, or could not be loaded."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        super().__init__(f"{payload.get('errorType')}: {payload.get('errorMessage')}")
        self.kind = payload.get("errorType")


def runtime_client(folder: Path) -> Path:
    """A folder with the runtime client alone, so that a function sees it and its own task root, and nothing else.

    Raises:
        importlib.metadata.PackageNotFoundError: it is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in RUNTIME_CLIENT:
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}:
            link = folder / top
            if not link.exists() and not top.endswith(".dist-info"):
                link.symlink_to(str(distribution.locate_file(top)))
    return folder


@dataclass
class _InvocationResult:
    kind: str
    body: bytes


class Function:
    """One function with one warm environment; leaving the context and entering a new one gives a cold start.

    Args:
        handler: its handler, such as `bot.aws_lambda.slack`.
        task_root: the built tree.
        client: the folder of `runtime_client`.
        environment: its environment variables, beside those that Lambda itself sets.
        log: a file for what it prints.
        timeout: seconds after which Lambda kills it.
    """

    def __init__(
        self,
        handler: str,
        task_root: Path,
        client: Path,
        environment: Mapping[str, str],
        *,
        log: Path,
        timeout: float,
    ) -> None:
        self.handler = handler
        self.timeout = timeout
        self.log = log
        self.init_seconds: float | None = None
        self._task_root = task_root
        self._client = client
        self._environment = environment
        self._next: queue.Queue[tuple[str, Any] | None] = queue.Queue()
        self._answers: dict[str, queue.Queue[_InvocationResult]] = {}
        self._init_error: dict[str, Any] | None = None
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._runtime_api())
        self._server.daemon_threads = True
        self._serving = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="lambda-runtime-api", daemon=True
        )
        self._serving.start()
        self._started = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                # -S: nothing of this environment's site-packages; what is not in the tree is missing.
                [sys.executable, "-S", "-m", "awslambdaric", self.handler],
                cwd=self._task_root,
                env=self._whole_environment(),
                start_new_session=True,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        threading.Thread(target=self._watch, name="lambda-watch", daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill(signal.SIGTERM)
        self._next.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._serving.join(5)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End its process, as a crash or the end of its time does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)
        self._process.wait(10)

    def invoke(self, event: Any) -> Any:
        """Its answer to one event.

        Raises:
            FunctionError: what Lambda would report.
        """
        request_id = str(uuid.uuid4())
        with self._one_at_a_time:
            if self._init_error is not None:
                raise FunctionError(self._init_error)
            waiting = self._answers[request_id] = queue.Queue()
            self._next.put((request_id, event))
            try:
                answer = waiting.get(timeout=self.timeout)
            except queue.Empty:
                self.kill()
                raise FunctionError({"errorType": "Sandbox.Timedout", "errorMessage": "timed out"}) from None
            finally:
                del self._answers[request_id]
        payload = json.loads(answer.body or b"null")
        if answer.kind == "error":
            raise FunctionError(payload)
        return payload

    def printed(self) -> list[dict[str, Any]]:
        """The JSON lines that it logged."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def _whole_environment(self) -> dict[str, str]:
        host, port = self._server.server_address[:2]
        return {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": f"{self._task_root}{os.pathsep}{self._client}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAMBDA_TASK_ROOT": str(self._task_root),
            "AWS_LAMBDA_RUNTIME_API": f"{host!s}:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": self.handler.replace(".", "-"),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "_HANDLER": self.handler,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **self._environment,
        }

    def _watch(self) -> None:
        self._process.wait()
        died = {"errorType": "Runtime.ExitError", "errorMessage": "the process ended"}
        for waiting in list(self._answers.values()):
            waiting.put(_InvocationResult("error", json.dumps(self._init_error or died).encode()))

    def _runtime_api(self) -> type[http.server.BaseHTTPRequestHandler]:
        function = self

        class Api(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                if function.init_seconds is None:
                    function.init_seconds = time.monotonic() - function._started
                following = function._next.get()
                if following is None:
                    self.close_connection = True
                    return
                request_id, event = following
                deadline = int((time.time() + function.timeout) * 1000)
                name = function.handler.rpartition(".")[2]
                headers = {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": request_id,
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:111122223333:function:{name}",
                    "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
                }
                _respond(self, 200, headers, json.dumps(event).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                _respond(self, 202, {}, b"")
                *_, what, kind = self.path.rstrip("/").split("/")
                if (what, kind) == ("init", "error"):
                    function._init_error = json.loads(body)
                    for waiting in list(function._answers.values()):
                        waiting.put(_InvocationResult("error", body))
                elif what in function._answers:
                    function._answers[what].put(_InvocationResult(kind, body))

        return Api


def _respond(
    request: http.server.BaseHTTPRequestHandler, code: int, headers: Mapping[str, str], body: bytes
) -> None:
    try:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
    except OSError:
        # The function was killed while it waited.
        request.close_connection = True


def url_event(path: str, headers: Mapping[str, str], body: bytes, method: str = "POST") -> dict[str, Any]:
    """Payload format 2.0, as a function URL and an HTTP API send it; a form, as Slack's, arrives as base64."""
    lowered = {name.lower(): value for name, value in headers.items()}
    as_text = lowered.get("content-type", "").startswith(_TEXT)
    now = time.time()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": lowered,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": f"local.lambda-url.{REGION}.on.aws",
            "domainPrefix": "local",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": lowered.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "body": body.decode() if as_text else base64.b64encode(body).decode(),
        "isBase64Encoded": not as_text,
    }


@contextmanager
def function_url(function: Function) -> Iterator[str]:
    """Serve a function as a function URL that needs no IAM authorization; its address."""

    class FunctionUrl(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            event = url_event(self.path, dict(self.headers.items()), body)
            try:
                answer = function.invoke(event)
            except FunctionError:
                _respond(self, 502, {"Content-Type": "text/plain"}, b"Internal Server Error")
                return
            data = (answer.get("body") or "").encode()
            if answer.get("isBase64Encoded"):
                data = base64.b64decode(data)
            headers = {
                k: v for k, v in (answer.get("headers") or {}).items() if k.lower() != "content-length"
            }
            _respond(self, answer["statusCode"], headers, data)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FunctionUrl)
    server.daemon_threads = True
    serving = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name="lambda-url", daemon=True
    )
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/slack/events"
    finally:
        server.shutdown()
        server.server_close()
        serving.join(5)


def sqs_event(messages: list[dict[str, Any]], queue_arn: str) -> dict[str, Any]:
    """What an event source mapping makes of received messages."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": message.get("MessageAttributes", {}),
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


@dataclass(frozen=True)
class PollTurn:
    """What one turn of an event source mapping did."""

    handled: int
    failed: int


def poll_once(sqs: Any, queue_url: str, queue_arn: str, function: Function, batch: int = 1) -> PollTurn:
    """One turn of an event source mapping. Failed messages stay, to come back or to be redriven."""
    messages = sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=batch, AttributeNames=["All"], MessageAttributeNames=["All"]
    ).get("Messages", [])
    if not messages:
        return PollTurn(0, 0)
    try:
        answer = function.invoke(sqs_event(messages, queue_arn)) or {}
        failed = {item["itemIdentifier"] for item in answer.get("batchItemFailures", [])}
    except FunctionError:
        failed = {message["MessageId"] for message in messages}
    for message in messages:
        if message["MessageId"] not in failed:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return PollTurn(len(messages) - len(failed), len(failed))
