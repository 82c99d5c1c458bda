"""What each kind of job answers with, one row a kind: the tests of views and those of handlers go through all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from diagnostics.finding import Fault, Report
from handlers.jobs import Kind
from handlers.kinds import (
    AUDIT,
    AUDIT_NEWS,
    BE_ON_IT,
    CLOUDFORMATION,
    DIAGNOSE,
    EVENT,
    EXPLAIN,
    EXPLAIN_FAULT,
    HOME,
    HOME_AGAIN,
    LIST,
    NEWEST,
    POST,
    REPORT,
    RERUN,
    SHOW_DETAILS,
    STEP,
    TERRAFORM,
    UNWATCH,
    WATCHING,
)
from handlers.text import fmt
from handlers.views import watch
from handlers.views.as_code import as_code
from handlers.views.details import alone, details
from handlers.views.explain import explanation
from handlers.views.message import MessageContent
from handlers.views.pages import pages
from handlers.views.parent import OnIt, Watched, parent, person, short, under_way
from handlers.views.rerun import came_of_it, doing_again
from tests.build import TASK_ARN
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


ALICE = person("U0ALICE", "alice")
WATCHED = Watched("U0ALICE", "alice", datetime(2026, 11, 24, 11, 20, tzinfo=UTC))
PULLED_AT = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)
BOB = OnIt("U0BOB", "bob", datetime(2026, 11, 24, 9, 20, tzinfo=UTC))


def _of_another_task(report: Report) -> Report:
    other = report.task.arn and report.task.arn[:-4] + "ffff"
    return report.model_copy(update={"task": report.task.model_copy(update={"arn": other})})


View = Callable[[Report], MessageContent | None]


def _of_causes(view: View) -> View:
    return lambda report: view(report) if report.causes else None


def _explained(report: Report) -> MessageContent | None:
    return explanation(report, FAULTS.get) if report.causes else None


VIEWS: Mapping[str, View] = {
    "parent": lambda report: parent(report, run_id=RUN_ID, target=TARGET, by=ALICE),
    "on_it": lambda report: parent(report, run_id=RUN_ID, target=TARGET, by=ALICE, on_it=BOB),
    "watched": _of_causes(lambda report: parent(report, run_id=RUN_ID, target=TARGET, by=ALICE, watched=WATCHED)),
    "pulled": _of_causes(lambda report: watch.pulled(report, "U0ALICE", TASK_ARN, PULLED_AT)),
    "failed_again": _of_causes(lambda report: watch.failed_again(report, "U0ALICE", report)),
    "watch_over": _of_causes(lambda report: watch.over(report, "U0ALICE")),
    "service_gone": _of_causes(lambda report: watch.service_gone(report, "U0ALICE")),
    "cannot_look": _of_causes(lambda report: watch.cannot_look(report, "U0ALICE", "its role may not call ecs:ListTasks.")),
    "rerunning": lambda report: under_way(report, doing_again(report, ALICE, newest=False), on_it=BOB),
    "thread": details,
    "rerun": lambda report: came_of_it(report, report, by=ALICE, name="alice", newest=False),
    "newest": lambda report: came_of_it(report, _of_another_task(report), by=ALICE, name="alice", newest=True),
    "terraform": lambda report: as_code(report, "Terraform") if report.causes else None,
    "cloudformation": lambda report: as_code(report, "CloudFormation") if report.causes else None,
    "page": lambda report: pages(report)[0],
    "alone": lambda report: alone(report, run_id=RUN_ID, target=TARGET, by=ALICE)(fmt("Invite the app."), False),
    "offered": lambda report: alone(report, run_id=RUN_ID, target=TARGET, by=ALICE)(None, True),
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
    DIAGNOSE: JobAnswer(("parent", "thread", "alone", "offered"), "cannot start"),
    EVENT: JobAnswer(("parent", "thread", "alone", "offered"), "cannot start"),
    RERUN: JobAnswer(("rerunning", "parent", "thread", "rerun"), "cannot start"),
    NEWEST: JobAnswer(("rerunning", "parent", "thread", "newest"), "cannot start"),
    TERRAFORM: JobAnswer(("terraform",), "as Terraform"),
    CLOUDFORMATION: JobAnswer(("cloudformation",), "as CloudFormation"),
    REPORT: JobAnswer(("page",), "RULED OUT"),
    BE_ON_IT: JobAnswer(("on_it",), "is on it"),
    WATCHING: JobAnswer(
        ("watched", "pulled", "failed_again", "watch_over", "service_gone", "cannot_look"), "watches it"
    ),
    UNWATCH: JobAnswer(("parent",), "cannot start"),
    EXPLAIN: JobAnswer(("explain",), "Why the pull fails"),
    SHOW_DETAILS: JobAnswer(("thread",), "Ruled out"),
    POST: JobAnswer(("short",), "Posted by"),
    STEP: JobAnswer(("parent", "thread"), "cannot start"),
    # About no report: tests.handlers.test_told_beside has their golden files.
    LIST: JobAnswer((), "causes are looked for"),
    EXPLAIN_FAULT: JobAnswer((), "Why the pull fails"),
    # tests.handlers.test_auditing has its golden files.
    AUDIT: JobAnswer((), "would fail now"),
    AUDIT_NEWS: JobAnswer((), "1 thing changed"),
    HOME: JobAnswer((), "How to ask"),
    HOME_AGAIN: JobAnswer((), "How to ask"),
}


def views(report: Report) -> dict[str, MessageContent]:
    """Every message about a report."""
    made = {name: view(report) for name, view in VIEWS.items()}
    return {name: message for name, message in made.items() if message is not None}
