"""Errors in the spelling of each AWS protocol, for calls that the emulator refuses or does not know."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape


class AwsRefusal(Exception):
    """An AWS error that the emulator gives on purpose; the server in front of moto puts it into words.

    moto's own exceptions will not do: for a code that a service's model does not list, AccessDenied of IAM
    for one, moto raises a warning instead of an answer.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def answer(error: Exception, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a refusal with its code, and anything else as a call that AWS does not know.

    The status of an unknown call is 400, which botocore does not retry; moto's own answer to it is an HTML page
    with status 500. The shapes are those of botocore's parsers: JSON services name the error in `__type`, the
    EC2 API wraps it in `Response/Errors`, the other query services (IAM, STS) in `ErrorResponse`.
    """
    request_id = str(uuid4())
    scope = environ.get("HTTP_AUTHORIZATION", "")
    is_json = "HTTP_X_AMZ_TARGET" in environ or environ.get("CONTENT_TYPE", "").startswith("application/json")
    status = 400
    if isinstance(error, AwsRefusal):
        code, message, status = error.code, error.message, error.status
    else:
        code, message = "UnknownOperationException" if is_json else "InvalidAction", str(error)
    if is_json:
        body = json.dumps({"__type": code, "message": message})
    elif "/ec2/" in scope:
        body = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
            f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    content = body.encode()
    start_response(
        f"{status} {HTTPStatus(status).phrase}",
        [
            ("Content-Type", "application/x-amz-json-1.1" if is_json else "text/xml"),
            ("Content-Length", str(len(content))),
            ("x-amzn-RequestId", request_id),
        ],
    )
    return [content]
