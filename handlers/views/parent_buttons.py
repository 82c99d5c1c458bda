"""What can be done next, under the verdict: which buttons there are depends on how things stand."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import InteractiveElement

from diagnostics import console
from diagnostics.finding import Report
from diagnostics.target import Target
from handlers.ids import (
    AS_CLOUDFORMATION,
    AS_TERRAFORM,
    CONSOLE,
    EXPLAIN,
    FULL_REPORT,
    MORE,
    NEWEST,
    ON_IT,
    POST,
    RERUN,
    SHOW_DETAILS,
    STOP_WATCHING,
    WATCH,
    WHY,
)
from handlers.text import plain
from handlers.views.message import Block, actions, button, link, overflow
from handlers.views.values import ButtonValue
from handlers.views.words import HowItStands, service_target, state_of

_OPEN: tuple[HowItStands, ...] = ("cause", "undecided")
"""Something is to be done: somebody may say that they do it."""


def parent_buttons(
    report: Report, *, run_id: str, target: Target, held: str | None, watched: bool = False
) -> Block | None:
    """The buttons of the parent message.

    Args:
        held: who is on it.
        watched: somebody watches its service.
    """
    row = tuple(_row(report, run_id, target, held, watched))
    return actions(row, block_id=f"pullcheck.{run_id}") if row else None


def _row(
    report: Report, run_id: str, target: Target, held: str | None, watched: bool
) -> Iterator[InteractiveElement]:
    state, service = state_of(report), service_target(report)
    value = ButtonValue(run_id=run_id, target=target).text()
    if state in _OPEN or state == "gone" or service is None:
        yield button(
            plain("Re-run checks", 75), RERUN, value,
            style="primary" if state in _OPEN else None,
            says=plain("Re-run checks of this task", 75),
        )  # fmt: skip
    if service is not None:
        yield button(
            plain("Check newest task", 75), NEWEST, ButtonValue(run_id=run_id, target=service).text(),
            says=plain("Check newest task of the service", 75),
        )  # fmt: skip
    if state in _OPEN:
        seen = ButtonValue(run_id=run_id, target=target, held=held or "").text()
        says = (
            "I'm on it: say that you take care of this"
            if not held
            else "I'm on it: take this over, or let go of it"
        )
        yield button(plain("I'm on it", 75), ON_IT, seen, says=plain(says, 75))
    page = open_page(report) if state not in ("fixed", "fine") else None
    if page is not None:
        yield page
    choices = tuple(menu(report, watched=watched))
    if choices and (state != "fixed" or watched):
        yield overflow(MORE, [(plain(label, 75), value) for label, value in choices])


def menu(report: Report, *, watched: bool = False) -> Iterator[tuple[str, str]]:
    """What the menu offers, five at most: a label, and the option that a kind of job names."""
    fixes = [way for cause in report.causes_of("cause") for way in (cause.fix, *cause.alternatives)]
    if any(fix.terraform for fix in fixes):
        yield "Fix as Terraform", AS_TERRAFORM
    if any(fix.cloudformation for fix in fixes):
        yield "Fix as CloudFormation", AS_CLOUDFORMATION
    if watched:
        yield "Stop watching", STOP_WATCHING
    elif state_of(report) in _OPEN and service_target(report) is not None:
        yield "Watch until it pulls", WATCH
    if state_of(report) != "gone":
        yield "Full report as a file", FULL_REPORT
    if report.causes:
        yield "Why this happens", WHY


def private_buttons(
    report: Report, *, run_id: str, target: Target, details: bool = False, post: bool = False
) -> Block:
    """The buttons of a verdict without a thread: no menu, which tells nothing of the message that it stands on.

    Args:
        details: a button tells whoever presses it the details.
        post: only one person sees this, so a button shows the verdict to the channel.
    """
    value = ButtonValue(run_id=run_id, target=target).text()
    row: list[InteractiveElement] = []
    if details:
        row.append(
            button(plain("Show details", 75), SHOW_DETAILS, value, says=plain("Show details to me alone", 75))
        )
    if post:
        row.append(
            button(
                plain("Post to channel", 75),
                POST,
                value,
                says=plain("Post to channel, for everybody to see", 75),
            )
        )
    row.append(button(plain("Re-run checks", 75), RERUN, value, says=plain("Re-run checks of this task", 75)))
    if report.causes:
        row.append(
            button(
                plain("Why this happens", 75), EXPLAIN, value, says=plain("Why this happens, explained", 75)
            )
        )
    page = open_page(report)
    if page is not None:
        row.append(page)
    return actions(row, block_id=f"pullcheck.{run_id}")


def open_page(report: Report) -> InteractiveElement | None:
    """The page of the console that matters most: what must change, else the task."""
    cause = report.cause
    if cause is not None and cause.console_url:
        what = console.opens(cause.console_url)
        return link(
            plain(f"Open {what}", 75), f"{CONSOLE}.cause", cause.console_url,
            says=plain(f"Open {what} in the AWS console", 75),
        )  # fmt: skip
    task = report.task
    if not (task.arn and task.cluster and task.region) or task.source in ("service_events", "alert", "none"):
        return None
    url = console.task(task.region, task.cluster, task.arn.rsplit("/", 1)[-1])
    return link(
        plain("Open task", 75), f"{CONSOLE}.task", url or "", says=plain("Open task in the AWS console", 75)
    )
