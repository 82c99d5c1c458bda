"""What each kind of job answers with, one row a kind: the tests of views and those of handlers go through all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from diagnostics.finding import Fault, Report
from handlers.jobs import Kind
from handlers.kinds import (
    DIAGNOSE,
    EVENT,
    EXPLAIN,
    EXPLAIN_FAULT,
    HOME,
    HOME_AGAIN,
    LIST,
    POST,
    RERUN,
    SHOW_DETAILS,
    STEP,
)  # fmt: skip
from handlers.text import fmt
from handlers.views.details import alone, details
from handlers.views.explain import explanation
from handlers.views.message import MessageContent
from handlers.views.parent import parent, short
from tests.build.reports import TARGET

RUN_ID = "0a1b2c3d"
NO_ROUTE = Fault(
    id="route-no-egress",
    kind="network",
    title="The pulling subnet has a way to ECR",
    why="Nothing that leaves the subnet reaches the registry.",
    how="Give the subnet a route through a NAT gateway, or the VPC the endpoints of ECR and S3.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
)
FAULTS = {NO_ROUTE.id: NO_ROUTE}


def _explained(report: Report) -> MessageContent | None:
    return explanation(report, FAULTS.get) if report.causes else None


VIEWS: Mapping[str, Callable[[Report], MessageContent | None]] = {
    "parent": lambda report: parent(report, run_id=RUN_ID, target=TARGET),
    "thread": lambda report: details(report, by="U0ALICE"),
    "alone": lambda report: alone(report, run_id=RUN_ID, target=TARGET, by="U0ALICE")(fmt("Invite the app."), False),
    "offered": lambda report: alone(report, run_id=RUN_ID, target=TARGET, by="U0ALICE")(None, True),
    "short": lambda report: short(report, run_id=RUN_ID, target=TARGET, note=fmt("Posted by Alice")),
    "explain": _explained,
}  # fmt: skip
"""Every message about a report, by name; `None` where there is nothing to tell."""


@dataclass(frozen=True)
class JobAnswer:
    """What a kind answers with.

    Attributes:
        views: the messages, by their names.
        says: what is to be read when the job is done of a run that found a cause.
    """

    views: tuple[str, ...]
    says: str


ANSWERS: Mapping[Kind, JobAnswer] = {
    DIAGNOSE: JobAnswer(("parent", "thread", "alone", "offered"), "Cause found"),
    EVENT: JobAnswer(("parent", "thread", "alone", "offered"), "Cause found"),
    RERUN: JobAnswer(("parent", "thread"), "Cause found"),
    EXPLAIN: JobAnswer(("explain",), "Why the pull fails"),
    SHOW_DETAILS: JobAnswer(("thread",), "Ruled out"),
    POST: JobAnswer(("short",), "Posted by"),
    STEP: JobAnswer(("parent", "thread"), "Cause found"),
    # About no report: tests.handlers.test_told_beside has their golden files.
    LIST: JobAnswer((), "causes are looked for"),
    EXPLAIN_FAULT: JobAnswer((), "Why the pull fails"),
    HOME: JobAnswer((), "How to ask"),
    HOME_AGAIN: JobAnswer((), "How to ask"),
}


def views(report: Report) -> dict[str, MessageContent]:
    """Every message about a report."""
    made = {name: view(report) for name, view in VIEWS.items()}
    return {name: message for name, message in made.items() if message is not None}
