"""Records what the emulated AWS answers, as canned answers for the tests of `diagnostics.collect`.

    python -m tools.record_answers

The worlds are those of `tests.build.on_moto`. Each is asked about over HTTP by unchanged boto3 clients, and what came back
is written to `tests/collect/answers`, laid out for a reader. Ids are drawn from a seeded source and times are replaced, so
that recording again changes only what really differs.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from demo.aws import EmulatedAws
from diagnostics.collect import AwsClients, collect
from diagnostics.target import Target
from tests.build import on_moto as worlds
from tests.build import recorded, targets
from tests.build.recorded import Answer, Request, World
from tools.save_cases import ANY_MOMENT, MOMENTS, is_moment, same_ids

Build = Callable[[worlds.Aws], World]


def _targets(world: World, account: str) -> list[Target]:
    """The task, its service, and a task that never was."""
    found = [targets.task_target(world.task_id, account=account)]
    if not world.instance:
        found += [targets.service_target(account=account), targets.task_target("f" * 32, account=account)]
    return found


def _without_repository(aws: worlds.Aws) -> World:
    world = worlds.fargate(aws)
    aws.client("ecr").delete_repository(repositoryName="team/shop", force=True)
    return world


WORLDS: dict[str, tuple[Build, str | None]] = {
    "fargate": (worlds.fargate, None),
    "fargate-missing-tag": (lambda aws: worlds.fargate(aws, tag="v2"), "fargate"),
    "fargate-missing-repository": (_without_repository, "fargate"),
    "on-ec2": (worlds.on_ec2, "fargate"),
    "on-ec2-missing-tag": (lambda aws: worlds.on_ec2(aws, tag="v2"), "on-ec2"),
}


def main() -> int:
    """Record every world."""
    recorded.FOLDER.mkdir(exist_ok=True)
    for name, (build, like) in WORLDS.items():
        recorded.read.cache_clear()
        recorded.write(name, *record(build), like)
        print(name)
    return 0


def record(build: Build) -> tuple[World, dict[Request, Answer]]:
    """A world, and what is answered to everything that is asked about it."""
    with same_ids(), EmulatedAws(region=worlds.REGION) as aws:
        world = build(worlds.Aws(aws.client, aws.account_id))
        recorder = Recorder(aws)
        for target in _targets(world, aws.account_id):
            collect(target, recorder)
    return world, recorder.answers


class Recorder(AwsClients):
    """Clients that sign for AWS itself, send to the emulated one, and note what they are answered."""

    def __init__(self, aws: EmulatedAws) -> None:
        keys = aws.credentials
        session = boto3.Session(
            aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key
        )
        super().__init__(lambda account_id: session)
        self._url = aws.endpoint_url
        self.answers: dict[Request, Answer] = {}
        self._watched: set[int] = set()
        self._watching = threading.Lock()
        self._http = URLLib3Session()

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        client = super().get(service, region, account_id)
        with self._watching:
            if id(client) not in self._watched:
                self._watched.add(id(client))
                client.meta.events.register("before-send", self._send)
        return client

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        request.url = f"{self._url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        response = self._http.send(request)
        kind = response.headers["content-type"].partition(";")[0]
        self.answers[recorded.request_of(request)] = Answer(
            response.status_code, kind, laid_out(response.content.decode())
        )
        return response


def laid_out(body: str) -> str:
    """A body as a person reads it, with times that stay the same."""
    if body.lstrip().startswith("<"):
        root = ElementTree.fromstring(body.strip())
        if root.tag.startswith("{"):
            ElementTree.register_namespace("", root.tag[1:].partition("}")[0])
        for element in root.iter():
            element.text, element.tail = (element.text or "").strip() or None, None
            name = element.tag.rpartition("}")[2]
            if name.lower() == "requestid":
                element.text = "recorded"
            elif element.text and is_moment(element.text):
                element.text = MOMENTS.get(name, ANY_MOMENT)
        ElementTree.indent(root, " ")
        return ElementTree.tostring(root, encoding="unicode")
    return json.dumps(_timeless(json.loads(body)), indent=1, ensure_ascii=False) if body else ""


def _timeless(value: Any, key: str = "") -> Any:
    """JSON answers give times as seconds since 1970, in members whose names end in `At` or `Date`."""
    if isinstance(value, dict):
        return {name: _timeless(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_timeless(item, key) for item in value]
    if key.endswith(("At", "Date")) and isinstance(value, int | float):
        moment = datetime.fromisoformat(MOMENTS.get(key, ANY_MOMENT)).astimezone(UTC)
        return moment.timestamp()
    if isinstance(value, str) and is_moment(value):
        return MOMENTS.get(key, ANY_MOMENT)
    return value


if __name__ == "__main__":
    sys.exit(main())
