"""Answers the calls that this process makes to its own emulated AWS without a socket between them.

What is left out is HTTP on loopback: a connection, a thread and two parsers for each call; the hashes of a signature, which
moto does not look at; and what a user agent tells of each single call. boto3 names its key, sends again and parses as ever, and the same application answers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from traceback import format_exc
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session
from botocore.useragent import UserAgentString
from moto.core.botocore_stubber import MockRawResponse
from werkzeug.exceptions import InternalServerError

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Log = Callable[[str, str], None]


@contextmanager
def shortened(url: str, application: WsgiApplication, log: Log) -> Iterator[None]:
    """A patch of botocore: what it would send to `url`, such as http://127.0.0.1:40123, the application answers at once.

    `log` is told, as a server's is, of what the application raised; the caller gets status 500 for it. No other request of
    the process is signed validly meanwhile.
    """
    over_http = URLLib3Session.send

    def send(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        if not request.url.startswith(f"{url}/"):
            return over_http(session, request)
        return _answered(request, application, log)

    with (
        mock.patch.object(URLLib3Session, "send", send),
        mock.patch.multiple(
            SigV4Auth,
            headers_to_sign=lambda auth, request: HTTPHeaders(),
            signed_headers=lambda auth, headers: "host",
            canonical_request=lambda auth, request: "",
            string_to_sign=lambda auth, request, canonical: "",
            signature=lambda auth, text, request: "0" * 64,
        ),
        mock.patch.object(UserAgentString, "rebuild_and_replace_user_agent_handler", _as_it_is),
    ):
        yield


def _as_it_is(creator: UserAgentString, **request: object) -> None:
    """The user agent stays as the client was made with."""


def _answered(request: AWSPreparedRequest, application: WsgiApplication, log: Log) -> AWSResponse:
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        started[:] = [int(status.partition(" ")[0]), dict(headers)]

    environ = _environ(request)
    try:
        body = _joined(application(environ, start_response))
    except Exception:
        # As werkzeug's server does.
        log("error", f"Error on request:\n{format_exc()}")
        body = _joined(InternalServerError()(environ, start_response))
    status, headers = started
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


def _joined(parts: Iterable[bytes]) -> bytes:
    try:
        return b"".join(parts)
    finally:
        if (close := getattr(parts, "close", None)) is not None:
            close()


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """A request in the form of WSGI, with what werkzeug's server adds. https://peps.python.org/pep-3333/"""
    url = urlsplit(request.url)
    sent = request.body or b""
    body = sent.encode() if isinstance(sent, str) else sent.read() if hasattr(sent, "read") else bytes(sent)
    raw = f"{url.path}?{url.query}" if url.query else url.path
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path).encode().decode("latin-1"),
        "QUERY_STRING": url.query,
        "REQUEST_URI": raw,
        "RAW_URI": raw,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    # What is sent in parts is whole by now.
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if body or request.method not in ("GET", "HEAD", "DELETE"):
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ
