"""What is said the next day: only what changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from diagnostics.audit import AuditedSubject, AuditFinding, AuditGap, AuditReport, compare
from diagnostics.audit.model import AuditLevel, Standing
from diagnostics.audit.text import change_lines, headline
from tests.build.lifecycle import NOW


def subject(name: str, standing: Standing = "works") -> AuditedSubject:
    return AuditedSubject(
        key=f"prod/{name}", kind="service", cluster="prod", name=name, standing=standing, headline="."
    )


def finding(
    level: AuditLevel, *names: str, of: str = "image-expires", resource: str = "image", **more: Any
) -> AuditFinding:
    return AuditFinding(
        level=level, id=of, resources=(resource,), summary="It is so.", clause="it is so",
        subjects=tuple(f"prod/{name}" for name in names), **more,
    )  # fmt: skip


def report(*findings: AuditFinding, undecided: str = "", **more: Any) -> AuditReport:
    subjects = tuple(subject(name, "undecided" if name in undecided else "works") for name in "abc")
    values: dict[str, Any] = {
        "taken_at": NOW, "seconds": 1.0, "requests": 1, "days": 30, "region": "eu-central-1", "account_id": None,
        "clusters": ("prod",), "findings": findings, "subjects": subjects, "cannot_tell": (),
    }  # fmt: skip
    return AuditReport(**{**values, **more})


SOON, NOW_FAILS = finding("soon", "a"), finding("now", "a")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (report(), report(SOON), [("new", ("prod/a",))]),
        (report(SOON), report(SOON), []),
        (report(finding("soon", "a", at=NOW)), report(finding("soon", "a", at=NOW + timedelta(days=2))), []),
        (report(SOON), report(NOW_FAILS), [("worse", ("prod/a",))]),
        (report(NOW_FAILS), report(SOON), [("better", ("prod/a",))]),
        (report(SOON), report(finding("soon", "a", "b")), [("spread", ("prod/b",))]),
        (report(finding("soon", "a", "b")), report(SOON), []),
        (report(SOON), report(), [("gone", ("prod/a",))]),
        # The same resource, another cause.
        (report(SOON), report(finding("soon", "a", of="tag-gone")), [("new", ("prod/a",)), ("gone", ("prod/a",))]),
        # What could not be judged is not said to be gone.
        (report(SOON), report(undecided="a"), [("not_seen", ("prod/a",))]),
        (report(SOON), report(missing=("prod/a",), subjects=(subject("b"),)), [("not_seen", ("prod/a",))]),
        (report(SOON), report(interrupted=True), [("not_seen", ("prod/a",))]),
        (report(SOON), report(subjects=(), cannot_tell=(AuditGap(action="ecs:ListServices", why="denied", denied=True, what=("x",)),)),
         [("not_seen", ("prod/a",))]),
        # A service that is gone takes its finding along.
        (report(SOON), report(subjects=(subject("b"),)), [("gone", ("prod/a",))]),
        # Another one could not be judged: this one was.
        (report(SOON), report(undecided="b"), [("gone", ("prod/a",))]),
    ],
)  # fmt: skip
def test_what_changed(
    before: AuditReport, after: AuditReport, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    found = compare(before, after)
    assert [(item.turned, item.subjects) for item in found.changes] == expected
    assert found.is_news == any(turned != "not_seen" for turned, _ in expected)


def test_the_words_of_a_change() -> None:
    after = report(finding("now", "a", "b"))
    assert list(change_lines(after, compare(report(SOON), after))) == [
        "Worse: a, b: would fail now: it is so"
    ]
    assert list(change_lines(after, compare(after, after))) == ["Nothing changed since the audit before."]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (report(), "Every next pull would work, now and in the next 30 days."),
        (report(SOON), "a: it is so"),
        (report(finding("soon", "a", "b"), finding("now", "c", resource="other")), "c: would fail now · a, b: it is so"),
        (report(finding("risk", "a")), "Every next pull would work, now and in the next 30 days."),
        (report(undecided="a"), "Nothing is known to fail; for 1 of 3 it cannot be told."),
        (report(missing=("prod/d",)), "Nothing is known to fail, but not everything was looked at."),
        (report(subjects=()), "There is nothing that starts tasks."),
        (report(subjects=(), interrupted=True), "Nothing could be judged."),
    ],
)  # fmt: skip
def test_the_headline(found: AuditReport, words: str) -> None:
    assert headline(found) == words


def test_it_survives_json() -> None:
    whole = report(SOON, finding("now", "b", at=NOW), undecided="c")
    assert AuditReport.model_validate_json(whole.to_json()) == whole
