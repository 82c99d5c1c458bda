"""Asks about an account, and compares what is said with what must be said."""

from __future__ import annotations

from typing import Any

import boto3

from demo.aws import Broken, EmulatedAws, Expected
from diagnostics import report
from diagnostics.collect import AwsClients, collect
from diagnostics.finding import Report, Status
from diagnostics.target import parse

PATIENCE = 600.0
"""Seconds for a diagnosis: how busy the machine is must change no answer."""

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
    snapshot = collect(parse(target), clients(aws), region=region, deadline=PATIENCE)
    return report.build(snapshot)


def differences(broken: Broken, expected: Expected, told: Report, open_end: str = "") -> list[str]:
    """What is said wrongly: too much, too little, or of the wrong thing.

    `open_end` is a fault that is not known here, because of which a healthy account may be undecided.
    """
    wrong = []
    unknown = {item.fault for item in told.findings if item.status is Status.UNKNOWN}
    undecided = expected.outcome == "nothing_wrong" and told.verdict.outcome == "undecided"
    excused = undecided and open_end in unknown
    if told.verdict.outcome != expected.outcome and not excused:
        wrong.append(f"outcome {told.verdict.outcome}, not {expected.outcome}: {told.verdict.headline}")
    shown = {item.id for item in told.verdict.symptoms}
    if expected.symptom is not None and expected.symptom not in shown:
        wrong.append(f"symptom {sorted(shown)}, not {expected.symptom}")
    for role, faults in (("cause", expected.cause), ("next", expected.next), ("also", expected.also)):
        said = [cause for cause in told.causes if cause.role == role]
        for cause in said:
            if cause.id not in faults:
                wrong.append(
                    f"says {role} {cause.id} of {cause.resources} ({cause.why_ranked}): {cause.summary}"
                )
        for name, parts in faults.items():
            resources = [broken.parts[part] for part in parts]
            named = [cause for cause in said if cause.id == name]
            if not named:
                wrong.append(f"does not say {role} {name}")
            elif not any(set(resources) <= set(cause.resources) for cause in named):
                wrong.append(f"{name} names {[cause.resources for cause in named]}, not all of {resources}")
    crashed = [item for item in told.findings if "crashed" in (item.reason or "")]
    wrong.extend(f"{item.check} of {item.fault}: {item.reason}" for item in crashed)
    return wrong
