"""Answers the calls that this process makes to its own local Slack without a socket between them.

What is left out is HTTP on loopback: a connection, two parsers and the server's thread for each call. slack_sdk makes its calls
with urllib, repeats them and reads the answers as ever, and the same methods answer.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http import HTTPStatus
from http.client import RemoteDisconnected
from io import BytesIO
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit
from urllib.response import addinfourl

from demo.slack.web import Front, Reply, read


@contextmanager
def shortened(url: str, front: Front) -> Iterator[None]:
    """A patch of urllib: what it would send to `url`, such as http://127.0.0.1:40123, is answered at once."""
    with mock.patch.object(urllib.request, "_opener", urllib.request.build_opener(_Short(url, front))):
        yield


class _Short(urllib.request.HTTPHandler):
    """Opens addresses of the local Slack, and all others as ever."""

    def __init__(self, url: str, front: Front) -> None:
        super().__init__()
        self._url = url
        self._front = front

    def http_open(self, req: urllib.request.Request) -> Any:
        kind, _, name = req.full_url.removeprefix(self._url).removeprefix("/").partition("/")
        ours = req.full_url.startswith(f"{self._url}/") and kind in ("api", "response")
        content_type = (req.get_header("Content-type") or "").partition(";")[0]
        body = req.data or b""
        # Files go over HTTP.
        if not ours or not isinstance(body, bytes) or content_type.startswith("multipart/"):
            return super().http_open(req)
        text = body.decode()
        if kind == "response":
            reply = self._front.response(name, text)
        else:
            parts = urlsplit(name)
            sent = text if content_type == "application/json" else _fields(text)
            authorization = req.get_header("Authorization") or ""
            read_so = read(_fields(parts.query), sent, content_type, authorization)
            reply = self._front.api(parts.path, *read_so)
        if reply is None:
            raise RemoteDisconnected("Remote end closed connection without response")
        return _answer(req.full_url, reply)


def _fields(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _answer(url: str, reply: Reply) -> addinfourl:
    headers = Message()
    headers["Content-Type"] = f"{reply.content_type}; charset=utf-8"
    for name, value in reply.headers.items():
        headers[name] = value
    answer = addinfourl(BytesIO(reply.body.encode()), headers, url, reply.status)
    answer.msg = HTTPStatus(reply.status).phrase  # type: ignore[attr-defined]
    return answer
