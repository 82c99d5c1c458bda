"""What an audit says of an account in which each subject says by its name how it stands."""

from __future__ import annotations

import pytest

from diagnostics.audit import AuditReport
from diagnostics.audit.text import headline, lines
from tests.golden import assert_golden

from .worlds import AuditWorld, names

STANDINGS = {
    "now": "fails_now",
    "soon": "fails_soon",
    "undecided": "undecided",
    "fine": "works",
    "risk": "works",
}
OTHERS = {"ledger": "works", "alone": "fails_soon"}


def test_every_subject_stands_as_its_name_says(report: AuditReport) -> None:
    wrong = [
        f"{item.key}: {item.standing}: {item.headline}"
        for item in report.subjects
        if item.standing != OTHERS.get(item.name, STANDINGS.get(item.name.partition("-")[0]))
    ]
    assert wrong == []
    kinds = [item.kind for item in report.subjects]
    assert [kinds.count(kind) for kind in ("service", "rule", "schedule", "family")] == [20, 3, 2, 1]


@pytest.mark.parametrize(
    ("level", "found", "subjects"),
    [
        ("now", "tag-not-found", ["now-tag-never-pushed"]),
        ("now", "tag-not-found", ["now-small"]),
        ("now", "image-digest-expired", ["now-digest-gone"]),
        ("now", "container-secret-missing", ["now-secret-going"]),
        ("now", "tag-not-found", ["now-nightly", "now-weekly"]),
        ("now", "tag-not-found", ["fine-hourly", "now-weekly"]),
        ("soon", "image-expires", ["alone", "soon-by-age", "soon-by-age-too"]),
        ("soon", "image-expires", ["soon-by-count", "soon-small"]),
        ("soon", "image-expires", ["soon-untagged"]),
        ("soon", "image-archived-soon", ["soon-archived"]),
        ("risk", "image-only-untagged", ["risk-only-untagged"]),
    ],
)
def test_one_finding_names_everything_that_one_resource_stops(
    report: AuditReport, level: str, found: str, subjects: list[str]
) -> None:
    assert (level, found, subjects) in [
        (item.level, item.id, names(item.subjects)) for item in report.findings
    ]


def test_nothing_else_is_found(report: AuditReport) -> None:
    assert len(report.findings) == 11
    assert report.cannot_tell == ()
    assert report.missing == ()


def test_the_worst_comes_first(report: AuditReport) -> None:
    levels = [item.level for item in report.findings]
    assert levels == sorted(levels, key=["now", "soon", "risk"].index)
    soon = report.at("soon")
    assert [item.at for item in soon if item.at] == sorted(item.at for item in soon if item.at)


def test_dates_and_pushes(report: AuditReport, world: AuditWorld) -> None:
    told = {names(item.subjects)[-1]: (item.at, item.pushes, item.rule) for item in report.at("soon")}
    days = {
        name: at and round((at - world.now).total_seconds() / 86_400, 2) for name, (at, _, _) in told.items()
    }
    assert days == {
        "soon-by-age-too": 3.0,
        "soon-small": None,
        "soon-untagged": -6.0,
        "soon-archived": 5.0,
    }
    assert told["soon-small"][1:] == (1, 1)
    assert told["soon-by-age-too"][2] == 2


def test_the_headline_says_whom_and_when(report: AuditReport) -> None:
    said = headline(report)
    assert "now-digest-gone: would fail now" in said
    assert "soon-by-age, soon-by-age-too: image expires in about 3 days by rule 2" in said
    assert "soon-untagged: image expires within 24 hours by rule 1" in said
    assert "soon-by-count, soon-small: image expires after 1 more push by rule 1" in said


def test_the_whole_text(report: AuditReport, world: AuditWorld) -> None:
    steady = report.model_copy(update={"requests": 0, "seconds": 0.0})
    text = "\n".join(lines(steady)) + "\n"
    assert_golden("audit/worlds.txt", text.replace(f"{world.now:%Y-%m-%d}", "TODAY"))
