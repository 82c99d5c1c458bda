"""The answer that fits a screen: its rows, what stays whole, and what is said once. Whole, in golden files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import pytest
from rich.cells import cell_len
from rich.text import Text

from diagnostics.finding import Cause, Report
from diagnostics.render import HarmlessConsole, render_report
from diagnostics.render.brief import MOST_ROWS, brief_lines
from diagnostics.render.lines import rows_of, wrapped
from diagnostics.report import build
from tests import build as worlds
from tests.build import network, reports
from tests.build.saved import case
from tests.cases.saved import NAMES, judged
from tests.golden import assert_golden
from tests.render.test_terminal import SHOWN
from tests.rows import every_row

WIDTH = 100
ALSO_SHOWN = ("scp-denies", "role-explicit-deny", "rolled-back", "container-secret-access-denied")
LONGER = {
    "image-region-unreachable": (
        35,
        "two registries are logged in to, a repository made and an image copied before a revision names it",
    ),
    "container-secret-missing": (
        27,
        "a secret is made and the role allowed to read it before a revision names it",
    ),
}
"""The worlds whose command alone leaves no room on a screen: the rows that they take, and why."""


def drawn(report: Report, width: int = WIDTH, *, verbose: bool = False, **options: object) -> str:
    out = io.StringIO()
    render_report(report, HarmlessConsole(file=out, width=width, **options), verbose=verbose)
    return out.getvalue()


def rows(text: str, width: int = WIDTH) -> int:
    return sum(max(1, -(-cell_len(line) // width)) for line in text.splitlines())


def golden_text(text: str) -> str:
    """Without what grows with every new fault."""
    text = re.sub(r"^Ruled out: \d+", "Ruled out: …", text, flags=re.MULTILINE)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def two_subnets() -> Report:
    """Both subnets of a service use one route table that leads nowhere."""
    return build(worlds.changed(worlds.fargate(), worlds.stopped(reports.TIMEOUT), network.default_route()))


def two_causes() -> Report:
    first = reports.cause_found()
    return first.model_copy(
        update={"causes": tuple(item.model_copy(update={"role": "cause"}) for item in first.causes)}
    )


@pytest.mark.parametrize("name", [*SHOWN, *ALSO_SHOWN])
def test_golden_answer(name: str) -> None:
    assert_golden(f"terminal/brief/{name}.txt", golden_text(drawn(judged(name))))


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("undecided", reports.undecided()),
        ("another-way", reports.cause_found()),
        ("two-causes", two_causes()),
        ("two-subnets", two_subnets()),
    ],
)
def test_golden_answer_of_other_reports(name: str, report: Report) -> None:
    assert_golden(f"terminal/brief/{name}.txt", golden_text(drawn(report)))


@every_row("name", NAMES)
def test_the_answer_fits_a_screen(name: str) -> None:
    report = judged(name)
    assert len(report.causes_of("cause")) <= 1
    text = drawn(report)
    if name not in LONGER:
        assert rows(text) <= MOST_ROWS, text
        return
    command = report.causes_of("cause")[0].fix.cli or ""
    assert MOST_ROWS < rows(text) <= LONGER[name][0], text
    # Beside the command no more than what a screen has room for.
    assert rows(text) - rows(command) <= 14, text


@pytest.mark.parametrize("width", [60, WIDTH, 200])
@every_row("name", NAMES)
def test_the_command_is_whole_and_near_the_top(name: str, width: int) -> None:
    report = judged(name)
    text = drawn(report, width)
    for cause in report.causes_of("cause")[:1]:
        command = (cause.fix.cli or "").splitlines()
        lines = text.splitlines()
        assert [line.strip() for line in command] == [
            line.strip() for line in lines if line.strip() in {item.strip() for item in command}
        ]
        if command and width == WIDTH:
            above = lines.index(f"  {command[0]}")
            assert rows("\n".join(lines[:above])) <= MOST_ROWS - 11
            if name not in LONGER:
                assert rows("\n".join(lines[: above + len(command)])) <= MOST_ROWS


@every_row("name", NAMES)
def test_every_part_is_there(name: str) -> None:
    """What somebody needs who is paged: the parts of a screen, whatever had to be left out."""
    report = judged(name)
    text = drawn(report)
    headline = " ".join(report.verdict.headline.split())
    assert headline in " ".join(text.split())
    assert "--verbose" in text.splitlines()[-1] + text.splitlines()[-2]
    assert "Not seen: " in text
    for cause in report.causes_of("cause"):
        assert f"Cause   {cause.id}, {cause.certainty}" in text
        assert "\nFix     " in text
        assert ("\nVerify  " in text) == bool(cause.fix.verify)
        assert ("\nBefore  " in text) == bool(cause.fix.warning)
        if cause.fix.then and name not in {*LONGER, "role-explicit-deny", "rolled-back"}:
            assert "\nThen    " in text
        if report.impact:
            assert str(report.impact.headline) in text


def sentences(text: str) -> Iterable[str]:
    joined = " ".join(line.strip() for line in text.splitlines() if not line.startswith("  aws"))
    return (item.strip().lower() for item in re.split(r"(?<=[.:;]) ", joined) if len(item) > 25)


@pytest.mark.parametrize("verbose", [False, True])
@every_row("name", NAMES)
def test_no_sentence_is_said_twice(name: str, verbose: bool) -> None:
    report = judged(name)
    shown = drawn(report, verbose=verbose)
    text = " ".join(shown.split())
    assert text.count(report.verdict.headline.rstrip(".")) == 1
    for cause in report.causes:
        if cause.clause and cause.clause in report.verdict.headline:
            assert verbose or text.count(cause.clause[1:]) == 1
            # The whole text has it as evidence, with its source, and on the path; not as a sentence of its own.
            wide = drawn(report, 5000, verbose=verbose).splitlines()
            assert cause.summary not in [line.strip() for line in wide]
    if not verbose:
        told = list(sentences(shown))
        assert sorted(told) == sorted(set(told))


@pytest.mark.parametrize("width", [20, 60])
def test_a_narrow_terminal_and_very_long_ids(width: int) -> None:
    report = judged("demo-route-no-egress")
    long = "x" * 300
    cause: Cause = report.causes[0].model_copy(update={"id": long, "summary": f"{long} is a name."})
    text = drawn(report.model_copy(update={"causes": (cause,)}), width)
    assert long in text
    # Only what cannot be broken is longer than a line.
    for line in text.splitlines():
        longest = max(line.split(), key=len, default="")
        assert cell_len(line) <= width or "aws " in line or len(longest) > width - 30


def test_a_tall_terminal_shows_more() -> None:
    report = judged("demo-tag-not-found")
    assert "ask again about payments/payments-api" in drawn(report)
    tall = drawn(report, force_terminal=True, color_system=None, height=60)
    assert rows(tall) > MOST_ROWS
    assert "it worked where this prints" in tall


def test_one_route_table_in_two_subnets_is_one_cause() -> None:
    report = two_subnets()
    assert [item.id for item in report.causes] == ["route-no-egress"]
    assert set(report.causes[0].subnets) == {"subnet-private-a", "subnet-private-b"}
    text = drawn(report)
    assert "in subnet-private-a and subnet-private-b" in " ".join(text.split())


def test_a_subnet_that_was_not_used_is_not_said_to_be() -> None:
    hops = {leg.subnet: leg.hops[0] for leg in two_subnets().network.legs}
    assert "the task pulls from subnet-private-a" in hops["subnet-private-a"]
    assert "the service's next task may pull from subnet-private-b" in hops["subnet-private-b"]


@pytest.mark.parametrize("name", ["healthy-nat", "demo-route-no-egress", "scp-denies"])
def test_rows_are_counted_as_a_terminal_folds_them(name: str) -> None:
    report = build(case(name))
    assert sum(rows_of(line, WIDTH) for line in brief_lines(report, WIDTH, links=False)) == rows(
        drawn(report)
    )


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("At once: aws ecs update-service --cluster a --force-new-deployment --region us-east-1", "aws ecs update-service --cluster a --force-new-deployment --region us-east-1"),
        ("Read it: aws logs tail /ecs/payments --since 1h --region us-east-1.", "aws logs tail /ecs/payments --since 1h --region us-east-1"),
        ("There, aws organizations list-policies-for-target --target-id 1 --filter X shows it.", "aws organizations list-policies-for-target --target-id 1 --filter X"),
        ("The words of arn:aws:iam::111122223333:role/a-long-name-of-a-role are one.", "arn:aws:iam::111122223333:role/a-long-name-of-a-role"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_command_within_a_sentence_is_not_broken(text: str, command: str, width: int) -> None:
    lines = [line.plain for line in wrapped(Text(text), width)]
    assert any(command in line for line in lines)
    assert " ".join(line.strip() for line in lines) == text.removesuffix(
        "us-east-1."
    ) + "us-east-1" * text.endswith("us-east-1.")
