"""What a report amounts to for everybody who shows it: ruled out, not known, changed, the worst of several legs."""

from __future__ import annotations

import pytest

from diagnostics.finding import Change, Disposition, Finding, LegSummary, NetworkSummary, Report, Status
from tests.cases.saved import judged

PASS, FAIL, WARN, UNKNOWN, SKIPPED = Status.PASS, Status.FAIL, Status.WARN, Status.UNKNOWN, Status.SKIPPED


def said(*statuses: Status, fault: str = "a-fault") -> tuple[Finding, ...]:
    """What a check says of one fault of several subjects."""
    return tuple(
        Finding(
            check="c", fault=fault, status=status, stage=None, summary=f"{status} {place}", reason=f"because of {status}"
        )
        for place, status in enumerate(statuses)
    )  # fmt: skip


def report_of(*findings: Finding, **more: object) -> Report:
    return judged("healthy-nat").model_copy(update={"findings": findings, **more})


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((PASS,), {"a-fault": "pass 0"}),
        ((SKIPPED, PASS, PASS), {"a-fault": "pass 1"}),
        ((SKIPPED,), {}),
        ((PASS, UNKNOWN), {}),
        ((PASS, WARN), {}),
        ((FAIL, PASS), {}),
    ],
)
def test_ruled_out_is_what_passes_somewhere_and_is_open_nowhere(
    statuses: tuple[Status, ...], expected: dict[str, str]
) -> None:
    assert report_of(*said(*statuses)).ruled_out == expected


def test_what_is_not_known_by_its_reason() -> None:
    report = report_of(*said(UNKNOWN, UNKNOWN, PASS), *said(UNKNOWN, fault="b-fault"), *said(FAIL))
    assert report.not_known() == {"because of unknown": ("a-fault", "b-fault")}
    assert report.not_known(but={"a-fault"}) == {"because of unknown": ("b-fault",)}


def test_what_became_of_the_faults_in_the_order_of_the_words() -> None:
    new, fixed, unseen, never = (
        Change(fault=name, was=was, **{"is": now})
        for name, was, now in (("n", None, FAIL), ("f", FAIL, PASS), ("u", FAIL, UNKNOWN), ("x", PASS, PASS))
    )
    report = report_of(changes=(new, never, unseen, fixed))
    assert list(report.became.items()) == [("fixed", (fixed,)), ("new", (new,)), ("unseen", (unseen,))]
    assert report_of(changes=None).became == report_of(changes=()).became == {}


def test_the_worst_of_the_legs_of_one_name() -> None:
    def leg(subnet: str, disposition: Disposition) -> LegSummary:
        return LegSummary(name="login", host="h", subnet=subnet, disposition=disposition, hops=())

    network = NetworkSummary(
        legs=(leg("a", "reachable"), leg("a", "insufficient_information"), leg("b", "reachable"), leg("b", "blocked"))
    )  # fmt: skip
    assert (network.subnets, network.names) == (("a", "b"), ("login",))
    worst = [network.worst(subnet, "login") for subnet in ("a", "b")]
    assert worst == ["insufficient_information", "blocked"]
    assert network.worst("a", "logs") is None
