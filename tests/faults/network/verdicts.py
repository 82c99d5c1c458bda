"""Rows of worlds with their whole verdict: what is named, what is offered, and what must not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.faults.base import World
from diagnostics.finding import Finding, Report, Status
from diagnostics.report import build, network_summary, unread
from diagnostics.snapshot import Snapshot
from tests.build import Edit, changed, fargate, stopped
from tests.cases.rejudging import Rejudging
from tests.cases.saved import without_one
from tests.faults.network.tables import OPENS as WAYS

TEXT = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable "
    "to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: "
    'Post "https://api.ecr.us-east-1.amazonaws.com/": {failure}'
)
HUB = "10.99.1.5"
PUBLIC = "44.213.79.104"

OPENS = WAYS[:-1]
"""A rule for every address opens no way by itself."""
NOT_OPENED = (*OPENS, "route-no-egress")


def dialled(address: str) -> Edit:
    """The log-in timed out at this address."""
    return stopped(TEXT.format(failure=f"dial tcp {address}:443: i/o timeout"))


NO_ADDRESS = stopped(TEXT.format(failure="context deadline exceeded"))
"""The log-in timed out, and the text shows no address."""


@dataclass(frozen=True)
class Row:
    """A world with its text, and what is said of it.

    `cause` is the one of role `cause`, as certain as `certainty` says where it says so. `wants` are words of its commands,
    `never` what must not be offered in any form, `not_blamed` faults that may stand in no role, `says` words of the report.
    """

    name: str
    edits: tuple[Edit, ...]
    outcome: str
    cause: str | None = None
    never: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    base: Callable[[], Snapshot] = fargate
    certainty: str | None = None
    wants: tuple[str, ...] = ()
    not_blamed: tuple[str, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        """The facts."""
        return changed(self.base(), *self.edits)


def check(row: Row) -> None:
    """The verdict of a row."""
    report = build(row.snapshot)
    causes = [item for item in report.causes if item.role == "cause"]
    found = [item.id for item in causes]
    assert report.verdict.outcome == row.outcome, (found, report.verdict.headline)
    assert found == ([row.cause] if row.cause else [])
    assert row.certainty in (None, *(item.certainty for item in causes)), [item.certainty for item in causes]
    assert not {item.id for item in report.causes} & set(row.not_blamed)
    offered = "".join(
        item.model_dump_json(exclude={"evidence", "summary", "why_ranked"}) for item in report.causes
    )
    commands = _commands(report)
    for words in row.never:
        assert words not in commands if words in OPENS else words not in offered, words
    for words in row.wants:
        assert words in commands, (words, commands)
    said = report.model_dump_json()
    for words in row.says:
        assert words in said, words


def _commands(report: Report) -> str:
    fixes = [item.fix for item in report.causes if item.fix is not None]
    return "\n".join(
        text or "" for fix in fixes for text in (fix.cli, fix.terraform, fix.cloudformation, fix.undo)
    )


def told_of_the_rest(world: World, findings: tuple[Finding, ...]) -> None:
    """What a report says beside its verdict can be told: of every leg, and of each thing that could not be read."""
    legs = [(interface.subnet_id, leg.host) for interface in world.interfaces() for leg in world.pull.legs]
    assert [(item.subnet, item.host) for item in network_summary(world).legs] == legs
    unknown = {item.fault for item in findings if item.status is Status.UNKNOWN}
    assert {fault for item in unread(world.snapshot, findings) for fault in item.needed_by} <= unknown


def check_a_fact_less(row: Row) -> None:
    """Without any one fact of the VPC the verdict names the same cause or none."""
    world = Rejudging(row.snapshot)
    for path, less in without_one(row.snapshot, within="vpcs"):
        said = world.judgement(less)
        told_of_the_rest(world.last, said.findings)
        assert said.causes <= world.before.causes, path
        assert said.outcome in (row.outcome, "undecided"), path
