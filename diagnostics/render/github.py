"""The report as annotations of a GitHub Actions step, the cause first.

A log line of a step is read for commands by the runner, wherever in the line one begins (`::` after white space, `##[` anywhere where
none does), so that nothing else is printed beside the annotations.
GitHub: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from diagnostics.finding import Cause, Outcomes, Report
from diagnostics.render.harmless import harmless

MOST = 10
"""Annotations of one level that a step shows; more are dropped without a word.

https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
"""
LONGEST = 4000
"""Characters of a message; what is cut stands in the summary."""

Level = Literal["error", "warning", "notice"]
LEVELS: tuple[Level, ...] = ("error", "warning", "notice")
_OF_OUTCOME: dict[Outcomes, Level] = {
    "cause_found": "error",
    "undecided": "warning",
    "task_gone": "warning",
    "nothing_wrong": "notice",
    "not_a_pull_failure": "notice",
}


class Annotation(NamedTuple):
    """What is shown of a step: a title and a message."""

    level: Level
    title: str
    message: str

    def __str__(self) -> str:
        """The command that the runner reads, on one line."""
        return f"::{self.level} title={_property(self.title)}::{_data(self.message)}"


def github_annotations(report: Report) -> str:
    """The annotations of a report, a line each."""
    return annotated(_annotations(report))


def error_annotation(message: str) -> str:
    """What stands in for a report where there is none."""
    return str(Annotation("error", "pullcheck", message))


def note_annotation(title: str, message: str) -> str:
    """A word beside a report, or where there is none because all is well."""
    return str(Annotation("notice", title, message))


def annotated(annotations: Iterator[Annotation]) -> str:
    """Annotations as they are printed: of each level as many as are shown, the last of them saying how many are not."""
    by_level: dict[Level, list[Annotation]] = {level: [] for level in LEVELS}
    for item in annotations:
        by_level[item.level].append(item)
    shown: list[Annotation] = []
    for level, items in by_level.items():
        if len(items) > MOST:
            left = len(items) - MOST + 1
            items[MOST - 1 :] = [
                Annotation(level, f"{left} more", f"{left} more are in the summary of this step.")
            ]
        shown += items
    return "\n".join(map(str, shown))


def _annotations(report: Report) -> Iterator[Annotation]:
    causes = report.causes
    if not report.causes_of("cause"):
        said = " ".join((report.verdict.headline, *report.verdict.caveats))
        yield Annotation(_OF_OUTCOME[report.verdict.outcome], _title(report), said)
    for cause in causes:
        level: Level = "error" if cause.role == "cause" else "warning"
        yield Annotation(level, _title_of(report, cause), _message(report, cause))


def _title(report: Report) -> str:
    return {
        "cause_found": "The pull fails",
        "undecided": "Not settled if the pull works",
        "nothing_wrong": "Nothing would stop the pull",
        "not_a_pull_failure": "Not a pull failure",
        "task_gone": "Nothing to look at",
    }[report.verdict.outcome]


def _title_of(report: Report, cause: Cause) -> str:
    name = report.task.task_definition or report.task.service or report.task.cluster or ""
    where = name.rpartition("/")[2]
    return ": ".join(filter(None, (where, cause.id)))


def _message(report: Report, cause: Cause) -> str:
    lines = [cause.summary if cause.certainty == "confirmed" else f"Most likely: {cause.summary}"]
    on = (*cause.subnets, *cause.instances)
    if on:
        lines.append(f"Where: {', '.join(on)}")
    lines.append(f"Fix: {cause.fix.text}")
    if cause.console_url:
        lines.append(cause.console_url)
    if cause is next(iter(report.causes_of("cause")), None):
        lines += report.verdict.caveats
    return "\n".join(lines)


# --- escaping ----------------------------------------------------------------------------------------


def _data(text: str) -> str:
    """The message of a command. https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts (escapeData)"""
    whole = harmless(text)
    if len(whole) > LONGEST:
        whole = f"{whole[: LONGEST - 1]}…"
    return whole.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property of a command (escapeProperty)."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
