"""An AWS that answers one of its calls badly: refused, throttled, broken or nonsense."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.httpsession import URLLib3Session

from demo.aws import Credentials, EmulatedAws
from diagnostics.collect import AwsClients

JSON_SERVICES = ("ecs", "ecr", "kms", "secretsmanager", "ssm")
KINDS = ("denied", "throttled", "broken", "nonsense")


class _Raw:
    """The body of an answer, as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def bad(service: str, action: str, kind: str) -> tuple[int, dict[str, str], bytes]:
    """A bad answer in the service's own spelling: status, headers, body."""
    if kind == "broken":
        return 500, {"Content-Type": "text/html"}, b"<!doctype html><title>500 Internal Server Error</title>"
    if kind == "nonsense":
        return 200, {"Content-Type": "text/plain"}, b"the quick brown fox"
    if service in JSON_SERVICES:
        code = "AccessDeniedException" if kind == "denied" else "ThrottlingException"
        message = f"User: arn:aws:iam::1:user/on-call is not authorized to perform: {action}"
        body = {"__type": code, "message": message if kind == "denied" else "Rate exceeded"}
        return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()
    if service == "ec2":
        code, status = ("UnauthorizedOperation", 403) if kind == "denied" else ("RequestLimitExceeded", 503)
        text = f"<Response><Errors><Error><Code>{code}</Code><Message>No.</Message></Error></Errors><RequestID>x</RequestID></Response>"
        return status, {"Content-Type": "text/xml"}, text.encode()
    code, status = ("AccessDenied", 403) if kind == "denied" else ("Throttling", 400)
    text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>No.</Message></Error><RequestId>x</RequestId></ErrorResponse>"
    return status, {"Content-Type": "text/xml"}, text.encode()


class FaultyAws:
    """Clients of an emulated AWS whose answers are kept, and one action of which can be made to fail.

    Every call goes to the emulated AWS once; the same call is answered from memory after that, so that an account can be
    asked hundreds of times.
    """

    def __init__(self, aws: EmulatedAws, account_id: str, region: str) -> None:
        keys = Credentials(account_id)
        self._url = aws.endpoint_url
        self._session = boto3.Session(
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            region_name=region,
        )
        self._http = URLLib3Session()
        self._kept: dict[tuple[str, bytes], tuple[int, dict[str, str], bytes]] = {}
        self.fails: tuple[str, str] | None = None
        self.asked: set[str] = set()
        self.clients = AwsClients(
            lambda account: self, Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
        )

    def client(self, service: str, **options: Any) -> Any:
        client = self._session.client(service, endpoint_url=self._url, **options)
        client.meta.events.register("before-send", self._answer)
        return client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def _answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        _, service, operation = event_name.split(".")
        action = f"{service}:{operation}"
        self.asked.add(action)
        if self.fails is not None and self.fails[0] == action:
            status, headers, body = bad(service, action, self.fails[1])
        else:
            # The signature carries the time and the Region, the body the question.
            region = request.headers.get("Authorization", b"").decode().split("/")[2]
            key = (f"{action} {region} {request.url}", request.body or b"")
            if key not in self._kept:
                sent = self._http.send(request)
                self._kept[key] = (sent.status_code, dict(sent.headers), sent.content)
            status, headers, body = self._kept[key]
        return AWSResponse(request.url, status, headers, _Raw(body))
