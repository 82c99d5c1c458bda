"""What a case is: an account, the task to ask about, and what must and may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3

from demo.aws import EmulatedAws
from diagnostics import report
from diagnostics.collect import AwsClients, collect
from diagnostics.finding import Report, Status
from diagnostics.target import parse
from tests.accounts.land import Land, Ran

Resources = Sequence[str]


@dataclass(frozen=True)
class Answer:
    """What must be said. Every cause is a fault id with the resources that it must name; others must not appear.

    `allowed` are resources that a cause may name beside those.
    """

    ran: Ran
    causes: Mapping[str, Resources] = field(default_factory=dict)
    next: Mapping[str, Resources] = field(default_factory=dict)
    also: Mapping[str, Resources] = field(default_factory=dict)
    outcome: str = ""
    target: str = ""

    @property
    def expected_outcome(self) -> str:
        return self.outcome or ("cause_found" if self.causes else "nothing_wrong")


@dataclass(frozen=True)
class Case:
    name: str
    build: Callable[[Land], Answer] = field(repr=False)
    region: str
    worlds: tuple[str, ...]


class Cases:
    def __init__(self) -> None:
        self.all: list[Case] = []

    def add(
        self, name: str, region: str = "us-east-1", worlds: str = "true"
    ) -> Callable[[Callable[[Land], Answer]], Callable[[Land], Answer]]:
        def register(build: Callable[[Land], Answer]) -> Callable[[Land], Answer]:
            self.all.append(Case(name, build, region, tuple(worlds.split())))
            return build

        return register

    def of(self, world: str) -> list[Case]:
        return [case for case in self.all if world in case.worlds]


_clients: dict[str, AwsClients] = {}


def clients(aws: EmulatedAws) -> AwsClients:
    """Clients that ask the emulated AWS as an unchanged installation would; made once, since that is slow."""
    if aws.endpoint_url not in _clients:
        session = boto3.Session(
            aws_access_key_id=aws.credentials.access_key_id,
            aws_secret_access_key=aws.credentials.secret_access_key,
        )
        _clients[aws.endpoint_url] = AwsClients(lambda account: _Pointed(session, aws.endpoint_url))
    return _clients[aws.endpoint_url]


class _Pointed:
    """A session whose clients talk to one address, which AWS_ENDPOINT_URL does for a whole process."""

    def __init__(self, session: Any, url: str) -> None:
        self._session, self._url = session, url

    def client(self, service: str, **options: Any) -> Any:
        return self._session.client(service, endpoint_url=self._url, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def ask(aws: EmulatedAws, region: str, target: str) -> Report:
    """The report about a target of the account."""
    snapshot = collect(parse(target), clients(aws), region=region)
    return report.build(snapshot)


def differences(answer: Answer, told: Report, open_end: str = "") -> list[str]:
    """What is said wrongly: too much, too little, or of the wrong thing.

    `open_end` is a fault that is not known here, because of which a healthy account may be undecided.
    """
    wrong = []
    unknown = {item.fault for item in told.findings if item.status is Status.UNKNOWN}
    undecided = answer.expected_outcome == "nothing_wrong" and told.verdict.outcome == "undecided"
    excused = undecided and open_end in unknown
    if told.verdict.outcome != answer.expected_outcome and not excused:
        wrong.append(
            f"outcome {told.verdict.outcome}, not {answer.expected_outcome}: {told.verdict.headline}"
        )
    for role, expected in (("cause", answer.causes), ("next", answer.next), ("also", answer.also)):
        said = [cause for cause in told.causes if cause.role == role]
        for cause in said:
            if cause.id not in expected:
                wrong.append(
                    f"says {role} {cause.id} of {cause.resources} ({cause.why_ranked}): {cause.summary}"
                )
        for name, resources in expected.items():
            named = [cause for cause in said if cause.id == name]
            if not named:
                wrong.append(f"does not say {role} {name}")
            elif not any(set(resources) <= set(cause.resources) for cause in named):
                wrong.append(f"{name} names {[cause.resources for cause in named]}, not all of {resources}")
    crashed = [item for item in told.findings if "crashed" in (item.reason or "")]
    wrong.extend(f"{item.check} of {item.fault}: {item.reason}" for item in crashed)
    return wrong
