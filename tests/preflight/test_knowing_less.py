"""A pre-flight claims nothing that it does not know: with one fact fewer it decides no more, and an unknown fact is never fine."""

from __future__ import annotations

import pytest

from diagnostics.snapshot import Snapshot
from tests.build import changed, ec2, endpoints, fargate
from tests.build.planned import host_of, on_hosts, planned
from tests.cases.rejudging import judgement
from tests.cases.test_knowing_less import assert_nothing_more_is_decided, without_one
from tests.cases.test_knowing_less import worlds as edits

OF_FARGATE = {
    "healthy": planned(fargate()),
    "endpoints": planned(endpoints()),
    "no tag, no way out": planned(changed(fargate(), edits.no_tag, edits.closed_group)),
}
ON_HOSTS = {"two hosts": on_hosts(ec2(), host_of(ec2()), host_of(ec2(), "i-0second"))}


@pytest.mark.parametrize("name", OF_FARGATE)
def test_with_one_fact_fewer_no_more_is_decided(name: str) -> None:
    assert_nothing_more_is_decided(OF_FARGATE[name])


@pytest.mark.parametrize("name", [*OF_FARGATE, *ON_HOSTS])
def test_nothing_is_fine_while_something_is_not_known(name: str) -> None:
    """Of every world with one fact fewer: all clear means that nothing fails and nothing is unknown."""
    whole: Snapshot = (OF_FARGATE | ON_HOSTS)[name]
    wrong = []
    for path, less in without_one(whole):
        after = judgement(less)
        bad = {item.status for item in after.findings} & {"fail", "unknown"}
        if after.outcome == "nothing_wrong" and (bad or not after.findings):
            wrong.append(path)
    assert wrong == []
