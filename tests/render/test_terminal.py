"""The whole text for a terminal (`--verbose`) as a person sees it, in golden files."""

from __future__ import annotations

import io

import pytest

from diagnostics.finding import Report, StartedBy
from diagnostics.render import render_report
from diagnostics.render.console import HarmlessConsole
from diagnostics.report import build
from tests.build import reports
from tests.build.saved import case
from tests.golden import assert_golden, terminal_text

SHOWN = (
    "demo-route-no-egress", "demo-repo-policy-denies", "demo-role-permission-missing", "demo-tag-not-found",
    "demo-s3-endpoint-policy-denies", "healthy-nat", "essential-container-exited", "task-gone",
)  # fmt: skip


def drawn(report: Report, width: int = 110) -> str:
    out = io.StringIO()
    render_report(report, HarmlessConsole(file=out, width=width), verbose=True)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("name", SHOWN)
def test_golden_terminal_output(name: str) -> None:
    assert_golden(f"terminal/{name}.txt", terminal_text(drawn(build(case(name)))))


@pytest.mark.parametrize("name", SHOWN)
def test_commands_are_never_wrapped(name: str) -> None:
    report = build(case(name))
    lines = {line.strip() for line in drawn(report, width=40).splitlines()}
    for cause in report.causes:
        if cause.role != "also":
            for fix in (cause.fix, *cause.alternatives):
                for line in (fix.cli or "").splitlines():
                    assert line.strip() in lines


def test_golden_terminal_output_where_nothing_is_proven() -> None:
    assert_golden("terminal/undecided.txt", terminal_text(drawn(reports.undecided())))


def test_golden_terminal_output_of_a_fix_with_another_way() -> None:
    assert_golden("terminal/another-way.txt", terminal_text(drawn(reports.cause_found())))


def test_golden_terminal_output_of_a_run_that_was_held_back() -> None:
    held = reports.sharing(reports.cause_found(), reused=41, reused_age=12.4, waited=7.6)
    usual, text = drawn(reports.cause_found()).splitlines(), drawn(held).splitlines()
    assert_golden("terminal/held-back.txt", "\n".join(line for line in text if line not in usual) + "\n")


def test_the_runbook_is_not_offered_beside_a_cause() -> None:
    assert "start-automation-execution" in drawn(reports.undecided(), width=40)
    assert "start-automation-execution" not in drawn(build(case("demo-route-no-egress")))


def test_who_started_a_task_is_said_where_its_service_did_not() -> None:
    report = reports.cause_found()
    assert "Started by" not in drawn(report)
    by = StartedBy(
        kind="batch", name=None, text="AWS Batch", then="Change the job definition, and submit the job again."
    )
    batch = report.model_copy(update={"task": report.task.model_copy(update={"started_by": by})})
    assert "  Started by AWS Batch\n  Change the job definition, and submit the job again.\n" in drawn(batch)
