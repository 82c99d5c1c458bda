"""A large account is kept, as a whole where that fits, else without what decides least; and never says more for that."""

from __future__ import annotations

import functools
import zlib
from collections import Counter

import pytest

from diagnostics.collect import collect
from diagnostics.faults.permissions.policy_documents import parsed
from diagnostics.policy import Document, Malformed, parse_document
from diagnostics.policy.document import PolicyKind
from diagnostics.report import build
from diagnostics.report.fitting import STEPS, fitted
from diagnostics.snapshot import Snapshot
from diagnostics.snapshot.case import as_case, parse_case
from diagnostics.target import parse
from tests.build.large import MISSING, ON_THE_WAY, LargeAccount
from tests.build.names import TASK_ARN
from tests.cases.rejudging import Judgement, judgement

ITEM = 400 * 1024
"""Bytes of an item of DynamoDB.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

ACCOUNTS = {
    "nothing wrong": (LargeAccount, "nothing_wrong"),
    "no way out": (lambda: LargeAccount(default_route=False), "cause_found"),
    "endpoints": (lambda: LargeAccount(default_route=False, endpoints_for=ON_THE_WAY), "undecided"),
    "missing tag": (lambda: LargeAccount(tag="v20001", reason=MISSING), "cause_found"),
}


@functools.cache
def facts(name: str) -> Snapshot:
    return collect(parse(TASK_ARN), ACCOUNTS[name][0]().clients())


@functools.cache
def said(name: str) -> Judgement:
    """What the whole facts say."""
    return judgement(facts(name))


_sizes: dict[int, tuple[Snapshot, int]] = {}
"""By the identity of facts, which are kept so that it stays theirs: writing a large account takes its time."""


def size(snapshot: Snapshot) -> int:
    """Bytes of the facts as the stores keep them."""
    if id(snapshot) not in _sizes:
        written = zlib.compress(snapshot.model_dump_json(by_alias=True).encode(), 6)
        _sizes[id(snapshot)] = (snapshot, len(written))
    return _sizes[id(snapshot)][1]


@pytest.mark.parametrize("name", ACCOUNTS)
def test_the_facts_and_the_report_of_a_large_account_fit_an_item_whole(name: str) -> None:
    report = build(facts(name))
    assert report.verdict.outcome == ACCOUNTS[name][1]
    assert (
        size(facts(name)) + len(zlib.compress(report.model_dump_json(by_alias=True).encode(), 6))
        < ITEM * 0.75
    )
    assert fitted(facts(name), lambda less: size(less) < ITEM) is facts(name)


@pytest.mark.parametrize(
    ("name", "share"), [("nothing wrong", 0.5), ("no way out", 0.1), ("endpoints", 0.2), ("missing tag", 0.2)]
)
def test_facts_that_are_too_large_are_kept_without_some_and_say_nothing_else(name: str, share: float) -> None:
    whole = facts(name)
    room = int(size(whole) * share)

    less = fitted(whole, lambda found: size(found) <= room)

    assert less is not None
    assert size(less) <= room
    assert less.dropped
    assert parse_case(as_case(less).encode()) == less
    before, after = said(name), judgement(less)
    assert after.causes <= before.causes
    assert after.outcome in (before.outcome, "undecided")


def test_what_decides_least_goes_first_and_the_verdict_stays_as_long_as_it_can() -> None:
    whole = facts("no way out")
    less = fitted(whole, lambda found: size(found) <= size(whole) * 0.5)
    assert less is not None
    assert less.dropped == tuple(step.what for step in STEPS[: len(less.dropped)])
    assert judgement(less).causes == said("no way out").causes
    assert "dropped" not in whole.model_dump_json()


def test_each_policy_of_a_large_account_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many images, secrets and endpoints ask for it; judging takes a second because of that."""
    parsed.cache_clear()
    asked: Counter[str] = Counter()

    def counting(kind: PolicyKind, name: str, text: str) -> Document | Malformed:
        asked[f"{kind} {name}"] += 1
        return parse_document(kind, name, text)

    monkeypatch.setattr("diagnostics.faults.permissions.policy_documents.parse_document", counting)
    build(facts("endpoints"))
    parsed.cache_clear()
    assert sum(kind.startswith("identity ") for kind in asked) == 10
    assert max(asked.values()) == 1


def test_facts_that_never_fit_are_not_kept() -> None:
    assert fitted(facts("nothing wrong"), lambda found: False) is None
