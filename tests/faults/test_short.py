"""Each fault says what is wrong in a few plain words, which complete "SERVICE cannot start: …"."""

from __future__ import annotations

import re

from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Fault
from tests.rows import every_row

IDS = re.compile(r"\b(subnet|rtb|sg|acl|nat|vpce|vpc|i)-[0-9a-z]|arn:|\{")


@every_row("fault", ALL_FAULTS.values(), ids=list(ALL_FAULTS))
def test_a_fault_in_a_few_plain_words(fault: Fault) -> None:
    assert 10 <= len(fault.short) <= 64
    assert not fault.short.endswith(".")
    assert not IDS.search(fault.short)
    # It stands behind a colon: no capital but that of a name.
    first = fault.short.split(" ", 1)[0]
    assert first.islower() or first in ("ECS", "ECR", "VPC", "DNS", "Docker")


def test_each_says_something_else() -> None:
    said = [fault.short for fault in ALL_FAULTS.values()]
    assert len(set(said)) == len(said)
