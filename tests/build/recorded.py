"""Answers of AWS that were recorded once, given to real boto3 clients in place of the network.

Everything but the socket is botocore's own: a request is built, signed and sent, and the recorded HTTP body is parsed.
A request is recognised by what goes over the wire: the service and Region that it was signed for, the operation and its
parameters. The files in `tests/collect/answers` are written by `python -m tools.record_answers`; `# like NAME` in the first line of one
means that it holds only what differs from NAME.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from diagnostics.collect import AwsClients
from diagnostics.collect.clients import CONFIG

FOLDER = Path(__file__).parent.parent / "collect" / "answers"
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_BLOCK = re.compile(r"^=== (\S+) (\S+) (\S+) (\{.*\})\n(\d+) (\S+)\n", re.MULTILINE)

# A throttled or failed request is sent once: botocore would wait before the second.
ONCE = CONFIG.merge(Config(retries={"total_max_attempts": 1}))


@dataclass(frozen=True, order=True)
class Request:
    """What is asked, as it goes over the wire; `params` is JSON with sorted keys."""

    service: str
    operation: str
    region: str
    params: str

    @property
    def action(self) -> str:
        """The IAM action, as `diagnostics.collect.calls` names it."""
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    content_type: str
    body: str


@dataclass
class World:
    """What was built."""

    vpc: str
    subnets: tuple[str, ...]
    group: str
    endpoint_group: str
    endpoint: str
    nat_gateway: str
    prefix_list: str
    execution_role: str
    boundary: str
    secret: str
    image: str
    task_definition: str
    cluster: str = "prod"
    service: str = "shop"
    task_arn: str = ""
    instance: str = ""

    @property
    def task_id(self) -> str:
        return self.task_arn.rsplit("/", 1)[-1]


Answers = Mapping[Request, Answer]
Reply = Callable[[Request, Answer], Answer]
"""Answers a request in place of what was recorded; it may raise what botocore raises where nothing comes."""


def request_of(sent: AWSPreparedRequest) -> Request:
    """Which request this is; a request that is not signed is none of ours."""
    headers = {name.lower(): _text(value) for name, value in sent.headers.items()}
    scope = _SCOPE.search(headers["authorization"])
    assert scope is not None, headers["authorization"]
    body = _text(sent.body or b"")
    if "x-amz-target" in headers:
        operation, params = headers["x-amz-target"].rpartition(".")[2], json.loads(body)
    else:
        params = dict(parse_qsl(body, keep_blank_values=True))
        operation = params.pop("Action")
        del params["Version"]
    text = json.dumps(params, sort_keys=True)
    return Request(scope["service"], operation, scope["region"], text)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


# --- the files ---------------------------------------------------------------------------------------


def write(name: str, world: World, answers: Answers, like: str | None = None) -> None:
    """Write a file; `like` names the file whose answers it shares."""
    shared = read(like)[1] if like else {}
    lines = [f"# like {like}\n"] if like else []
    lines.append(f"# built {json.dumps(asdict(world))}\n")
    for request, answer in sorted(answers.items()):
        if shared.get(request) != answer:
            lines.append(f"=== {request.service} {request.operation} {request.region} {request.params}\n")
            lines.append(f"{answer.status} {answer.content_type}\n{answer.body}\n\n")
    (FOLDER / f"{name}.txt").write_text("".join(lines), "utf-8")


@functools.cache
def read(name: str) -> tuple[World, Answers]:
    """What was built, and the answers of a file and of the one it is like."""
    text = (FOLDER / f"{name}.txt").read_text("utf-8")
    head = re.match(r"(?:# like (?P<like>\S+)\n)?# built (?P<built>\{.*\})\n", text)
    assert head is not None, name
    found = dict(read(head["like"])[1]) if head["like"] else {}
    marks = list(_BLOCK.finditer(text))
    for mark, end in zip(marks, [*(item.start() for item in marks[1:]), len(text)], strict=True):
        service, operation, region, params, status, content_type = mark.groups()
        body = text[mark.end() : end].rstrip("\n")
        found[Request(service, operation, region, params)] = Answer(int(status), content_type, body)
    built = json.loads(head["built"])
    return World(**built | {"subnets": tuple(built["subnets"])}), found


# --- clients -----------------------------------------------------------------------------------------


class Recorded(AwsClients):
    """Real clients that are answered from a file; `sent` is every request that they sent."""

    def __init__(self, name: str, config: Config = ONCE) -> None:
        super().__init__(lambda account_id: _session(), config)
        self.world, self.answers = read(name)
        self.sent: list[Request] = []
        self._reply: Reply | None = None
        self._making = threading.Lock()
        self._ready: dict[tuple[str, str], Any] = {}

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        # One account was recorded, so which one is asked makes no other client.
        with self._making:
            if (service, region) not in self._ready:
                client = super().get(service, region)
                client.meta.events.register("before-send", self._send)
                self._ready[service, region] = client
            return self._ready[service, region]

    @contextmanager
    def but(self, reply: Reply) -> Iterator[Recorded]:
        """For a while, other answers than those of the file."""
        self._reply = reply
        try:
            yield self
        finally:
            self._reply = None

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        asked = request_of(request)
        self.sent.append(asked)
        answer = self.answers.get(asked)
        if answer is None:
            # An exception here becomes a fact that is not known, which a test might expect for another reason.
            answer = Answer(400, "text/plain", f"not recorded: {asked}")
        if self._reply is not None:
            answer = self._reply(asked, answer)
        headers = {"content-type": answer.content_type, "x-amzn-requestid": "recorded"}
        return AWSResponse(request.url, answer.status, headers, _Raw(answer.body.encode()))

    def take(self) -> list[Request]:
        """What was sent since the last time."""
        taken, self.sent = self.sent, []
        return taken


class _Raw(BytesIO):
    """The body as urllib3 gives it."""

    def stream(self, amt: int = 1024, decode_content: bool | None = None) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


@functools.cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="AKIARECORDEDANSWERS0", aws_secret_access_key="not-a-secret")


@functools.cache
def recorded(name: str) -> Recorded:
    """The clients of a file, made once, since each new client reads botocore's models again."""
    return Recorded(name)


