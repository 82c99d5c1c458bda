"""An AWS that answers every request with one error, in the form of whichever protocol was spoken."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

Answer = tuple[int, str, str]
"""HTTP status, error code and message."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        status, code, message = self.server.answer  # type: ignore[attr-defined]
        identity = self.server.identity  # type: ignore[attr-defined]
        if identity and "Action=GetCallerIdentity" in body:
            status, kind, text = 200, "text/xml", identity
        elif "X-Amz-Target" in self.headers:
            kind, text = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
        else:
            error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
            ec2 = "Version=2016-11-15" in body
            kind = "text/xml"
            text = (
                f"<Response><Errors>{error}</Errors></Response>"
                if ec2
                else f"<ErrorResponse>{error}</ErrorResponse>"
            )
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class BrokenAws:
    """Its address, and what it answers from now on.

    `identity`: it says who asks, and refuses all else.
    """

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.port = server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def answers(self, answer: Answer, arn: str | None = None) -> None:
        """Answer like this; `arn` is who asks, where AWS still tells that."""
        self._server.answer = answer  # type: ignore[attr-defined]
        self._server.identity = arn and (  # type: ignore[attr-defined]
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{arn.split(':')[4]}</Account></GetCallerIdentityResult>"
            "</GetCallerIdentityResponse>"
        )


@contextmanager
def broken_aws() -> Iterator[BrokenAws]:
    """It runs as long as the context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield BrokenAws(server)
    finally:
        server.shutdown()
        server.server_close()
