"""An AWS that answers every request with one error, in the form of whichever protocol was spoken."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Answer = tuple[int, str, str]
"""HTTP status, error code and message."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.held.wait()  # type: ignore[attr-defined]
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


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Whoever hangs up is what some tests are about."""


class BrokenAws:
    """Its address, and what it answers from now on.

    `identity`: it says who asks, and refuses all else.
    """

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.port = server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def waits(self, until: threading.Event) -> None:
        """Answer nothing before then."""
        self._server.held = until  # type: ignore[attr-defined]

    def answers(self, answer: Answer, arn: str | None = None) -> None:
        """Answer like this; `arn` is who asks, where AWS still tells that."""
        self._server.answer = answer  # type: ignore[attr-defined]
        self._server.identity = arn and (  # type: ignore[attr-defined]
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{arn.split(':')[4]}</Account></GetCallerIdentityResult>"
            "</GetCallerIdentityResponse>"
        )


@contextmanager
def broken_aws(tls: ssl.SSLContext | None = None) -> Iterator[BrokenAws]:
    """It runs as long as the context."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.held = threading.Event()  # type: ignore[attr-defined]
    server.held.set()  # type: ignore[attr-defined]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield BrokenAws(server)
    finally:
        server.shutdown()
        server.server_close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody has signed but its own key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