# --- what goes wrong ---------------------------------------------------------------------------------


def error(code: str, status: int, message: str = "no") -> Reply:
    """AWS's own form of an error, in the protocol of the answer that it replaces."""

    def reply(request: Request, answer: Answer) -> Answer:
        if request.service not in ("ec2", "iam", "sts"):
            text = json.dumps({"__type": code, "message": message})
            return Answer(status, "application/x-amz-json-1.1", text)
        one = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if request.service == "ec2":
            return Answer(status, "text/xml", f"<Response><Errors>{one}</Errors></Response>")
        return Answer(status, "text/xml", f"<ErrorResponse>{one}</ErrorResponse>")

    return reply


def failing(exception: Exception) -> Reply:
    """No answer comes at all."""

    def reply(request: Request, answer: Answer) -> Answer:
        raise exception

    return reply


def body(text: str) -> Reply:
    """A success with another body."""
    return lambda request, answer: Answer(200, answer.content_type, text)


def to(wanted: Callable[[Request], bool], other: Reply) -> Reply:
    """The recorded answers, but to some requests another."""
    return lambda request, answer: other(request, answer) if wanted(request) else answer


def breaking_a_record(broken: list[Request]) -> Reply:
    """The first record of a list is empty; requests whose answers have no list are answered as recorded."""

    def reply(request: Request, answer: Answer) -> Answer:
        text = _with_an_empty_record(answer)
        if text is None:
            return answer
        broken.append(request)
        return replace(answer, body=text)

    return reply


def _with_an_empty_record(answer: Answer) -> str | None:
    if answer.content_type == "text/xml":
        root = ElementTree.fromstring(answer.body)
        record = next((item for item in root.iter() if _name(item) in ("item", "member") and len(item)), None)
        if record is None:
            return None
        record.clear()
        return ElementTree.tostring(root, encoding="unicode")
    content = json.loads(answer.body)
    for records in content.values():
        if isinstance(records, list) and records and isinstance(records[0], dict):
            records[0] = {}
            return json.dumps(content)
    return None


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
