"""Traces that serve many tasks: the same as without, made once for equal facts, and never with another service's name in them."""

from __future__ import annotations

import pytest

from diagnostics.network import KeptTraces, kept, trace
from diagnostics.snapshot import Snapshot, VpcFacts

from .cases import CASES, Case, subject


def copied(snapshot: Snapshot, vpc_id: str) -> VpcFacts:
    """The same facts, as another run puts them together."""
    return VpcFacts.model_validate_json(snapshot.vpcs[vpc_id].model_dump_json())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_kept_trace_is_what_another_run_would_find(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    leg, interface = subject(case.snapshot, case.leg, case.subnet)
    if interface.vpc_id.kind != "known":
        pytest.skip("without a VPC there is no trace")
    vpc_id, region = interface.vpc_id.value, case.snapshot.region
    traces = KeptTraces()
    first = traces.trace(leg, interface, copied(case.snapshot, vpc_id), task_region=region)
    other = leg.model_copy(update={"containers": ("another",)})
    for told_by in (interface.told_by, "service another"):
        renamed = interface.model_copy(update={"told_by": told_by})
        vpc = copied(case.snapshot, vpc_id)
        expected = trace(other, renamed, vpc, task_region=region)
        with monkeypatch.context() as patched:
            if interface.told_by.lower() not in repr(first).lower():
                patched.delattr(kept, "trace")
            assert traces.trace(other, renamed, vpc, task_region=region) == expected


def test_what_differs_is_followed_by_itself() -> None:
    case = next(item for item in CASES if item.disposition == "reachable")
    leg, interface = subject(case.snapshot, case.leg, case.subnet)
    assert interface.vpc_id.kind == "known"
    vpc = case.snapshot.vpcs[interface.vpc_id.value]
    traces = KeptTraces()
    shut = vpc.model_copy(
        update={
            "security_groups": {
                name: fact.model_copy(update={"value": fact.value.model_copy(update={"ip_permissions_egress": ()})})
                for name, fact in vpc.security_groups.items()
                if fact.kind == "known"
            }
        }
    )  # fmt: skip
    for facts in (vpc, shut, vpc):
        assert traces.trace(leg, interface, facts, task_region="us-east-1") == trace(
            leg, interface, facts, task_region="us-east-1"
        )
    assert traces.trace(leg, interface, shut, task_region="us-east-1").blockers
